"""Follow an encoder-decoder with attention and one without for 20 epochs, for lesson 07: date-attention.csv.

    python -m utils.pretrained date-attention

About 20 minutes on two idle cores. Interrupted, it goes on from the last whole training. Both networks are those of
the lesson, as are dates and batches; the learning rate is a little lower, and falls along a cosine to 0 over the 20
epochs. Each is trained with five seeds; after every epoch it writes the 500 validation dates greedily.

The table has a row for each epoch: network, seed, epoch (from 1), loss (nats a token, the mean over the epoch's
batches) and exact (the share of validation dates that are right in all ten characters).
"""

import itertools

import keras
import numpy as np

from utils import dates, environment, pairs, text, translation
from utils.pretrained import keeping

NAME = "date-attention"
FIELDS = ("network", "seed", "epoch", "loss", "exact")
NETWORKS = {"plain": False, "attention": True}
SEEDS = (1, 2, 3, 4, 5)
DIMENSION, UNITS, EPOCHS, BATCH, LEARNING_RATE = 32, 64, 20, 64, 8e-3


def build(characters, digits, attention):
    """Return a model (source (n, s), before (n, t)) -> logits (n, t, digits) for so many ids, with attention or not."""
    layers = keras.layers
    source, before = (keras.Input((None,), dtype="int32") for _ in range(2))
    embedding = layers.Embedding(characters, DIMENSION, mask_zero=True)
    mask = embedding.compute_mask(source)  # passed by hand below: not every Keras passes it on
    gru = layers.GRU(UNITS // 2, return_sequences=True, return_state=True)
    memory, *states = layers.Bidirectional(gru, name="encoder")(embedding(source), mask=mask)
    summary = layers.Concatenate(name="summary")(states)
    y = layers.Embedding(digits, DIMENSION, name="digits")(before)
    s = layers.GRU(UNITS, return_sequences=True, name="decoder")(y, initial_state=summary)
    if attention:
        context = layers.Attention()([s, memory], mask=[None, mask])
        s = layers.Dense(UNITS, "tanh", name="joined")(layers.Concatenate()([s, context]))
    else:  # about as many weights
        s = layers.Dense(2 * UNITS, "tanh", name="joined")(s)
    return keras.Model([source, before], layers.Dense(digits, name="logits")(s))


def parts(model, attention):
    """Return (encode, step) of a model, as translation.Translator wants them; they share its weights."""
    layer = {layer.name: layer for layer in model.layers}
    encoder = keras.Model(model.inputs[0], [layer["summary"].output, layer["encoder"].output[0]])

    def encode(source):
        summary, memory = encoder(source)
        return summary, memory if attention else None

    def step(ids, s, memory, mask):
        s, _ = layer["decoder"].cell(layer["digits"](ids), s)
        joined, weights = s, None
        if attention:
            scores = keras.ops.einsum("nh,nsh->ns", s, memory)
            weights = keras.ops.softmax(keras.ops.where(mask, scores, -np.inf))
            context = keras.ops.einsum("ns,nsh->nh", weights, memory)
            joined = keras.ops.concatenate([s, context], axis=-1)
        return layer["logits"](layer["joined"](joined)), s, weights

    return encode, step


class Exact(keras.callbacks.Callback):
    """Notes after each epoch what share of some dates is written without a mistake."""

    def __init__(self, translator, table):
        super().__init__()
        self.translator, self.table, self.shares = translator, table, []

    def on_epoch_end(self, epoch, logs=None):
        """Write the dates and note the share."""
        found = self.translator.greedy(self.table.text)
        right = [one.text == iso for one, iso in zip(found, self.table.iso, strict=True)]
        self.shares.append(float(np.mean(right)))


def train(network, seed, epochs=EPOCHS, **sizes):
    """Train one network with one seed; return a list of rows, dictionaries with FIELDS as keys.

    sizes: of the splits, for dates.load_dates.
    """
    splits = dates.load_dates(**sizes)
    characters = text.Vocabulary.from_texts(splits.train.text, level="character")
    digits = text.Vocabulary.from_texts(splits.train.iso, level="character", bounds=True)
    batches = pairs.batches(splits.train.text, splits.train.iso, characters, digits, BATCH, seed=seed)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(len(characters), len(digits), NETWORKS[network])
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(rate), loss)
    limits = {"longest_source": int(splits.validation.text.str.len().max()), "max_length": 12}
    writer = translation.Translator(*parts(model, NETWORKS[network]), characters, digits, **limits)
    exact = Exact(writer, splits.validation)
    losses = model.fit(batches, epochs=epochs, shuffle=False, callbacks=[exact], verbose=0).history["loss"]
    return [
        {"network": network, "seed": seed, "epoch": epoch, "loss": round(value, 4), "exact": round(share, 4)}
        for epoch, (value, share) in enumerate(zip(losses, exact.shares, strict=True), start=1)
    ]


def main():
    """Train what is missing, and write the table when all is there."""
    environment.start(seed=0)
    keeping.table(NAME, FIELDS, itertools.product(NETWORKS, SEEDS), train)


if __name__ == "__main__":
    main()
