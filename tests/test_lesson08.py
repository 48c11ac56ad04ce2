"""What lesson 08 defines does what it says, held against other ways to compute it; its table is of its network."""

import ast
import csv
import functools
import itertools

import keras
import numpy as np
import pytest
from conftest import SOLUTIONS, definitions, notebook

from utils import ctc, pretrained, speech
from utils.pretrained import digit_recognisers, vowel_speakers


@pytest.fixture(scope="module")
def lesson():
    """Return the functions of lesson 08."""
    lesson = definitions("08", "warp_all", "paths", "all_texts", "forward", "of_logits")
    lesson["ctc"] = ctc  # of the Setup cell
    return lesson


def log_probabilities(T, V, seed):
    """Return random log probabilities, (T, V)."""
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(V), size=T))


def warped(a, b):
    """Return the distance of a (Ta, B) and b (Tb, B), by recursion from the ends."""

    @functools.cache
    def best(i, j):
        if i < 0 or j < 0:
            return 0.0 if i == j == -1 else np.inf
        return ((a[i] - b[j]) ** 2).sum() + min(best(i - 1, j), best(i, j - 1), best(i - 1, j - 1))

    return best(len(a) - 1, len(b) - 1)


def test_warping_against_all_is_warping_one_by_one(lesson):
    """Whatever the lengths: the zeros after a shorter recording change nothing."""
    rng = np.random.default_rng(1)
    others = [rng.normal(size=(length, 3)) for length in (1, 7, 4, 12)]
    for length in (1, 5, 12):
        a = rng.normal(size=(length, 3))
        assert np.allclose(lesson["warp_all"](a, others), [warped(a, b) for b in others])
    assert lesson["warp_all"](others[1], [others[1]]).tolist() == [0]


def test_warping_is_the_same_in_both_directions(lesson):
    """The distance of a from b is that of b from a, and of both read backwards."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(6, 2)), rng.normal(size=(9, 2))
    there, back, turned = (lesson["warp_all"](one, [other])[0] for one, other in ((a, b), (b, a), (a[::-1], b[::-1])))
    assert np.allclose([back, turned], there)


@pytest.mark.parametrize("ids", [[1], [1, 2], [1, 1], [2, 2, 1], [1, 2, 1], [1, 1, 1], [3, 3, 2], [2, 1, 1, 3]])
def test_the_forward_recursion_is_the_sum_over_all_paths(lesson, ids):
    """Texts with doubled letters among them, and from too few timesteps on."""
    for T in range(1, 7):
        log_p = log_probabilities(T, 4, seed=T)
        total = -np.inf
        for path in itertools.product(range(4), repeat=T):
            if [k for k, _ in itertools.groupby(path) if k] == ids:
                total = np.logaddexp(total, log_p[range(T), path].sum())
        alpha, loss = lesson["forward"](log_p, ids)
        assert alpha.shape == (T, 2 * len(ids) + 1)
        assert np.isclose(loss, -total)
        assert np.isinf(loss) == (T < ctc.timesteps_needed(ids))


def test_a_text_that_is_too_long_has_an_infinite_loss(lesson):
    """Without a NaN or a warning on the way."""
    log_p = log_probabilities(10, 5, seed=3)
    text = [1, 2, 2, 3, 4] * 2  # of ten letters, two of them doubled
    for ids in (text, [1] * 6, [1, 2] * 20):
        assert lesson["forward"](log_p, ids)[1] == np.inf
    assert np.isfinite(lesson["forward"](log_p, [1] * 5)[1])


def test_alpha_is_the_probability_of_beginnings(lesson):
    """Each cell, counted: the beginnings of t timesteps that stand for a prefix, and end in its letter or a blank."""
    log_p, ids = log_probabilities(5, 3, seed=4), [2, 2]
    alpha, _ = lesson["forward"](log_p, ids)
    for t, place in np.ndindex(alpha.shape):
        total = 0.0
        for path in itertools.product(range(3), repeat=t + 1):
            prefix = [k for k, _ in itertools.groupby(path) if k]
            if prefix == ids[: (place + 1) // 2] and (path[-1] != 0) == bool(place % 2):
                total += np.exp(log_p[range(t + 1), path].sum())
        assert np.isclose(np.exp(alpha[t, place]), total)


def test_a_long_text_does_not_underflow(lesson):
    """A thousand timesteps, whose probabilities no float holds: certain symbols cost nothing."""
    ids = np.random.default_rng(5).integers(1, 17, size=300).tolist()
    path = [k for one in ids for k in (0, one, one)]
    log_p = np.full((len(path), 17), -1000.0)
    log_p[range(len(path)), path] = 0.0
    assert np.isclose(lesson["forward"](log_p, ids)[1], 0)
    assert lesson["forward"](log_p - 5, ids)[1] == pytest.approx(5 * len(path))


def test_all_texts_have_a_probability_of_one_together(lesson):
    """And each that of the forward recursion."""
    log_p = log_probabilities(5, 3, seed=6)
    found = lesson["all_texts"](np.exp(log_p), "-ab")
    assert np.isclose(sum(found.values()), 1)
    assert np.isclose(found.pop(""), np.exp(log_p[:, 0].sum()))
    for text, probability in found.items():
        loss = lesson["forward"](log_p, ["-ab".index(letter) for letter in text])[1]
        assert np.isclose(np.exp(-loss), probability)


def test_a_constant_added_to_a_timesteps_logits_changes_nothing(lesson):
    """The loss of logits is that of their softmax."""
    logits, ids = np.random.default_rng(7).normal(size=(6, 4)), [1, 3, 3]
    expected = lesson["of_logits"](logits, ids)
    assert np.isclose(lesson["of_logits"](logits + 100 * np.arange(6)[:, None], ids), expected)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.isclose(lesson["forward"](np.log(probabilities), ids)[1], expected)


def lessons_speaker_network():
    """Return the network `who` of the lesson's own cell, in which what it needs is as the lesson has it."""
    [path] = [path for path in SOLUTIONS if path.name.startswith("08")]
    cells = [cell.source for cell in notebook(path).cells if cell.cell_type == "code"]
    [source] = [source for source in cells if "who = keras.Sequential" in source]
    names = {target.id for node in ast.parse(source).body for target in getattr(node, "targets", [])}
    namespace = {"keras": keras, "layers": keras.layers, "lengths": [7, vowel_speakers.LONGEST]}
    exec(compile(source, "<lesson 08, who>", "exec"), namespace)
    assert {"who", "rate"} <= names
    return namespace["who"], namespace["rate"]


