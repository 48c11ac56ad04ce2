"""The functions that lesson 06 defines do what they say on texts small enough to tell."""

import numpy as np
import pytest
from conftest import definitions

from utils import data, generation, text

NAMES = (
    "count interpolate ngram_nats plain_shares windows softmax distinct runs_of copied longest_run "
    "SHARES check_shares check_temperature multinomial softmax_twice DRAWS recipe"
)


@pytest.fixture(scope="module")
def train():
    """Return a piece of the text that the lesson trains on."""
    return data.load_shakespeare()[:50_000]


@pytest.fixture(scope="module")
def lesson(train):
    """Return what lesson 06 defines, with its text."""
    lesson = definitions("06", *NAMES.split())
    vocabulary = text.Vocabulary.from_texts([train], level="character")
    # What the functions find as their globals.
    lesson.update(train=train, vocabulary=vocabulary, V=len(vocabulary), generation=generation)
    return lesson


def test_counts_are_probabilities(lesson, train):
    """P_k adds up to 1 over the vocabulary, for every k, after seen and unseen contexts; no context beats k = 0."""
    tables = lesson["count"](train, 6)
    for context in ("First ", "ROMEO:", "qzxqzx", ""):
        rows = [lesson["interpolate"](context, x, tables) for x in lesson["vocabulary"].tokens]
        np.testing.assert_allclose(np.sum(rows, axis=0), 1, rtol=1e-12)
    nats = lesson["ngram_nats"](data.load_shakespeare()[-2000:], tables)
    assert nats[0] > nats[1] > nats[2]


def test_plain_shares_are_counts(lesson):
    """Column 0 is 1 / V, column k + 1 is n(hx) / n(h), 0 where the context is new; so are the rows, one a character."""
    tables = lesson["count"]("abab", 1)
    rows = lesson["plain_shares"]("abbz", tables)
    V = lesson["V"]
    np.testing.assert_allclose(rows, [[1 / V, 1 / 2, 1], [1 / V, 1 / 2, 0], [1 / V, 0, 0]])


def test_windows_go_on_where_they_ended(lesson):
    """Joined in time, each stream is a stretch of the text, and its targets the same, one later."""
    inputs, targets = lesson["windows"](np.arange(1000), 3, 7)
    for row in range(3):
        joined = inputs[:, row].ravel()
        np.testing.assert_array_equal(joined, joined[0] + np.arange(len(joined)))
        np.testing.assert_array_equal(targets[:, row].ravel(), joined + 1)


def test_what_is_copied(lesson, monkeypatch):
    """On a text of eleven characters, counted by hand."""
    monkeypatch.setitem(lesson, "train", "hello world")
    monkeypatch.setitem(lesson, "known", {"hel", "ell", "wor"})
    assert lesson["distinct"]("abcabc", n=3) == 3 / 4  # abc, bca, cab, abc
    assert lesson["copied"](["hell", "word"], n=3) == 3 / 4  # not "ord"
    assert lesson["longest_run"]("jello word") == "ello wor"
    assert lesson["longest_run"]("orld") == "orld" and lesson["longest_run"]("x") == ""


def test_faults_are_found(lesson):
    """Only the right draw passes both checks; one that ignores the temperature passes the first."""
    right = {"recipe": [False, False], "fault 3": [True, False], "twice": [False, False], "right": [True, True]}
    assert lesson["DRAWS"].keys() == right.keys()
    for name, expected in right.items():
        for check, holds in zip((lesson["check_shares"], lesson["check_temperature"]), expected, strict=True):
            if holds:
                check(lesson["DRAWS"][name])
                continue
            with pytest.raises((AssertionError, ValueError)):
                check(lesson["DRAWS"][name])


def test_the_recipe_has_its_faults(lesson, monkeypatch):
    """A word in capitals stops it; logits stop its draw; its state has 64 rows, and its temperature changes nothing."""
    words = text.Vocabulary.from_texts(["i enjoy films"], level="word", bounds=True)
    monkeypatch.setitem(lesson, "words", words)
    seen = []

    def step(token, state):
        seen.append(len(state[0]))
        return np.eye(len(words))[words.ids["films" if len(seen) < 4 else "<eos>"]], state

    with pytest.raises(KeyError):
        lesson["recipe"](step)
    assert lesson["recipe"](step, "i enjoy", temperature=-1.0).startswith("i enjoy films")
    assert set(seen) == {64}
    with pytest.raises(ValueError):
        lesson["recipe"](lambda token, state: (np.array([-1.0, 2.0, 0.5]), state), "i enjoy")
