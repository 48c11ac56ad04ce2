"""The contract of the notebooks: what each of them has to be, one small rule after the other.

A rule takes a lesson, or the whole course, and yields (cell, complaint); its docstring says what it asks for, and
why. python -m utils.authoring --check runs all of them and refuses with notebook, cell, complaint and the rule's
name; pytest runs the same list. A rule reads and runs nothing, so that all of them take a second.

Most rules read solutions/, since lessons/ is made from it, to the byte. What learners see is `lesson.shown()`.
"""

from __future__ import annotations

import ast
import csv
import json
import pathlib
import re
import statistics
from typing import TYPE_CHECKING, Any, NamedTuple

from utils import cells, checks, mistakes
from utils.check_rules import checks_are_seeded, checks_import_what_they_use
from utils.prose_rules import numbers_in_prose, prose_exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    Complaints = Iterator[tuple[int | str, str]]  # a cell's number, or a place in the course; what is wrong

TAGS = {"nbval-ignore-output", "solution-note", "picture", "fold"}
OWN_SETUP = re.compile(
    r"from utils import checks, environment[\w, ]*\nenvironment\.start\(seed=\d+(, data=\[[\"\w, ]+\])?\)"
)
HEADING = re.compile(r"^(#{1,6}) (.*)$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|work|Users|mnt|var|usr)/\w+|\b[A-Z]:\\+\w")
STABLE = {
    "doi.org",
    "arxiv.org",
    "aclanthology.org",
    "proceedings.mlr.press",
    "www.jmlr.org",
    "people.idsia.ch",
    "karpathy.github.io",
    "jupyterlab.readthedocs.io",
    "www.manning.com",
    "colab.research.google.com",
}
CLOSING = ["Questionnaire", "Summary", "Pitfalls", "Further reading", "Next"]
SHOWN = re.compile(r'<img src="data/pictures/(\w+)\.png"[^>]* alt="([^"]*)"')
HAN = range(0x4E00, 0xA000)


class Lesson(NamedTuple):
    """A notebook of solutions/, tidy: where it lies, and its cells."""

    path: pathlib.Path
    cells: list

    def code(self) -> list[tuple[int, cells.Cell]]:
        """Return (index, cell) for each code cell."""
        return [(index, cell) for index, cell in enumerate(self.cells) if cell.cell_type == "code"]

    def last(self) -> int:
        """Return the index of the last cell, where what is missing is missed."""
        return max(0, len(self.cells) - 1)

    def shown(self) -> list[tuple[int, cells.Cell]]:
        """Return (index, cell) for each cell that learners get: all but the notes on solutions."""
        return [(index, cell) for index, cell in enumerate(self.cells) if "solution-note" not in tags(cell)]

    def text(self) -> list[tuple[int, str]]:
        """Return (index, source) for each Markdown cell that learners get, without its fenced code."""
        return [
            (index, cells.FENCED.sub("", cell.source)) for index, cell in self.shown() if cell.cell_type == "markdown"
        ]

    def answers(self) -> dict[str, int]:
        """Return exercise -> index of its answer cell; the first one counts."""
        return first((cells.answer_number(cell), index) for index, cell in self.code())

    def checks(self) -> dict[str, tuple[int, int]]:
        """Return exercise -> (index of its check cell, points); the first one counts."""
        found = ((index, cells.check_of(cell)) for index, cell in self.code() if not cells.answer_number(cell))
        return first((check[0], (index, check[1])) for index, check in found if check)

    def tasks(self) -> dict[str, tuple[int, int]]:
        """Return exercise -> (index of the cell with its heading, points); the first one counts."""
        return first((n, (index, int(points))) for index, n, points in headings_of_exercises(self))

    def numbers(self) -> set[str]:
        """Return the numbers of all exercises of which there is some part: a set."""
        return self.answers().keys() | self.checks().keys() | self.tasks().keys()

    def section(self, title: str) -> tuple[int, str] | None:
        """Return (index, text) of what stands below `## title`; None where there is no such heading."""
        found, inside = None, False
        for index, source in self.text():
            for part in re.split(r"^(?=## )", source, flags=re.MULTILINE):
                if part.startswith("## "):
                    inside = part.splitlines()[0].strip() == f"## {title}"
                if inside:
                    found = (found[0], found[1] + part) if found else (index, part)
        return found


