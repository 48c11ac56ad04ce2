"""The cells of a submitted notebook: read within bounds, and which of them may answer an exercise.

Nothing of a student's is parsed as Python or run here; that is for the student's process (prelude, pieces).
"""

import dataclasses
import json
import re

from utils.cells import ANSWER_LINE, CHECK_CALL, SETUP_FIRST_LINE
from utils.grading.lessons import plain
from utils.grading.status import Status

MOST_BYTES = 64 * 2**20  # of one notebook file
MOST_PARTS = 2_000_000  # values in its JSON, each of which may take a hundred bytes of memory
MOST_SOURCE = 4 * 2**20  # characters in all its code cells together
GRADE_ID = re.compile(r"ex-(\d+)-(\d+)")
# "# exercise: 1.2", also as people write it again, among the first lines: comments, magics, a form's title.
MARK = re.compile(r"#[#\s]*(?:@title\s+)?exercise\s*[:.-]?\s*(\d+\.\d+)\b", re.IGNORECASE)
MOST_LINES_ABOVE, LONGEST_MARK = 20, 200
DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
CHECK_BLOCK = re.compile(r"^with checks\.exercise\(.*(?:\n(?:[ \t].*)?)*", re.MULTILINE)
# What a cell is to one exercise: marked as its answer and changed; Setup; the lesson's own text; the student's own.
KINDS = ("answer", "setup", "course", "own")


class Unreadable(Exception):
    """A submission that is no notebook; the message says why."""


def read_cells(data):
    """Return the cells of a submitted notebook: a list of (kind, source, grade_id).

    data: the bytes of the file. Tolerant where a notebook lost metadata, ids or outputs; raises Unreadable
    where there is none.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the file is larger than {MOST_BYTES // 2**20} MB")
    if not data.strip():
        raise Unreadable("the file is empty")
    if sum(data.count(sign) for sign in b",[{") > MOST_PARTS:  # at most so many values: seen before they are made
        raise Unreadable(f"the file holds more than {MOST_PARTS:,} values: clear its outputs")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise Unreadable("the file is not JSON, so it is no notebook") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is JSON, but no notebook of format 4")
    found = [_cell(cell) for cell in cells if isinstance(cell, dict)]
    found = [cell for cell in found if cell is not None]
    if sum(len(source) for kind, source, _ in found if kind == "code") > MOST_SOURCE:
        raise Unreadable(f"its code cells hold more than {MOST_SOURCE:,} characters")
    return found


def _cell(cell):
    """Return (kind, source, grade_id) for a cell of a notebook's JSON, or None where it has no source."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    kind = cell.get("cell_type")
    mark = cell
    for key in ("metadata", "nbgrader", "grade_id"):
        mark = mark.get(key) if isinstance(mark, dict) else None
    source = source.replace("\r\n", "\n")
    return kind if kind in ("code", "markdown") else "other", source, mark if isinstance(mark, str) else None


def reduced(cells):
    """Return cells as the bytes of a notebook that holds nothing else: no outputs, no pictures."""
    kept = []
    for kind, source, mark in cells:
        metadata = {"nbgrader": {"grade_id": mark[:100]}} if mark else {}
        kept.append({"cell_type": kind, "metadata": metadata, "source": source})
    return json.dumps({"cells": kept}).encode()


def exercise_of(cell):
    """Return "1.2" for a cell (kind, source, grade_id) that is marked as the answer to exercise 1.2, else None.

    A comment above the first line of Python decides; where there is none, the grade_id does.
    """
    kind, source, mark = cell
    lines = source.lstrip().split("\n", MOST_LINES_ABOVE)[:MOST_LINES_ABOVE]
    for line in (line[:LONGEST_MARK].strip() for line in lines):
        # In Markdown "### Exercise 1.2" is the heading of the task.
        if found := MARK.match(line) if kind == "code" else ANSWER_LINE.match(line):
            return found.group(1)
        if line and not line.startswith(("#", "%", "!")):
            break
    found = GRADE_ID.fullmatch(mark or "")
    return f"{found.group(1)}.{found.group(2)}" if found else None


def exercises_in(cells, lessons):
    """Return the numbers of the exercises that cells answer: those marked, and those whose functions they define.

    lessons: list of Lesson.
    """
    names = {name: one.number for lesson in lessons for one in lesson.exercises for name in one.names}
    code = [source for kind, source, _ in cells if kind == "code"]
    defined = {name for source in code for name in DEFINED.findall(source)}
    return {exercise_of(cell) for cell in cells} - {None} | {names[name] for name in defined & names.keys()}


@dataclasses.dataclass(frozen=True)
class Found:
    """What a student's process gets of a notebook for one exercise, and what is said where none answers it.

    cells: list of [kind of KINDS, source], or None where there is nothing to run.
    """

    cells: list | None
    status: Status
    message: str
    remark: str


def find_answer(cells, exercise, lesson):
    """Return the Found for one exercise of a lesson in a student's cells.

    A cell that is still the stub learners start from counts as none.
    """
    stub, kept, stubs, marked, maybe = plain(exercise.stub), [], 0, 0, False
    for cell in cells:
        kind, source, _ = cell
        if kind != "code":
            continue
        if exercise_of(cell) == exercise.number:
            if plain(source) == stub:
                stubs += 1
                continue
            marked += 1
            kept.append(["answer", source])
        elif source.startswith(SETUP_FIRST_LINE):
            kept.append(["setup", source])
        elif plain(source) in lesson.own:
            kept.append(["course", source])
        else:
            kept.append(["own", source])
            maybe = maybe or _may_define(source, exercise.names)
    text = any(kind != "code" and exercise_of((kind, source, mark)) == exercise.number for kind, source, mark in cells)
    why = "the answer is in a cell that is no code cell." if text else "there is no answer cell."
    status, message = (Status.NOT_ATTEMPTED, "") if stubs else (Status.MISSING, why)
    names = " or ".join(exercise.names)
    remark = f"{marked} cells are marked as its answer; the last that defines {names} counts." if marked > 1 else ""
    return Found(kept if marked or maybe else None, status, message, remark)


def _may_define(source, names):
    """Tell whether a cell speaks of one of these names outside a check: then a process looks closer."""
    if not any(name in source for name in names):
        return False
    rest = CHECK_BLOCK.sub("", source) if CHECK_CALL.search(source) else source
    return any(re.search(rf"\b{re.escape(name)}\b", rest) for name in names)
