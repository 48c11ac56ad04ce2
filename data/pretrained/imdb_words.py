"""Train the word model of lesson 06 in full: the words of a film review so far -> logits of the next one.

    python -m data.pretrained imdb-words

About an hour on two idle cores. Interrupted, it goes on from the last whole epoch. The layers are those of
the recipe in lesson 06 (Embedding 256, two LSTMs of 512). It reads the training reviews that have at most 200
tokens, each from <bos> to <eos> and each from a state of zeros; the validation reviews of that length
chose the epoch.
"""

import keras
import numpy as np
import tensorflow as tf

from data.pretrained import keeping
from utils import data, environment, text

NAME = "imdb-words"
SEED = 1
WORDS, DIMENSION, UNITS = 8_000, 256, 512
EPOCHS, BATCH, LONGEST, LEARNING_RATE = 8, 32, 200, 2e-3


def build(size):
    """Return the model: ids, shape (n, t) -> logits, shape (n, t, size)."""
    layers = [
        keras.layers.Embedding(size, DIMENSION),
        keras.layers.Dropout(0.3),
        keras.layers.LSTM(UNITS, return_sequences=True),
        keras.layers.Dropout(0.4),
        keras.layers.LSTM(UNITS, return_sequences=True),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(size),
    ]
    return keras.Sequential([keras.Input((None,), dtype="int32"), *layers], name="words")


def encode(texts, vocabulary):
    """Return the ids of the texts that are short enough, with <bos> and <eos>: a list of lists."""
    rows = (vocabulary.encode(review, bounds=True) for review in texts)
    return [row for row in rows if len(row) <= LONGEST + 2]


def batches(rows, shuffle=True):
    """Return a tf.data.Dataset of (inputs, targets), both (n, t): targets are the inputs one step later.

    Rows of about the same length share a batch; what is padded has the target 0, which the loss leaves out.
    """
    lengths = [len(row) for row in rows]
    passes = [0]

    def one_pass():
        chosen = text.batch_rows(lengths, BATCH, shuffle=shuffle, seed=SEED, epoch=passes[0])
        passes[0] += 1
        for batch in chosen:
            padded = text.pad([rows[row] for row in batch])
            yield padded[:, :-1], padded[:, 1:]

    signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, None), tf.int32))
    dataset = tf.data.Dataset.from_generator(one_pass, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(-(-len(rows) // BATCH))).prefetch(2)


def nats(model, rows):
    """Return the mean cross-entropy in nats a token, <eos> included."""
    total = count = 0
    for inputs, targets in batches(rows, shuffle=False):
        losses = keras.losses.sparse_categorical_crossentropy(targets, model(inputs), from_logits=True, ignore_class=0)
        total += float(tf.reduce_sum(losses))
        count += int(np.count_nonzero(targets))
    return total / count


def main():
    """Train, save the best epoch, load it again, and write the scores of what was loaded."""
    environment.start(seed=SEED)
    reviews = data.load_reviews("imdb")
    vocabulary = text.Vocabulary.from_texts(reviews.train.text, max_size=WORDS, bounds=True)
    rows, validation = (encode(piece.text, vocabulary) for piece in (reviews.train, reviews.validation))
    dataset = batches(rows)
    model = build(len(vocabulary))
    optimizer = keras.optimizers.Adam(keeping.warm_cosine(LEARNING_RATE, EPOCHS * len(dataset)), clipnorm=1.0)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0))
    weights, seconds = keeping.train(NAME, model, dataset, EPOCHS, lambda trained: nats(trained, validation))
    model.set_weights(weights)

    def scores(stored):
        loss = nats(stored, validation)
        return {"validation nats a token": round(loss, 4), "validation perplexity": round(float(np.exp(loss)), 1)}

    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        title="The next word of a film review",
        data=f"the reviews of data.load_reviews('imdb', seed=0) with at most {LONGEST} tokens: "
        f"{len(rows):,} to train on, {len(validation):,} to choose with and to score",
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