class Course(NamedTuple):
    """All that belongs together: the folder, and its lessons in order."""

    root: pathlib.Path
    lessons: list


def tags(cell: cells.Cell) -> list[str]:
    """Return the tags of a cell, a list."""
    return cell.metadata.get("tags", [])


def first(pairs: Iterable[tuple[Any, Any]]) -> dict:
    """Return a dictionary of (key, value) pairs; the first of a key counts, and None is no key."""
    found = {}
    for key, value in pairs:
        if key is not None:
            found.setdefault(key, value)
    return found


def headings_of_exercises(lesson: Lesson) -> list[tuple[int, str, str]]:
    """Return (index, exercise, points as str) for each heading of an exercise."""
    return [
        (index, *found)
        for index, cell in enumerate(lesson.cells)
        if cell.cell_type == "markdown"
        for found in cells.TASK_HEADING.findall(cell.source)
    ]


# --- the first cell and the Setup cell ---------------------------------------------------------------------


def first_cell(lesson: Lesson) -> Complaints:
    """The first cell has title, Colab badge, running time and the question; README's table is made of them."""
    head = lesson.cells[0].source if lesson.cells else ""
    for pattern, what in (
        (cells.TITLE, "title (# NN Title)"),
        (cells.BADGE, "Colab badge"),
        (cells.TIME_LINE, "line *Reading: ...*"),
        (cells.QUESTION, "line **The question of this lesson:** ..."),
    ):
        if not pattern.search(head):
            yield 0, f"the first cell has no {what}."


def title_number(lesson: Lesson) -> Complaints:
    """The title has the number of the file, by which people speak of the lesson."""
    title = cells.TITLE.search(lesson.cells[0].source) if lesson.cells else None
    if title and title.group(1) != lesson.path.name[:2]:
        yield 0, f"its title has the number {title.group(1)}."


def running_time(lesson: Lesson) -> Complaints:
    """At most 60 s on two cores, as --run measured: what takes longer is cut, or trained before and shipped."""
    line = cells.TIME_LINE.search(lesson.cells[0].source) if lesson.cells else None
    seconds = re.search(r"Running: (\d+) seconds, measured on two cores", line.group()) if line else None
    if line and (not seconds or int(seconds[1]) > 60):
        yield 0, f"it runs longer than 60 seconds, or was not measured (--run does): {line.group()}"


def headings(lesson: Lesson) -> Complaints:
    """One heading of the first level, and no level left out: screen readers and tables of contents go by them."""
    found = [(index, len(marks)) for index, text in lesson.text() for marks, _ in HEADING.findall(text)]
    before = 0
    for number, (index, level) in enumerate(found):
        if level == 1 and number:
            yield index, "there is a second heading of the first level."
        elif level > before + 1 and number:
            yield index, f"a heading of level {level} follows one of level {before}."
        before = level
    for index, cell in enumerate(lesson.cells):
        if "solution-note" in tags(cell) and HEADING.search(cells.FENCED.sub("", cell.source)):
            yield index, "a note on a solution has no heading, for lessons/ lacks it."


def setup_cell(lesson: Lesson) -> Complaints:
    """The first code cell is Setup, word for word: it finds the course, also in Colab. The lesson's are two lines."""
    code = lesson.code()
    if not code or not cells.is_setup(code[0][1]):
        yield code[0][0] if code else 0, f"this is no Setup cell (its first line is {cells.SETUP_FIRST_LINE!r})."
    for place, (index, cell) in enumerate(code):
        if not cells.is_setup(cell):
            continue
        imports, start = cells.lesson_lines(cell)
        if place:
            yield index, "Setup stands once, in the first code cell, and not here."
        elif foreign := cells.foreign_lines(cell):
            yield index, f"this line does not belong into the Setup cell: {foreign[0].strip()!r}."
        elif not OWN_SETUP.fullmatch("\n".join([*imports, start])):
            wanted = "`from utils import checks, environment` and `environment.start(seed=1)`"
            yield index, f"Setup ends with {wanted}, and not with {start!r}."


# --- exercises -------------------------------------------------------------------------------------------


