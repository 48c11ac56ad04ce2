"""Right padding does not change a prediction, to 1e-6, wherever each layer gets the mask.

Keras after 3.15 stops passing masks on from recurrent and bidirectional layers to later ones, so the stacked
models here (and in the lessons) get theirs explicitly. The last tests leave masks out: they show that this
test can fail.
"""

import numpy as np
import pytest

from utils import text

TOKENS = 50
LENGTHS = (1, 3, 8)  # of the rows, in tokens; the batch is padded to LENGTHS[-1] or more
CELLS = ("LSTM", "GRU")
KINDS = ("single", "stacked", "bidirectional", "stacked bidirectional")


def build(cell, kind, use_mask=True, upper_mask=True):
    """Return a model, ids (N, T) -> (N, 1). Without a mask a layer reads padding as if it were a token."""
    import keras

    keras.utils.set_random_seed(1)
    recurrent = getattr(keras.layers, cell)
    ids = keras.Input((None,), dtype="int32")
    start = keras.initializers.RandomNormal(stddev=0.5)
    embedding = keras.layers.Embedding(TOKENS, 8, embeddings_initializer=start, mask_zero=True)
    x, mask = embedding(ids), embedding.compute_mask(ids)
    everything = keras.ops.ones_like(mask)  # explicit, because Keras up to 3.15 would pass the mask on
    lower = mask if use_mask else everything
    upper = mask if use_mask and upper_mask else everything

    def layer(**options):
        made = recurrent(12, bias_initializer="random_normal", **options)
        return keras.layers.Bidirectional(made) if "bidirectional" in kind else made

    if "stacked" in kind:
        x = layer(return_sequences=True)(x, mask=lower)
        x = layer()(x, mask=upper)
    else:
        x = layer()(x, mask=lower)
    return keras.Model(ids, keras.layers.Dense(1)(x))


@pytest.fixture(scope="module")
def rows():
    """Return rows of ids of different lengths, without padding."""
    random = np.random.RandomState(2)
    return [random.randint(1, TOKENS, size=length) for length in LENGTHS]


def largest_change(model, rows, lengths=(None,)):
    """Return the largest change of a prediction between each row alone and in batches padded to these lengths."""
    import tensorflow as tf

    with tf.device("CPU:0"):
        alone = np.concatenate([np.asarray(model(row[None].astype(np.int32))) for row in rows])
        together = [np.asarray(model(text.pad(rows, length))) for length in lengths]
    assert alone.shape == together[0].shape == (len(rows), 1)
    assert alone.std() > 1e-3, "the predictions are all the same, so this test could not fail"
    return max(np.abs(alone - batch).max() for batch in together)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", CELLS)
def test_padding_changes_no_prediction(cell, kind, rows):
    """Each row alone predicts what it predicts in a batch, padded to the longest row or far beyond it."""
    assert largest_change(build(cell, kind), rows, (None, 20)) <= 1e-6


@pytest.mark.parametrize("cell", CELLS)
def test_the_mask_of_the_embedding_reaches_the_first_layer_by_itself(cell, rows):
    """The short form of the lessons, Embedding(mask_zero=True) right before the recurrent layer."""
    import keras

    keras.utils.set_random_seed(3)
    embedding = keras.layers.Embedding(TOKENS, 8, mask_zero=True, embeddings_initializer="random_normal")
    recurrent = getattr(keras.layers, cell)(12)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), embedding, recurrent, keras.layers.Dense(1)])
    assert largest_change(model, rows) <= 1e-6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", CELLS)
def test_without_a_mask_padding_changes_predictions(cell, kind, rows):
    """The contrast: the same models, no mask, and the change is 10,000 times what is allowed above."""
    assert largest_change(build(cell, kind, use_mask=False), rows) > 1e-2


@pytest.mark.parametrize("kind", ["stacked", "stacked bidirectional"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_mask_that_stops_at_the_lower_layer_is_not_enough(cell, kind, rows):
    """What a stacked model does when Keras does not pass the mask on and nobody else does."""
    assert largest_change(build(cell, kind, upper_mask=False), rows) > 1e-2
