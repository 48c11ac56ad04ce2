"""What lesson 09 defines does what it says."""

import keras
import numpy as np
import pytest
from conftest import definitions


@pytest.fixture(scope="module")
def lesson():
    """Return the functions of lesson 09."""
    names = ("join", "LETTERS", "recall_data", "lookup_data", "block", "attend", "peek", "remember", "stack")
    lesson = definitions("09", *names)
    lesson.update(layers=keras.layers, KEYS=12, VALUES=8)
    return lesson


def test_joined_steps_are_both_steps(lesson):
    """In their order; and where the brackets are does not matter, which is what a scan needs."""
    rng = np.random.default_rng(1)
    first, second, third = rng.normal(size=(3, 2, 5))
    join, h = lesson["join"], rng.normal(size=5)

    def after(step, state):
        return step[0] * state + step[1]

    assert np.allclose(after(join(first, second), h), after(second, after(first, h)))
    assert not np.allclose(after(join(second, first), h), after(second, after(first, h)))
    assert np.allclose(join(join(first, second), third), join(first, join(second, third)))


def test_recall_asks_for_the_letter_marked_last(lesson):
    """Letter by letter; the first is always marked."""
    ids, answers = lesson["recall_data"](5, 40, 0.2, seed=1)
    for row, expected in zip(ids, answers, strict=True):
        marked = None
        for t, (token, answer) in enumerate(zip(row, expected, strict=True)):
            marked = token - 8 if token >= 8 else marked
            assert marked is not None and answer == marked and 0 <= token < 16, t
    assert 0.1 < np.mean(ids[:, 1:] >= 8) < 0.3


def test_lookups_ask_for_what_was_told(lesson):
    """Each question has been answered before, in the same sequence, and always by the same value."""
    ids, values, asked = lesson["lookup_data"](20, 60, seed=2)
    for row in range(20):
        told = {}
        for token, value, question in zip(ids[row], values[row], asked[row], strict=True):
            if question:
                assert told[token - 12 * 8] == value
            else:
                key, entry = divmod(token, 8)
                assert entry == value and told.setdefault(key, value) == value
    assert 0.3 < asked.mean() < 0.5 and ids.max() == 12 * 8 + 11


@pytest.mark.parametrize("mix, causal", [("attend", True), ("remember", True), ("peek", False)])
def test_a_stack_sees_the_past_alone(lesson, mix, causal):
    """And the test notices a layer that looks ahead."""
    model = lesson["stack"](20, lesson[mix], D=16, positions=12)
    ids = np.random.default_rng(3).integers(20, size=(2, 12))
    other = ids.copy()
    other[:, 8:] = (other[:, 8:] + 3) % 20
    change = np.abs(np.asarray(model(ids)) - np.asarray(model(other))).max(axis=(0, 2))
    assert (change[:8].max() < 1e-5) == causal and change[8:].min() > 1e-4
