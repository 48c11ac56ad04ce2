"""Two Keras layers that Keras does not have: the minimal gated unit of lesson 09, and positions.

    from utils import layers
    states = layers.MinGRU(256)(vectors)        # (n, t, D) -> (n, t, 256)
    vectors = layers.Positions(512)(vectors)    # each timestep knows its number

Import it after environment.start, for it brings TensorFlow in.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from utils import arguments


@keras.saving.register_keras_serializable("unrolled")
class MinGRU(keras.layers.Layer):
    """The minimal gated recurrent unit (Feng et al. 2024): gate and candidate see the input, not the state.

    z_t = sigmoid(x_t W_z + b_z); c_t = x_t W_c + b_c; h_t = (1 - z_t) * h_{t-1} + z_t * c_t, and h_0 = 0. So
    h_t = a_t * h_{t-1} + b_t, with a_t and b_t known for all t at once.

    units: H. Inputs (n, t, D) -> all states, (n, t, H). Weights: kernel (D, 2H), of the gate and then of the
    candidate, and bias (2H,).
    parallel: compute all h_t by a scan of some log2(t) rounds, for which t must be known when the layer is called.
    False is a loop over the timesteps, which gives the same numbers; on two cores it is faster for short sequences,
    below some hundreds of timesteps.
    """

    def __init__(self, units: int, parallel: bool = False, **options: Any):
        super().__init__(**options)
        arguments.check_integer("MinGRU", "units", units, 1)
        self.units, self.parallel = int(units), bool(parallel)

    def build(self, input_shape: tuple) -> None:
        """Make the weights; the gate's bias is -1, so that a new layer keeps three quarters of its state."""
        self.kernel = self.add_weight((input_shape[-1], 2 * self.units), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight((2 * self.units,), initializer=_shut, name="bias")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the states, shape (n, t, H)."""
        gate, candidate = ops.split(ops.matmul(inputs, self.kernel) + self.bias, 2, axis=-1)
        z = ops.sigmoid(gate)
        return (by_scan if self.parallel else by_loop)(1 - z, z * candidate)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return (n, t, H)."""
        return *input_shape[:-1], self.units

    def get_config(self) -> dict:
        """Return what makes the layer again."""
        return super().get_config() | {"units": self.units, "parallel": self.parallel}


# --- h_t = a_t * h_{t-1} + b_t and h_0 = 0, for all t; a, b and h are tensors (n, t, H) ---


def by_loop(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Return h, one timestep after the other."""
    # By TensorFlow, because keras.ops.scan (3.15) takes no unknown number of timesteps.
    over_time = tuple(ops.transpose(each, (1, 0, 2)) for each in (a, b))
    h = tf.scan(lambda before, now: now[0] * before + now[1], over_time, ops.zeros_like(a[:, 0]))
    return ops.transpose(h, (1, 0, 2))


def by_scan(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Return h by a parallel scan of some log2(t) rounds; raise ValueError where t is not known."""
    if a.shape[1] is None:
        raise ValueError("MinGRU: parallel=True asks for a known number of timesteps; use parallel=False.")
    return ops.associative_scan(_after, (a, b), axis=1)[1]


def _after(first, second):
    """Return the two steps h -> a * h + b, one after the other, as one such step."""
    (a1, b1), (a2, b2) = first, second
    return a1 * a2, a2 * b1 + b2


def _shut(shape, dtype=None):
    """Return -1 for the gates and 0 for the candidates."""
    half = shape[0] // 2
    return ops.concatenate([-ops.ones(half, dtype), ops.zeros(half, dtype)])


@keras.saving.register_keras_serializable("unrolled")
class Positions(keras.layers.Layer):
    """Adds to the vector at each timestep a learned vector of that timestep's number.

    length: how many timesteps there are vectors for. Inputs (n, t, D), t <= length -> outputs of that shape.
    Weights: vectors (length, D). Raises ValueError for a longer input.
    """

    def __init__(self, length: int, **options: Any):
        super().__init__(**options)
        arguments.check_integer("Positions", "length", length, 1)
        self.length = int(length)

    def build(self, input_shape: tuple) -> None:
        """Make the vectors, small: of the size that an Embedding starts with."""
        self.vectors = self.add_weight((self.length, input_shape[-1]), initializer="uniform", name="vectors")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return inputs plus the first t vectors."""
        if inputs.shape[1] is not None and inputs.shape[1] > self.length:
            raise ValueError(f"Positions: {inputs.shape[1]} timesteps were given; there are {self.length} positions.")
        return inputs + self.vectors[: ops.shape(inputs)[1]]

    def get_config(self) -> dict:
        """Return what makes the layer again."""
        return super().get_config() | {"length": self.length}
