"""utils.generation: the texts are the model's own, whatever loop, batch or chunk they come from, and they come fast."""

import dataclasses
import functools
import gc
import inspect
import itertools
import math
import os
import subprocess
import sys
import time
import tracemalloc
import warnings

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from conftest import ROOT, randomised

from tools.benchmarks import generation as benchmark
from utils import decoding, generation, stepping, text
from utils.generation import TextGenerator

layers = keras.layers
CHARACTERS = sorted("abcdefghijklmnopqrstuvwxyz .,;!?\n")
VOCABULARY = text.Vocabulary([text.PAD, text.UNK, *CHARACTERS], level="character")
WORDS = text.Vocabulary([text.PAD, text.UNK, text.BOS, text.EOS, *'the film is of great good bad . , " ( )'.split()])
LOOPS = ("xla", "plain", "numpy")


def build(*middle, vocabulary=VOCABULARY, functional=False, activation=None, seed=1):
    """Return a model of random weights, large at both ends, so that its predictions are sharp and its states calm."""
    size = len(vocabulary)
    parts = [layers.Embedding(size, 12), *middle, layers.Dense(size, activation=activation)]
    if functional:
        x = inputs = keras.Input((None,), dtype="int32")
        for part in parts:
            x = part(x)
        model = keras.Model(inputs, x)
    else:
        model = keras.Sequential([keras.Input((None,), dtype="int32"), *parts])

    def scale(weight):
        at_an_end = weight.path.startswith((parts[0].path, parts[-1].path))
        return 1.5 if at_an_end else 0.8 / weight.shape[0] ** 0.5 if "recurrent" in weight.path else 0.4

    return randomised(model, seed, scale)


def log_softmax(logits):
    """Return log-probabilities, float64."""
    logits = np.asarray(logits, np.float64)
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def model_log_probs(model, ids):
    """Return what Keras itself says, reading everything from the start: log-probabilities (t, V) after each id."""
    return model_log_probs_of_rows(model, [ids])[0]


def model_log_probs_of_rows(model, rows):
    """Return `model_log_probs` of each row, read side by side: what is behind the end of one changes nothing in it."""
    output = np.asarray(model(text.pad(rows))).astype(np.float64)
    softmax = output.min() >= 0 and np.allclose(output.sum(-1), 1, atol=1e-4)
    log_probs = np.log(output) if softmax else log_softmax(output)
    return [scores[: len(row)] for scores, row in zip(log_probs, rows, strict=True)]


@pytest.fixture(autouse=True)
def short_chunks(request, monkeypatch):
    """Make the loop's chunks short, so that the texts here go over several; not where the time is taken."""
    if "speed" not in request.node.name:
        monkeypatch.setattr(generation, "CHUNK", 256)


@pytest.fixture(scope="module")
def model():
    """Return a model of one LSTM."""
    return MODELS["lstm"]()


@pytest.fixture(scope="module")
def generator(model):
    """Return a generator of characters."""
    return TextGenerator(model, VOCABULARY)


@pytest.fixture(scope="module")
def words():
    """Return a generator of words, with bounds."""
    return TextGenerator(build(layers.GRU(16, return_sequences=True), vocabulary=WORDS), WORDS)


# --- filters ---------------------------------------------------------------------------------------


def ranked_ids(logits):
    """Return ids from the most probable down, the lower id first among equals."""
    return sorted(range(len(logits)), key=lambda index: (-logits[index], index))


def slow_top_k(logits, k):
    """Return the set of ids that top-k keeps, by its definition."""
    return set(ranked_ids(logits)[:k])


def slow_top_p(logits, p):
    """Return the smallest set of ids whose probability reaches p, by its definition."""
    probabilities, kept = np.exp(log_softmax(logits)), []
    for index in ranked_ids(logits):
        kept.append(index)
        if p < 1 and math.fsum(probabilities[kept]) >= p - 1e-6:
            break
    return set(kept)


def some_logits():
    """Return logits, float32, (40, 30): smooth ones, ones with many ties, all equal, and one with -inf."""
    random = np.random.RandomState(0)
    smooth, ties = random.normal(0, 3, (20, 30)), random.randint(0, 4, (18, 30))
    equal, banned = np.zeros((1, 30)), np.where(np.arange(30) < 3, -np.inf, 1.0)[None]
    return np.concatenate([smooth, ties, equal, banned]).astype(np.float32)


def kept(logits):
    """Return the set of ids that a filter has left, for each row."""
    return [set(np.flatnonzero(row > -np.inf)) for row in np.asarray(logits)]


@pytest.mark.parametrize("k", [1, 2, 7, 29, 30])
def test_top_k(k):
    """Exactly the k highest are left, unchanged, the lowest ids of equals; -inf stays -inf."""
    logits = some_logits()
    result = decoding.top_k(logits, k)
    assert result.dtype == np.float32 and result.shape == logits.shape
    expected = [slow_top_k(row, k) & here for row, here in zip(logits, kept(logits), strict=True)]
    assert kept(result) == expected
    assert (result[np.isfinite(result)] == logits[np.isfinite(result)]).all()
    assert kept([decoding.top_k(logits[0].astype(np.float64), k)]) == expected[:1]  # one axis, another dtype


@pytest.mark.parametrize("p", [1e-9, 0.1, 0.5, 0.9, 0.999, 1, 1.0])
def test_top_p(p):
    """Exactly the smallest set that reaches p is left."""
    logits = some_logits()
    expected = [slow_top_p(row, p) & here for row, here in zip(logits, kept(logits), strict=True)]
    assert kept(decoding.top_p(logits, p)) == expected
    assert kept(decoding.top_p(logits.astype(np.float64), p)) == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_top_p_reaches_means_reaches(dtype):
    """0.5 + 0.3 reaches 0.8, rounding or not; a little more needs a third; p = 1 keeps what is nearly impossible."""
    logits = np.log(np.array([0.2, 0.5, 0.3], dtype)) + 7
    assert kept([decoding.top_p(logits, 0.8), decoding.top_p(logits, 0.81)]) == [{1, 2}, {0, 1, 2}]
    assert kept([decoding.top_p(np.array([0, -80.0], dtype), 1)]) == [{0, 1}]
    for row in some_logits()[:20].astype(dtype):
        ranked = -np.sort(-np.exp(log_softmax(row)))
        for count in (1, 2, 3, 5, 8):
            assert kept([decoding.top_p(row, math.fsum(ranked[:count]))]) == [slow_top_k(row, count)]


def test_temperature():
    """Probabilities are softmax(logits / temperature); 0 leaves the first of the highest; no size overflows."""
    logits = some_logits()[:39]
    for degrees in (0.5, 1, 2.0, 1e-3):
        expected = log_softmax(logits.astype(np.float64) / degrees)
        assert np.allclose(log_softmax(decoding.temperature(logits, degrees)), expected, rtol=1e-5, atol=1e-5)
    assert kept(decoding.temperature(logits, 0)) == [slow_top_k(row, 1) for row in logits]
    for degrees in (1e-30, 1e30):
        assert not np.isnan(decoding.temperature(logits * 1000, degrees)).any()
    assert generation.temperature is decoding.temperature and generation.top_p is decoding.top_p


@pytest.mark.parametrize("compiled", [False, True])
def test_filters_in_tensorflow(compiled):
    """The loop's own filters, sorted and searched, leave what the NumPy functions leave, also compiled by XLA."""
    logits = decoding.temperature(some_logits(), 0.7)
    by_sort = tf.function(lambda x, k, p: decoding.filtered(x, k, p, keras.ops), jit_compile=compiled)
    by_search = tf.function(decoding.filtered_by_search, jit_compile=compiled)
    for k, p in itertools.product([1, 2, 10, 30], [0.2, 0.5, 0.95, 1.0]):
        expected = kept(decoding.top_p(decoding.top_k(logits, k), p))
        for function in (by_sort, by_search):
            assert kept(function(logits, np.int32(k), np.float64(p))) == expected, (k, p, function)
    scaled = tf.function(lambda x, t: decoding.scaled(x, t, keras.ops), jit_compile=compiled)
    for degrees in (0, 0.3, 1, 5):
        expected = decoding.temperature(some_logits(), degrees)
        assert np.allclose(scaled(some_logits(), np.float32(degrees)), expected, rtol=1e-5)


