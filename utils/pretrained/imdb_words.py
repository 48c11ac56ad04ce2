"""Train the word model of lesson 06 in full: the words of a film review so far -> logits of the next one.

    python -m utils.pretrained imdb-words

About an hour on two idle cores. Interrupted, it goes on from the last whole epoch. The layers are those of
the recipe in lesson 06 (Embedding 256, two LSTMs of 512), with normalisation after each LSTM. The training
reviews, each from <bos> to <eos>, are strung together and cut into 64 streams that are read side by side,
64 words at a time, the state carried. The validation reviews of at most 400 words chose the epoch; each is
read from a state of zeros.
"""

import functools

import keras
import numpy as np
import tensorflow as tf

from utils import data, environment, text
from utils.pretrained import keeping, streams

NAME = "imdb-words"
SEED = 1
WORDS, DIMENSION, UNITS = 8_000, 256, 512
EPOCHS, STREAMS, WINDOW, LEARNING_RATE = 3, 64, 64, 2e-3
LONGEST = 400


def build(size, rows=None):
    """Return the model: ids, shape (n, t) -> logits, shape (n, t, size).

    rows: n, where the state is to be carried from each call to the next; else any number of rows, each
    beginning from a state of zeros.
    """
    carried = {"return_sequences": True, "stateful": rows is not None}
    # Training loss after 120 updates, in nats: 6.34 with Keras's embeddings, of size 0.03, and no normalisation;
    # 6.34 with embeddings of size 1; 6.24 with normalisation; 5.64 with both. With neither it still was 6.39 on
    # validation after an epoch, and word counts alone reach about 6.15.
    layers = [
        keras.layers.Embedding(size, DIMENSION, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0)),
        keras.layers.Dropout(0.1),
        keras.layers.LSTM(UNITS, **carried),
        keras.layers.LayerNormalization(),
        keras.layers.Dropout(0.1),
        keras.layers.LSTM(UNITS, **carried),
        keras.layers.LayerNormalization(),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(size),
    ]
    return keras.Sequential([keras.Input((None,), batch_size=rows, dtype="int32"), *layers], name="words")


def nats(model, rows):
    """Return the mean cross-entropy in nats a token, <eos> included; rows: lists of ids, with <bos> and <eos>."""
    total = count = 0
    rows = sorted(rows, key=len)  # rows of about the same length share a batch
    for start in range(0, len(rows), 32):
        ids = text.pad(rows[start : start + 32])
        inputs, targets = ids[:, :-1], ids[:, 1:]
        losses = keras.losses.sparse_categorical_crossentropy(targets, model(inputs), from_logits=True, ignore_class=0)
        total += float(tf.reduce_sum(losses))
        count += int(np.count_nonzero(targets))
    return total / count


def validation_rows(vocabulary):
    """Return the validation reviews of at most LONGEST tokens as lists of ids, from <bos> to <eos>."""
    rows = [vocabulary.encode(review, bounds=True) for review in data.load_reviews("imdb").validation.text]
    return [row for row in rows if len(row) <= LONGEST + 2]


def scores(model, vocabulary):
    """Return what the card says: nats a token and perplexity over `validation_rows`, a dictionary."""
    loss = nats(model, validation_rows(vocabulary))
    return {"validation nats a token": round(loss, 4), "validation perplexity": round(float(np.exp(loss)), 1)}


def sample(model, vocabulary):
    """Return the nats a token of the last 60 tokens of eight validation reviews: quick to compute, always equal."""
    return nats(model, [row[-60:] for row in validation_rows(vocabulary)[:8]])


def main():
    """Train, save the best epoch, load it again, and write the scores of what was loaded."""
    environment.start(seed=SEED)
    # Matrix products in bfloat16, 1.6 times as fast where the processor has them; the weights stay float32.
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    reviews = data.load_reviews("imdb")
    vocabulary = text.Vocabulary.from_texts(reviews.train.text, max_size=WORDS, bounds=True)
    rows = [vocabulary.encode(review, bounds=True) for review in reviews.train.text]
    validation = validation_rows(vocabulary)

    model, seconds = streams.train(
        NAME,
        functools.partial(build, len(vocabulary)),
        np.concatenate(rows),
        lambda scored: nats(scored, validation),
        epochs=EPOCHS,
        learning_rate=LEARNING_RATE,
        streams=STREAMS,
        window=WINDOW,
    )
    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        sample,
        title="The next word of a film review",
        data=f"data.load_reviews('imdb', seed=0): {len(rows):,} reviews to train on; {len(validation):,} validation "
        f"reviews of at most {LONGEST} tokens to choose with and to score",
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
