"""utils.layers: MinGRU gives the same by loop, scan and NumPy, Positions counts, and both come back from a file."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import randomised

from utils import layers


def some_vectors(*shape):
    """Return vectors that are always the same, float32."""
    return np.random.RandomState(1).normal(size=shape).astype(np.float32)


def numpy_states(layer, x):
    """Return the states of a MinGRU by its definition, float64: one sequence, unit and timestep after the other."""
    kernel, bias = (np.array(weight, np.float64) for weight in (layer.kernel, layer.bias))
    states = np.zeros((*x.shape[:2], layer.units))
    for row in range(len(x)):
        h = np.zeros(layer.units)
        for t in range(x.shape[1]):
            both = x[row, t] @ kernel + bias
            z, c = 1 / (1 + np.exp(-both[: layer.units])), both[layer.units :]
            h = (1 - z) * h + z * c
            states[row, t] = h
    return states


@pytest.mark.parametrize("length", [1, 2, 7, 64])
def test_min_gru(length):
    """Loop, scan and NumPy agree, for lengths that are a power of two and that are not."""
    x = some_vectors(3, length, 5)
    by_loop = randomised(_built(layers.MinGRU(4), 5))
    by_scan = randomised(_built(layers.MinGRU(4, parallel=True), 5))
    expected = numpy_states(by_loop, x)
    assert np.allclose(by_loop(x), expected, rtol=0, atol=1e-5)
    assert np.allclose(by_scan(x), expected, rtol=0, atol=1e-5)
    assert by_loop.compute_output_shape(x.shape) == by_loop(x).shape == (3, length, 4)
    assert np.allclose(tf.function(by_loop)(tf.constant(x)), expected, rtol=0, atol=1e-5)


def _built(layer, size):
    layer.build((None, None, size))
    return layer


def test_gradients_of_min_gru():
    """Loop and scan have the same gradients, of inputs and weights, and those of the inputs are the slopes."""
    x, weighting = some_vectors(2, 9, 3), some_vectors(2, 9, 4)
    found = []
    for parallel in (False, True):
        layer, inputs = randomised(_built(layers.MinGRU(4, parallel=parallel), 3)), tf.Variable(x)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(inputs) * weighting)
        found.append([np.array(g) for g in tape.gradient(loss, [inputs, *(w.value for w in layer.weights)])])
    assert [gradient.shape for gradient in found[0]] == [(2, 9, 3), (3, 8), (8,)]
    assert all(np.allclose(one, other, rtol=0, atol=1e-5) for one, other in zip(*found, strict=True))
    small = 1e-6
    for t, unit in ((0, 0), (4, 2), (8, 1)):  # the slope of a sum in float64, from one side to the other
        up, down = x.astype(np.float64), x.astype(np.float64)
        up[1, t, unit] += small
        down[1, t, unit] -= small
        slope = ((numpy_states(layer, up) - numpy_states(layer, down)) * weighting).sum() / (2 * small)
        assert found[0][0][1, t, unit] == pytest.approx(slope, abs=1e-5)


def test_new_min_gru():
    """The gates of a new layer are nearly shut: of a state three quarters stay."""
    layer = _built(layers.MinGRU(3), 2)
    assert np.array(layer.bias).tolist() == [-1, -1, -1, 0, 0, 0]
    assert layer.kernel.shape == (2, 6) and layer.count_params() == 18


@pytest.mark.parametrize("count", [0, -1, 2.0, "8", None, True])
def test_bad_counts(count):
    """A number of units or positions that is none is named."""
    with pytest.raises(ValueError, match=f"MinGRU: units is {count!r}; it must be an integer, at least 1"):
        layers.MinGRU(count)
    with pytest.raises(ValueError, match=f"Positions: length is {count!r}; it must be an integer, at least 1"):
        layers.Positions(count)


def test_scan_needs_a_length():
    """A scan asks for a number of timesteps that is known when TensorFlow traces it; a loop does not."""
    signature, x = [tf.TensorSpec((None, None, 3))], some_vectors(2, 5, 3)
    with pytest.raises(ValueError, match="parallel=True asks for a known number of timesteps; use parallel=False"):
        tf.function(layers.MinGRU(4, parallel=True), input_signature=signature)(x)
    layer = randomised(_built(layers.MinGRU(4), 3))
    found = tf.function(layer, input_signature=signature)(x)
    assert np.allclose(found, numpy_states(layer, x), rtol=0, atol=1e-5)


def test_positions():
    """Each timestep gets the vector of its number, from 0, whatever the length; a longer input is refused."""
    layer = randomised(_built(layers.Positions(6), 3))
    vectors = np.array(layer.vectors)
    assert vectors.shape == (6, 3)
    for length in (1, 4, 6):
        x = some_vectors(2, length, 3)
        assert np.allclose(layer(x), x + vectors[:length])
    with pytest.raises(ValueError, match="Positions: 7 timesteps were given; there are 6 positions"):
        layer(some_vectors(1, 7, 3))
    assert layer(keras.Input((None, 3))).shape == (None, None, 3)


def test_saved(tmp_path):
    """A model with both comes back from a .keras file, with its options, and says the same."""
    inputs = keras.Input((10,), dtype="int32")
    x = layers.Positions(12, name="place")(keras.layers.Embedding(5, 4)(inputs))
    model = keras.Model(inputs, layers.MinGRU(3, name="scan", parallel=True)(layers.MinGRU(6, name="loop")(x)))
    randomised(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    ids = np.random.RandomState(0).randint(0, 5, (2, 10))
    assert np.array_equal(again(ids), model(ids)) and np.ptp(model(ids)) > 0.1
    place, loop, scan = (again.get_layer(name) for name in ("place", "loop", "scan"))
    assert (type(place), place.length) == (layers.Positions, 12)
    assert (type(loop), loop.units, loop.parallel) == (layers.MinGRU, 6, False)
    assert (type(scan), scan.units, scan.parallel) == (layers.MinGRU, 3, True)
