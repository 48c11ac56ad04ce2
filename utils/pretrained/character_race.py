"""Train an LSTM, a minGRU and a Transformer on the same characters, for lesson 09: data/pretrained/character-race.csv.

    python -m utils.pretrained character-race

About forty minutes on two idle cores. Interrupted, it goes on from the last whole training. The three have about as
many weights; each reads windows of 128 characters of Shakespeare, drawn anywhere, 8 at a time, from a state of zeros:
many small updates, for which a Transformer that is trained so briefly is grateful. Each is trained twice with each
seed: for two passes over the training text ("equal tokens"), and for as many as take the time that the LSTM needs for
two, estimated by a few updates of both ("equal seconds"). The shipped table was made on one core. None of them sees
enough to overfit, so there is no dropout.

The table has a row for each training: network; seed; budget; number of weights; passes; seconds; and nats a character
on the validation tenth, in windows of 128 as well. Its first row is the baseline, lesson 06's counts with four
characters of context: they have no seed, and what they keep is counts.
"""

import collections
import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from utils import data, environment, layers, text
from utils.pretrained import keeping

NAME = "character-race"
FIELDS = ("network", "seed", "budget", "weights", "passes", "seconds", "nats")
SEEDS = (1, 2, 3)
WINDOW, BATCH, PASSES = 128, 8, 2
LEARNING_RATES = {"LSTM": 2e-2, "minGRU": 8e-3, "Transformer": 8e-3}  # the best of two or three, in one pass


def block(x, mix, widening=4):
    """Return x, (n, t, D), after a residual block: `mix` over the timesteps, then over the D numbers of each."""
    y = mix(keras.layers.LayerNormalization()(x))
    x = keras.layers.Add()([x, y])
    y = keras.layers.Dense(widening * x.shape[-1], "gelu")(keras.layers.LayerNormalization()(x))
    y = keras.layers.Dense(x.shape[-1])(y)
    return keras.layers.Add()([x, y])


def attend(x, heads=4):
    """Return causal self-attention over x, (n, t, D)."""
    return keras.layers.MultiHeadAttention(heads, x.shape[-1] // heads)(x, x, use_causal_mask=True)


def remember(x):
    """Return the states of a minGRU of twice as many units, brought back to x's shape (n, t, D)."""
    return keras.layers.Dense(x.shape[-1])(layers.MinGRU(2 * x.shape[-1])(x))


def sinusoids(length, D):
    """Return waves of D frequencies at each position, (length, D), after Vaswani et al. (2017).

    In them "one further" is the same product everywhere. Vectors that begin at random have to find that out: after one
    pass, all else equal (batches of 16, dropout 0.1, one seed), the Transformer was at 2.34 nats, with waves at 2.16.
    """
    angles = np.arange(length)[:, None] / 1e4 ** (np.arange(0, D, 2) / D)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def build(network, size):
    """Return a model, ids (n, t) -> logits (n, t, size); network: "LSTM", "minGRU" or "Transformer"."""
    ids = keras.Input((None,), dtype="int32")
    if network == "LSTM":
        x = keras.layers.Embedding(size, 64)(ids)
        x = keras.layers.LSTM(256, return_sequences=True)(x)
    elif network == "minGRU":
        x = keras.layers.Embedding(size, 128)(ids)
        for _ in range(2):
            x = block(x, remember, widening=2)
        x = keras.layers.LayerNormalization()(x)
    else:
        # As large as what the blocks add to it: Keras begins an Embedding near 0.
        x = keras.layers.Embedding(size, 96, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.5))(ids)
        positions = layers.Positions(WINDOW)
        x = positions(x)
        positions.set_weights([0.5 * sinusoids(WINDOW, 96)])
        for _ in range(3):
            x = block(x, attend)
        x = keras.layers.LayerNormalization()(x)
    return keras.Model(ids, keras.layers.Dense(size)(x))


def drawn_windows(ids, updates, seed):
    """Return a dataset of `updates` batches (inputs, targets), each (BATCH, WINDOW), drawn anywhere in ids."""
    ids = np.asarray(ids, np.int32)
    starts = np.random.default_rng(seed).integers(len(ids) - WINDOW, size=(updates, BATCH))

    def batches():
        for row in starts:
            windows = ids[row[:, None] + np.arange(WINDOW + 1)]
            yield windows[:, :-1], windows[:, 1:]

    signature = (tf.TensorSpec((BATCH, WINDOW), tf.int32),) * 2
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(updates))


