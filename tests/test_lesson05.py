"""What lesson 05 concludes holds for one seed, three under UNROLLED_PROFILE=full, with the lesson's own code."""

import warnings

import numpy as np
import pytest
from conftest import definitions

from utils import data, environment, text

SEEDS = environment.budget(laptop=(1,), full=(1, 2, 3))


@pytest.fixture(scope="module")
def lesson():
    """Return the faulty loss, the networks and the padding experiment of lesson 05."""
    environment.start(seed=5, data=["rotten_tomatoes", "glove"])
    names = "squeezed_loss loss_function snippet_batches last_state_network accuracy_with_padding train_by_hand"
    names = [*names.split(), "network", "roc", "reliability"]
    lesson = definitions("05", *names)
    snippets = data.load_reviews("rotten_tomatoes")
    vocabulary = text.Vocabulary.from_texts(snippets.train.text, max_size=25_000)
    ids = text.pad([vocabulary.encode(review) for review in snippets.validation.text])
    lesson |= {"text": text, "snippets": snippets, "vocabulary": vocabulary, "ids": ids}
    lesson["vectors"] = data.load_glove(vocabulary).matrix
    lesson["labels"] = snippets.validation.label.to_numpy()
    lesson["lengths"] = (ids != 0).sum(axis=1)
    return lesson


@pytest.mark.parametrize("seed", SEEDS)
def test_padding_ruins_an_unmasked_network_only(lesson, seed):
    """After one epoch both read; 40 zeros make a coin of the one without a mask and leave the other alone."""
    majority = max(lesson["labels"].mean(), 1 - lesson["labels"].mean())
    for mask in (False, True):
        model = lesson["last_state_network"](mask, seed)
        model.fit(lesson["snippet_batches"](seed), shuffle=False, verbose=0)
        bare, padded = (lesson["accuracy_with_padding"](model, extra) for extra in (0, 40))
        print(f"seed {seed} mask {mask}: {bare:.3f} without padding, {padded:.3f} with 40 zeros")
        assert bare > majority + 0.10
        assert abs(padded - bare) < 0.01 if mask else padded < majority + 0.08


@pytest.mark.parametrize("seed", SEEDS)
def test_one_logit_with_a_softmax_says_negative_ever_louder(lesson, seed):
    """The loss is 0 to the last digit, and TensorFlow's gradient pushes every logit down all the same."""
    import keras

    model = lesson["last_state_network"](True, seed)
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        batches = lesson["snippet_batches"](seed).map(lambda ids, labels: (ids, labels[:, None])).take(60)
        history = model.fit(batches, shuffle=False, verbose=0)
    logits = model.predict(lesson["ids"], batch_size=256, verbose=0)
    print(f"seed {seed}: logits {logits.min():.2f} to {logits.max():.2f}")
    assert history.history["loss"][0] == 0.0
    assert np.median(logits) < -2
    assert any("num_classes > 1" in str(warning.message) for warning in caught)


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_the_loop_by_hand_is_fit(lesson, seed):
    """Same start, same batches: the same mean loss over an epoch, to 1e-4."""
    import keras

    model = lesson["last_state_network"](True, seed)
    losses, sizes = lesson["train_by_hand"](
        model, lesson["snippet_batches"](seed).take(20), keras.optimizers.Adam(3e-3)
    )
    fitted = lesson["last_state_network"](True, seed)
    history = fitted.fit(lesson["snippet_batches"](seed).take(20), shuffle=False, verbose=0).history
    assert abs(history["loss"][0] - np.average(losses, weights=sizes)) < 1e-4
    assert abs(losses[0] - np.log(2)) < 0.05


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
