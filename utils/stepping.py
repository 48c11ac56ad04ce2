"""A Keras language model, one timestep at a time, with its state in sight.

    network = stepping.Network(model)
    weights, states = network.weights(), network.initial_states(batch)
    logits, states = network.step(weights, ids, states, keras.ops)

Keras runs a recurrent layer over a whole sequence. To generate text one needs one step: the ids of n
tokens and a state in, logits and the next state out. The equations are those of lessons 01 to 03. They are
written with operators and with `ops`, which is NumPy or keras.ops, so the same lines run in plain NumPy
and inside a compiled TensorFlow loop. All numbers are float32.

Two things make it fast. What comes before the first recurrent layer depends on the token alone, so it is
computed once for each token of the vocabulary and looked up. And over a known text (`read`) every product
with an input kernel is one matrix product for all timesteps; only the product with the state has to wait
for the step before.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from utils import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras

Array = Any  # of NumPy, or a tensor where ops is keras.ops
Weights = list[dict[str, Array]]  # of each layer, by name
States = list[tuple[Array, ...]]  # of each recurrent layer

TABLE_LIMIT = 5_000  # vocabularies up to this size get a table of what the first recurrent layer sees


@contextlib.contextmanager
def float32() -> Iterator[None]:
    """Let keras.ops make float32 and int32 of Python's numbers, whatever keras.json or the notebook has set.

    By Keras's `floatx`: with "float64" integers are int64, with "float16" int16. A compiled function keeps what was
    set when it was traced.
    """
    import keras

    before = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


class Network:
    """The layers of a Keras model, as functions of their weights.

    model: Embedding, then recurrent layers (LSTM, GRU, SimpleRNN) with return_sequences=True, then Dense; a
    Sequential or a functional model without branches. Dropout and noise layers, LayerNormalization and
    BatchNormalization may lie before and between the recurrent layers and before the Dense. The Dense gives
    logits or a softmax; a last Softmax or Activation("softmax") is accepted too. Any activation that a
    recurrent layer has is used. A stateful layer is accepted, its own state neither used nor changed.
    Raises ValueError for every other model, naming the layer, and for one that itself gives other numbers for a
    few ids, naming the difference: one with a `call` of its own, or quantised weights.

    inputs, outputs: the number of ids that the Embedding takes and of logits that the Dense gives.
    """

    def __init__(self, model: keras.Model):
        layers = _chain(model)
        self._embedding, *self._middle, self._dense = _known(layers)
        self.inputs, self.outputs = self._embedding.input_dim, self._dense.units
        self._compare(model, layers)

    def _compare(self, model, layers):
        """Raise ValueError unless the model itself gives the same numbers for a few ids."""
        batch, length = model.inputs[0].shape
        # From the highest id down, and not 0, which may be masked.
        ids = np.ceil(np.linspace(self.inputs - 1, 0, length or 4, endpoint=False)).astype(np.int32)
        weights, states, logits = as_numpy(self.weights(table=False)), self.initial_states(1), []
        for token in ids:
            [row], states = self.step(weights, [token], states, np)
            logits.append(row)
        ours = log_softmax(np.array(logits, np.float64))
        with _stateless(layers):
            given = np.asarray(model(np.tile(ids, (batch or 1, 1))), np.float64)
        if given.shape[1:] != ours.shape:
            raise ValueError(
                f"the model {model.name!r} gives shape {given.shape} for {len(ids)} ids; expected {self.outputs} "
                "numbers for each."
            )
        softmax = any(map(_is_softmax, layers[-2:]))
        theirs = np.log(np.maximum(given[0], TINY)) if softmax else log_softmax(given[0])
        ours = np.maximum(ours, np.log(TINY)) if softmax else ours
        tolerance = max(TOLERANCES.get(layer.compute_dtype, 2e-3) for layer in layers) * max(1, np.ptp(ours))
        if not np.allclose(ours, theirs, rtol=0, atol=tolerance, equal_nan=True):
            raise ValueError(
                f"the model {model.name!r} computes something else than its layers one after another: for {len(ids)} "
                f"ids the log-probabilities differ by up to {np.nanmax(np.abs(ours - theirs)):.3g}. A softmax twice, "
                "a `call` of its own, or quantised weights cannot be stepped through."
            )

    @float32()
    def weights(self, table: bool = True) -> Weights:
        """Return the weights as they are now, a list of dictionaries of float32 tensors, one a layer.

        table: fold what comes before the first recurrent layer into one table, where the vocabulary is small.
        """
        import keras

        rows = _float32(self._embedding.embeddings)
        weights = [_weights_of(layer) for layer in self._middle]
        if table and self.inputs <= TABLE_LIMIT:
            first = next(index for index, layer in enumerate(self._middle) if _is_recurrent(layer))
            for index, layer in enumerate(self._middle[:first]):
                rows = _normalised(layer, weights[index], rows, keras.ops)
                weights[index] = None
            rows = rows @ weights[first].pop("kernel") + weights[first].pop("bias")
        return [{"rows": rows}, *weights, _weights_of(self._dense)]

    def initial_states(self, batch: int) -> States:
        """Return the states before the first token: for each recurrent layer a tuple of zeros, (batch, units)."""
        return [
            tuple(np.zeros((batch, layer.units), np.float32) for _ in range(2 if _kind(layer) == "LSTM" else 1))
            for layer in self._middle
            if _is_recurrent(layer)
        ]

    def step(self, weights: Weights, ids: Array, states: States, ops: Any) -> tuple[Array, States]:
        """Return (logits, states) after one more token in each row.

        weights: from `weights`, as tensors for keras.ops, as arrays for NumPy. ids: integers, shape (n,).
        states: as from `initial_states`. logits: shape (n, V).
        """
        first, *middle, last = weights
        x = ops.take(first["rows"], ids, axis=0)
        old, new = iter(states), []
        for layer, own in zip(self._middle, middle, strict=True):
            if own is None:  # folded into the table
                continue
            if _is_recurrent(layer):
                state = STEPS[_kind(layer)](layer, own, _projected(own, x), next(old), ops)
                new.append(state)
                x = state[0]
            else:
                x = _normalised(layer, own, x, ops)
        return _projected(last, x), new

    def read(self, weights: Weights, ids: Array, states: States, steps: Array) -> tuple[Array, States]:
        """Return (logits, states) after a known text, in TensorFlow: layer after layer, not step after step.

        ids: int32, shape (t, n), of which the first `steps` are read. logits: shape (t, n, V).
        """
        import keras
        import tensorflow

        length, batch = ids.shape
        first, *middle, last = weights
        x = keras.ops.take(first["rows"], tensorflow.reshape(ids, [-1]), axis=0)  # (t * n, D)
        old, new = iter(states), []
        for layer, own in zip(self._middle, middle, strict=True):
            if own is None:
                continue
            if not _is_recurrent(layer):
                x = _normalised(layer, own, x, keras.ops)
                continue
            projected = tensorflow.reshape(_projected(own, x), (length, batch, -1))
            hidden, state = _unroll(layer, own, projected, next(old), steps)
            new.append(state)
            x = tensorflow.reshape(hidden, (length * batch, layer.units))
        return tensorflow.reshape(_projected(last, x), (length, batch, self.outputs)), new


# How far log-probabilities may differ for each unit of their range, where a layer computes in a short float format.
TOLERANCES = {"float16": 1e-2, "bfloat16": 0.1}
TINY = 1e-30  # a probability of less counts as so much


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the log-probabilities of logits, shape (..., V), in NumPy."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def as_numpy(weights: Weights) -> Weights:
    """Return weights as NumPy arrays."""
    return [{name: np.asarray(value) for name, value in own.items()} for own in weights]


# --- one timestep ----------------------------------------------------------------------------------
# projected: x @ W + b, shape (n, gates * H). state: a tuple that begins with the hidden state, shape (n, H).


def _lstm_step(layer, weights, projected, state, ops):
    """Return (hidden, cell) of an LSTM (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000)."""
    sigma, phi = _activation(layer.recurrent_activation, ops), _activation(layer.activation, ops)
    hidden, cell = state
    i, f, candidate, o = ops.split(projected + hidden @ weights["recurrent"], 4, axis=-1)
    cell = sigma(f) * cell + sigma(i) * phi(candidate)
    return sigma(o) * phi(cell), cell


def _gru_step(layer, weights, projected, state, ops):
    """Return (hidden,) of a GRU (Cho et al. 2014); z = 1 keeps the old state."""
    sigma, phi = _activation(layer.recurrent_activation, ops), _activation(layer.activation, ops)
    (hidden,) = state
    xz, xr, xh = ops.split(projected, 3, axis=-1)
    if layer.reset_after:
        hz, hr, hh = ops.split(hidden @ weights["recurrent"] + weights["recurrent_bias"], 3, axis=-1)
        z, r = sigma(xz + hz), sigma(xr + hr)
        candidate = phi(xh + r * hh)
    else:
        hz, hr = ops.split(hidden @ weights["recurrent"], 2, axis=-1)
        z, r = sigma(xz + hz), sigma(xr + hr)
        candidate = phi(xh + (r * hidden) @ weights["candidate"])
    return (z * hidden + (1 - z) * candidate,)


def _simple_rnn_step(layer, weights, projected, state, ops):
    """Return (hidden,) of a SimpleRNN (Elman 1990)."""
    return (_activation(layer.activation, ops)(projected + state[0] @ weights["recurrent"]),)


STEPS = {"LSTM": _lstm_step, "GRU": _gru_step, "SimpleRNN": _simple_rnn_step}


def _projected(weights, x):
    """Return x @ W + b, or x itself where that is in the table already."""
    return x @ weights["kernel"] + weights["bias"] if "kernel" in weights else x


def _normalised(layer, weights, x, ops):
    """Return what LayerNormalization or BatchNormalization (with its moving averages) makes of x, shape (n, D)."""
    if _kind(layer) == "LayerNormalization":
        x = x - ops.mean(x, axis=-1, keepdims=True)
        x = x / ops.sqrt(ops.mean(x * x, axis=-1, keepdims=True) + np.float32(layer.epsilon))
    return x * weights["scale"] + weights["offset"]


def _unroll(layer, weights, projected, state, steps):
    """Return (hidden states (t, n, H), last state) over the first `steps` of t timesteps."""
    import keras
    import tensorflow

    length, batch, _ = projected.shape
    hidden = tensorflow.TensorArray(tensorflow.float32, length, element_shape=(batch, layer.units))

    def one(t, state, hidden):
        state = STEPS[_kind(layer)](layer, weights, projected[t], state, keras.ops)
        return t + 1, state, hidden.write(t, state[0])

    _, state, hidden = tensorflow.while_loop(lambda t, *_: t < steps, one, (0, state, hidden))
    return hidden.stack(), state


def _sigmoid(x):
    """Return 1 / (1 + exp(-x)), which never overflows in this form."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def _activation(function, ops):
    """Return a layer's activation function; for NumPy the same on arrays."""
    if ops is not np:
        return function
    name = getattr(function, "__name__", "")
    return {"tanh": np.tanh, "sigmoid": _sigmoid}.get(name) or (lambda x: np.asarray(function(x)))