def test_sample_is_inversion():
    """One uniform number draws one token, at its place among the cumulative probabilities; never an impossible one."""
    logits = np.log(np.array([0.0, 0.25, 0.5, 0.0, 0.25, 0.0]), where=[0, 1, 1, 0, 1, 0], out=np.full(6, -np.inf))
    uniforms = np.array([0, 0.2499, 0.2501, 0.7499, 0.7501, 1 - 2**-53])
    assert decoding.sample(np.tile(logits + 50, (6, 1)), uniforms).tolist() == [1, 1, 2, 2, 4, 4]
    assert decoding.sample(logits, 0.5) == 2


@pytest.mark.parametrize("size", [1_001, 1_024, 5_000])
def test_sample_of_many_tokens(size):
    """In two steps, too, tokens come as often as they should, none that is impossible, the last one included."""
    expected = np.random.RandomState(0).dirichlet(np.full(size, 0.05))
    expected[: size // 3] = 0
    expected[-1] = 0.2
    expected /= expected.sum()
    logits = np.log(expected, where=expected > 0, out=np.full(size, -np.inf))
    ids = np.concatenate([decoding.sample(np.tile(logits, (500, 1)), uniforms) for uniforms in random_numbers(40, 500)])
    counts = np.bincount(ids, minlength=size)
    assert not counts[expected == 0].any()
    common = expected * len(ids) >= 10
    observed, wanted = (np.append(x[common], x[~common].sum()) for x in (counts, expected * len(ids)))
    assert scipy.stats.chisquare(observed, wanted).pvalue > 1e-6
    extremes = np.array([0, 1 - 2**-53])
    assert decoding.sample(np.tile(logits, (2, 1)), extremes).tolist() == [np.flatnonzero(expected)[0], size - 1]
    assert decoding.draw(np.full(size, np.nan), np.float64(0.5), np) == size - 1


def random_numbers(*shape):
    """Return uniform numbers that are always the same."""
    return np.random.RandomState(1).random_sample(shape)


def test_rounding_decides_few_draws(monkeypatch):
    """With 8,000 tokens, noise far above rounding turns few draws; in one step it would turn many times more."""
    logits = np.random.RandomState(0).normal(0, 2, 8_000).astype(np.float32)
    noise = np.random.RandomState(2).normal(0, 3e-4, 8_000).astype(np.float32)  # rounding is less: faster to see
    turned = {}
    for many in (1_000, 10_000):
        monkeypatch.setattr(decoding, "MANY", many)
        turned[many] = 0
        for uniforms in random_numbers(10, 250):
            ids, others = (decoding.sample(np.tile(x, (250, 1)), uniforms) for x in (logits, logits + noise))
            turned[many] += np.count_nonzero(ids != others)
    assert turned[1_000] < turned[10_000] / 2, turned


BAD_FILTERS = [
    (lambda x: decoding.temperature(x, -1), "temperature is -1; it must be a number, at least 0"),
    (lambda x: decoding.temperature(x, math.nan), "temperature is nan"),
    (lambda x: decoding.temperature(x, math.inf), "temperature is inf"),
    (lambda x: decoding.temperature(x, "1"), "temperature is '1'"),
    (
        lambda x: decoding.temperature(x.astype("float32"), 1e39),
        r"temperature is 1e\+39; float32 holds at most 3.4e\+38",
    ),
    (lambda x: decoding.temperature(x.astype("float16"), 1e5), "temperature is 100000.0; float16 holds at most 6.55e"),
    (lambda x: decoding.top_k(x, 0), "top_k is 0; it must be an integer from 1 to 3"),
    (lambda x: decoding.top_k(x, 4), "top_k is 4"),
    (lambda x: decoding.top_k(x, 1.5), "top_k is 1.5"),
    (lambda x: decoding.top_k(x, True), "top_k is True"),
    (lambda x: decoding.top_p(x, 0), "top_p is 0; it must be a number above 0, at most 1"),
    (lambda x: decoding.top_p(x, 1.01), "top_p is 1.01"),
    (lambda x: decoding.top_p(x, math.nan), "top_p is nan"),
    (lambda x: decoding.top_k(x * np.nan, 1), "NaN"),
    (lambda x: decoding.top_k(x - np.inf, 1), "nothing above -inf"),
    (lambda x: decoding.top_k(np.array(["a"]), 1), "expected numbers"),
    (lambda x: decoding.top_k(3.0, 1), r"shape \(\)"),
    (lambda x: decoding.sample(x, 1.0), "from 0 to below 1"),
    (lambda x: decoding.sample(x, [0.1, 0.2]), r"shape \(2,\); expected \(\)"),
]


@pytest.mark.parametrize("call, message", BAD_FILTERS)
def test_bad_filters(call, message):
    """A bad argument is named, with what is accepted."""
    with pytest.raises(ValueError, match=message):
        call(np.array([1.0, 2.0, 3.0]))


# --- the distribution ------------------------------------------------------------------------------

LETTERS = text.Vocabulary([text.PAD, text.UNK, *"abcdefgh"], level="character")


@pytest.fixture(scope="module")
def constant():
    """Return a generator whose logits are the same at each step, and these; <pad> and <unk> are the likeliest."""
    model = build(layers.SimpleRNN(4, return_sequences=True), vocabulary=LETTERS)
    logits = np.array([4, 3, 0.3, 1.5, -1, 0.8, 2, 1.9, -0.2, 0.6], np.float32)
    model.layers[-1].set_weights([np.zeros((4, 10)), logits])
    return TextGenerator(model, LETTERS), logits


@pytest.mark.parametrize("loop, rows", [("xla", 1), ("plain", 100), ("numpy", 200)])
@pytest.mark.parametrize("degrees, k, p", [(1.0, None, None), (0.6, 5, None), (1.7, None, 0.8), (1.3, 6, 0.9)])
def test_distribution(constant, loop, rows, degrees, k, p):
    """100,000 draws follow softmax(logits / temperature), filtered; so do pairs, along a text and across rows."""
    generator, logits = constant
    wanted = logits.astype(np.float64) / degrees
    wanted[:2] = -np.inf
    if k:
        wanted = decoding.top_k(wanted, k)
    if p:
        wanted = decoding.top_p(wanted, p)
    expected = np.exp(wanted - wanted.max())
    expected /= expected.sum()
    options = dict(temperature=degrees, top_k=k, top_p=p, seed=5, loop=loop)
    texts = generator.generate(["a"] * rows, max_length=100_000 // rows, **options)
    ids = np.array([LETTERS.encode(content)[1:] for content in texts])
    assert ids.shape == (rows, 100_000 // rows)
    assert chi_square(ids.ravel(), expected) > 1e-6
    both = np.outer(expected, expected).ravel()
    assert chi_square(ids[:, :-1:2].ravel() * 10 + ids[:, 1::2].ravel(), both) > 1e-6
    if rows > 1:
        assert chi_square(ids[:-1:2].ravel() * 10 + ids[1::2].ravel(), both) > 1e-6


def chi_square(ids, expected):
    """Return the p-value of drawn ids; impossible ones may not occur at all."""
    counts, possible = np.bincount(ids, minlength=len(expected)), expected > 0
    assert not counts[~possible].any()
    if possible.sum() == 1:
        return 1.0
    return scipy.stats.chisquare(counts[possible], expected[possible] * len(ids)).pvalue


# --- every kind of model, every loop ---------------------------------------------------------------

MODELS = {
    "lstm": lambda: build(layers.LSTM(24, return_sequences=True)),
    "gru": lambda: build(layers.GRU(24, return_sequences=True), activation="softmax"),
    "gru, reset before": lambda: build(layers.GRU(24, return_sequences=True, reset_after=False), functional=True),
    "simple rnn": lambda: build(layers.SimpleRNN(24, return_sequences=True)),
    "deep": lambda: build(
        layers.Dropout(0.5),
        layers.LayerNormalization(epsilon=0.1),
        layers.LSTM(24, return_sequences=True, dropout=0.3, recurrent_dropout=0.3),
        layers.BatchNormalization(epsilon=0.1),
        layers.SpatialDropout1D(0.5),
        layers.SimpleRNN(20, return_sequences=True),
        layers.LayerNormalization(center=False, scale=False),
        functional=True,
        activation="softmax",
    ),
    "activations": lambda: build(
        layers.LSTM(24, return_sequences=True, activation="elu", recurrent_activation="hard_sigmoid"),
        layers.BatchNormalization(center=False, scale=False),
        layers.GRU(16, return_sequences=True, activation="softsign", recurrent_activation="hard_sigmoid"),
    ),
    "no bias": lambda: build(
        layers.GRU(16, return_sequences=True, use_bias=False),
        layers.SimpleRNN(16, return_sequences=True, use_bias=False, activation="relu"),
    ),
    "no bias either": lambda: build(
        layers.LSTM(24, return_sequences=True, use_bias=False),
        layers.GRU(16, return_sequences=True, use_bias=False, reset_after=False),
    ),
}
PROMPTS = ["the film is good", "a", "no", "x" * 300, "why? because", ",,", "q"]


@pytest.mark.parametrize("name, table", [*((name, True) for name in MODELS), ("gru", False), ("deep", False)])
def test_text_is_the_models_own(name, table, request, monkeypatch):
    """Greedy text is what Keras would choose reading all from the start, and so are log-probabilities and nats."""
    if not table:
        monkeypatch.setattr(stepping, "TABLE_LIMIT", 0)  # as for a large vocabulary
    # XLA takes a second or so to compile each: two models will do, and one of them is compiled already.
    if name == "lstm":
        model, generator = request.getfixturevalue("model"), request.getfixturevalue("generator")
    else:
        model = MODELS[name]()
        generator = TextGenerator(model, VOCABULARY)
    loops = LOOPS if (name, table) in [("lstm", True), ("deep", True)] else ("plain", "numpy")
    if "xla" not in loops:
        monkeypatch.setattr(generation, "_xla_works", lambda: False)
    for degrees in (0, 1.0):
        options = dict(max_length=30, temperature=degrees, seed=2, return_log_probs=True)
        results = [generator.generate(PROMPTS[:3], loop=loop, **options) for loop in loops]
        texts = results[0][0]
        assert all(others == texts for others, _ in results)
        expected = model_log_probs_of_rows(model, [VOCABULARY.encode(content) for content in texts])
        for row, (prompt, content) in enumerate(zip(PROMPTS, texts, strict=False)):
            ids = np.array(VOCABULARY.encode(content))
            new = np.arange(len(prompt), len(ids))
            assert len(new) == 30
            for _, log_probs in results:
                assert log_probs[row].dtype == np.float32
                assert np.allclose(log_probs[row], expected[row][new - 1, ids[new]], atol=1e-4)
            if degrees == 0:
                assert (expected[row][new - 1, 2:].argmax(axis=-1) + 2 == ids[new]).all()
        wanted = -expected[row][np.arange(len(ids) - 1), ids[1:]]
        assert np.allclose(generator.nats(content), wanted, atol=1e-4)


def test_predict(model, generator):
    """Greedy text equals the loop that calls model.predict for each character."""
    ids = VOCABULARY.encode("once ")
    for _ in range(3):
        ids.append(int(model.predict(np.array([ids]), verbose=0)[0, -1, 2:].argmax()) + 2)
    assert generator.generate("once ", max_length=3, temperature=0) == [VOCABULARY.decode(ids)]


def test_large_vocabulary(monkeypatch):
    """Where filters search instead of sorting, the texts are the same."""
    monkeypatch.setattr(decoding, "SORTED", 10)
    generator = TextGenerator(build(layers.LSTM(24, return_sequences=True)), VOCABULARY)
    options = dict(max_length=300, top_k=9, top_p=0.9, seed=3)
    texts = [generator.generate(["a", "bc"], loop=loop, **options) for loop in ("xla", "numpy")]
    assert texts[0] == texts[1]


# --- samplings -------------------------------------------------------------------------------------

SIX = np.array([[0.4, 0.2, 0.2, 0.1, 0.06, 0.04]])  # probabilities


def filtered(sampling, logits, counts=()):
    """Return what a sampling's filter makes of logits, the same in NumPy and TensorFlow."""
    logits, counts = np.asarray(logits, np.float32), np.asarray(counts, np.float32)
    values = sampling.values("test", logits.shape[-1])
    in_tensorflow = tf.function(lambda x, c, v: type(sampling).of(v).filter(x, c, keras.ops), jit_compile=True)
    result = sampling.filter(logits, counts, np)
    for other in (in_tensorflow(logits, counts, values), type(sampling).of(values).filter(logits, counts, np)):
        assert kept(other) == kept(result) and np.allclose(result, other, atol=1e-6)
    return result


@pytest.mark.parametrize(
    "min_p, degrees, ids",
    [(0.25, 1, {0, 1, 2, 3}), (0.26, 1, {0, 1, 2}), (0.51, 1, {0}), (0.1, 1, set(range(6))), (0.25, 0.5, {0, 1, 2})],
)
def test_min_p(min_p, degrees, ids):
    """What has min_p times the highest probability, at this temperature, is left, and unchanged."""
    plain = filtered(generation.Sampling(temperature=degrees), np.log(SIX))
    result = filtered(generation.MinP(min_p, temperature=degrees), np.log(SIX))
    assert kept(result) == [ids] and (result[0, sorted(ids)] == plain[0, sorted(ids)]).all()


def test_min_p_at_its_ends():
    """0 changes nothing, 1 leaves the likeliest and its equals, temperature 0 the first; the others come before it."""
    logits = some_logits()
    assert (filtered(generation.MinP(0), logits) == filtered(generation.Sampling(), logits)).all()
    assert kept(filtered(generation.MinP(1), logits)) == [set(np.flatnonzero(row == row.max())) for row in logits]
    assert kept(filtered(generation.MinP(0.5, temperature=0), logits)) == [slow_top_k(row, 1) for row in logits]
    assert kept(filtered(generation.MinP(0.1, top_k=3), np.log(SIX))) == [{0, 1, 2}]


def test_repetition_penalty():
    """A logit of a token in the text is divided where it is positive and multiplied where it is negative, once."""
    logits, counts = [[2, -1, 0.5, -3, 0, 1, -np.inf]], [[1, 2, 0, 0, 3, 0, 1]]
    expected = np.array([[1, -2, 0.5, -3, 0, 1, -np.inf]]) - 1  # the highest is 0
    assert np.allclose(filtered(generation.RepetitionPenalty(2), logits, counts), expected)
    assert np.allclose(filtered(generation.RepetitionPenalty(2, temperature=4), logits, counts), expected / 4)
    plain = filtered(generation.Sampling(top_k=3), logits)
    assert (filtered(generation.RepetitionPenalty(1, top_k=3), logits, counts) == plain).all()


def example():
    """Return the class that the docstring of utils.decoding shows."""
    names = {"dataclasses": dataclasses, "decoding": decoding, "np": np}
    lines = decoding.__doc__.partition("    @dataclasses")[2].partition("    generator.generate")[0]
    assert len(lines.splitlines()) <= 10
    exec(inspect.cleandoc("    @dataclasses" + lines), names)
    return names["FrequencyPenalty"]


FrequencyPenalty = example()


@dataclasses.dataclass(frozen=True)
class Without(decoding.Sampling):
    """Draw none of some tokens; what is left may have hardly any probability."""

    ids: tuple

    def filter(self, logits, counts, ops):
        """Return logits without these."""
        logits = super().filter(logits, counts, ops)
        without = ops.any(ops.arange(logits.shape[-1]) == self.ids[:, None], axis=0)
        return ops.where(without, -np.inf, logits)


@dataclasses.dataclass(frozen=True)
class Careful(decoding.RepetitionPenalty, decoding.MinP):
    """Both."""


def reference(model, prompt, row, seed, length, temperature, change=None, keep=None):
    """Return a text by the definition: Keras reads all from the start, and one of the kept tokens is drawn.

    change: function of (a list of logits, ids so far). keep: function of probabilities that returns ids.
    """
    ids, random = VOCABULARY.encode(prompt), np.random.RandomState([seed, row])
    for uniform in random.random_sample(len(prompt) - 1 + length)[:length]:
        logits = [float(x) for x in np.asarray(model(np.array([ids])))[0, -1]]
        logits = np.array(change(logits, ids) if change else logits)
        probabilities = np.exp(log_softmax(logits[2:] / temperature))
        chosen = sorted(keep(probabilities)) if keep else np.arange(len(probabilities))
        cumulative = np.cumsum(probabilities[chosen])
        ids.append(2 + int(chosen[np.argmax(cumulative > uniform * cumulative[-1])]))
    return VOCABULARY.decode(ids)


def slow_penalty(logits, ids):
    """Return logits, each of a token in the text lowered by a penalty of 1.5."""
    for index in set(ids):
        logits[index] = logits[index] / 1.5 if logits[index] > 0 else logits[index] * 1.5
    return logits


def slow_frequency(logits, ids):
    """Return logits, each less 0.4 for each time that the token is in the text."""
    return [logit - 0.4 * ids.count(index) for index, logit in enumerate(logits)]


def slow_min_p(probabilities):
    """Return the places of those that reach a fifth of the highest."""
    return [place for place, value in enumerate(probabilities) if value >= 0.2 * max(probabilities)]


COMMON = tuple(VOCABULARY.ids[letter] for letter in "aeiou ")
SAMPLINGS = [
    (
        Careful(min_p=0.2, repetition_penalty=1.5, temperature=1.5),
        dict(temperature=1.5, change=slow_penalty, keep=slow_min_p),
    ),
    (FrequencyPenalty(0.4, temperature=2), dict(temperature=2, change=slow_frequency)),
    (Without(COMMON), dict(temperature=1, keep=lambda p: [i for i in range(len(p)) if i + 2 not in COMMON])),
]


@pytest.mark.parametrize("sampling, definition", SAMPLINGS, ids=[type(sampling).__name__ for sampling, _ in SAMPLINGS])
def test_sampling(compiled, generator, sampling, definition):
    """Texts of a sampling are those of its definition, in every loop, and go on over chunks, in pieces as at once."""
    options = dict(sampling=sampling, seed=4, return_log_probs=True)
    results = [generator.generate(["the film", "q"], max_length=300, loop=loop, **options) for loop in LOOPS]
    texts, log_probs = results[0]
    assert all(others == texts for others, _ in results)
    for row, prompt in enumerate(["the film", "q"]):
        assert texts[row][: len(prompt) + 20] == reference(compiled, prompt, row, 4, 20, **definition)
    ids = VOCABULARY.encode(texts[0])
    own = model_log_probs(compiled, ids)[np.arange(7, len(ids) - 1), ids[8:]]
    assert all(np.allclose(scores[0], own, atol=1e-4) for _, scores in results)  # of the model, not of the sampling
    assert "".join(generator.stream("the film", max_length=300, sampling=sampling, seed=4, every=7)) == texts[0]
    assert texts != generator.generate(["the film", "q"], max_length=300, seed=4)


def test_plain_sampling(generator):
    """temperature, top_k and top_p are the fields of a Sampling; help shows all that generate and stream take."""
    fields = dict(temperature=1.4, top_k=20, top_p=0.95)
    expected = generator.generate(PROMPTS, max_length=50, seed=1, **fields)
    assert generator.generate(PROMPTS, max_length=50, seed=1, sampling=generation.Sampling(**fields)) == expected
    shared = {"max_length", "sampling", "stop", "seed", "loop", *fields}
    assert set(inspect.signature(generator.generate).parameters) == shared | {"prompts", "return_log_probs"}
    assert set(inspect.signature(generator.stream).parameters) == shared | {"prompt", "every"}
    assert inspect.signature(generator.stream).parameters["temperature"].default == 1.0
    with pytest.raises(TypeError, match=r"TextGenerator.stream\(\) got an unexpected keyword argument 'temprature'"):
        generator.stream("a", temprature=1)


@pytest.mark.parametrize("loop", LOOPS)
def test_sampling_without_the_likeliest(constant, loop):
    """What a filter leaves is drawn from, however improbable it was; where it leaves nothing, that is an error."""
    generator, logits = constant
    likeliest = 2 + logits[2:].argmax()
    without = Without((likeliest,), temperature=0.004)  # the next has a probability of exp(-25)
    sharp = Without((likeliest,), temperature=0.001)  # exp(-100), which is 0 in float32
    second = LETTERS.tokens[np.argsort(logits[2:])[-2] + 2]
    for sampling in (without, sharp):
        assert generator.generate("a", max_length=5, sampling=sampling, loop=loop) == ["a" + 5 * second]
    with pytest.raises(ValueError, match="NaN or infinity; .* Or Without.filter keeps no token"):
        generator.generate("a", max_length=5, sampling=Without((likeliest,), temperature=0), loop=loop)


# --- rows, batches, chunks, seeds ------------------------------------------------------------------

SAMPLING = [dict(temperature=0), dict(seed=11), dict(seed=11, temperature=1.4, top_k=20, top_p=0.95)]


@pytest.mark.parametrize("options", SAMPLING)
def test_rows_and_loops(generator, options):
    """A batch of prompts gives each prompt's own text, in every loop, over chunks, whatever else is in the batch."""
    texts = generator.generate(PROMPTS, max_length=300, loop="xla", **options)
    for prompt, content in zip(PROMPTS, texts, strict=True):
        assert content.startswith(prompt) and len(content) == len(prompt) + 300
    assert generator.generate(PROMPTS, max_length=300, loop="plain", **options) == texts
    assert generator.generate(PROMPTS, max_length=300, loop="numpy", **options) == texts
    assert generator.generate(PROMPTS[:3], max_length=300, **options) == texts[:3]
    assert generator.generate(PROMPTS[:1], max_length=300, **options) == texts[:1]
    assert generator.generate(PROMPTS[0], max_length=300, **options) == texts[:1]
    assert generator.generate(PROMPTS, max_length=70, **options) == [
        content[: len(prompt) + 70] for prompt, content in zip(PROMPTS, texts, strict=True)
    ]
    if "seed" not in options:
        assert [generator.generate(prompt, max_length=300, **options)[0] for prompt in PROMPTS] == texts


def test_groups(generator, monkeypatch):
    """Many prompts are done group by group, each row still with its own numbers."""
    texts = generator.generate(["ab"] * 11, max_length=50, seed=4, loop="numpy")
    assert len(set(texts)) == 11
    monkeypatch.setattr(generation, "GROUP", 4)
    assert generator.generate(["ab"] * 11, max_length=50, seed=4, loop="numpy") == texts


def test_seeds(generator):
    """A seed fixes the text; another seed, or none, gives another; nobody else's random numbers are touched."""
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    first = generator.generate("ab", seed=1)
    assert generator.generate("ab", seed=1) == first != generator.generate("ab", seed=2)
    assert generator.generate("ab") != generator.generate("ab")
    assert generator.generate("ab", seed=np.int64(1)) == first
    assert (np.random.get_state()[1] == state).all()


def test_leaves_no_trace(monkeypatch):
    """Neither the model nor Keras's automatic names change, and a stateful layer keeps its state."""
    monkeypatch.setattr(generation, "_xla_works", lambda: False)  # the plain loop is ready sooner
    names = [layers.Dense(1).name for _ in range(2)]
    stateful = build(layers.LSTM(8, return_sequences=True))
    stateful.layers[1].stateful = True
    before = [np.array(weight) for weight in stateful.weights]
    plain = TextGenerator(stateful, VOCABULARY)
    plain.generate("ab", max_length=3, top_k=3)
    plain.nats("abc")
    assert all((np.asarray(now) == then).all() for now, then in zip(stateful.weights, before, strict=True))
    count = [int(name.rpartition("_")[2]) for name in [*names, layers.Dense(1).name]]
    assert count[1] - count[0] == 1 and count[2] - count[1] == 2  # one Dense lies in the model


def test_trained_on(model, generator):
    """After more training the new weights are used, without compiling again; a stream keeps those it began with."""
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    trained = TextGenerator(other, VOCABULARY)
    texts, nats = trained.generate("ab", seed=1), trained.nats("abcd")
    stream = trained.stream("ab", seed=1)
    begun = [next(stream), next(stream)]
    other.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    ids = np.random.RandomState(0).randint(2, len(VOCABULARY), (64, 4))
    for _ in range(3):
        other.fit(ids[:, :-1], ids[:, 1:], verbose=0)
    assert trained.generate("ab", seed=1) != texts
    assert np.abs(trained.nats("abcd") - nats).max() > 1e-4
    assert begun + list(stream) == list(generator.stream("ab", seed=1))
    assert traces(trained) == {("sample", "xla", 1, 0, generation.Sampling): 1, ("read", "xla", 1, 0): 1}


def traces(generator):
    """Return how often each function was compiled."""
    return {name: function.experimental_get_tracing_count() for name, function in generator._compiled.items()}


def test_compiled_once(generator):
    """Other settings, lengths, stops and seeds compile nothing; numbers of rows share their next power of two."""
    for rows in (1, 8):  # what other tests may have compiled already
        generator.generate(["ab"] * rows, max_length=3)
    generator.nats("ab")
    before = traces(generator)
    for options in (dict(temperature=0.5), dict(top_k=3), dict(top_p=0.5), dict(stop="a"), dict(temperature=0)):
        generator.generate("a longer prompt", max_length=500, **options)
    list(generator.stream("a", max_length=40, every=7, temperature=0.3))
    generator.generate("ab", max_length=3, sampling=generation.Sampling(temperature=2, top_k=4))
    for rows in (5, 6, 7, 8):
        generator.generate(["ab"] * rows, max_length=3)
    for content in ("ab", "abc" * 300):
        generator.nats(content)
    assert traces(generator) == before
    for penalty in (1, 1.5, np.float64(2)):  # a kind of sampling is compiled once, whatever its values
        generator.generate("ab", max_length=3, sampling=generation.RepetitionPenalty(penalty))
    assert traces(generator)["sample", "xla", 1, 0, generation.RepetitionPenalty] == 1


def test_without_xla(model, monkeypatch):
    """Where TensorFlow cannot compile with XLA, the plain loop runs."""
    monkeypatch.setattr(generation, "_xla_works", lambda: False)
    generator = TextGenerator(model, VOCABULARY)
    assert len(generator.generate("ab", max_length=5)[0]) == 7 and len(generator.nats("abc")) == 2
    assert set(generator._compiled) == {("sample", "plain", 1, 0, generation.Sampling), ("read", "plain", 1, 0)}


# --- where a text begins and ends ------------------------------------------------------------------


@pytest.mark.parametrize("loop", LOOPS)
def test_stop(generator, loop):
    """Each row ends with its first new stop token, which it includes; a stop token in the prompt ends nothing."""
    free = generator.generate(["a.b", "q", "e"], max_length=600, seed=9, loop=loop)
    texts, log_probs = generator.generate(
        ["a.b", "q", "e"], max_length=600, seed=9, loop=loop, stop=".", return_log_probs=True
    )
    assert len({len(content) for content in texts}) == 3
    for prompt, whole, content, scores in zip(["a.b", "q", "e"], free, texts, log_probs, strict=True):
        assert "." in whole[len(prompt) :]
        assert content == whole[: whole.index(".", len(prompt)) + 1]
        assert len(scores) == len(content) - len(prompt)
    assert list(generator.stream("a.b", max_length=600, seed=9, loop=loop, stop=".", every=1)) == ["a.b", *texts[0][3:]]


@pytest.mark.parametrize("loop", LOOPS)
def test_special_tokens(words, loop):
    """<pad>, <unk> and <bos> are never generated, however probable; <eos> ends a text and is not seen."""
    model = build(layers.GRU(16, return_sequences=True), vocabulary=WORDS)
    bias = np.zeros(len(WORDS), np.float32)
    bias[:4] = 40, 40, 40, 1
    model.layers[-1].set_weights([model.layers[-1].get_weights()[0] * 0.1, bias])
    generator = TextGenerator(model, WORDS)
    texts, log_probs = generator.generate(
        ["", "the", "Film "] * 5, max_length=60, seed=1, loop=loop, return_log_probs=True
    )
    for prompt, content, scores in zip(["", "the", "Film "] * 5, texts, log_probs, strict=True):
        assert "<" not in content and content.startswith(prompt)
        new = WORDS.encode(content)[len(WORDS.encode(prompt)) :]
        assert min(new, default=4) >= 4 and len(scores) == min(60, len(new) + 1)
    assert len({len(scores) for scores in log_probs}) > 3
    # Those that are banned do not count among the k: one of three kinds of word would be left.
    content = "".join(generator.generate(["the"] * 16, max_length=50, top_k=3, seed=2, loop=loop, temperature=9))
    assert len(set(WORDS.encode(content))) > 1


def test_words(words):
    """Prompts stay as they were typed; words get the spacing of running text, also piece by piece."""
    for prompt in ("The FILM is", "The film (", 'is "good', "bad ", "", "film."):
        [content] = words.generate(prompt, max_length=30, seed=3, temperature=4)
        assert content.startswith(prompt) and "  " not in content and " ." not in content[len(prompt) :]
        ids = WORDS.encode(content)
        assert WORDS.decode(ids) == WORDS.decode(WORDS.encode(prompt) + ids[len(WORDS.encode(prompt)) :])
        assert " " in content[len(prompt) :]
        assert "".join(words.stream(prompt, max_length=30, seed=3, temperature=4, every=1)) == content
    for seed in range(8):
        assert "  " not in words.generate("bad ", max_length=3, seed=seed, temperature=4)[0]
        assert words.generate("", max_length=3, seed=seed)[0][:1] != " "


def test_bounds(words):
    """With bounds every text starts from <bos>, as the model was trained; nats include the first token."""
    model = words._network
    assert model.outputs == len(WORDS)
    keras_model = build(layers.GRU(16, return_sequences=True), vocabulary=WORDS)
    content = "the film is bad"
    ids = [2, *WORDS.encode(content)]
    expected = model_log_probs(keras_model, ids)
    assert np.allclose(words.nats(content), -expected[np.arange(4), ids[1:]], atol=1e-4)
    [greedy] = words.generate(content, max_length=1, temperature=0)
    assert WORDS.encode(greedy)[4:] == [index for index in [expected[4, 3:].argmax() + 3] if index != 3]


def test_unknown(generator, words):
    """Tokens outside the vocabulary are named, once each, and read as <unk>; the prompt stays as it was."""
    with pytest.warns(
        UserWarning, match=r"prompt 1 has characters outside the vocabulary: 'A', 'é'; .*<unk>"
    ) as caught:
        texts = generator.generate(["ab", "AéA"], max_length=5, temperature=0, loop="numpy")
    assert len(caught) == 1 and caught[0].filename == __file__
    assert str(caught[0].message).endswith("it is in a language or script that this model never read.")
    assert texts[1].startswith("AéA") and len(texts[1]) == 8
    with pytest.warns(UserWarning, match="'A'; the model reads <unk> for them[.]$"):  # half of it is not most of it
        generator.generate("Ab", max_length=1, loop="numpy")
    with pytest.warns(UserWarning, match="'zebra'"):
        assert next(words.stream("the zebra")) == "the zebra"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generator.generate("ab", max_length=2)
        generator.nats("AéA")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("length", [sys.maxsize, 2**63, 10**30])
def test_no_end_but_a_stop(generator, loop, length):
    """As many tokens as there may be: more than NumPy's integers hold, too."""
    options = dict(seed=9, loop=loop, stop=".", temperature=0.9)
    assert generator.generate(["a.b", "q"], max_length=length, **options) == generator.generate(
        ["a.b", "q"], max_length=600, **options
    )
    assert "".join(generator.stream("q", max_length=length, **options))[-1] == "."
    if loop == "numpy":
        [beam] = generator.beam_search("q", 1, max_length=600, stop=".")
        assert beam.text[-1] == "." and generator.beam_search("q", 1, max_length=length, stop=".") == [beam]


def test_lengths_that_nobody_asks_for(generator):
    """100 tokens in pieces of 16 steps, the first of which reads the prompt, and five beams of 100."""
    [content] = generator.generate("ab", seed=1)
    pieces = list(generator.stream("ab", seed=1))
    assert len(content) == 102 and "".join(pieces) == content and [len(piece) for piece in pieces[:3]] == [2, 15, 16]
    assert [len(beam.text) for beam in generator.beam_search("ab")] == [102] * 5


def test_stream(generator):
    """Pieces come as they are made, and joined are what generate returns."""
    options = dict(max_length=100, seed=8, temperature=0.9, top_p=0.9)
    pieces = list(generator.stream("once upon", every=9, **options))
    assert "".join(pieces) == generator.generate("once upon", **options)[0]
    assert pieces[0] == "once upon" and {len(piece) for piece in pieces[2:-1]} == {9}
    endless = generator.stream("a", max_length=10**9)
    assert len("".join(itertools.islice(endless, 20))) > 100


# --- beam search -----------------------------------------------------------------------------------


def all_texts(model, prompt, length, stop=()):
    """Return {ids: log-probability} of every continuation, by trying them all with Keras."""
    found = {}
    for new in itertools.product(range(3, len(WORDS)), repeat=length):
        cut = next((place + 1 for place, token in enumerate(new) if token == 3), length)
        found.setdefault(new[:cut], None)
    rows = np.array([list(prompt) + list(new) + [0] * (length - len(new)) for new in found])
    scores = log_softmax(model.predict(rows, verbose=0, batch_size=512))
    for row, new in zip(scores, list(found), strict=True):
        found[new] = sum(row[len(prompt) - 1 + place, token] for place, token in enumerate(new))
    return found


def test_beam_search_finds_the_best(words):
    """A beam as wide as all there is finds the most probable texts of all, also when long ones are favoured."""
    model = build(layers.GRU(16, return_sequences=True), vocabulary=WORDS)
    prompt = [2, *WORDS.encode("the film")]
    every = all_texts(model, prompt, 3)
    for penalty in (0.0, 1.0):
        ranked = sorted(every, key=lambda new: every[new] / len(new) ** penalty, reverse=True)
        found = words.beam_search("the film", len(every), max_length=3, length_penalty=penalty)
        for new, continuation in zip(ranked[:20], found, strict=False):
            assert continuation.text == "the film" + WORDS.decode(prompt[1:] + [i for i in new if i != 3])[8:]
            assert continuation.log_probability == pytest.approx(every[new], abs=1e-4)


def test_beam_search(generator):
    """Width 1 is greedy; the best comes first; log-probabilities are those of nats; stop ends a text."""
    [greedy] = generator.generate("once ", max_length=20, temperature=0)
    [narrow] = generator.beam_search("once ", 1, max_length=20)
    assert narrow.text == greedy
    wide = generator.beam_search("once ", 8, max_length=20)
    assert len(wide) == len({beam.text for beam in wide}) == 8
    assert [beam.log_probability for beam in wide] == sorted((beam.log_probability for beam in wide), reverse=True)
    for beam in wide:
        assert beam.log_probability == pytest.approx(-generator.nats(beam.text)[4:].sum(), abs=1e-3)
    for beam in generator.beam_search("once. ", 20, max_length=8, stop="."):
        assert "." not in beam.text[6:-1]


# --- scores ----------------------------------------------------------------------------------------


def random_text(length, seed=0):
    """Return a text of random characters."""
    return "".join(np.random.RandomState(seed).choice(CHARACTERS, length))


def test_nats(model, generator):
    """A long text is read from left to right, over chunks, as Keras reads it whole; perplexity and bits agree."""
    content = random_text(400)
    ids = VOCABULARY.encode(content)
    nats = generator.nats(content)
    assert nats.dtype == np.float32 and nats.shape == (399,)
    assert np.allclose(nats, -model_log_probs(model, ids)[np.arange(399), ids[1:]], atol=1e-4)
    assert generator.perplexity(content) == pytest.approx(math.exp(nats.mean(dtype=float)))
    assert generator.bits_per_character(content) == pytest.approx(nats.mean(dtype=float) / math.log(2))


def test_many_texts(generator, words):
    """Texts of all lengths are scored side by side, each as if alone; every token weighs the same."""
    contents = [random_text(length, seed) for seed, length in enumerate([2, 300, 17, 5, 40, 2, 90, 8] * 4)]
    together = generator._nats("test", contents)
    for content, nats in zip(contents[:6], together[:6], strict=True):
        assert np.allclose(nats, generator.nats(content), atol=1e-4)
    total, count = sum(nats.sum(dtype=float) for nats in together), sum(map(len, together))
    assert generator.perplexity(contents) == pytest.approx(math.exp(total / count))
    assert generator.bits_per_character(contents) == pytest.approx(total / count / math.log(2))
    content = "the film is bad"
    assert words.bits_per_character(content) == pytest.approx(words.nats(content).sum() / math.log(2) / 15, rel=1e-5)


def test_uniform_model():
    """A model that knows nothing has the vocabulary's size as its perplexity."""
    ignorant = build(layers.LSTM(4, return_sequences=True))
    ignorant.layers[-1].set_weights([np.zeros((4, len(VOCABULARY))), np.zeros(len(VOCABULARY))])
    generator = TextGenerator(ignorant, VOCABULARY)
    assert generator.perplexity(["any text", "at all"]) == pytest.approx(len(VOCABULARY))
    assert generator.bits_per_character(["any text", "at all"]) == pytest.approx(math.log2(len(VOCABULARY)))


# --- bad input -------------------------------------------------------------------------------------

BAD = [
    (dict(prompts=""), "prompt 0 is '', which holds no token, and the vocabulary has no <bos>"),
    (dict(prompts=["a", ""]), "prompt 1"),
    (dict(prompts=[]), "prompts is empty"),
    (dict(prompts=3), "prompts is a int, 3; expected a list of str"),
    (dict(prompts=["a", None]), r"row 1 of prompts \(counted from 0\) is a NoneType, None; expected a str"),
    (dict(prompts=b"a"), "prompts is a bytes"),
    (dict(temperature=-0.1), "temperature is -0.1; it must be a number, at least 0"),
    (dict(temperature=math.nan), "temperature is nan"),
    (dict(temperature=None), "temperature is None"),
    (dict(top_k=0), "top_k is 0; it must be an integer from 1 to 35"),
    (dict(top_k=36), "top_k is 36"),
    (dict(top_p=0), "top_p is 0; it must be a number above 0, at most 1"),
    (dict(top_p=1.5), "top_p is 1.5"),
    (dict(max_length=0), "max_length is 0; it must be an integer, at least 1"),
    (dict(max_length=2.0), "max_length is 2.0"),
    (dict(stop="Z"), "stop is 'Z'; it must be one token of the vocabulary"),
    (dict(stop="ab"), "stop is 'ab'"),
    (dict(stop=["a"]), r"stop is \['a'\]"),
    (dict(stop="<pad>"), "stop is '<pad>', which is never generated"),
    (dict(seed=1.0), "seed is 1.0; it must be an integer"),
    (dict(seed=-1), "seed is -1"),
    (dict(loop="fast"), "loop is 'fast'; it can be 'auto', 'xla', 'plain' or 'numpy'"),
    (dict(sampling="greedy"), "sampling is a str, 'greedy'; expected a Sampling"),
    (dict(sampling=generation.MinP), "sampling is a type, .*; expected a Sampling"),
    (dict(sampling=generation.Sampling(), temperature=1.0), "sampling and temperature are given; give all as one"),
    (dict(sampling=generation.Sampling(temperature=-1)), "temperature is -1"),
    (dict(sampling=generation.MinP(0.1, top_k=36)), "top_k is 36; it must be an integer from 1 to 35"),
    (dict(sampling=generation.MinP(1.5)), "min_p is 1.5; it must be a number from 0 to 1"),
    (dict(sampling=generation.MinP(None)), "min_p is None"),
    (dict(sampling=generation.RepetitionPenalty(0.9)), "repetition_penalty is 0.9; it must be a number, at least 1"),
    (dict(sampling=generation.RepetitionPenalty(math.nan)), "repetition_penalty is nan"),
    (dict(temperature=1e39), r"temperature of Sampling is a float, 1e\+39; that is more than float32 holds"),
    (dict(temperature=10**400), "temperature is 1000"),
    (dict(sampling=generation.RepetitionPenalty(1e39)), "repetition_penalty of .*; that is more than float32 holds"),
    (dict(sampling=Without((1, 2**31))), "ids of Without is a tuple, .*; that is more than int32 holds"),
    (dict(sampling=Without(("a",))), r"ids of Without is a tuple, \('a',\); it must be a number or an array"),
]


@pytest.mark.parametrize("arguments, message", BAD)
def test_bad_arguments(generator, arguments, message, monkeypatch):
    """A bad argument is named at the call, by generate and by stream, before anything is computed."""
    monkeypatch.setattr(generation.TextGenerator, "_chunks", lambda *_, **__: pytest.fail("it began"))
    with pytest.raises(ValueError, match=f"generate: {message}"):
        generator.generate(**{"prompts": ["a"], **arguments})
    if "prompts" not in arguments:
        with pytest.raises(ValueError, match=f"stream: {message}"):
            generator.stream("a", **arguments)


def test_more_bad_arguments(generator, words):
    """So it is for the other calls."""
    for call, message in [
        (lambda: generator.stream(""), "stream: prompt 0"),
        (lambda: generator.stream(["a", "b"]), "expected a str"),
        (lambda: generator.stream("a", every=0), "every is 0"),
        (lambda: generator.beam_search("a", 0), "beam_search: width is 0"),
        (lambda: generator.beam_search("a", 2, max_length=0), "max_length is 0"),
        (lambda: generator.beam_search("a", 2, stop="Z"), "stop is 'Z'"),
        (lambda: generator.beam_search("a", 2, length_penalty=-1), "length_penalty is -1; it must be a number"),
        (lambda: generator.beam_search("a", 2, length_penalty=True), "length_penalty is True"),
        (lambda: generator.beam_search("a", 2, length_penalty=10.5), "length_penalty is 10.5; .* from 0 to 10"),
        (lambda: generator.beam_search("", 2), "beam_search: prompt 0"),
        (lambda: generator.nats("a"), "nats: text 0 is 'a'; it needs at least two tokens"),
        (lambda: words.nats(""), "it needs at least one token"),
        (lambda: generator.nats(3), r"row 0 of texts \(counted from 0\) is a int, 3; expected a str"),
        (lambda: generator.perplexity([]), "perplexity: texts is empty"),
        (lambda: generator.perplexity(["abc", "a"]), "text 1"),
        (lambda: generator.bits_per_character(""), "bits_per_character: text 0"),
        (lambda: generator.bits_per_character(3), "bits_per_character: texts is a int, 3; expected a list of str"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError):
        generator.generate("a", 5)


@pytest.fixture(scope="module")
def broken(model):
    """Return a generator whose model has weights that are not numbers."""
    damaged = keras.models.clone_model(model)
    damaged.layers[-1].kernel.assign(np.full(damaged.layers[-1].kernel.shape, np.nan))
    return TextGenerator(damaged, VOCABULARY)


@pytest.mark.parametrize("loop", ["auto", *LOOPS])
def test_broken_model(broken, loop):
    """Weights that are not numbers are an error, not a text."""
    with pytest.raises(ValueError, match="logits hold NaN or infinity"):
        broken.generate(["ab", "c"], max_length=5, loop=loop, top_k=3)


class _MyLSTM(layers.LSTM):
    pass


def _branched(join):
    inputs = keras.Input((None,))
    x = layers.Embedding(35, 8)(inputs)
    y = layers.LSTM(8, return_sequences=True)(x)
    return keras.Model(inputs, layers.Dense(35)(join([x, y])))


def _two_ways():
    inputs = keras.Input((None,))
    x = layers.Embedding(35, 8)(inputs)
    state = layers.LSTM(8, name="encoder")(x)
    x = layers.GRU(8, return_sequences=True, name="decoder")(x, initial_state=state)
    return keras.Model(inputs, layers.Dense(35)(x))


def _operation():
    inputs = keras.Input((None,))
    x = layers.LSTM(8, return_sequences=True)(layers.Embedding(35, 8)(inputs)) * 2
    return keras.Model(inputs, layers.Dense(35)(x))


def _of(*parts, name="m"):
    return keras.Sequential([keras.Input((None,)), *parts], name=name)


def _around(layer):
    return _of(layers.Embedding(35, 8), layer, layers.Dense(35))


def _shared():
    inputs = keras.Input((None,))
    recurrent = layers.GRU(8, return_sequences=True, name="twice")
    return keras.Model(inputs, layers.Dense(35)(recurrent(recurrent(layers.Embedding(35, 8)(inputs)))))


def _over_time():
    parts = layers.Embedding(35, 8), layers.LayerNormalization(axis=1, name="ln"), layers.GRU(8, return_sequences=True)
    return keras.Sequential([keras.Input((7,)), *parts, layers.Dense(35)])


class _Subclass(keras.Model):
    pass


class _Sharper(keras.Sequential):
    def call(self, x, training=None, mask=None):
        return super().call(x, training=training, mask=mask) * 20


class _Last(keras.Sequential):
    def call(self, x, training=None, mask=None):
        return super().call(x, training=training, mask=mask)[:, -1]


def _own_call(kind):
    parts = layers.Embedding(35, 8), layers.GRU(8, return_sequences=True), layers.Dense(35)
    return kind([keras.Input((None,)), *parts], name="own")


def _quantised():
    model = build(layers.GRU(24, return_sequences=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of layers that Keras cannot quantise
        model.quantize("int8")
    return model


def _with_softmax(*more):
    model = build(layers.GRU(8, return_sequences=True), activation="softmax")
    return keras.Sequential([keras.Input((None,)), *model.layers, *more], name="twice")


REFUSED = [
    (lambda: _around(layers.LSTM(8, return_sequences=True, go_backwards=True, name="back")), "'back'.*go_backwards"),
    (
        lambda: _around(layers.Bidirectional(layers.LSTM(8, return_sequences=True), name="both")),
        "'both' .Bidirectional",
    ),
    (lambda: _around(layers.LSTM(8, name="last")), "'last'.*return_sequences"),
    (lambda: _around(_MyLSTM(8, return_sequences=True, name="mine")), "'mine' ._MyLSTM"),
    (lambda: _around(layers.RNN(layers.LSTMCell(8), return_sequences=True, name="cell")), "'cell' .RNN"),
    (lambda: _around(layers.Conv1D(8, 3, padding="causal", name="conv")), "'conv' .Conv1D"),
    (lambda: _around(layers.Dense(8, name="more")), "there is no recurrent layer and no attention"),
    (lambda: _around(layers.Dropout(0.5)), "there is no recurrent layer"),
    (lambda: _of(layers.Embedding(35, 8), layers.LSTM(8, return_sequences=True, name="end")), "'end'.*must be a Dense"),
    (
        lambda: _of(
            layers.Embedding(35, 8), layers.GRU(8, return_sequences=True), layers.Dense(35, activation="tanh", name="d")
        ),
        "'d' .*activation is tanh",
    ),
    (lambda: keras.Sequential([keras.Input((None, 3)), layers.LSTM(8, name="first")]), "'first'.*must be an Embedding"),
    (_over_time, "'ln'.*last axis"),
    (lambda: _branched(layers.Concatenate(name="side")), "'side' .Concatenate.*expected Embedding, then LSTM"),
    (lambda: _branched(lambda pair: pair[0] - pair[1]), r"'subtract\w*' .Subtract"),
    (_two_ways, "'encoder'|'decoder'"),
    (_shared, "'twice'"),
    (_operation, r"'multiply\w*' .Multiply"),
    (lambda: keras.Sequential([layers.Embedding(35, 8), layers.LSTM(8), layers.Dense(35)]), "is not built"),
    (lambda: _Subclass(), "subclass of keras.Model"),
    (lambda: "model.keras", "model is a str; expected a Keras model"),
    (
        lambda: _of(layers.Embedding(35, 8), layers.GRU(8, return_sequences=True), layers.Dense(34)),
        "vocabulary has 35 ids; .* takes 35 and its Dense gives 34",
    ),
    (
        lambda: _of(layers.Embedding(30, 8), layers.GRU(8, return_sequences=True), layers.Dense(35)),
        "Embedding takes 30",
    ),
    (lambda: _with_softmax(layers.Softmax()), r"'twice' computes something else .* differ by up to \d"),
    (lambda: _with_softmax(layers.Activation("softmax")), "'twice' computes something else"),
    (lambda: _own_call(_Sharper), r"'own' computes something else .* differ by up to \d"),
    (lambda: _own_call(_Last), r"'own' gives shape \(1, 35\) for 4 ids; expected 35 numbers for each"),
    (_quantised, r"the weights .*embeddings are int8; quantised weights cannot"),
]


@pytest.mark.parametrize("make, message", REFUSED)
def test_refused_models(make, message):
    """A model of another form is refused, the layer named."""
    with pytest.raises(ValueError, match=message):
        TextGenerator(make(), VOCABULARY)


def test_accepted_models(model):
    """A wider Embedding and a last Softmax are fine; the vocabulary must be one."""
    for ending in ([layers.Softmax()], [layers.Activation("softmax")], [layers.Activation("linear")]):
        masked = not isinstance(ending[0], layers.Softmax)  # Keras's own Softmax takes no such mask
        embedding = layers.Embedding(40, 8, mask_zero=masked)
        accepted = _of(embedding, layers.GRU(8, return_sequences=True), layers.Dense(35), *ending)
        [content] = TextGenerator(accepted, VOCABULARY).generate("ab", max_length=4, temperature=0, loop="numpy")
        expected = model_log_probs(accepted, VOCABULARY.encode(content))[1:-1, 2:].argmax(axis=-1) + 2
        assert VOCABULARY.encode(content)[2:] == expected.tolist()
    with pytest.raises(ValueError, match="TextGenerator: vocabulary is a list, .*; expected a Vocabulary"):
        TextGenerator(model, CHARACTERS)


def test_quantised_later():
    """Weights that are quantised once the generator is made are refused as well: they are read at each call."""
    model = build(layers.GRU(24, return_sequences=True))
    generator = TextGenerator(model, VOCABULARY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.layers[-1].quantize("int8")
    with pytest.raises(ValueError, match="kernel are int8"):
        generator.generate("ab", max_length=2)


@pytest.mark.parametrize("floatx", ["float64", "float16"])
def test_other_defaults_of_keras(model, generator, floatx):
    """What a notebook or keras.json has made of Keras's default dtype changes no text and no score, and stays."""
    options = dict(max_length=20, top_k=9, top_p=0.9, seed=3)
    expected, nats = generator.generate(["a", "bc"], **options), generator.nats("the film")
    keras.config.set_floatx(floatx)
    try:
        other = TextGenerator(model, VOCABULARY)
        for loop in LOOPS:
            assert other.generate(["a", "bc"], loop=loop, **options) == expected
        sampling = generation.RepetitionPenalty(1.2, temperature=0)
        assert other.generate("a", sampling=sampling) == generator.generate("a", sampling=sampling)
        assert np.allclose(other.nats("the film"), nats, atol=1e-5)
        assert keras.config.floatx() == floatx
    finally:
        keras.config.set_floatx("float32")


def test_another_backend(model, monkeypatch):
    """On JAX or PyTorch there is no loop of TensorFlow: that is said, and how to change it."""
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="Keras runs on jax here; the course needs TensorFlow. Remove KERAS_BACKEND"):
        TextGenerator(model, VOCABULARY)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("shape", [(None, None), (None, 7), (3, None)])
def test_accepted_inputs_and_precisions(policy, shape):
    """A model may have a number of rows and of steps of its own, states it carries, and compute in another format."""
    if policy.startswith("mixed") and "ONEDNN_MAX_CPU_ISA" in os.environ:
        pytest.skip("TensorFlow asks the processor whether oneDNN multiplies halves; capped, it does not, and crashes")
    options = dict(return_sequences=True, stateful=shape[0] is not None, dtype=policy)
    parts = layers.Embedding(35, 8, dtype=policy), layers.LSTM(16, **options), layers.Dense(35, dtype=policy)
    carrying = keras.Sequential([keras.Input(batch_shape=shape, dtype="int32"), *parts])
    random = np.random.RandomState(0)
    for weight in carrying.weights:
        weight.assign(random.standard_normal(weight.shape))
    if shape[0]:
        carrying(random.randint(1, 35, (3, 5)))
        before = [np.array(state) for state in carrying.layers[1].states]
    assert len(TextGenerator(carrying, VOCABULARY).generate("ab", max_length=4, loop="numpy")[0]) == 6
    if shape[0]:
        assert carrying.layers[1].stateful and np.any(before)
        assert all((np.array(state) == old).all() for state, old in zip(carrying.layers[1].states, before, strict=True))


# --- speed and memory ------------------------------------------------------------------------------


def test_memory(generator, monkeypatch):
    """Four times as much text needs four times the text, and no more: its pieces and their sum."""
    add, calls = generation._Writer.add, itertools.count()

    def tidy(writer, ids):
        if next(calls) % 40 == 0:
            gc.collect()  # what TensorFlow's calls leave behind would go some time; here it goes now
        add(writer, ids)

    monkeypatch.setattr(generation._Writer, "add", tidy)
    generator.generate("ab", max_length=300)
    peaks = []
    for length in (5_000, 20_000):
        tracemalloc.start()
        [content] = generator.generate("ab", max_length=length, seed=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(content) == length + 2
    assert peaks[1] - peaks[0] < 8 * 15_000


FRESH = """
import sys
from utils import generation
print({"tensorflow", "keras"} & set(sys.modules))
from tools.benchmarks import generation as benchmark
generator = benchmark.Speeds(24, 1).generator
generator.generate("A", max_length=2_000, seed=1)
before = benchmark.resident_bytes()
generator.generate("A", max_length=40_000, seed=1)
print(benchmark.resident_bytes() - before)
"""


def test_fresh_process():
    """Importing imports neither TensorFlow nor Keras; twenty times as much text does not make the process larger.

    In a process of its own, where nothing is imported yet and nothing else grows.
    """
    command = [sys.executable, "-c", FRESH]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    imported, growth = done.stdout.splitlines()
    assert imported == "set()"
    assert int(growth) < 1.5e6


def cpu_seconds(run, *arguments):
    """Return the CPU seconds that a call takes, the least of three: other programs cannot change them by much."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        run(*arguments)
        seconds.append(time.process_time() - started)
    return min(seconds)


@pytest.fixture(scope="module")
def speeds():
    """Return a function of units and depth that gives their benchmark, always the same one, as it has compiled."""
    return functools.cache(benchmark.Speeds)


# CPU time for a character in units of ours: at least so many. Measured: 2,600, 28 and 22 times for LSTM(256); for two
# LSTM(512), where reading the weights takes most of the time, 6 times; as on an old processor, half of that and less.
BARS = {(256, 1): {"predict": 300, "OneStep": 5, "one step": 3}, (512, 2): {"OneStep": 1}}


@pytest.mark.parametrize("units, depth", BARS)
def test_speed(speeds, units, depth):
    """One stream costs far less than model.predict and one call a step; the first call takes seconds."""
    made = speeds(units, depth)
    started = time.process_time()
    made.generator.generate("a", max_length=100)
    assert time.process_time() - started < 12  # CPU time: it takes one or two, and a machine may be far slower
    ways = {"predict": (made._predict, 3), "OneStep": (made._OneStep, 50), "one step": (made._one_step, 50)}
    ways = {"ours": (made._ours("auto"), 500)} | {name: ways[name] for name in BARS[units, depth]}
    cost = {}
    for name, (run, steps) in ways.items():
        run(1, 2)  # compiles
        cost[name] = cpu_seconds(run, 1, steps) / steps
    assert all(cost[name] >= bar * cost["ours"] for name, bar in BARS[units, depth].items()), cost


def test_speed_of_many(speeds):
    """For 32 streams the loop that is chosen is about as fast as the other, or faster."""
    measured, seen = speeds(256, 1), []
    for _ in range(6):  # other work comes and goes, between the choice and the measurement too
        measured.generator._timed.clear()
        measured.generator.generate(["a"] * 32, max_length=2)
        speed = {loop: measured.measure(loop, 32, seconds=0.2) for loop in ("xla", "plain")}
        seen.append((measured.generator._timed[32], speed))
        if speed[seen[-1][0]] > 0.85 * max(speed.values()):
            return
    pytest.fail(f"chosen, and characters a second: {seen}")


def test_loop_that_is_faster_is_chosen(generator, monkeypatch):
    """Where it is in doubt both loops are timed, once for each number of rows, and the texts do not depend on it."""
    monkeypatch.setattr(generation, "_usual_loop", lambda batch, weights: None)
    seconds, asked, measure = {"xla": 2.0, "plain": 1.0}, [], generator._seconds

    def fake(loop, steps, *rest):
        asked.append(loop)
        assert measure(loop, steps, *rest) > 0
        return seconds[loop] if steps > 1 else 3 - seconds[loop]  # compiling takes its time, and does not count

    monkeypatch.setattr(generator, "_seconds", fake)
    first = generator.generate(["ab", "c"], max_length=30, seed=1)
    assert generator._timed == {2: "plain"} and asked == ["plain", "xla"] * 4
    seconds["plain"] = 3.0
    assert generator.generate(["ab", "c"], max_length=30, seed=1) == first and len(asked) == 8
    generator.generate(["ab"], max_length=30, seed=1)
    assert generator._timed == {2: "plain", 1: "xla"}


def test_speed_of_nats(speeds):
    """Scoring a long text costs at most twice what Keras's own layers need to read it in one call."""
    made, content = speeds(256, 1), benchmark.random_text(4_000)
    ids = np.array([benchmark.VOCABULARY.encode(content)])
    keras_reads = tf.function(made.model)
    keras_reads(ids)  # compiles
    assert len(made.generator.nats(content)) == 3_999
    assert cpu_seconds(made.generator.nats, content) < 2 * cpu_seconds(keras_reads, ids)
