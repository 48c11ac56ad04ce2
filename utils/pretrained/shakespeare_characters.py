"""Train the character model of lesson 06 in full: the characters so far -> logits of the next one.

    python -m utils.pretrained shakespeare-characters

About a quarter of an hour on two idle cores. Interrupted, it goes on from the last whole epoch. The text is
cut into 64 streams that are read side by side, 64 characters at a time; the state is carried from each
window to the next, so the network sees its text whole, though gradients reach back 64 characters only.
The validation tenth decided when to stop and what is written on the card; nothing was kept back beyond it,
as is the custom for this text.
"""

import functools

import keras
import numpy as np

from utils import data, environment, generation, text
from utils.pretrained import keeping, streams

NAME = "shakespeare-characters"
SEED = 1
DIMENSION, UNITS = 64, 512
EPOCHS, STREAMS, WINDOW, LEARNING_RATE = 20, 64, 64, 4e-3


def build(size, rows=None):
    """Return the model: ids, shape (n, t) -> logits, shape (n, t, size).

    rows: n, where the state is to be carried from each call to the next; else any number of rows, each
    beginning from a state of zeros.
    """
    layers = [
        keras.layers.Embedding(size, DIMENSION),
        keras.layers.Dropout(0.2),
        keras.layers.LSTM(UNITS, return_sequences=True, stateful=rows is not None),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(size),
    ]
    return keras.Sequential([keras.Input((None,), batch_size=rows, dtype="int32"), *layers], name="characters")


def nats_of_windows(model, ids, window):
    """Return the mean cross-entropy (nats) of a text read in pieces of `window` ids, each from a state of zeros."""
    count = (len(ids) - 1) // window
    inputs, targets = (np.asarray(ids[s : s + count * window]).reshape(count, window) for s in (0, 1))
    losses = [
        keras.losses.sparse_categorical_crossentropy(targets[row : row + 64], model(inputs[row : row + 64]), True)
        for row in range(0, count, 64)
    ]
    return float(np.mean(np.concatenate(losses)))


def scores(model, vocabulary):
    """Return what the card says: nats a character of the validation text, in two ways of reading it, a dictionary."""
    validation = data.split_text(data.load_shakespeare()).validation
    carried = generation.TextGenerator(model, vocabulary).nats(validation).mean(dtype=np.float64)
    in_windows = nats_of_windows(model, vocabulary.encode(validation), 256)
    return {
        "validation nats a character, state carried": round(float(carried), 4),
        "validation nats a character, windows of 256 from a zero state": round(in_windows, 4),
    }


def sample(model, vocabulary):
    """Return the nats a character of the first 64 windows of 64 characters: quick to compute, always equal."""
    validation = data.split_text(data.load_shakespeare()).validation
    return nats_of_windows(model, vocabulary.encode(validation[: 64 * 64 + 1]), 64)


def main():
    """Train, save the best epoch, load it again, and write the scores of what was loaded."""
    environment.start(seed=SEED)
    pieces = data.split_text(data.load_shakespeare())
    vocabulary = text.Vocabulary.from_texts([pieces.train], level="character")

    def nats(scored):
        return float(generation.TextGenerator(scored, vocabulary).nats(pieces.validation).mean(dtype=np.float64))

    model, seconds = streams.train(
        NAME,
        functools.partial(build, len(vocabulary)),
        vocabulary.encode(pieces.train),
        nats,
        epochs=EPOCHS,
        learning_rate=LEARNING_RATE,
        streams=STREAMS,
        window=WINDOW,
    )
    text_used = "90 % to train on, the last 10 % to choose with and to score"
    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        sample,
        title="The next character of Shakespeare",
        data=f"data.split_text(data.load_shakespeare()): {text_used}",
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