# --- reading a Keras model -------------------------------------------------------------------------

RECURRENT = ("LSTM", "GRU", "SimpleRNN")
NORMALISING = ("LayerNormalization", "BatchNormalization")
# These do nothing outside training.
IDLE = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout")
FORM = "Embedding, then LSTM, GRU or SimpleRNN layers (Dropout and normalisation between them), then Dense"


def _kind(layer):
    """Return the name of a layer's class, if it is one of Keras's own; a subclass may compute something else."""
    import keras

    name = type(layer).__name__
    return name if getattr(keras.layers, name, None) is type(layer) else ""


def _is_recurrent(layer):
    return _kind(layer) in RECURRENT


def _refuse(layer, why=""):
    """Raise ValueError naming a layer."""
    why = why or f"expected {FORM}"
    raise ValueError(f"the layer {layer.name!r} ({type(layer).__name__}) cannot be stepped through: {why}.")


def _chain(model):
    """Return the layers of a model without branches, in order."""
    import keras

    environment.check_backend(keras)
    if not isinstance(model, keras.Model):
        raise ValueError(f"model is a {type(model).__name__}; expected a Keras model.")
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):
        raise ValueError(f"the model {model.name!r} is a subclass of keras.Model; expected Sequential or functional.")
    if not model.built or not model.layers:
        raise ValueError(f"the model {model.name!r} is not built; give it a keras.Input, or call it on ids once.")
    if isinstance(model, keras.Sequential):
        return model.layers
    for operation in model.operations:
        if operation not in model.layers:
            raise ValueError(f"the operation {operation.name!r} cannot be stepped through: expected {FORM}.")
    before = None
    for layer, entry in zip(model.layers, model.get_config()["layers"], strict=True):
        sources = list(_sources(entry["inbound_nodes"]))
        if sources != ([] if before is None else [before]):
            _refuse(layer, f"it takes its input from {sources}; expected a model without branches")
        before = layer.name
    return model.layers