def markers(lesson: Lesson) -> Complaints:
    """Every ### BEGIN has its ### END in the right cell, or learners would read a solution or a hidden test."""
    for index, cell in enumerate(lesson.cells):
        if misspelt(cell):
            yield index, "a ### BEGIN or ### END is misspelt, or has no partner, or stands in the wrong cell."


def misspelt(cell: cells.Cell) -> bool:
    """Tell whether learners would see a marker: what it should hide is not found."""
    return bool(cells.MARKER.search(cells.student_source(cell)))


def exercise_parts(lesson: Lesson) -> Complaints:
    """An exercise is a heading, an answer and a check, in this order and of the same points: graders go by them."""
    answers, check_cells, tasks = lesson.answers(), lesson.checks(), lesson.tasks()
    for number, index in answers.items():
        if number not in check_cells:
            yield index, f'exercise {number} has no check: checks.exercise("{number}", points=...).'
        if number not in tasks:
            yield index, f"exercise {number} has no heading: ### Exercise {number}: ... (N points)."
        elif tasks[number][0] > index:
            yield tasks[number][0], f"the heading of exercise {number} stands after its answer."
        if number in tasks and number in check_cells and tasks[number][1] != check_cells[number][1]:
            points = f"{tasks[number][1]} points, its check {check_cells[number][1]}"
            yield tasks[number][0], f"exercise {number} gives {points}."
    for number, (index, _) in tasks.items():
        if number not in answers:
            yield index, f"exercise {number} has a heading and no answer cell (# exercise: {number})."
    for number, (index, _) in check_cells.items():
        if number not in answers:
            yield index, f"the check of exercise {number} has no answer cell (# exercise: {number})."
        elif index < answers[number]:
            yield index, f"the check of exercise {number} stands before its answer."


def nothing_twice(lesson: Lesson) -> Complaints:
    """One heading, answer and check an exercise, each in a cell of its own: of two, nobody knows which one counts."""
    tasks, marks = set(), set()
    for index, number, _ in headings_of_exercises(lesson):
        if number in tasks:
            yield index, f"exercise {number} has a second heading."
        tasks.add(number)
    for index, cell in lesson.code():
        if mark := cell.metadata.get("nbgrader", {}).get("grade_id"):
            if mark in marks:
                yield index, f"the grade_id {mark} is there twice."
            marks.add(mark)
        if len(re.findall(r"^# exercise:", cell.source, flags=re.MULTILINE)) > 1:
            yield index, "there are two answers in one cell."
        if len(cells.CHECK_CALL.findall(cell.source)) > 1:
            yield index, "there are two checks in one cell."


def exercise_numbers(lesson: Lesson) -> Complaints:
    """Exercises are numbered N.1, N.2, ... within lesson N, so that a number leads to its place."""
    for place, (number, index) in enumerate(lesson.answers().items(), start=1):
        if number != (expected := f"{lesson.path.name[:2].removeprefix('0')}.{place}"):
            yield index, f"exercise {number} stands where {expected} is expected."


def enough_exercises(lesson: Lesson) -> Complaints:
    """A lesson has at least four exercises (lesson 00 one): who only reads learns little."""
    least = 1 if lesson.path.name.startswith("00") else 4
    if len(found := lesson.numbers()) < least:
        yield (
            lesson.last(),
            f"at its end the notebook has {len(found)} exercises; at least {least} are asked for.",
        )


def points(lesson: Lesson) -> Complaints:
    """An exercise is worth 1 to 4 points, all or nothing: what deserves more is two exercises."""
    for number, (index, worth) in lesson.checks().items():
        if not 1 <= worth <= 4:
            yield index, f"exercise {number} is worth {worth} points; 1 to 4 are allowed."


def solution(lesson: Lesson) -> Complaints:
    """The solution is marked, and inside a function: left open it raises only when called, so Run All goes on."""
    for number, index in lesson.answers().items():
        blocks = cells.SOLUTION.findall(lesson.cells[index].source)
        if not blocks and not misspelt(lesson.cells[index]):
            yield index, f"exercise {number} has no ### BEGIN SOLUTION ... ### END SOLUTION."
        if "" in blocks:
            yield (
                index,
                f"the solution of exercise {number} must stand inside a function, or its stub would stop Run All.",
            )


