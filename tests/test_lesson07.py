"""The networks of lesson 07 are those of the shipped table, and what the lesson defines does what it says."""

import csv

import keras
import numpy as np
import pytest
from conftest import definitions

from utils import pretrained, text
from utils.pretrained import date_attention


@pytest.fixture(scope="module")
def lesson():
    """Return the network and the functions of lesson 07, with a vocabulary of four characters."""
    names = ("layers", "build", "parts", "dot_attention", "additive_attention", "softmax", "parsed")
    lesson = definitions("07", *names)
    lesson |= {"characters": text.Vocabulary([text.PAD, text.UNK, *"abcd"], "character"), "V": 7}
    return lesson


@pytest.mark.parametrize("network", date_attention.NETWORKS)
def test_the_table_is_of_the_lessons_networks(lesson, network):
    """With the same weights, both compute the same; and so does each step after the other."""
    attention = date_attention.NETWORKS[network]
    keras.utils.set_random_seed(1)
    ours, theirs = lesson["build"](attention), date_attention.build(6, 7, attention)
    theirs.set_weights(ours.get_weights())
    source, before = np.array([[2, 3, 4], [5, 0, 0]]), np.array([[1, 3], [4, 5]])
    logits = np.asarray(ours([source, before]))
    assert np.allclose(logits, np.asarray(theirs([source, before])), atol=1e-6)
    for encode, step in (lesson["parts"](ours, attention), date_attention.parts(theirs, attention)):
        s, memory = encode(source)
        for i in range(2):
            one, s, weights = step(before[:, i], s, memory, source > 0)
            assert np.allclose(one, logits[:, i], atol=1e-5)
            assert (weights is not None) == attention
            assert not attention or (np.asarray(weights)[1, 1:] == 0).all()


def test_attention_of_one_position_is_that_position(lesson):
    """Whatever the scores, dot or additive."""
    s, m = np.full((1, 2, 3), 50.0), np.arange(12.0).reshape(1, 4, 3)
    mask = np.array([[False, True, False, False]])
    for found in (lesson["dot_attention"](s, m, mask), lesson["additive_attention"](s, m, mask, np.ones(3))):
        context, weights = found
        assert (context == m[:, 1]).all() and (weights == [0, 1, 0, 0]).all()


def test_what_dateutil_cannot_read_is_empty(lesson):
    """No exception ends the baseline."""
    assert lesson["parsed"]("1 August 2010") == "2010-08-01"
    assert lesson["parsed"]("duminică, 1 august") == lesson["parsed"]("") == ""


def test_the_table_is_whole():
    """A row for each network, seed and epoch, in order, with numbers that can be."""
    with open(pretrained.FOLDER / "date-attention.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == date_attention.FIELDS
    expected = [
        (network, str(seed), str(epoch))
        for network in date_attention.NETWORKS
        for seed in date_attention.SEEDS
        for epoch in range(1, date_attention.EPOCHS + 1)
    ]
    assert [(row["network"], row["seed"], row["epoch"]) for row in rows] == expected
    assert all(0 <= float(row["exact"]) <= 1 and 0 <= float(row["loss"]) < 3 for row in rows)


def test_a_row_is_made():
    """One short training on few dates: a row for each epoch, and a loss that falls."""
    rows = date_attention.train("attention", seed=1, epochs=2, train=2_000, validation=20, test=1)
    assert [(row["network"], row["seed"], row["epoch"]) for row in rows] == [("attention", 1, 1), ("attention", 1, 2)]
    assert rows[1]["loss"] < rows[0]["loss"]