def _sources(node):
    """Yield the names of the layers that a layer's input comes from, in a functional model's configuration."""
    if isinstance(node, dict) and "keras_history" in node:
        yield node["keras_history"][0]
    elif isinstance(node, (dict, list, tuple)):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _sources(part)


def _known(layers):
    """Return the layers that compute something: the Embedding, those in the middle, the Dense."""
    layers = [layer for layer in layers if _kind(layer) not in IDLE]
    if not layers:
        raise ValueError(f"the model has no layer that computes anything; expected {FORM}.")
    if _gives_softmax(layers[-1]):
        layers = layers[:-1] or layers
    if _kind(layers[0]) != "Embedding":
        _refuse(layers[0], "the first layer must be an Embedding")
    for layer in layers[1:-1]:
        if _kind(layer) not in RECURRENT + NORMALISING:
            _refuse(layer)
        _check_options(layer)
    if _kind(layers[-1]) != "Dense":
        _refuse(layers[-1], "the last layer must be a Dense, with an output for each token")
    if layers[-1].activation.__name__ not in ("linear", "softmax"):
        _refuse(layers[-1], f"its activation is {layers[-1].activation.__name__}; expected none (logits) or softmax")
    if not any(map(_is_recurrent, layers)):
        _refuse(layers[-1], "there is no recurrent layer before it")
    return layers


