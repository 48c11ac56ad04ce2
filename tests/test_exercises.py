"""Every exercise stands alone (Setup + answer + check): the solution scores, the stub and wrong answers do not."""

import pytest
from conftest import ROOT, SOLUTIONS, notebook

from utils import cells, check_rules, checks, mistakes


def all_exercises():
    """Return number -> (Setup source, answer source, check source, points) over the whole course."""
    found = {}
    for path in SOLUTIONS:
        lesson = notebook(path)
        setup = next(cell.source for cell in lesson.cells if cells.is_setup(cell))
        for number, exercise in cells.exercises(lesson).items():
            found[number] = (setup, exercise["answer"], exercise["check"].source)
    return found


EXERCISES = all_exercises()


def verdict(number, answer, check=None):
    """Try an answer; return (status, message)."""
    return mistakes.verdict(EXERCISES[number][0], answer, check or EXERCISES[number][2], ROOT / "solutions")


@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_scores(number):
    """The solution passes its own check, with nothing but the Setup cell before it."""
    assert verdict(number, EXERCISES[number][1].source) == (checks.DONE, "")


@pytest.mark.parametrize("number", EXERCISES)
def test_the_stub_scores_nothing(number):
    """What learners start from is "not attempted"."""
    assert verdict(number, cells.student_source(EXERCISES[number][1]))[0] == checks.NOT_ATTEMPTED


@pytest.mark.parametrize(
    "mistake",
    [mistake for number in EXERCISES for mistake in mistakes.of_exercise(number)],
    ids=lambda mistake: f"{mistake.number}-{mistake.what}",
)
def test_a_wrong_answer_scores_nothing(mistake):
    """It fails by a comparison that says what differs, not by accident (unless it says that it raises)."""
    status, message = verdict(mistake.number, mistake.answer(EXERCISES[mistake.number][1].source))
    assert status == (checks.ERROR if mistake.raises else checks.WRONG), f"{mistake.what}: {status} {message}"


@pytest.mark.parametrize(
    "edits, complaint",
    [
        ("- x.mean(axis=7)\n+ x.sum()\n", "this text must occur once in the answer cell, not 0 times:\nx.mean(axis=7)"),
        ("- xis=1\n+ xis=0\n", "this text must occur once in the answer cell, not 0 times:\nxis=1"),
        ("- axis\n+ keepdims=True, axis\n- =\n+ ==\n", "this text must occur once in the answer cell, not 2 times:\n="),
        ("- x.mean\n", "these whole lines must occur once in the answer cell, not 0 times:\nx.mean"),
        ("- x.mean\nx.sum\n", "starts with '- ', '+ ' or two spaces:\nx.sum"),
        ("- axis=1\n+ axis=1\n", "it differs from the solution in nothing:\n- axis=1\n+ axis=1"),
        ("", "it differs from the solution in nothing:\n"),
    ],
)
def test_a_bad_edit_is_named(edits, complaint):
    """An edit that does not apply, or not any more, names exercise and mistake, and says why."""
    with pytest.raises(ValueError) as error:
        mistakes.Mistake("0.1", "sums", edits, False).answer(EXERCISES["0.1"][1].source)
    assert str(error.value).startswith("tests/wrong_answers/ex-0-1.diff, wrong answer 'sums': ")
    assert str(error.value).endswith(complaint)


@pytest.mark.parametrize("number", EXERCISES)
def test_the_visible_check_accepts_the_solution(number):
    """Without its hidden tests, as learners have it, the check passes for the solution too."""
    _, answer, check = EXERCISES[number]
    assert verdict(number, answer.source, cells.HIDDEN.sub("", check)) == (checks.DONE, "")


# An answer that is right, and then does to its first argument that can be changed what it must not.
SPOIL = """
def _spoiled(function):
    def spoiled(*arguments, **named):
        result = function(*arguments, **named)
        for value in arguments:
            if hasattr(value, "flat") and value.size:
                value.flat[0] = value.flat[0] + 1
                return result
            if isinstance(value, list) and value:
                value.append(value[0])
                return result
            if isinstance(value, dict) and value:
                value.pop(next(iter(value)))
                return result
        return result
    return spoiled

{name} = _spoiled({name})
"""
# Exercises whose answers get nothing that can be changed: numbers, strings, functions.
NOTHING_TO_CHANGE = {"1.3", "2.4", "3.3", "7.3", "8.3", "8.4"}


@pytest.mark.parametrize("number", [number for number in EXERCISES if number not in NOTHING_TO_CHANGE])
def test_an_answer_that_changes_what_it_was_given_scores_nothing(number):
    """Also where all that it returns is right."""
    source = EXERCISES[number][1].source
    for name in sorted(check_rules.definitions(source)):
        status, message = verdict(number, source + SPOIL.format(name=name))
        assert status == checks.WRONG and "which belongs to the caller" in message, f"{name}: {status} {message}"


def test_clipping_as_in_torch_scores():
    """The norm plus 1e-6, and a factor of at most 1: exercise 2.5 takes that too."""
    answer = """# exercise: 2.5
import numpy as np
def clip_by_global_norm(gradients, clip):
    norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    return [gradient * min(1.0, clip / (norm + 1e-6)) for gradient in gradients]
"""
    assert verdict("2.5", answer) == (checks.DONE, "")
