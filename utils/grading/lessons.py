"""What is graded: the exercises of a solution notebook, and the cells of a submitted one."""

import ast
import dataclasses
import json
import re

from utils import authoring
from utils.cells import ANSWER_LINE, CHECK_CALL, check_of, exercises, is_setup, student_source
from utils.grading.status import Status

FILE_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")
MOST_BYTES = 64 * 2**20  # of one notebook file
GRADE_ID = re.compile(r"ex-(\d+)-(\d+)")


class GradingError(Exception):
    """What keeps a batch from being graded at all; the message says what was given and what is accepted."""


class Unreadable(Exception):
    """A submission that is no notebook; the message says why."""


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
    return Lesson(path.stem, setups[0], tuple(graded))


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


# --- what students hand in ---------------------------------------------------------------------------------


def read_cells(data):
    """Return the cells of a submitted notebook: a list of (kind, source, grade_id).

    data: the bytes of the file. Tolerant where a notebook lost metadata, ids or outputs; raises Unreadable
    where there is none.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the file is larger than {MOST_BYTES // 2**20} MB")
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise Unreadable("the file is not JSON, so it is no notebook") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is JSON, but no notebook of format 4")
    found = []
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if not isinstance(source, str):
            continue
        found.append((str(cell.get("cell_type")), source.replace("\r\n", "\n"), _grade_id(cell)))
    return found


def _grade_id(cell):
    """Return the grade_id in a cell's metadata, or None."""
    place = cell
    for key in ("metadata", "nbgrader", "grade_id"):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, str) else None


def exercise_of(cell):
    """Return "1.2" for a cell (kind, source, grade_id) that answers exercise 1.2, else None.

    The first line decides; where it is gone, the grade_id does.
    """
    _, source, mark = cell
    if found := ANSWER_LINE.search(source.lstrip()):
        return found.group(1)
    if CHECK_CALL.search(source):
        return None
    found = GRADE_ID.fullmatch(mark or "")
    return f"{found.group(1)}.{found.group(2)}" if found else None


def exercises_in(cells):
    """Return the numbers of all exercises that cells answer, a set."""
    return {exercise_of(cell) for cell in cells} - {None}


@dataclasses.dataclass(frozen=True)
class Found:
    """Where a student's answer is: its source (None where there is nothing to run), and a status and remark."""

    source: str | None
    status: Status | None  # None where the answer has to be run
    remark: str


def find_answer(cells, exercise):
    """Return the Found for one exercise in a student's cells.

    The last cell counts that is not the stub learners start from: who copies a cell to try something
    keeps what they wrote last.
    """
    mine = [cell for cell in cells if exercise_of(cell) == exercise.number]
    code = [source for kind, source, _ in mine if kind == "code"]
    if not code:
        text = any(kind != "code" for kind, _, _ in mine)
        why = "the answer is in a cell that is no code cell." if text else "there is no answer cell."
        return Found(None, Status.MISSING, why)
    tried = [source for source in code if not _same(source, exercise.stub)]
    if not tried:
        return Found(None, Status.NOT_ATTEMPTED, "")
    remark = f"{len(tried)} cells answer this exercise; the last one counts." if len(tried) > 1 else ""
    return Found(tried[-1], None, remark)


def _same(one, other):
    """Tell whether two sources are the same but for white space at the ends of lines and blank lines."""
    lines = [[line.rstrip() for line in text.splitlines() if line.strip()] for text in (one, other)]
    return lines[0] == lines[1]