def _gives_softmax(layer):
    """Tell whether a layer is Softmax, or an Activation that leaves logits or makes probabilities of them."""
    return _kind(layer) == "Softmax" or (
        _kind(layer) == "Activation" and layer.activation.__name__ in ("linear", "softmax")
    )


def _is_softmax(layer):
    """Tell whether a layer makes probabilities."""
    return _kind(layer) == "Softmax" or getattr(getattr(layer, "activation", None), "__name__", "") == "softmax"


@contextlib.contextmanager
def _stateless(layers):
    """Let a model be called without using or changing the states that its layers carry."""
    stateful = [layer for layer in layers if getattr(layer, "stateful", False)]
    try:
        for layer in stateful:
            layer.stateful = False
        yield
    finally:
        for layer in stateful:
            layer.stateful = True


def _check_options(layer):
    """Raise ValueError for options of a layer that need more than one step at a time."""
    if _kind(layer) in NORMALISING:
        axes = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
        if list(axes) not in ([-1], [2]) or getattr(layer, "rms_scaling", False):
            _refuse(layer, "it must normalise over the last axis alone")
        return
    if layer.go_backwards:
        _refuse(layer, "go_backwards=True reads the text from its end; what comes next is not known yet")
    if not layer.return_sequences:
        _refuse(layer, "return_sequences is False; set it to True, so that each timestep predicts the next token")
    if layer.return_state:
        _refuse(layer, "return_state is True; leave it out, the state is carried here")


def _weights_of(layer):
    """Return a layer's weights as a dictionary of float32 tensors."""
    import tensorflow

    kind = _kind(layer)
    if kind in NORMALISING:
        ones = tensorflow.ones(())
        scale = _float32(layer.gamma) if layer.gamma is not None else ones
        offset = _float32(layer.beta) if layer.beta is not None else 0 * ones
        if kind == "BatchNormalization":
            scale = scale / tensorflow.sqrt(_float32(layer.moving_variance) + layer.epsilon)
            offset = offset - _float32(layer.moving_mean) * scale
        return {"scale": scale, "offset": offset}
    cell = layer.cell if kind in RECURRENT else layer
    kernel = _float32(cell.kernel)
    bias = _float32(cell.bias) if cell.use_bias else tensorflow.zeros(kernel.shape[-1])
    if kind == "Dense":
        return {"kernel": kernel, "bias": bias}
    recurrent = _float32(cell.recurrent_kernel)
    weights = {"kernel": kernel, "bias": bias, "recurrent": recurrent}
    if kind == "GRU" and layer.reset_after:
        both = bias if cell.use_bias else tensorflow.stack([bias, bias])
        weights |= {"bias": both[0], "recurrent_bias": both[1]}
    elif kind == "GRU":
        split = 2 * layer.units
        weights |= {"recurrent": recurrent[:, :split], "candidate": recurrent[:, split:]}
    return weights


def _float32(variable):
    """Return what a Keras variable holds now as a float32 tensor; raise ValueError where it holds no such numbers."""
    import tensorflow

    if "float" not in variable.dtype:
        raise ValueError(
            f"the weights {variable.path} are {variable.dtype}; quantised weights cannot be stepped through."
        )
    return tensorflow.cast(tensorflow.convert_to_tensor(variable), tensorflow.float32)
