"""The functions that lesson 05 defines do what they say."""

import numpy as np
import pytest
from conftest import definitions

from utils import data, environment, pretrained, text


@pytest.fixture(scope="module")
def lesson():
    """Return the faulty loss, the network and the measures of lesson 05, with its reviews."""
    environment.start(seed=5, data=["rotten_tomatoes", "glove"])
    lesson = definitions("05", "squeezed_loss", "loss_function", "network", "roc", "reliability")
    snippets = data.load_reviews("rotten_tomatoes")
    vocabulary = text.Vocabulary.from_texts(snippets.train.text, max_size=25_000)
    ids = text.pad([vocabulary.encode(review) for review in snippets.validation.text])
    return lesson | {"ids": ids, "vectors": data.load_glove(vocabulary).matrix}


def test_squeezed_loss_does_not_see_a_shift(lesson):
    """The softmax over the batch: +100 on every logit is free, and 64 zeros cost 32 ln 64."""
    labels, logits = np.repeat([0.0, 1.0], 32), np.random.default_rng(1).normal(size=64)
    assert np.isclose(lesson["squeezed_loss"](labels, logits), lesson["squeezed_loss"](labels, logits + 100))
    assert np.isclose(lesson["squeezed_loss"](labels, np.zeros(64)), 32 * np.log(64))


def test_the_network_does_not_see_padding(lesson):
    """Both ways and pooled: 30 zeros behind a batch change nothing."""
    model = lesson["network"](lesson["vectors"], both_ways=True, dropout=0.5)
    ids = lesson["ids"][:16]
    longer = np.pad(ids, ((0, 0), (0, 30)))
    assert np.abs(model(ids).numpy() - model(longer).numpy()).max() < 1e-6


def test_roc_and_reliability(lesson):
    """By hand: a perfect and a reversed ranking; bins of known shares."""
    truth = np.array([0, 0, 1, 1])
    assert np.trapezoid(*lesson["roc"](truth, np.array([-2.0, -1.0, 1.0, 2.0]))[::-1]) == 1.0
    assert np.trapezoid(*lesson["roc"](truth, np.array([2.0, 1.0, -1.0, -2.0]))[::-1]) == 0.0
    probability, share = lesson["reliability"](truth, np.array([-9.0, -9.0, -9.0, 9.0]))
    assert np.allclose(share, [1 / 3, 1.0]) and np.allclose(probability, [0.0, 1.0], atol=1e-3)


def test_the_shipped_vocabulary_is_that_of_the_training_reviews():
    """The lesson trains its small network with the shipped one's vocabulary."""
    words = text.Vocabulary.from_texts(data.load_reviews("imdb").train.text, max_size=20_000)
    assert pretrained.load("imdb-classifier").vocabulary == words