def docstring(lesson: Lesson) -> Complaints:
    """Each answer defines functions with a docstring: it says what goes in and what comes out."""
    for number, index in lesson.answers().items():
        if (tree := cells.parsed(lesson.cells[index].source)) is not None:
            functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
            if not functions or not all(ast.get_docstring(function) for function in functions):
                yield index, f"the answer of exercise {number} has no function, or a function without docstring."


def hint(lesson: Lesson) -> Complaints:
    """Each task has a hint, folded: who is stuck goes on, who is not does not see it."""
    for number, (index, _) in lesson.tasks().items():
        task = lesson.cells[index].source.split(f"### Exercise {number}:")[1].split("\n### ")[0]
        if "<summary>Hint</summary>" not in task:
            yield index, f"exercise {number} has no hint: <details><summary>Hint</summary> ... </details>."


def hidden_tests(lesson: Lesson) -> Complaints:
    """Each check has hidden tests: what fits the visible numbers only must not score."""
    for number, (index, _) in lesson.checks().items():
        if not cells.HIDDEN.search(lesson.cells[index].source) and not misspelt(lesson.cells[index]):
            yield index, f"the check of exercise {number} has no ### BEGIN HIDDEN TESTS ... ### END HIDDEN TESTS."


def solution_note(lesson: Lesson) -> Complaints:
    """After each check a Markdown cell tagged solution-note says why the solution works, and the usual mistakes."""
    for number, (index, _) in lesson.checks().items():
        following = lesson.cells[index + 1] if index + 1 < len(lesson.cells) else None
        if following is None or following.cell_type != "markdown" or "solution-note" not in tags(following):
            yield index, f"after the check of exercise {number} comes no Markdown cell tagged solution-note."


def silent_answers(lesson: Lesson) -> Complaints:
    """An answer cell prints nothing: learners would see the solution's output below their empty answer."""
    for number, index in lesson.answers().items():
        if lesson.cells[index].outputs:
            yield index, f"the answer of exercise {number} prints something, which learners would see."


def solution_passes(lesson: Lesson) -> Complaints:
    """The stored verdict below each check is "done": the solution passes it."""
    for number, (index, worth) in lesson.checks().items():
        passed = checks.verdict_data(number, worth, checks.DONE)["text/plain"]
        if not any(output.get("data", {}).get("text/plain") == passed for output in lesson.cells[index].outputs):
            yield index, f"the solution does not pass the check of exercise {number}."


# --- code and outputs --------------------------------------------------------------------------------------


def learners_code_parses(lesson: Lesson) -> Complaints:
    """What learners get is Python (or IPython's own lines), with the solution and the hidden tests taken out too."""
    for index, cell in lesson.code():
        try:
            cells.parse(cells.student_source(cell))
        except SyntaxError as error:
            yield index, f"what learners get does not parse: {error.msg}, line {error.lineno}."


def known_tags(lesson: Lesson) -> Complaints:
    """Only tags that mean something here, each on its kind of cell; nbval-skip and the like would hide a failure."""
    for index, cell in enumerate(lesson.cells):
        if unknown := set(tags(cell)) - TAGS:
            yield index, f"the tag {sorted(unknown)} is not used in this course."
        if "solution-note" in tags(cell) and cell.cell_type != "markdown":
            yield index, "only a Markdown cell can be a solution-note."
        if "picture" in tags(cell) and not cells.figures(cell):
            yield index, "it is tagged as README's picture of this lesson, and has no figure."


def executed(lesson: Lesson) -> Complaints:
    """Every code cell was run, in order: nbval silently skips a cell without a count."""
    for count, (index, cell) in enumerate(lesson.code(), start=1):
        if cell.execution_count != count:
            number = lesson.path.name[:2]
            yield index, f"it was not executed in order; run: python -m utils.authoring --run {number}"
            return  # one sentence a notebook is enough


def clean_outputs(lesson: Lesson) -> Complaints:
    """No stored output is an error, a message on stderr or a library's warning, which worries learners."""
    for index, cell in lesson.code():
        for output in cell.outputs:
            if output.output_type == "error":
                yield index, f"its stored output is an error, {output.ename}."
            elif output.get("name") == "stderr":
                yield index, "its stored output has messages on stderr."
            elif "WARNING:" in output.get("text", ""):
                yield index, "its stored output has a library's warning."


