"""Wrong answers to the exercises: each is an edit of the solution, named after its mistake, and can be tried.

tests/wrong_answers/ex-0-1.diff has those of exercise 0.1:

    # wrong: sums and does not divide
    - x.mean(axis=1)
    + x.sum(axis=1)

    - old text   a part of a line, or several whole lines; the cell of the solution has it once
    + new text   what stands there instead
      a line     stays, and says where others come or go

Old text alone is whole lines that go. New text alone is a new body: another program. An edit ends where `-` follows
`+`, or with an empty line; the next one changes what it left. A mistake that ends in an exception has its name after
`# wrong, raises: `.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from utils import cells, checks, environment

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

ROOT = environment.course_root()
MISTAKE = re.compile(r"^# wrong(, raises)?: (.+)\n((?:(?!# wrong).*\n)*)", re.MULTILINE)
EDIT = re.compile(r"((?:^(?:  .*|-(?: .*)?)\n)*)((?:^\+(?: .*)?\n)*)", re.MULTILINE)
MARKER_LINE = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


class Mistake(NamedTuple):
    """A wrong answer: its exercise, what is wrong, its edits as they stand in the file, and whether it raises."""

    number: str
    what: str
    edits: str
    raises: bool

    def answer(self, solution: str) -> str:
        """Return the source of the wrong answer, given that of the solution. Raises ValueError for a bad edit."""
        if foreign := EDIT.sub("", self.edits).strip():
            raise self._error("a line of an edit starts with '- ', '+ ' or two spaces", foreign)
        right = solution
        for before, after in filter(any, EDIT.findall(self.edits)):
            old = "\n".join(line[2:] for line in before.splitlines())
            new = "\n".join(line[2:] for line in (before + after).splitlines() if line[0] != "-")
            # A name is not found inside a longer one.
            pattern = (r"(?:\b|(?=\W))%s(?:\b|(?<=\W))" if new else r"^[ \t]*%s(?:\n|\Z)") % re.escape(old)
            parts = re.split(pattern, solution, flags=re.MULTILINE) if old else cells.SOLUTION.split(solution)[::2]
            if len(parts) != 2:
                what = "the body" if not old else "this text" if new else "these whole lines"
                raise self._error(f"{what} must occur once in the answer cell, not {len(parts) - 1} times", old or new)
            solution = new.join(parts)
        if solution == right:
            raise self._error("it differs from the solution in nothing", self.edits.strip())
        return MARKER_LINE.sub("", solution).rstrip()

    def _error(self, reason, text):
        """Return the error for a bad edit."""
        return ValueError(f"{place(self.number)}, wrong answer {self.what!r}: {reason}:\n{text}")


def place(number: str) -> str:
    """Return where the wrong answers to an exercise are written, from the course's root."""
    return f"tests/wrong_answers/{cells.grade_id(number)}.diff"


def of_exercise(number: str, root: pathlib.Path = ROOT) -> list[Mistake]:
    """Return the wrong answers to an exercise, a list of Mistake. Raises ValueError for a file with anything else."""
    path = root / place(number)
    text = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
    if foreign := MISTAKE.sub("", text).strip():
        raise ValueError(
            f"{place(number)}: a wrong answer starts with '# wrong: ', not with {foreign.splitlines()[0]!r}"
        )
    return [Mistake(number, what, edits, bool(raises)) for raises, what, edits in MISTAKE.findall(text)]


# --- trying answers ------------------------------------------------------------------------------------------


def verdict(setup: str, answer: str, check: str, folder: pathlib.Path) -> tuple[str, str]:
    """Run Setup, an answer and the check (three sources) in an empty namespace, in a folder, as the grader does.

    Returns (status, message), the status being one of utils.checks: DONE, NOT_ATTEMPTED, WRONG or ERROR.
    """
    here, before = os.getcwd(), os.environ.get("UNROLLED_GRADING")
    os.chdir(folder)
    os.environ["UNROLLED_GRADING"] = "1"
    namespace = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for source in (setup, answer, check):
                exec(compile(source, "<exercise>", "exec"), namespace)
    except checks.CheckFailed as error:
        return checks.WRONG, str(error)
    except NotImplementedError:
        return checks.NOT_ATTEMPTED, ""
    except Exception as error:
        return checks.ERROR, f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
        os.environ.pop("UNROLLED_GRADING") if before is None else os.environ.update(UNROLLED_GRADING=before)
    return checks.DONE, ""


def trials(notebook: cells.Notebook, number: str, root: pathlib.Path) -> Iterator[tuple[str, bool, str]]:
    """Try an exercise of a solution: the solution, without and with hidden tests, the stub, and each wrong answer.

    Yields (what was tried, whether it went as it should, status and message as one str).
    Raises ValueError where the notebook has no such exercise, or a wrong answer does not fit its solution; and, once
    that is known, where the check refuses the solution, or there is no wrong answer: then nothing is proven.
    """
    exercise = cells.exercises(notebook).get(number, {"check": None})
    if exercise["check"] is None:
        raise ValueError(f"there is no exercise {number} with an answer and a check.")
    setup = next((cell.source for cell in notebook.cells if cells.is_setup(cell)), "")
    solution, check = exercise["answer"].source, exercise["check"].source
    plan = [
        ("solution", solution, check, checks.DONE),
        ("solution, visible tests only", solution, cells.HIDDEN.sub("", check), checks.DONE),
        ("stub", cells.student_source(exercise["answer"]), check, checks.NOT_ATTEMPTED),
    ]
    found = of_exercise(number, root)
    for mistake in found:
        expected = checks.ERROR if mistake.raises else checks.WRONG
        plan.append((f"wrong answer, {mistake.what}", mistake.answer(solution), check, expected))
    for what, answer, its_check, expected in plan:
        status, message = verdict(setup, answer, its_check, root / "solutions")
        passes = " (this wrong answer passes)" if status == checks.DONE != expected else ""
        yield what, status == expected, f"{status}{passes}: {message}" if message else f"{status}{passes}"
        if answer is solution and status != expected:
            raise ValueError("the check refuses the solution; until it passes, wrong answers prove nothing.")
    if not found:
        raise ValueError(f"there is no wrong answer to exercise {number}: write three in {place(number)}.")
