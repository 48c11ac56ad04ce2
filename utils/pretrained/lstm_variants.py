"""Measure the changes to an LSTM that are often advised, for lesson 05: data/pretrained/lstm-variants.csv.

    python -m utils.pretrained lstm-variants

About a quarter of an hour on two idle cores. Interrupted, it goes on from the last whole training. Each variant
differs in one thing from the first: one LSTM of 16 units over GloVe's vectors, which are trained further, the mean
over its states, no dropout. All are trained on the 6,132 snippets of Rotten Tomatoes, with five seeds, for 20 epochs,
and counted at the epoch whose loss on the 685 validation snippets is lowest.

The table has a row for each training: variant; seed; accuracy and loss (nats) on validation, and the number of that
epoch, from 1; seconds that an epoch took (the median).
"""

import itertools
import time

import keras
import numpy as np

from utils import data, environment, text
from utils.pretrained import keeping

NAME = "lstm-variants"
FIELDS = ("variant", "seed", "accuracy", "loss", "epoch", "seconds")
SEEDS = (1, 2, 3, 4, 5)
UNITS, EPOCHS, BATCH, LEARNING_RATE = 16, 20, 128, 4e-3
VARIANTS = {
    "one layer": {},
    "last state": {"pool": "last"},
    "both ways": {"both_ways": True},
    "frozen vectors": {"trainable": False},
    "dropout": {"dropout": 0.5},
    "two layers": {"layers": 2},
    "recurrent dropout": {"recurrent_dropout": 0.3},
    "normalised cell": {"normalised": True},
}


class NormalizedLSTMCell(keras.layers.Layer):
    """An LSTM cell with layer normalisation: of W x, of U h and of the new cell state (Ba, Kiros and Hinton 2016).

    inputs (n, d), states [h (n, units), c (n, units)] -> h, [h, c]. Give it to keras.layers.RNN.
    """

    def __init__(self, units):
        super().__init__()
        self.units, self.state_size, self.output_size = units, [units, units], units
        self.kernel = keras.layers.Dense(4 * units, use_bias=False)
        self.recurrent_kernel = keras.layers.Dense(4 * units, use_bias=False, kernel_initializer="orthogonal")
        # The forget gates begin with a bias of 1, as in keras.layers.LSTM; the norm of U h has no bias of its own.
        bias = np.repeat([0.0, 1.0, 0.0, 0.0], units).astype("float32")
        self.norm_of_inputs = keras.layers.LayerNormalization(beta_initializer=keras.initializers.Constant(bias))
        self.norm_of_states = keras.layers.LayerNormalization(center=False)
        self.norm_of_cell = keras.layers.LayerNormalization()

    def build(self, input_shape):
        """Make the weights; input_shape: (n, d)."""
        self.kernel.build(input_shape)
        self.recurrent_kernel.build((None, self.units))
        self.norm_of_inputs.build((None, 4 * self.units))
        self.norm_of_states.build((None, 4 * self.units))
        self.norm_of_cell.build((None, self.units))
        self.built = True

    def call(self, inputs, states):
        """Return h and [h, c] of the next step."""
        h, c = states
        z = self.norm_of_inputs(self.kernel(inputs)) + self.norm_of_states(self.recurrent_kernel(h))
        i, f, candidate, o = keras.ops.split(z, 4, axis=-1)
        c = keras.ops.sigmoid(f) * c + keras.ops.sigmoid(i) * keras.ops.tanh(candidate)
        h = keras.ops.sigmoid(o) * keras.ops.tanh(self.norm_of_cell(c))
        return h, [h, c]


def build(
    matrix,
    layers=1,
    pool="mean",
    both_ways=False,
    trainable=True,
    dropout=0.0,
    recurrent_dropout=0.0,
    normalised=False,
):
    """Return a compiled model: ids (n, t) -> logits (n, 1); its vectors start from matrix, (V, D)."""
    ids = keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(*matrix.shape, mask_zero=True, trainable=trainable)
    mask = embedding.compute_mask(ids)  # passed by hand below: not every Keras passes it on
    x = keras.layers.SpatialDropout1D(dropout / 2)(embedding(ids))
    for layer in range(layers):
        every = pool == "mean" or layer < layers - 1
        if normalised:
            lstm = keras.layers.RNN(NormalizedLSTMCell(UNITS), return_sequences=every)
        else:
            lstm = keras.layers.LSTM(UNITS, return_sequences=every, recurrent_dropout=recurrent_dropout)
        x = (keras.layers.Bidirectional(lstm) if both_ways else lstm)(x, mask=mask)
    if pool == "mean":
        x = keras.layers.GlobalAveragePooling1D()(x, mask=mask)
    model = keras.Model(ids, keras.layers.Dense(1)(keras.layers.Dropout(dropout)(x)))
    embedding.set_weights([matrix])
    accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), loss, metrics=[accuracy])
    return model


class Clock(keras.callbacks.Callback):
    """Notes the time at the end of each epoch."""

    def on_train_begin(self, logs=None):
        """Forget earlier trainings."""
        self.times = []

    def on_epoch_end(self, epoch, logs=None):
        """Note the time."""
        self.times.append(time.perf_counter())


def train(variant, seed, epochs=EPOCHS):
    """Train one variant with one seed; return its row of the table, a dictionary with FIELDS as keys."""
    snippets = data.load_reviews("rotten_tomatoes")
    vocabulary = text.Vocabulary.from_texts(snippets.train.text, max_size=25_000)
    batches = text.batches(snippets.train.text, snippets.train.label, vocabulary, BATCH, seed=seed)
    unseen = text.batches(snippets.validation.text, snippets.validation.label, vocabulary, 256, shuffle=False)
    matrix = data.load_glove(vocabulary).matrix
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(matrix, **VARIANTS[variant])
    clock = Clock()
    fit = model.fit(batches, epochs=epochs, validation_data=unseen, callbacks=[clock], shuffle=False, verbose=0).history
    best = int(np.argmin(fit["val_loss"]))
    return {
        "variant": variant,
        "seed": seed,
        "accuracy": round(fit["val_accuracy"][best], 4),
        "loss": round(fit["val_loss"][best], 4),
        "epoch": best + 1,
        "seconds": round(float(np.median(np.diff(clock.times))), 3),
    }


def main():
    """Train what is missing, and write the table when all is there."""
    environment.start(seed=0, data=["rotten_tomatoes", "glove"])
    keeping.table(NAME, FIELDS, itertools.product(VARIANTS, SEEDS), lambda variant, seed: [train(variant, seed)])


if __name__ == "__main__":
    main()
