"""Every exercise stands alone (Setup + answer + check): the solution scores, the stub and wrong answers do not."""

import contextlib
import io
import os
import re

import pytest
from conftest import ROOT, SOLUTIONS, notebook

from utils import authoring, checks

WRONG_ANSWERS = ROOT / "tests" / "wrong_answers"
SECTION = re.compile(r"^# wrong(, raises)?: (.*)$", re.MULTILINE)


def all_exercises():
    """Return number -> (Setup source, answer source, check source, points) over the whole course."""
    found = {}
    for path in SOLUTIONS:
        cells = notebook(path).cells
        setup = next(cell.source for cell in cells if authoring.is_setup(cell))
        for number, exercise in authoring.exercises(notebook(path)).items():
            found[number] = (setup, exercise["answer"], exercise["check"].source)
    return found


EXERCISES = all_exercises()


def wrong_answers(number):
    """Return the wrong answers to an exercise: a list of (what is wrong, source, whether it raises)."""
    path = WRONG_ANSWERS / f"{authoring.grade_id(number)}.py"
    parts = SECTION.split(path.read_text(encoding="utf-8"))[1:] if path.exists() else []
    return [(parts[i + 1], parts[i + 2], bool(parts[i])) for i in range(0, len(parts), 3)]


def verdict(number, answer, check=None):
    """Run Setup, an answer and the check in an empty namespace; return (status, message)."""
    setup = EXERCISES[number][0]
    check = check or EXERCISES[number][2]
    namespace = {"__name__": "__main__"}
    here = os.getcwd()
    os.chdir(ROOT / "solutions")
    os.environ["UNROLLED_GRADING"] = "1"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for source in (setup, answer, check):
                exec(compile(source, f"<exercise {number}>", "exec"), namespace)
    except checks.CheckFailed as error:
        return checks.WRONG, str(error)
    except NotImplementedError:
        return checks.NOT_ATTEMPTED, ""
    except Exception as error:
        return checks.ERROR, f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
        del os.environ["UNROLLED_GRADING"]
    return checks.DONE, ""


@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_scores(number):
    """The solution passes its own check, with nothing but the Setup cell before it."""
    assert verdict(number, EXERCISES[number][1].source) == (checks.DONE, "")


@pytest.mark.parametrize("number", EXERCISES)
def test_the_stub_scores_nothing(number):
    """What learners start from is "not attempted"."""
    assert verdict(number, authoring.student_source(EXERCISES[number][1]))[0] == checks.NOT_ATTEMPTED


@pytest.mark.parametrize("number", EXERCISES)
def test_there_are_three_wrong_answers(number):
    """Each exercise has at least three, each a complete answer cell."""
    found = wrong_answers(number)
    assert len(found) >= 3
    assert all(source.strip().startswith(f"# exercise: {number}\n") for _, source, _ in found)


@pytest.mark.parametrize(
    "number, what, source, raises",
    [(number, *wrong) for number in EXERCISES for wrong in wrong_answers(number)],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 and "\n" not in value else "",
)
def test_a_wrong_answer_scores_nothing(number, what, source, raises):
    """It fails by a comparison that says what differs, not by accident (unless it says that it raises)."""
    status, message = verdict(number, source)
    assert status == (checks.ERROR if raises else checks.WRONG), f"{what}: {status} {message}"


def test_no_stray_wrong_answers():
    """Every file in tests/wrong_answers belongs to an exercise."""
    assert {path.stem for path in WRONG_ANSWERS.glob("*.py")} == {authoring.grade_id(number) for number in EXERCISES}


@pytest.mark.parametrize("number", EXERCISES)
def test_the_visible_check_accepts_the_solution(number):
    """Without its hidden tests, as learners have it, the check passes for the solution too."""
    _, answer, check = EXERCISES[number]
    assert verdict(number, answer.source, authoring.HIDDEN.sub("", check)) == (checks.DONE, "")
