"""A long text cut into streams that are read side by side, the state carried from window to window."""

import keras
import numpy as np
import tensorflow as tf

from utils.pretrained import keeping


def windows(ids, streams, length):
    """Return a tf.data.Dataset of (inputs, targets), both of shape (streams, length), in reading order.

    Row r of each element goes on where row r of the one before ended. What is left over at the end of the
    text, less than `streams * length` ids, is not read.
    """
    steps = (len(ids) - 1) // (streams * length)
    inputs, targets = (
        np.asarray(ids[shift : shift + streams * steps * length], np.int32)
        .reshape(streams, steps, length)
        .swapaxes(0, 1)
        for shift in (0, 1)
    )
    return tf.data.Dataset.from_tensor_slices((inputs, targets))


class Forget(keras.callbacks.Callback):
    """Start each epoch from a state of zeros: the end of the text is not what comes before its beginning."""

    def on_epoch_begin(self, epoch, logs=None):
        """Reset the states."""
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.RNN):
                layer.reset_state()


def train(name, build, ids, score, *, epochs, learning_rate, streams, window):
    """Train on a text, ids, cut into streams; return (model, seconds): the best epoch's, for any number of rows.

    build: a function of the number of rows whose state is carried, or of None, that gives the model.
    score: a function of a model for any number of rows, lower is better. For the rest see `keeping.train`.
    """
    dataset = windows(ids, streams, window)
    model = build(streams)
    optimizer = keras.optimizers.Adam(keeping.warm_cosine(learning_rate, epochs * len(dataset)), clipnorm=1.0)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    best = build(None)  # the same layers: the one that is scored and kept

    def score_of_layers(trained):
        best.set_weights(trained.get_weights())
        return score(best)

    weights, seconds = keeping.train(name, model, dataset, epochs, score_of_layers, callbacks=[Forget()])
    best.set_weights(weights)
    return best, seconds