def few_outputs_ignored(lesson: Lesson) -> Complaints:
    """At most a quarter of the code cells carry nbval-ignore-output: what is not compared is not tested."""
    ignored = [index for index, cell in lesson.code() if "nbval-ignore-output" in tags(cell)]
    if len(ignored) > len(lesson.code()) / 4:
        yield ignored[-1], f"{len(ignored)} of {len(lesson.code())} code cells are tagged nbval-ignore-output."


def ignored_outputs_are_asserted(lesson: Lesson) -> Complaints:
    """After an output that is not compared, an assert follows within three code cells, for what the text claims."""
    for place, (index, cell) in enumerate(code := lesson.code()):
        following = [after.source for _, after in code[place : place + 4] if not cells.check_of(after)]
        if "nbval-ignore-output" in tags(cell) and not any("assert " in source for source in following):
            yield index, "it is tagged nbval-ignore-output, and no assert follows within three code cells."


def short_cells(lesson: Lesson) -> Complaints:
    """At most 40 lines of code a cell, nine in ten at most 20, the median at most 6: a cell is one step."""
    own = ((index, cell) for index, cell in lesson.code() if not cells.is_setup(cell))
    lengths = sorted((code_lines(cell.source), index) for index, cell in own)
    if not lengths:
        return
    (longest, index), (ninth, other) = lengths[-1], lengths[int(0.9 * len(lengths))]
    middle = statistics.median(length for length, _ in lengths)
    if longest > 40:
        yield index, f"it has {longest} lines of code; at most 40 are allowed."
    if ninth > 20:
        yield other, "one code cell in ten may have more than 20 lines; this is one of more than that."
    if middle > 6:
        yield index, f"the median of the code cells is {middle:g} lines (6 are allowed); this is the longest."


def an_evening(lesson: Lesson) -> Complaints:
    """At most 3,600 words and 130 cells, an exercise among the first 30: a lesson is read, and done, in an evening."""
    words = sum(len(cell.source.split()) for cell in lesson.cells if cell.cell_type == "markdown")
    if words > 3600:
        yield lesson.last(), f"the lesson has {words:,} words of Markdown; at most 3,600 are allowed."
    if len(lesson.cells) > 130:
        yield lesson.last(), f"the lesson has {len(lesson.cells)} cells; at most 130 are allowed."
    first_answer = min(lesson.answers().values(), default=0)
    if first_answer > 30:
        yield first_answer, "the first exercise stands after 30 cells: let learners do something sooner."


def narrow_code(lesson: Lesson) -> Complaints:
    """No line of code above 88 characters: on a laptop, beside the file list, longer ones need scrolling."""
    for index, cell in lesson.code():
        for line in cell.source.splitlines():
            if len(line) > 88:
                yield index, f"a line of {len(line)} characters; at most 88 are allowed: {line.strip()[:40]} ..."


