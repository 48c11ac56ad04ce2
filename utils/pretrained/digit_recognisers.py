"""Train the recogniser of lesson 08 and two relatives, five seeds each: data/pretrained/digit-recognisers.csv.

    python -m utils.pretrained digit-recognisers

About five minutes on two idle cores. Interrupted, it goes on from the last whole training. Each is trained as in the
lesson, three passes over 2,000 utterances of spoken digits: with an LSTM in both directions; with one in one direction,
which has about as many weights; and in both directions without layer normalisation.

The table has a row for each training: network; seed; and word error rate, on 200 other utterances of the same voices
and on 500 of voices never heard.
"""

import itertools

import keras

from utils import ctc, environment, error_rates, speech, spoken_words, text
from utils.pretrained import keeping

NAME = "digit-recognisers"
FIELDS = ("network", "seed", "heard", "unheard")
NETWORKS = {
    "both directions": {"both_ways": True, "units": 64},
    "one direction": {"both_ways": False, "units": 100},
    "no normalisation": {"both_ways": True, "units": 64, "normalised": False},
}
SEEDS = (1, 2, 3, 4, 5)
EPOCHS, BATCH, LEARNING_RATE = 3, 16, 0.01


def build(size, updates, both_ways, units, normalised=True):
    """Return a compiled model, frames (n, t, 40) -> logits (n, t / 2, size). updates: until the rate is nearly 0."""
    layers = keras.layers
    frames = keras.Input((None, speech.BANDS))
    x = layers.Conv1D(64, 5, strides=ctc.REDUCTION, padding="same", activation="relu")(frames)
    x = layers.LayerNormalization()(x) if normalised else x
    lstm = layers.LSTM(units, return_sequences=True)
    x = (layers.Bidirectional(lstm) if both_ways else lstm)(x)
    model = keras.Model(frames, layers.Dense(size)(x))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, updates, alpha=0.02)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), keras.losses.CTC())
    return model


def word_error(model, vocabulary, table, width=1):
    """Return the word error rate on a table with frames: edits per word, a float. width: of the beam; 1 is greedy."""
    heard = ctc.transcribe(model, vocabulary, table.frames, width)
    return error_rates.rates([[said.split()] for said in table.text], [one.split() for one in heard]).token


def train(network, seed):
    """Train one network with one seed; return its row of the table, a dictionary with FIELDS as keys."""
    train, validation, test = spoken_words.load_digits()
    vocabulary = text.Vocabulary.from_texts(train.text, level="character")
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    batches = ctc.batches(train.frames, train.text, vocabulary, BATCH, seed=seed)
    model = build(len(vocabulary), EPOCHS * len(batches), **NETWORKS[network])
    model.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0)
    return {
        "network": network,
        "seed": seed,
        "heard": round(word_error(model, vocabulary, validation), 4),
        "unheard": round(word_error(model, vocabulary, test), 4),
    }


def main():
    """Train what is missing, and write the table when all is there."""
    environment.start(seed=0)
    keeping.table(NAME, FIELDS, itertools.product(NETWORKS, SEEDS), lambda network, seed: [train(network, seed)])


if __name__ == "__main__":
    main()
