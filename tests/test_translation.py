"""utils.translation: the compiled search against a plain loop and against all answers that there are; bad input."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import text, translation

SOURCE = text.Vocabulary(["<pad>", "<unk>", *"abcde"], "character")
TARGET = text.Vocabulary([*text.SPECIAL_TOKENS, *"xyz"], "character")
WORDS = ["a", "edcba", "bad", "cab", "abbacadabe", "eee", "de"]


class Toy:
    """A small encoder-decoder with random weights; scale: how sure it is of what it writes."""

    def __init__(self, attention=True, seed=0, scale=1.0):
        random, ops = np.random.RandomState(seed), keras.ops
        shapes = {"source": (len(SOURCE), 6), "target": (len(TARGET), 6), "recurrent": (6, 6), "out": (12, len(TARGET))}
        self.weights = {name: tf.Variable(random.normal(size=shape), dtype="float32") for name, shape in shapes.items()}
        self.attention, self.scale, self.ops, self.calls = attention, scale, ops, 0

    def encode(self, sources):
        """Return ((mean of the letters' vectors,), the vectors)."""
        memory = tf.gather(self.weights["source"], sources)
        mask = tf.cast(tf.not_equal(sources, 0), "float32")[..., None]
        mean = tf.reduce_sum(memory * mask, axis=1) / tf.reduce_sum(mask, axis=1)
        return (mean,), memory if self.attention else None

    def step(self, ids, states, memory, mask):
        """One step of a simple recurrent network, with dot attention or without."""
        self.calls += 1
        h = tf.tanh(tf.gather(self.weights["target"], ids) + states[0] @ self.weights["recurrent"])
        context, looked = 0 * h, None
        if self.attention:
            scores = tf.where(mask, tf.einsum("nd,nsd->ns", h, memory), -np.inf)
            looked = tf.nn.softmax(scores)
            context = tf.einsum("ns,nsd->nd", looked, memory)
        return self.scale * tf.concat([h, context], -1) @ self.weights["out"], (h,), looked

    def translator(self, max_length=6, longest_source=10):
        """Return a Translator of it."""
        return translation.Translator(
            self.encode, self.step, SOURCE, TARGET, longest_source=longest_source, max_length=max_length
        )

    def log_probability(self, word, answer, end=True):
        """Return log p(answer, and <eos> if end) by the chain rule, and the weights of each step, in plain Python."""
        sources = np.array([SOURCE.encode(word)], np.int32)
        states, memory = self.encode(sources)
        total, last, looked = 0.0, TARGET.ids["<bos>"], []
        for token in [*answer, *(["<eos>"] if end else [])]:
            logits, states, weights = self.step(np.array([last]), states, memory, sources > 0)
            last = TARGET.ids[token]
            total += float(tf.nn.log_softmax(logits)[0, last])
            looked.append(None if weights is None else np.asarray(weights)[0])
        return total, looked


def answers(max_length):
    """Yield (answer, complete) for all that can be written in so many steps."""
    for length in range(max_length + 1):
        for tokens in itertools.product("xyz", repeat=length):
            yield "".join(tokens), length < max_length


def check_equal(found, expected):
    """Compare two Translations, but for rounding."""
    assert (found.text, found.tokens, found.complete) == (expected.text, expected.tokens, expected.complete)
    assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-4)
    if expected.attention is None:
        assert found.attention is None
    else:
        assert found.attention.dtype == np.float32
        np.testing.assert_allclose(found.attention, expected.attention, atol=1e-5)


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("width, length_penalty", [(1, 0.0), (2, 0.0), (5, 0.0), (4, 1.0), (40, 0.6)])
def test_compiled_and_plain_loops_agree(attention, width, length_penalty):
    """The same texts, log-probabilities and attention, for sources of several lengths at once."""
    for seed in range(3):
        translator = Toy(attention, seed, scale=0.7).translator()
        options = dict(width=width, length_penalty=length_penalty)
        slow = translator.beam_search(WORDS, loop="python", **options)
        for loop in ("plain", "xla") if seed == 0 else ("plain",):
            fast = translator.beam_search(WORDS, loop=loop, **options)
            assert [len(one) for one in fast] == [len(one) for one in slow]
            for one, other in zip(itertools.chain(*fast), itertools.chain(*slow), strict=True):
                check_equal(one, other)


@pytest.mark.parametrize("loop", translation.LOOPS)
def test_a_wide_beam_finds_the_most_probable_answers(loop):
    """Wide enough to drop nothing, it ranks all answers of at most three steps as their probabilities do."""
    toy = Toy(scale=0.5)
    found = toy.translator(max_length=3).beam_search("bad", width=200, loop=loop)[0]
    every = {answer: (toy.log_probability("bad", answer, end)[0], end) for answer, end in answers(3)}
    assert len(found) == len(every) == 1 + 3 + 9 + 27
    ranked = sorted(every, key=lambda answer: -every[answer][0])
    assert [one.text for one in found] == ranked
    for one in found:
        total, complete = every[one.text]
        assert one.log_probability == pytest.approx(total, abs=1e-4) and one.complete == complete
    # What has ended and what was cut, of every length: with the three banned tokens, no probability is lost but theirs.
    assert 0 < sum(np.exp(one.log_probability) for one in found) < 1


@pytest.mark.parametrize("loop", translation.LOOPS)
def test_greedy_takes_the_likeliest_token(loop):
    """Step by step, computed again from the source alone; its attention is that of each step."""
    toy = Toy(seed=4, scale=2.0)
    for word, found in zip(WORDS, toy.translator().greedy(WORDS, loop=loop), strict=True):
        written, allowed = "", [*"xyz", "<eos>"]
        while len(written) < 6:
            best = max(allowed, key=lambda token: toy.log_probability(word, [*written, token], end=False)[0])  # noqa: B023
            if best == "<eos>":
                break
            written += best
        assert found.text == written and found.tokens == list(written) and found.complete == (len(written) < 6)
        total, looked = toy.log_probability(word, written, end=found.complete)
        assert found.log_probability == pytest.approx(total, abs=1e-4)
        assert found.attention.shape == (len(written), len(word))
        for row, expected in zip(found.attention, looked, strict=False):
            np.testing.assert_allclose(row, expected, atol=1e-5)


def test_a_source_alone_and_beside_longer_ones():
    """Padding changes nothing, and an answer does not depend on the order of the sources."""
    translator = Toy(seed=1, scale=0.6).translator()
    together = translator.beam_search(WORDS, 3)
    for word, expected in zip(WORDS, together, strict=True):
        [alone] = translator.beam_search(word, 3)
        for one, other in zip(alone, expected, strict=True):
            check_equal(one, other)
    for one, other in zip(translator.greedy(WORDS[::-1]), together[::-1], strict=True):
        assert len(one.attention) == 0 or one.attention.shape[1] == other[0].attention.shape[1]


def test_many_sources_are_decoded_in_groups(monkeypatch):
    """Of any number, in the order given."""
    translator = Toy(seed=2).translator()
    expected = translator.greedy(WORDS * 3)
    monkeypatch.setattr(translation, "GROUP", 4)
    for one, other in zip(translator.greedy(WORDS * 3), expected, strict=True):
        check_equal(one, other)


def test_it_uses_the_weights_of_now():
    """What is trained after the first call counts in the next one."""
    toy = Toy(seed=3)
    translator = toy.translator()
    before = translator.greedy("bad")[0]
    toy.weights["out"].assign(-toy.weights["out"])
    after = translator.greedy("bad")[0]
    assert before.log_probability != after.log_probability
    check_equal(after, translator.greedy("bad", loop="python")[0])


def test_sources_of_other_lengths_compile_nothing_anew():
    """`step` is traced once for all lengths, numbers of rows and widths."""
    toy = Toy()
    translator = toy.translator()
    translator.greedy("a")
    calls = toy.calls
    translator.greedy(WORDS)
    translator.beam_search(WORDS, 3)
    assert toy.calls == calls


# --- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sources, message",
    [
        ("", "row 0 of sources .counted from 0. is empty: ''"),
        (["a", ""], "row 1 of sources .counted from 0. is empty"),
        ([], "sources is empty; give at least one str"),
        ("bax", "row 0 of sources .counted from 0., 'bax', has characters that its vocabulary lacks: 'x'"),
        (["ab", "Ab"], "row 1 of sources .counted from 0., 'Ab', has characters that its vocabulary lacks: 'A'"),
        ("a" * 11, "row 0 of sources .counted from 0. has 11 tokens; the network was trained on 10 at most"),
        (["a", 3], "row 1 of sources .counted from 0. is a int, 3; expected a str"),
        (None, "sources is a NoneType, None; expected a list of str"),
    ],
)
def test_bad_sources_are_refused(sources, message):
    """Before anything is decoded, in both methods."""
    toy = Toy()
    translator = toy.translator()
    with pytest.raises(ValueError, match=f"Translator.greedy: {message}"):
        translator.greedy(sources)
    with pytest.raises(ValueError, match=f"Translator.beam_search: {message}"):
        translator.beam_search(sources)
    assert toy.calls == 0


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(width=0), "width is 0"),
        (dict(width=2.0), "width is 2.0"),
        (dict(length_penalty=-1), "length_penalty is -1"),
        (dict(length_penalty=float("nan")), "length_penalty is nan"),
        (dict(loop="fast"), "loop is 'fast'; it can be 'plain', 'xla' or 'python'"),
    ],
)
def test_bad_options_are_refused(options, message):
    """With what is accepted."""
    with pytest.raises(ValueError, match=f"Translator.beam_search: {message}"):
        Toy().translator().beam_search("bad", **options)


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(encode=None), "encode is a NoneType, None; expected a function"),
        (dict(step="step"), "step is a str, 'step'; expected a function"),
        (dict(source_vocabulary=["a"]), "vocabulary is a list"),
        (dict(target_vocabulary=SOURCE), "target_vocabulary has no <bos> and <eos>"),
        (dict(longest_source=0), "longest_source is 0"),
        (dict(max_length=None), "max_length is None"),
    ],
)
def test_a_bad_translator_is_refused(change, message):
    """At once, not at its first use."""
    toy = Toy()
    given = dict(encode=toy.encode, step=toy.step, source_vocabulary=SOURCE, target_vocabulary=TARGET)
    with pytest.raises(ValueError, match=f"Translator: {message}"):
        translation.Translator(**{**given, "longest_source": 5, "max_length": 5, **change})


@pytest.mark.parametrize("loop", translation.LOOPS)
def test_a_failed_training_is_told(loop):
    """NaN in the weights is an error, and not a text."""
    toy = Toy()
    toy.weights["out"].assign(np.nan * toy.weights["out"])
    with pytest.raises(ValueError, match="Translator: the logits hold NaN or infinity"):
        toy.translator().greedy("bad", loop=loop)