def compiled(network, size, updates):
    """Return a compiled model. updates: until the learning rate is nearly 0."""
    model = build(network, size)
    rate = keeping.warm_cosine(LEARNING_RATES[network], updates, warm=max(1, updates // 20), last=0.02)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss)
    return model


def update_seconds(networks, ids, size, seed, updates=15):
    """Return how long an update of each network takes, a dictionary: the median of some, made in turns."""
    models = {name: compiled(name, size, updates) for name in networks}
    took = {name: [] for name in networks}
    for batch in drawn_windows(ids, updates, seed):
        for name, model in models.items():
            started = time.perf_counter()
            model.train_on_batch(*batch)
            took[name].append(time.perf_counter() - started)
    return {name: float(np.median(seconds[1:])) for name, seconds in took.items()}  # the first also traces


def counted(train, held_out, longest=4):
    """Return how many counts lesson 06's model keeps of a text, and its nats a character on another.

    Interpolated by Witten and Bell's (1991) rule: P_k(x | h) = (n(hx) + u(h) P_{k-1}(x)) / (n(h) + u(h)), n counting
    and u(h) the kinds of characters seen after h.
    """
    P, kept = np.full(len(held_out) - longest, 1 / len(set(train))), 0
    for k in range(longest + 1):
        runs = collections.Counter(train[t : t + k + 1] for t in range(len(train) - k))
        contexts, kinds = collections.Counter(), collections.Counter()
        for run, number in runs.items():
            contexts[run[:-1]] += number
            kinds[run[:-1]] += 1
        for row, t in enumerate(range(longest, len(held_out))):
            context, run = held_out[t - k : t], held_out[t - k : t + 1]
            if context in contexts:
                n, u = contexts[context], kinds[context]
                P[row] = (runs[run] + u * P[row]) / (n + u)
        kept += len(runs)
    return kept, float(-np.log(P).mean())


def train(network, seed):
    """Train one network with one seed, twice; return its two rows of the table, dictionaries. Or count, once."""
    pieces = data.split_text(data.load_shakespeare())
    if network == "counts":
        started = time.perf_counter()
        kept, nats = counted(*pieces)
        row = (network, seed, "one pass", kept, 1, round(time.perf_counter() - started), round(nats, 4))
        return [dict(zip(FIELDS, row, strict=True))]
    vocabulary = text.Vocabulary.from_texts([pieces.train], level="character")
    ids, held_out = (np.array(vocabulary.encode(piece), np.int32) for piece in pieces)
    count = (len(held_out) - 1) // WINDOW
    inputs, targets = (held_out[shift : shift + count * WINDOW].reshape(count, WINDOW) for shift in (0, 1))
    a_pass = len(ids) / (BATCH * WINDOW)  # updates

    keras.backend.clear_session()
    speed = update_seconds({"LSTM", network}, ids, len(vocabulary), seed)
    passes = {"equal tokens": PASSES, "equal seconds": PASSES * speed["LSTM"] / speed[network]}
    rows = []
    for budget, number in passes.items():
        if network == "LSTM" and rows:
            rows.append(rows[0] | {"budget": budget})
            continue
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        updates = round(number * a_pass)
        model = compiled(network, len(vocabulary), updates)
        started = time.perf_counter()
        model.fit(drawn_windows(ids, updates, seed), shuffle=False, verbose=0)
        seconds = time.perf_counter() - started
        nats = model.evaluate(inputs, targets, batch_size=BATCH, verbose=0)
        rows.append(
            {
                "network": network,
                "seed": seed,
                "budget": budget,
                "weights": model.count_params(),
                "passes": round(number, 2),
                "seconds": round(seconds),
                "nats": round(nats, 4),
            }
        )
    return rows


def main():
    """Train what is missing, and write the table when all is there."""
    environment.start(seed=0)
    keeping.table(NAME, FIELDS, [("counts", 0), *itertools.product(LEARNING_RATES, SEEDS)], train)


if __name__ == "__main__":
    main()