def test_the_table_is_of_the_lessons_network():
    """The same layers, the same rate at each step; with the same weights, both compute the same."""
    ours, our_rate = lessons_speaker_network()
    updates = vowel_speakers.EPOCHS * -(-270 // vowel_speakers.BATCH)
    theirs = vowel_speakers.build(both_ways=False, steps=updates)
    assert [type(layer) for layer in ours.layers] == [type(layer) for layer in theirs.layers]
    assert ours.count_params() == theirs.count_params()
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        assert {**layer.get_config(), "name": ""} == {**other.get_config(), "name": ""}
    theirs.set_weights(ours.get_weights())
    frames = np.random.default_rng(8).normal(size=(3, vowel_speakers.LONGEST, vowel_speakers.COEFFICIENTS))
    frames[0, 9:] = 0  # padding
    assert np.allclose(ours.predict(frames, verbose=0), theirs.predict(frames, verbose=0), atol=1e-6)
    their_rate = theirs.optimizer._learning_rate
    assert our_rate.get_config() == their_rate.get_config()


def test_the_table_reads_in_both_directions_too():
    """Twice the LSTM, and an answer that reads both."""
    one, both = (vowel_speakers.build(both_ways, steps=1).count_params() for both_ways in (False, True))
    lstm = 4 * vowel_speakers.UNITS * (vowel_speakers.COEFFICIENTS + vowel_speakers.UNITS + 1)
    assert both - one == lstm + vowel_speakers.UNITS * vowel_speakers.SPEAKERS


def test_the_table_is_whole():
    """A row for each network and seed, in order; each share is a number of the 370 recordings."""
    with open(pretrained.FOLDER / "vowel-speakers.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == vowel_speakers.FIELDS
    expected = [(network, str(seed)) for network in vowel_speakers.NETWORKS for seed in vowel_speakers.SEEDS]
    assert len(expected) == 30 and [(row["network"], row["seed"]) for row in rows] == expected
    for row in rows:
        accuracy = float(row["accuracy"])
        assert 0.9 < accuracy < 1
        assert accuracy == round(round(accuracy * 370) / 370, 4)


@pytest.mark.parametrize("network", ["both directions", "one direction"])
def test_the_recognisers_of_the_table_are_the_lessons(network):
    """The same layers, rate and updates; with the same weights, both compute the same."""
    lesson = definitions("08", "build")
    lesson |= {"speech": speech, "layers": keras.layers, "keras": keras, "EPOCHS": digit_recognisers.EPOCHS}
    lesson |= {"batches": range(125), "letters": range(18)}
    settings = digit_recognisers.NETWORKS[network]
    ours = lesson["build"](**settings)
    theirs = digit_recognisers.build(18, digit_recognisers.EPOCHS * 125, **settings)
    theirs.set_weights(ours.get_weights())
    frames = np.random.default_rng(8).normal(size=(2, 32, speech.BANDS))
    assert np.allclose(ours.predict(frames, verbose=0), theirs.predict(frames, verbose=0), atol=1e-6)
    for one, other in zip(ours.layers, theirs.layers, strict=True):
        assert type(one) is type(other)
    optimizers = [model.optimizer for model in (ours, theirs)]
    rates = [optimizer._learning_rate.get_config() for optimizer in optimizers]
    assert rates[0] == rates[1] and optimizers[0].global_clipnorm == optimizers[1].global_clipnorm == 1


def test_the_table_of_recognisers_is_whole():
    """A row for each network and seed, in order, with numbers that can be."""
    with open(pretrained.FOLDER / "digit-recognisers.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == digit_recognisers.FIELDS
    expected = [(network, str(seed)) for network in digit_recognisers.NETWORKS for seed in digit_recognisers.SEEDS]
    assert [(row["network"], row["seed"]) for row in rows] == expected
    for row in rows:
        assert 0.01 < float(row["heard"]) < 0.6 and 0.01 < float(row["unheard"]) < 0.6
