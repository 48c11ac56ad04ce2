"""What is graded: the exercises of the solution notebooks."""

import ast
import dataclasses
import re

from utils import authoring
from utils.cells import answer_number, check_of, exercises, is_setup, student_source

FILE_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")


class GradingError(Exception):
    """What keeps a batch from being graded at all; the message says what was given and what is accepted."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """One exercise, as the trusted side knows it."""

    number: str
    points: int
    title: str
    names: tuple  # what the solution's answer cell defines
    imports: str  # its imports, which the check may use
    checks: tuple  # of (source, whether all of it is hidden)
    stub: str  # what learners start from
    answer: str  # the solution; only the grader's own proof runs it


@dataclasses.dataclass(frozen=True)
class Lesson:
    """One lesson: its Setup cell and its exercises, in order."""

    name: str  # NN_slug
    setup: str
    exercises: tuple
    own: frozenset = frozenset()  # the sources of its other code cells, as learners get them

    @property
    def number(self):
        """Return the two digits of the lesson."""
        return self.name[:2]

    @property
    def points(self):
        """Return the sum of all points."""
        return sum(exercise.points for exercise in self.exercises)


def read_lessons(folder, private=()):
    """Return a list of Lesson from the solutions in a folder.

    private: paths of notebooks with further check cells, which an answer has to pass as well; the points that
    they give replace the course's. Raises GradingError when there are no solutions, or a private check has no
    exercise.
    """
    extra = {}
    for path in private:
        for cell in _trusted_cells(path):
            if check := check_of(cell):
                extra.setdefault(check[0], []).append((cell.source, check[1], path.name))
        if not extra:
            raise GradingError(f'{path.name} has no check cell: with checks.exercise("1.2", points=3) as ex:')
    lessons = []
    for path in sorted(folder.glob("*.ipynb")):
        if FILE_NAME.fullmatch(path.stem):
            lessons.append(_lesson(path, extra))
    if not lessons:
        raise GradingError(f"there are no solutions (NN_slug.ipynb) in {folder}.")
    unknown = extra.keys() - {exercise.number for lesson in lessons for exercise in lesson.exercises}
    if unknown:
        raise GradingError(f"{extra[min(unknown)][0][2]} checks exercise {min(unknown)}, which no lesson has.")
    return lessons


def _trusted_cells(path):
    """Return the cells of one of the teacher's own notebooks."""
    try:
        return authoring.read(path).cells
    except authoring.AuthoringError as error:
        raise GradingError(str(error)) from None


def _lesson(path, extra):
    """Return the Lesson in a solution notebook."""
    cells = _trusted_cells(path)
    setups = [cell.source for cell in cells if is_setup(cell)]
    if not setups:
        raise GradingError(f"{path.name} has no Setup cell.")
    titles = {}
    for cell in cells:
        for found in re.finditer(r"^### Exercise (\d+\.\d+): (.*) \(\d+ points?\)", cell.source, re.MULTILINE):
            titles[found.group(1)] = found.group(2)
    graded = []
    for number, found in exercises(_Cells(cells)).items():
        if found["check"] is None:
            continue
        own = extra.get(number, [])
        names, imports = _defined(found["answer"].source)
        graded.append(
            Exercise(
                number=number,
                points=own[-1][1] if own else found["points"],
                title=titles.get(number, ""),
                names=names,
                imports=imports,
                checks=((found["check"].source, False), *((source, True) for source, _, _ in own)),
                stub=student_source(found["answer"]),
                answer=found["answer"].source,
            )
        )
    others = [cell for cell in cells if cell.cell_type == "code" and not answer_number(cell)]
    return Lesson(path.stem, setups[0], tuple(graded), frozenset(plain(student_source(cell)) for cell in others))


def plain(source):
    """Return a source without white space at the ends of lines and without blank lines, to be compared."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


class _Cells:
    """A notebook, as utils.cells.exercises reads one."""

    def __init__(self, cells):
        self.cells = cells


def _defined(source):
    """Return (names that a cell defines at its top level, its imports as source)."""
    names, imports = [], []
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(ast.get_source_segment(source, node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return tuple(dict.fromkeys(names)), "\n".join(imports)