def code_lines(source: str) -> int:
    """Count the lines of code in a source: neither blank nor comment."""
    return sum(1 for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def described_figures(lesson: Lesson) -> Complaints:
    """Below each figure a Markdown cell begins with a sentence of what it shows, for those who cannot see it too.

    That is where a description arrives: neither JupyterLab nor nbconvert reads an alt text in an output's metadata.
    """
    shown = lesson.shown()
    for (index, cell), (_, following) in zip(shown, [*shown, (None, None)][1:], strict=True):
        if cells.figures(cell) and len(cells.first_sentence(following)) < 30:
            yield index, "its figure has no description: begin the Markdown below with a sentence of what it shows."


def _strings(value):
    """Yield all str inside lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def no_absolute_paths(lesson: Lesson) -> Complaints:
    """No path of the machine that it ran on, in sources and outputs: on another one it does not exist."""
    for index, cell in enumerate(lesson.cells):
        outputs = [
            {**output, "data": {kind: data for kind, data in output.get("data", {}).items() if kind != "image/png"}}
            for output in cell.get("outputs", [])
        ]
        if found := ABSOLUTE_PATH.search("\n".join([cell.source, *_strings(outputs)])):
            yield index, f"it has a path of this machine: {found.group()}."


def size(lesson: Lesson) -> Complaints:
    """At most 2 MB a notebook: more is slow to open, and every commit keeps a copy."""
    sizes = [(len(json.dumps(cell)), index) for index, cell in enumerate(lesson.cells)]
    if sum(length for length, _ in sizes) > 1.9e6:
        yield (
            max(sizes)[1],
            f"the notebook is larger than 2 MB; this cell is the largest, {max(sizes)[0] / 1e6:.1f} MB.",
        )


# --- text --------------------------------------------------------------------------------------------------


def links(lesson: Lesson) -> Complaints:
    """Relative links lead to files of the course, others to publishers and projects that keep their pages."""
    for index, cell in enumerate(lesson.cells):
        for target in LINK.findall(cell.source) if cell.cell_type == "markdown" else []:
            if "://" in target:
                scheme, _, host = target.split("/")[:3]
                if scheme != "https:" or host not in STABLE:
                    yield index, f"this page may not stay: {target} (contract.STABLE lists those that do)."
            elif not target.startswith("#") and not (lesson.path.parent / target.split("#")[0]).exists():
                yield index, f"its link leads nowhere: {target}."


def closing_sections(lesson: Lesson) -> Complaints:
    """A lesson ends with questionnaire, summary, pitfalls, further reading and what comes next, as all of them do."""
    for title in CLOSING:
        if lesson.section(title) is None:
            yield lesson.last(), f"the last cell is reached, and there was no heading ## {title}."


def questionnaire(lesson: Lesson) -> Complaints:
    """At least four questions, each with its answer folded away: remembering teaches more than reading again."""
    index, text = lesson.section("Questionnaire") or (None, "")
    questions, answers = len(re.findall(r"^\d+\. ", text, flags=re.MULTILINE)), text.count("<summary>Answer</summary>")
    if index is not None and (questions < 4 or answers != questions):
        yield index, f"the questionnaire has {questions} questions (at least 4) and {answers} answers (one for each)."


def further_reading(lesson: Lesson) -> Complaints:
    """Each entry of the further reading has a link, so that it can be opened."""
    index, text = lesson.section("Further reading") or (None, "")
    entries = re.findall(r"^- .*", text, flags=re.MULTILINE)
    if index is not None and not entries:
        yield index, "the further reading has no entry (- Author (year), [*Title*](link))."
    for entry in entries:
        if not LINK.search(entry):
            yield index, f"this entry of the further reading has no link: {entry}"


# --- the course as a whole -----------------------------------------------------------------------------------


def file_names(course: Course) -> Complaints:
    """Notebooks are NN_slug.ipynb, from 00 without a gap, so that their order is that of the course."""
    for number, lesson in enumerate(course.lessons):
        if not re.fullmatch(rf"{number:02}_[a-z0-9_]+\.ipynb", lesson.path.name):
            yield f"{lesson.path.name}, cell 0", f"its file name must be {number:02}_slug.ipynb, in small letters."


def pictures(course: Course) -> Complaints:
    """From lesson 01 on README shows a figure of each, with words for those who cannot see it."""
    readme = course.root / "README.md"
    shown = dict(SHOWN.findall(readme.read_text(encoding="utf-8"))) if readme.exists() else {}
    for lesson in course.lessons:
        tagged = [index for index, cell in enumerate(lesson.cells) if "picture" in tags(cell)]
        if lesson.path.name.startswith("00"):
            continue
        place = f"{lesson.path.name}, cell {tagged[0] if tagged else lesson.last()}"
        if not tagged:
            yield place, "the last cell is reached, and no cell with a figure was tagged picture, for README."
        elif lesson.path.stem not in shown:
            yield place, f"README.md does not show its picture, data/pictures/{lesson.path.stem}.png."
        elif len(shown[lesson.path.stem]) <= 40:
            yield place, "README.md describes its picture (alt) in 40 letters or less."
    stems = [lesson.path.stem for lesson in course.lessons]
    for stem in shown.keys() - set(stems):
        yield "README.md", f"it shows a picture of {stem}, which is no lesson."
    if list(shown) != sorted(shown):
        yield "README.md", "its pictures are not in the order of the lessons."


def wrong_answers(course: Course) -> Complaints:
    """Each exercise has at least three wrong answers that fit its solution: they prove its check."""
    known = set()
    for lesson in course.lessons:
        known |= {course.root / mistakes.place(number) for number in lesson.numbers()}
        for number, index in lesson.answers().items():
            try:
                found = mistakes.of_exercise(number, course.root)
                for mistake in found:
                    mistake.answer(lesson.cells[index].source)
            except ValueError as error:
                yield f"{lesson.path.name}, cell {index}", " ".join(str(error).split())
            else:
                if (count := len({mistake.what for mistake in found})) < 3:
                    yield (
                        f"{lesson.path.name}, cell {index}",
                        f"{mistakes.place(number)} has {count} wrong answers; at least 3 are asked for.",
                    )
    for path in sorted((course.root / "tests" / "wrong_answers").glob("*")):
        if path not in known:
            yield path.relative_to(course.root).as_posix(), "there is no such exercise."


def glossary(course: Course) -> Complaints:
    """Each term of the glossary stands once, in the order of the lessons, and the lesson that it names uses it."""
    path = course.root / "data" / "glossary.csv"
    if not path.exists():
        return
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {lesson.path.name[:2]: (lesson.path.name, written(lesson)) for lesson in course.lessons}
    before, terms = "", set()
    for line, row in enumerate(rows, start=2):
        place = f"data/glossary.csv, line {line}"
        if row["term"] in terms:
            yield place, f"the term {row['term']!r} is there twice."
        if row["lesson"] < before:
            yield place, f"lesson {row['lesson']} comes after lesson {before}."
        if not any(ord(letter) in HAN for letter in row["chinese"]) or not row["meaning"].endswith("."):
            yield place, f"the term {row['term']!r} needs a Chinese name, and a sentence that ends with a full stop."
        if row["lesson"] not in texts:
            yield place, f"there is no lesson {row['lesson']!r}."
        elif row["term"].lower() not in texts[row["lesson"]][1]:
            yield f"{texts[row['lesson']][0]}, cell 0", f"no cell uses the term {row['term']!r}, as {place} says."
        before = row["lesson"]
        terms.add(row["term"])


def written(lesson: Lesson) -> str:
    """Return the Markdown of a lesson in small letters, one line."""
    return " ".join(" ".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown").lower().split())


def unwritten(root: pathlib.Path) -> list[str]:
    """Return the files, from the root, in which a TODO of a new lesson is left. No rule: a new lesson keeps all rules.

    The suite refuses what is found here, and python -m utils.authoring tells of it.
    """
    paths = [root / "README.md", *(root / "solutions").glob("*.ipynb"), *(root / "tests" / "wrong_answers").glob("*")]
    found = [path for path in sorted(paths) if path.exists() and "TODO" in path.read_text(encoding="utf-8")]
    return [path.relative_to(root).as_posix() for path in found]


# --- running them ----------------------------------------------------------------------------------------------

RULES = [
    first_cell,
    title_number,
    running_time,
    headings,
    setup_cell,
    markers,
    exercise_parts,
    nothing_twice,
    exercise_numbers,
    enough_exercises,
    points,
    solution,
    docstring,
    hint,
    hidden_tests,
    checks_import_what_they_use,
    checks_are_seeded,
    solution_note,
    silent_answers,
    solution_passes,
    learners_code_parses,
    known_tags,
    executed,
    clean_outputs,
    few_outputs_ignored,
    ignored_outputs_are_asserted,
    short_cells,
    an_evening,
    narrow_code,
    described_figures,
    no_absolute_paths,
    size,
    links,
    closing_sections,
    questionnaire,
    further_reading,
    numbers_in_prose,
]
COURSE_RULES = [file_names, pictures, wrong_answers, glossary, prose_exceptions]


def complaints(course: Course, without: Collection[Callable] = ()) -> list[str]:
    """Return what all rules, `without` some, say of a course: a list of str, each with its place and rule."""
    found = []
    for lesson in course.lessons:
        for rule in (rule for rule in RULES if rule not in without):
            found += [f"{lesson.path.name}, cell {cell}: {text} [{rule.__name__}]" for cell, text in rule(lesson)]
    for rule in COURSE_RULES:
        found += [f"{place}: {text} [{rule.__name__}]" for place, text in rule(course)]
    return found
