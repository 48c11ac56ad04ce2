"""What lesson 09 defines does what it says; its table is made by the program that it names."""

import collections
import csv

import keras
import numpy as np
import pytest
from conftest import definitions

from utils import pretrained
from utils.pretrained import character_race


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


# --- the race ---------------------------------------------------------------------------------------------


def test_the_racers_have_about_as_many_weights():
    """And those that the table says."""
    counts = {name: character_race.build(name, 65).count_params() for name in character_race.LEARNING_RATES}
    assert max(counts.values()) < 1.1 * min(counts.values())
    size = len(pretrained.load("shakespeare-characters").vocabulary)
    for name in counts:
        weights = {int(row["weights"]) for row in race() if row["network"] == name}
        assert weights == {character_race.build(name, size).count_params()}


def race():
    """Return the rows of the table, a list of dictionaries."""
    with open(pretrained.FOLDER / "character-race.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_race_is_whole():
    """Each network with each seed and each budget; equal tokens are equal, and equal seconds nearly."""
    rows = race()
    assert tuple(rows[0]) == character_race.FIELDS
    found = collections.Counter((row["network"], int(row["seed"]), row["budget"]) for row in rows)
    assert set(found.values()) == {1} and len(found) == 1 + 2 * len(character_race.SEEDS) * 3
    tokens = [float(row["passes"]) for row in rows if row["budget"] == "equal tokens"]
    assert set(tokens) == {float(character_race.PASSES)}
    assert all(1 < float(row["nats"]) < 3 for row in rows)


def test_windows_are_pieces_of_the_text():
    """Inputs and targets one apart, and another draw with another seed."""
    ids = np.arange(1_000)
    [(inputs, targets)] = character_race.drawn_windows(ids, 1, seed=1).as_numpy_iterator()
    assert inputs.shape == targets.shape == (character_race.BATCH, character_race.WINDOW)
    assert (targets == inputs + 1).all() and (np.diff(inputs) == 1).all() and targets.max() < 1_000
    [(others, _)] = character_race.drawn_windows(ids, 1, seed=2).as_numpy_iterator()
    assert (others != inputs).any() and len(set(inputs[:, 0])) > 5
    assert len(character_race.drawn_windows(ids, 7, seed=1)) == 7


def test_counts_are_those_of_lesson_06():
    """On a short text the same nats as its functions, and as many entries."""
    lesson = definitions("06", "count", "interpolate", "ngram_nats")
    train, held_out = "to be or not to be that is the question " * 3, "that is not the question to ask"
    lesson.update(np=np, collections=collections, V=len(set(train)))
    tables = lesson["count"](train, 4)
    kept, nats = character_race.counted(train, held_out)
    assert nats == pytest.approx(lesson["ngram_nats"](held_out, tables)[4])
    assert kept == sum(map(len, tables[0]))


def test_the_baseline_of_the_race_is_what_counting_gives():
    """The table's first row, computed again."""
    [row] = [row for row in race() if row["network"] == "counts"]
    again = character_race.train("counts", 0)[0]
    assert (int(row["weights"]), float(row["nats"])) == (again["weights"], again["nats"])


def test_waves_shift_by_one_product():
    """What sinusoids are for: those one further are the same linear function of these at each position."""
    waves = character_race.sinusoids(40, 8)
    assert waves.shape == (40, 8) and np.allclose(waves[0], [0] * 4 + [1] * 4)
    step, *_ = np.linalg.lstsq(waves[:-1], waves[1:], rcond=None)
    assert np.allclose(waves[:-1] @ step, waves[1:])
    assert len(np.unique(waves.round(6), axis=0)) == 40
