"""What batching, encoding and training cost: python -m tools.benchmarks batches

Three tables: (a) padding and the time of one epoch for three ways of making batches; (b) words encoded a
second; (c) words trained on a second, the lesson's way against the plain way (length 200, batches of 32).
One epoch here is one over 6,000 reviews.
"""

import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from utils import data, environment, text

REVIEWS, WORDS, CAP = 6_000, 20_000, 400


def build(size, units=64):
    """Return the model that all rows of the tables train: Embedding -> Bidirectional(LSTM) -> mean -> logit."""
    ids = keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(size, 50, mask_zero=True)
    mask = embedding.compute_mask(ids)
    states = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True))(embedding(ids), mask=mask)
    model = keras.Model(ids, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(states, mask=mask)))
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def fixed_batches(rows, labels, batch_size, length):
    """Return shuffled batches, every row cut and padded to `length`."""
    dataset = tf.data.Dataset.from_tensor_slices((text.pad(rows, length), np.asarray(labels, np.int32)))
    return dataset.shuffle(len(rows), seed=0).batch(batch_size).prefetch(2)


def seconds_an_epoch(dataset, size):
    """Return the seconds of one epoch of a new model, after a first epoch that compiles everything."""
    keras.utils.set_random_seed(0)
    model = build(size)
    model.fit(dataset.take(3), shuffle=False, verbose=0)
    started = time.perf_counter()
    model.fit(dataset, shuffle=False, verbose=0)
    return time.perf_counter() - started


def table_of_batches(reviews, vocabulary):
    """Compare fixed, batch-max and bucketed batches: timesteps a token, and seconds an epoch at the cap."""
    texts, labels = reviews.text, reviews.label
    rows = [vocabulary.encode(review) for review in texts]
    ways = {
        f"fixed at {CAP}": lambda cap: fixed_batches(rows, labels, 64, cap or max(map(len, rows))),
        "longest of the batch": lambda cap: text.batches(texts, labels, vocabulary, 64, cap, bucketed=False),
        "bucketed": lambda cap: text.batches(texts, labels, vocabulary, 64, cap),
    }
    table = []
    for name, make in ways.items():
        capped = make(CAP)
        waste, seconds = text.padding_waste(capped), seconds_an_epoch(capped, len(vocabulary))
        table.append((name, text.padding_waste(make(None)), waste, seconds))
    columns = ["batches", "timesteps a token, no cap", f"cap {CAP}", "seconds an epoch"]
    table = pd.DataFrame(table, columns=columns)
    table["times as fast"] = table["seconds an epoch"].iloc[0] / table["seconds an epoch"]
    return table


def words_a_second(function, words, repeats=3):
    """Return words / second of the best of some runs."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - started)
    return words / best


def table_of_encodings(texts, vocabulary):
    """Compare our encoding (one core) with Keras's TextVectorization, by our rule and by its own (all cores)."""
    words = sum(len(text.tokenize(review, "word")) for review in texts)
    ours_in_keras = vocabulary.to_text_vectorization()
    plain = keras.layers.TextVectorization(max_tokens=WORDS)
    plain.adapt(tf.data.Dataset.from_tensor_slices(list(texts)).batch(256))
    plain_words = sum(len(review.split()) for review in texts)

    def through(layer):
        dataset = tf.data.Dataset.from_tensor_slices(list(texts)).batch(256)
        for _ in dataset.map(layer, num_parallel_calls=tf.data.AUTOTUNE):
            pass

    rows = [
        ("Vocabulary.encode, one core", words_a_second(lambda: [vocabulary.encode(t) for t in texts], words)),
        ("the same rule as TextVectorization, all cores", words_a_second(lambda: through(ours_in_keras), words)),
        (
            "TextVectorization's own rule (drops punctuation), all cores",
            words_a_second(lambda: through(plain), plain_words),
        ),
    ]
    return pd.DataFrame(rows, columns=["encoding", "words a second"])


def table_of_trainings(reviews, vocabulary):
    """Compare words trained on a second: bucketed batches of 64 against length 200, batches of 32."""
    rows = [vocabulary.encode(review) for review in reviews.text]
    lengths = np.array([len(row) for row in rows])
    ways = [
        (
            f"bucketed, at most {CAP}, batches of 64",
            CAP,
            text.batches(reviews.text, reviews.label, vocabulary, 64, CAP),
        ),
        ("plain: length 200, batches of 32", 200, fixed_batches(rows, reviews.label, 32, 200)),
    ]
    table = []
    for name, cap, dataset in ways:
        words = int(np.minimum(lengths, cap).sum())
        seconds = seconds_an_epoch(dataset, len(vocabulary))
        table.append((name, words / lengths.sum(), seconds, words / seconds))
    return pd.DataFrame(table, columns=["training", "share of the words read", "seconds an epoch", "words a second"])


def main():
    """Print the three tables."""
    environment.start(seed=0)
    reviews = data.load_reviews("imdb").train[:REVIEWS]
    vocabulary = text.Vocabulary.from_texts(reviews.text, max_size=WORDS)
    tables = {
        f"(a) {REVIEWS:,} IMDB reviews in batches of 64": table_of_batches(reviews, vocabulary),
        "(b) encoding": table_of_encodings(reviews.text, vocabulary),
        "(c) training, the same model": table_of_trainings(reviews, vocabulary),
    }
    for title, table in tables.items():
        print(f"\n{title}\n{table.to_string(index=False, float_format=lambda value: f'{value:,.2f}')}", flush=True)


if __name__ == "__main__":
    main()
