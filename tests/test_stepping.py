"""utils.stepping: models with branches, MinGRU and attention give the logits of Keras, one timestep at a time.

What generates and scores with them is tested here as well; for chains of recurrent layers see test_generation.
"""

import functools
import inspect
import itertools
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import randomised

from utils import generation, layers, stepping, text
from utils.generation import TextGenerator

VOCABULARY = text.Vocabulary([text.PAD, text.UNK, *"abcdefghijklmnop .,"], level="character")
WORDS = text.Vocabulary([text.PAD, text.UNK, text.BOS, text.EOS, *"the film is of great good bad .".split()])
LOOPS = ("xla", "plain", "numpy")
LENGTH = 20  # timesteps of the models whose input has a fixed length
D = 8


@pytest.fixture(autouse=True)
def short_chunks(request, monkeypatch):
    """Make the loop's chunks short, so that texts go over several and caches grow; not where the time is taken."""
    if "speed" not in request.node.name:
        monkeypatch.setattr(generation, "CHUNK", 64)


# --- models ----------------------------------------------------------------------------------------


def attention(**options):
    """Return a function that applies causal attention to itself."""
    layer = keras.layers.MultiHeadAttention(**{"num_heads": 2, "key_dim": D // 2, "dropout": 0.1, **options})
    return lambda x: layer(x, x, use_causal_mask=True)


def lstm():
    """Return an LSTM."""
    return keras.layers.LSTM(D, return_sequences=True)


def by_layer(x, y):
    """Return a sum by the layer Add."""
    return keras.layers.Add()([x, y])


def by_operator(x, y):
    """Return a sum by +."""
    return y + x


def block(x, mixer, add=by_layer):
    """Return what a pre-norm block with two residual branches makes of x."""
    y = mixer(keras.layers.LayerNormalization()(x))
    x = add(x, keras.layers.Dropout(0.1)(y))
    y = keras.layers.LayerNormalization()(x)
    y = keras.layers.Dense(D)(keras.layers.Dense(4 * D, activation="gelu")(y))
    return add(x, keras.layers.Dropout(0.1)(y))


def model_of(body, length=None, vocabulary=VOCABULARY, seed=0):
    """Return a model of random weights: Embedding, a function of its output, Dense."""
    ids = keras.Input((length,), dtype="int32")
    x = body(keras.layers.Embedding(len(vocabulary), D)(ids))
    return randomised(keras.Model(ids, keras.layers.Dense(len(vocabulary))(x)), seed)


def stack(*mixers, positions=None, add=by_layer, **options):
    """Return a model of pre-norm blocks, one for each mixer, behind `positions` learned positions."""

    def body(x):
        x = layers.Positions(positions)(x) if positions else x
        for mixer in mixers:
            x = block(x, mixer, add)
        return keras.layers.LayerNormalization()(x)

    return model_of(body, **options)


def two_branches(x):
    """Return the sum of three branches, of which one reads the Embedding itself."""
    y = lstm()(keras.layers.Dense(D, activation="tanh")(x))
    z = layers.MinGRU(D)(y)
    return keras.layers.BatchNormalization()(keras.layers.Add()([x, y, z, y]))


def sequential(*parts, length=None):
    """Return Embedding, parts, Dense."""
    ends = keras.layers.Embedding(len(VOCABULARY), D), keras.layers.Dense(len(VOCABULARY))
    return randomised(keras.Sequential([keras.Input((length,), dtype="int32"), ends[0], *parts, ends[1]]))


MODELS = {
    "transformer": lambda **options: stack(attention(), attention(), positions=400, **options),
    "transformer, no positions, x + y": lambda: stack(attention(), attention(value_dim=3), add=by_operator),
    "attention, no bias": lambda: stack(attention(use_bias=False, num_heads=1, key_dim=5, attention_axes=1)),
    "attention first": lambda: model_of(attention(output_shape=6)),
    "attention behind the table": lambda: model_of(lambda x: attention()(keras.layers.Dense(5, "relu")(x))),
    "positions last": lambda: model_of(lambda x: layers.Positions(300)(lstm()(x))),
    "twice": lambda: model_of(lambda x: lstm()(x + x)),
    "min gru": lambda: sequential(keras.layers.Dropout(0.2), layers.MinGRU(16), layers.MinGRU(12)),
    "min gru, parallel": lambda: sequential(layers.MinGRU(16, parallel=True), length=LENGTH),
    "min gru blocks": lambda: stack(layers.MinGRU(D), layers.MinGRU(D)),
    "min gru blocks, parallel": lambda: stack(layers.MinGRU(D, parallel=True), length=LENGTH),
    "lstm blocks": lambda: stack(lstm(), lstm()),
    "gru blocks": lambda: stack(keras.layers.GRU(D, return_sequences=True), positions=300),
    "all kinds": lambda: stack(attention(), layers.MinGRU(D), lstm(), attention(), positions=64, add=by_operator),
    "branches": lambda: model_of(two_branches),
    "dense between": lambda: sequential(
        keras.layers.Dense(6, activation="gelu"),
        keras.layers.LayerNormalization(),
        layers.MinGRU(D),
        keras.layers.Dense(7, activation="softmax", use_bias=False),
    ),
}


@pytest.fixture(scope="module")
def model():
    """Return a Transformer with 400 positions."""
    return MODELS["transformer"]()


@pytest.fixture(scope="module")
def generator(model):
    """Return a generator with the Transformer."""
    return TextGenerator(model, VOCABULARY)


def log_probs_of(model, ids):
    """Return log-probabilities (t, V) after each id, read in one pass."""
    return stepping.log_softmax(np.asarray(model(np.array([ids])), np.float64))[0]


# --- logits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_logits(name):
    """Step by step, in NumPy and TensorFlow, with a table and without, and read in chunks: the logits are Keras's."""
    model = MODELS[name]()
    network = stepping.Network(model)
    ids = np.random.RandomState(1).randint(1, len(VOCABULARY), (3, LENGTH)).astype(np.int32)
    expected = np.asarray(model(ids))
    assert np.ptp(expected) > 1
    for table, ops in ((False, np), (False, keras.ops), (True, keras.ops)):
        weights, states, logits = network.weights(table), network.initial_states(3, LENGTH), []
        weights = stepping.as_numpy(weights) if ops is np else weights
        for t in range(LENGTH):
            one, states = network.step(weights, ids[:, t], states, ops)
            logits.append(np.asarray(one))
        assert logits[0].dtype == np.float32
        assert np.allclose(np.stack(logits, axis=1), expected, rtol=0, atol=1e-5), (table, ops)
    for chunk in (7, LENGTH):
        states, logits = network.initial_states(3, 21), []
        for start in range(0, LENGTH, chunk):
            steps = min(chunk, LENGTH - start)
            some = np.full((chunk, 3), 5, np.int32)  # what lies behind `steps` is read by nobody
            some[:steps] = ids[:, start : start + steps].T
            several, states = network.read(weights, some, states, np.int32(steps))
            logits.append(np.asarray(several)[:steps])
        assert np.allclose(np.concatenate(logits).swapaxes(0, 1), expected, rtol=0, atol=1e-5), chunk


def test_a_tail_does_not_count(model):
    """After a chunk of which three timesteps count, the next token is the fourth, and sees three before it."""
    network = stepping.Network(model)
    weights, states = network.weights(), network.initial_states(1, 16)
    ids = np.array([[3], [4], [5], [6], [7], [8], [9], [10]], np.int32)
    _, states = network.read(weights, ids, states, np.int32(3))
    [logits], _ = network.step(weights, [11], states, keras.ops)
    assert np.allclose(logits, np.asarray(model(np.array([[3, 4, 5, 11]])))[0, -1], rtol=0, atol=1e-5)


def test_table():
    """What depends on the token alone is in the table, as far as nothing else reads it."""

    def folded(name):
        rows, *middle, _ = stepping.Network(MODELS[name]()).weights()
        return rows["rows"].shape[-1], [own is None for own in middle].count(True), [own and set(own) for own in middle]

    assert folded("dense between")[:2] == (2 * D, 2)  # Dense, normalisation, and the product of the MinGRU
    assert folded("attention behind the table")[:2] == (3 * D, 1)
    assert folded("attention first")[:2] == (3 * D, 0)
    assert "kernel" not in folded("attention first")[2][0]
    for name in ("transformer", "lstm blocks", "branches", "twice", "positions last"):
        width, count, _ = folded(name)
        assert (width, count) == ((4 * D if name == "positions last" else D), 0), name


def test_room(model):
    """Caches have powers of two, at least 128; made longer they hold what they held; others have none."""
    network = stepping.Network(model)
    assert [network.room(timesteps) for timesteps in (0, 1, 128, 129, 1_000)] == [0, 128, 128, 256, 1024]
    assert stepping.Network(MODELS["lstm blocks"]()).room(1_000) == 0
    states = network.initial_states(2, 100)
    states[1][0][:] = 1
    assert network.with_room(states, 128)[1] is states[1]
    keys, values, count = network.with_room(states, 129)[1]
    assert keys.shape == values.shape == (2, 256, 2, D // 2) and count.shape == (2,)
    assert (keys[:, :128] == 1).all() and not keys[:, 128:].any() and keys.dtype == np.float32


# --- texts -----------------------------------------------------------------------------------------

PROMPTS = ["a bad cab", "p", "ab" * 35, "no, mad."]


@pytest.mark.parametrize("name", ["transformer", "min gru", "all kinds, long"])
def test_texts(name, request):
    """All loops give the text that Keras would choose, reading all from the start, for prompts of several lengths."""
    if name == "transformer":
        model, generator = request.getfixturevalue("model"), request.getfixturevalue("generator")
    else:
        make = {"min gru": MODELS["min gru"], "all kinds, long": lambda: stack(attention(), lstm(), positions=200)}
        model = make[name]()
        generator = TextGenerator(model, VOCABULARY)
    for degrees in (0, 1.0):
        options = dict(max_length=80, temperature=degrees, seed=2, return_log_probs=True)
        results = [generator.generate(PROMPTS, loop=loop, **options) for loop in LOOPS]
        texts = results[0][0]
        assert all(others == texts for others, _ in results)
        for row, (prompt, content) in enumerate(zip(PROMPTS, texts, strict=True)):
            ids = np.array(VOCABULARY.encode(content))
            new = np.arange(len(prompt), len(ids))
            assert content.startswith(prompt) and len(new) == 80
            expected = log_probs_of(model, ids)
            for _, log_probs in results:
                assert np.allclose(log_probs[row], expected[new - 1, ids[new]], rtol=0, atol=1e-4)
            if degrees == 0:
                assert (expected[new - 1, 2:].argmax(axis=-1) + 2 == ids[new]).all()
    alone = generator.generate(PROMPTS[0], max_length=80, seed=2)
    assert alone == texts[:1]
    assert "".join(generator.stream(PROMPTS[0], max_length=80, seed=2, every=7)) == texts[0]


@pytest.mark.parametrize("loop", LOOPS)
def test_text_without_positions_has_no_end(loop):
    """Without positions a text may be of any length; the caches grow as it does."""
    model = MODELS["transformer, no positions, x + y"]()
    generator = TextGenerator(model, VOCABULARY)
    pieces = generator.stream("abc", max_length=10**30, seed=1, every=64, loop=loop)
    content = "".join(itertools.islice(pieces, 4))
    assert len(content) == 3 + 64 * 3 - 2
    assert content == generator.generate("abc", max_length=190, seed=1, loop="numpy")[0]


def test_compiled_once(model):
    """Lengths that need the same room share what is compiled, and each room has a function of its own."""
    generator = TextGenerator(model, VOCABULARY)
    for length in (1, 50, 100, 127):
        generator.generate("ab", max_length=length, loop="plain")
    assert list(generator._compiled) == [("sample", "plain", 1, 128, generation.Sampling)]
    generator.generate("ab", max_length=150, loop="plain")
    assert [key[3] for key in generator._compiled] == [128, 256]
    counts = [function.experimental_get_tracing_count() for function in generator._compiled.values()]
    assert counts == [1, 1]


def test_both_loops_are_timed(generator, monkeypatch):
    """Where it is in doubt which loop is faster, that is measured with caches of the length that is needed."""
    monkeypatch.setattr(generation, "_usual_loop", lambda batch, weights: None)
    expected = generator.generate(["ab", "c"], max_length=30, seed=1, loop="numpy")
    assert generator.generate(["ab", "c"], max_length=30, seed=1) == expected
    assert generator._timed.pop(2) in ("xla", "plain")


# --- scores ----------------------------------------------------------------------------------------


def random_text(length, seed=0):
    """Return a text of random characters."""
    return "".join(np.random.RandomState(seed).choice(VOCABULARY.tokens[2:], length))


@pytest.mark.parametrize("length", [2, 17, 256, 257, 258, 401])
def test_nats(compiled, generator, length):
    """nats are the cross-entropy of one pass, over chunks that are read whole or in part."""
    content = random_text(length)
    ids = np.array(VOCABULARY.encode(content))
    expected = -log_probs_of(compiled, ids[:-1])[np.arange(length - 1), ids[1:]]
    nats = generator.nats(content)
    assert nats.shape == (length - 1,) and np.allclose(nats, expected, rtol=0, atol=1e-4)
    assert generator.perplexity(content) == pytest.approx(np.exp(expected.mean()), rel=1e-4)


def test_many_texts(generator):
    """Texts of several lengths are scored side by side, each as if alone."""
    contents = [random_text(length, seed) for seed, length in enumerate([90, 2, 17, 33, 40])]
    for content, nats in zip(contents, generator._nats("test", contents), strict=True):
        assert np.allclose(nats, generator.nats(content), rtol=0, atol=1e-4)


# --- beam search -----------------------------------------------------------------------------------


def test_beam_search_finds_the_best():
    """A beam as wide as all there is finds the most probable texts of all, each with its log-probability."""
    model = stack(attention(), layers.MinGRU(D), positions=9, vocabulary=WORDS)
    prompt = [2, *WORDS.encode("the film")]
    every = {}
    for new in itertools.product(range(3, len(WORDS)), repeat=3):
        cut = next((place + 1 for place, token in enumerate(new) if token == 3), 3)
        every[new[:cut]] = None
    rows = np.array([[*prompt, *new, *[0] * (3 - len(new))] for new in every])
    scores = stepping.log_softmax(np.asarray(model(rows), np.float64))
    for row, new in zip(scores, every, strict=True):
        every[new] = sum(row[len(prompt) - 1 + place, token] for place, token in enumerate(new))
    ranked = sorted(every, key=every.get, reverse=True)
    found = TextGenerator(model, WORDS).beam_search("the film", len(every), max_length=3)
    assert len(found) == len(every)
    for new, continuation in zip(ranked[:20], found, strict=False):
        assert continuation.text == "the film" + WORDS.decode(prompt[1:] + [i for i in new if i != 3])[8:]
        assert continuation.log_probability == pytest.approx(every[new], abs=1e-4)


def test_beam_search(generator):
    """Width 1 is greedy, also where the caches have to grow; the log-probabilities are those of nats."""
    prompt = random_text(120)
    [greedy] = generator.generate(prompt, max_length=20, temperature=0)
    [narrow] = generator.beam_search(prompt, 1, max_length=20)
    assert narrow.text == greedy
    for beam in generator.beam_search("a bad ", 6, max_length=15):
        assert beam.log_probability == pytest.approx(-generator.nats(beam.text)[5:].sum(), abs=1e-3)


# --- positions -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short():
    """Return a generator that has 10 positions."""
    return TextGenerator(stack(attention(), positions=10), VOCABULARY)


SHORTER = "Give a shorter prompt or a smaller max_length"
BEYOND = {
    "generate": (
        lambda it: it.generate(["a", "abcd"], max_length=8),
        f"a prompt of 4 tokens and max_length 8: that needs 11 positions; the model has 10. {SHORTER}",
    ),
    "stream": (lambda it: it.stream("a", max_length=11), "needs 11 positions; the model has 10"),
    "beam_search": (lambda it: it.beam_search("abcd", 2, max_length=8), "needs 11 positions; the model has 10"),
    "nats": (
        lambda it: it.nats("a" * 12),
        "text 0 has 12 tokens: that needs 11 positions; the model has 10. Cut the text into shorter ones",
    ),
    "perplexity": (lambda it: it.perplexity(["ab", "a" * 12]), "text 1 has 12 tokens: that needs 11 positions"),
    "bits_per_character": (lambda it: it.bits_per_character("a" * 12), "text 0 has 12 tokens"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_the_last_position(short, name, monkeypatch):
    """A call that may need more positions than there are says so before it begins."""
    call, message = BEYOND[name]
    monkeypatch.setattr(stepping.Network, "weights", lambda *_, **__: pytest.fail("it began"))
    with pytest.raises(ValueError, match=f"TextGenerator.{name}: .*{message}"):
        call(short)


def test_up_to_the_last_position(short, monkeypatch):
    """As far as positions go, texts and scores are the model's own, in every loop, and a chunk may reach beyond."""
    [first, *others] = [short.generate(["abcd", "a"], max_length=7, temperature=0, loop=loop) for loop in LOOPS]
    assert all(texts == first for texts in others)
    assert short.generate("a", max_length=10, seed=1, loop="plain") == short.generate(
        "a", max_length=10, seed=1, loop="numpy"
    )
    assert short.beam_search("abcd", 1, max_length=7)[0].text == first[0]
    nats = short.nats("abcdefghijk")
    assert nats.shape == (10,) and short._network.positions == 10
    monkeypatch.setattr(generation, "_xla_works", lambda: False)
    assert np.allclose(short.nats("abcdefghijk"), nats, rtol=0, atol=1e-5)


# --- refused ---------------------------------------------------------------------------------------


class _MyPositions(layers.Positions):
    pass


def _called(x, *others, **options):
    return keras.layers.MultiHeadAttention(2, 4, name="attention")(x, *others, **options)


def _shared(x):
    layer = layers.MinGRU(D, name="twice")
    return layer(layer(x))


def _two_outputs():
    ids = keras.Input((None,))
    x = lstm()(keras.layers.Embedding(len(VOCABULARY), D)(ids))
    return keras.Model(ids, [keras.layers.Dense(len(VOCABULARY))(x), x], name="both")


def _two_inputs():
    ids, more = keras.Input((None,)), keras.Input((None, D))
    x = lstm()(keras.layers.Embedding(len(VOCABULARY), D)(ids)) + more
    return keras.Model([ids, more], keras.layers.Dense(len(VOCABULARY))(x), name="both")


def _two_embeddings():
    ids = keras.Input((None,))
    first, second = (keras.layers.Embedding(len(VOCABULARY), D, name=name)(ids) for name in ("one", "two"))
    return keras.Model(ids, keras.layers.Dense(len(VOCABULARY))(lstm()(first + second)))


REFUSED = {
    "no causal mask": (
        lambda: model_of(lambda x: _called(x, x)),
        "'attention' .MultiHeadAttention.*without use_causal_mask=True",
    ),
    "use_causal_mask=False": (
        lambda: model_of(lambda x: _called(x, x, use_causal_mask=False)),
        "without use_causal_mask=True",
    ),
    "a mask": (
        lambda: model_of(lambda x: _called(x, x, attention_mask=x[:, :, 0][:, None], use_causal_mask=True)),
        "'attention'.*called with attention_mask",
    ),
    "scores": (
        lambda: model_of(lambda x: _called(x, x, use_causal_mask=True, return_attention_scores=True)[0]),
        "'attention'.*called with return_attention_scores",
    ),
    "cross-attention": (
        lambda: model_of(lambda x: _called(x, keras.layers.LayerNormalization()(x), use_causal_mask=True)),
        "'attention'.*it has 2 different inputs; expected one",
    ),
    "another key": (
        lambda: model_of(lambda x: _called(x, x, key=lstm()(x), use_causal_mask=True)),
        "'attention'.*2 different inputs",
    ),
    "other axes": (
        lambda: model_of(attention(attention_axes=(1, 2), name="axes")),
        "'axes'.*attention_axes is .1, 2.; leave it out",
    ),
    "a subclass": (lambda: model_of(lambda x: lstm()(_MyPositions(9, name="my")(x))), "'my' ._MyPositions"),
    "called twice": (lambda: model_of(_shared), "'twice' .MinGRU.*it is called 2 times; expected once"),
    "a number added": (lambda: model_of(lambda x: lstm()(x) + 1), r"'add\w*' .Add.*it adds a number"),
    "a product": (lambda: model_of(lambda x: lstm()(x) * x), r"'multiply\w*' .Multiply"),
    "two outputs": (_two_outputs, "'both' has 1 inputs and 2 outputs; expected one of each"),
    "two inputs": (_two_inputs, "'both' has 2 inputs and 1 outputs"),
    "two embeddings": (_two_embeddings, "'two' .Embedding.*expected Embedding, then LSTM"),
    "positions alone": (lambda: model_of(layers.Positions(9)), "no recurrent layer and no attention"),
    "another end": (
        lambda: model_of(lambda x: keras.layers.Dense(len(VOCABULARY))(lstm()(x)) * 2),
        r"'multiply\w*' .Multiply",
    ),
    "other numbers": (
        lambda: _scaled(stack(attention())),
        "computes something else than its layers one after another",
    ),
}


# What Keras's attention can do beside that; older versions cannot.
for option, value in (("sliding_window", 3), ("use_gate", True)):
    if option in inspect.signature(keras.layers.MultiHeadAttention).parameters:
        make = functools.partial(lambda **options: stack(attention(name="more", **options)), **{option: value})
        REFUSED[option] = make, f"'more'.*{option} is {value}; leave it out"


def _scaled(model):
    """Return a model whose attention gives other numbers than its weights say."""
    layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.MultiHeadAttention))
    layer._inverse_sqrt_key_dim *= 3
    return model


@pytest.mark.parametrize("name", REFUSED)
def test_refused_models(name):
    """A model of another form is refused, the layer named."""
    make, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        TextGenerator(make(), VOCABULARY)


def test_accepted_calls():
    """Query, value and key may be given by name, and Dropout may lie before one of them."""
    layer = keras.layers.MultiHeadAttention(2, 4)
    model = model_of(lambda x: layer(query=x, key=x, value=keras.layers.Dropout(0.1)(x), use_causal_mask=True))
    ids = np.array([3, 4, 5])
    network = stepping.Network(model)
    logits, _ = network.read(network.weights(), ids[:, None].astype(np.int32), network.initial_states(1, 3), 3)
    assert np.allclose(np.asarray(logits)[:, 0], np.asarray(model(ids[None]))[0], rtol=0, atol=1e-5)


# --- speed -----------------------------------------------------------------------------------------


def test_speed(generator, compiled):
    """A token of a long text costs far less CPU time than a pass over the text; measured: 150 times less."""
    content = generator.generate("a", max_length=256, seed=1)[0]
    ids = tf.constant([VOCABULARY.encode(content)])
    compiled(ids)
    seconds = {"tokens": [], "passes": []}
    for _ in range(3):
        started = time.process_time()
        generator.generate("a", max_length=256, seed=1)
        seconds["tokens"].append((time.process_time() - started) / 256)
        started = time.process_time()
        for _ in range(10):
            compiled(ids)
        seconds["passes"].append((time.process_time() - started) / 10)
    assert min(seconds["passes"]) > 8 * min(seconds["tokens"]), seconds
