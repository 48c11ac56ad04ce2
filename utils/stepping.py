"""A Keras language model, one timestep at a time, with its state in sight.

    network = stepping.Network(model)
    weights, states = network.weights(), network.initial_states(batch, timesteps)
    logits, states = network.step(weights, ids, states, keras.ops)

Keras runs a recurrent layer over a whole sequence. To generate text one needs one step: the ids of n
tokens and a state in, logits and the next state out. The equations are those of lessons 01 to 03. They are
written with operators and with `ops`, which is NumPy or keras.ops, so the same lines run in plain NumPy
and inside a compiled TensorFlow loop. All numbers are float32.

Attention has a state too, though not one of a fixed size: the keys and values of all tokens so far. With
these kept, a token costs one row of scores, and nothing that came before is computed again.

Two things make it fast. What comes before the first layer with a state depends on the token alone, so it is
computed once for each token of the vocabulary and looked up. And over a known text (`read`) every product
with an input kernel is one matrix product for all timesteps; only a recurrent layer's product with the state
has to wait for the step before.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from utils import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras

Array = Any  # of NumPy, or a tensor where ops is keras.ops
Weights = list[dict[str, Array]]  # of each layer, by name
States = list[tuple[Array, ...]]  # of each layer that has one; every array's first axis is the row of the batch

TABLE_LIMIT = 5_000  # vocabularies up to this size get a table of what the first layer with a state sees
ROOM = 128  # timesteps that a cache holds at least; a longer one has a power of two, so that few are compiled for


class Node(NamedTuple):
    """A layer, and where its inputs come from: 0 is the output of the Embedding, i that of the i-th layer after it."""

    layer: Any
    sources: tuple[int, ...]


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

    model: Embedding, then layers that carry something from token to token, then Dense; a Sequential or a functional
    model. Those layers are LSTM, GRU and SimpleRNN with return_sequences=True, MinGRU and Positions of utils.layers,
    and MultiHeadAttention of a sequence to itself, called with use_causal_mask=True. Dropout and noise layers,
    LayerNormalization, BatchNormalization and Dense may lie before, between and behind them, and in a functional
    model Add, or x + y, may bring branches together. The last Dense gives logits or a softmax; a last Softmax or
    Activation("softmax") is accepted too. Any activation that a recurrent layer or a Dense between has is used. A
    stateful layer is accepted, its own state neither used nor changed.
    Raises ValueError for every other model, naming the layer, and for one that itself gives other numbers for a
    few ids, naming the difference: one with a `call` of its own, or quantised weights.

    inputs, outputs: the number of ids that the Embedding takes and of logits that the Dense gives.
    positions: the number of timesteps that the model has positions for; None where it has no layer Positions.
    """

    def __init__(self, model: keras.Model):
        graph = _graph(model)
        self._embedding, self._middle, self._dense, softmax = _known(graph)
        self.inputs, self.outputs = self._embedding.input_dim, self._dense.units
        lengths = [node.layer.length for node in self._middle if _kind(node.layer) == "Positions"]
        self.positions = min(lengths, default=None)
        self._compare(model, [layer for layer, _ in graph], softmax)

    def _compare(self, model, layers, softmax):
        """Raise ValueError unless the model itself gives the same numbers for a few ids."""
        batch, length = model.inputs[0].shape
        length = length or min(4, self.positions or 4)
        # From the highest id down, and not 0, which may be masked.
        ids = np.ceil(np.linspace(self.inputs - 1, 0, length, endpoint=False)).astype(np.int32)
        weights, states, logits = as_numpy(self.weights(table=False)), self.initial_states(1, length), []
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
        theirs = np.log(np.maximum(given[0], TINY)) if softmax else log_softmax(given[0])
        ours = np.maximum(ours, np.log(TINY)) if softmax else ours
        formats = [getattr(layer, "compute_dtype", "float32") for layer in layers]  # x + y has none of its own
        tolerance = max(TOLERANCES.get(name, 2e-3) for name in formats) * max(1, np.ptp(ours))
        if not np.allclose(ours, theirs, rtol=0, atol=tolerance, equal_nan=True):
            raise ValueError(
                f"the model {model.name!r} computes something else than its layers one after another: for {len(ids)} "
                f"ids the log-probabilities differ by up to {np.nanmax(np.abs(ours - theirs)):.3g}. A softmax twice, "
                "a `call` of its own, or quantised weights cannot be stepped through."
            )

    @float32()
    def weights(self, table: bool = True) -> Weights:
        """Return the weights as they are now, a list of dictionaries of float32 tensors, one a layer.

        table: fold what comes before the first layer with a state into one table, where the vocabulary is small.
        """
        import keras

        rows = _float32(self._embedding.embeddings)
        weights = [_weights_of(node.layer) for node in self._middle]
        if table and self.inputs <= TABLE_LIMIT:
            for index, (layer, _) in enumerate(self._middle):
                # As long as this is a chain, layer i reads output i. What another layer reads as well must stay.
                if _kind(layer) == "Add" or sum(index in node.sources for node in self._middle) > 1:
                    break
                if _has_state(layer):
                    if "kernel" in weights[index]:
                        rows = rows @ weights[index].pop("kernel") + weights[index].pop("bias")
                    break
                rows = _by_token(layer, weights[index], rows, keras.ops)
                weights[index] = None
        return [{"rows": rows}, *weights, _weights_of(self._dense)]

    def initial_states(self, batch: int, timesteps: int = 0) -> States:
        """Return the states before the first token, zeros: for each layer that has one a tuple of arrays (batch, ...).

        timesteps: how many of them the caches of attention shall have room for; see `with_room`.
        """
        layers = [node.layer for node in self._middle if _has_state(node.layer)]
        states = [tuple(np.zeros((batch, *shape), dtype) for shape, dtype in _state_of(layer)) for layer in layers]
        return self.with_room(states, timesteps)

    def room(self, timesteps: int) -> int:
        """Return the length of caches that hold so many timesteps; 0 where the model has no attention."""
        attends = any(_kind(node.layer) == "MultiHeadAttention" for node in self._middle)
        return max(ROOM, 1 << (timesteps - 1).bit_length()) if attends and timesteps else 0

    def with_room(self, states: States, timesteps: int) -> States:
        """Return states with caches that hold so many timesteps, made longer where they do not."""
        layers = [node.layer for node in self._middle if _has_state(node.layer)]
        return [
            _longer(state, self.room(timesteps))
            if _kind(layer) == "MultiHeadAttention" and state[0].shape[1] < timesteps
            else state
            for layer, state in zip(layers, states, strict=True)
        ]

    def step(self, weights: Weights, ids: Array, states: States, ops: Any) -> tuple[Array, States]:
        """Return (logits, states) after one more token in each row.

        weights: from `weights`, as tensors for keras.ops, as arrays for NumPy. ids: integers, shape (n,).
        states: as from `initial_states`, with room for the token. logits: shape (n, V).
        """

        def advance(layer, own, x, state):
            if _kind(layer) in STEPS:
                state = STEPS[_kind(layer)](layer, own, x, state, ops)
                return state[0], state
            x, state = SPANS[_kind(layer)](layer, own, x[None], state, 1, ops)
            return x[0], state

        return self._through(weights, ids, states, ops, advance)

    def read(self, weights: Weights, ids: Array, states: States, steps: Array) -> tuple[Array, States]:
        """Return (logits, states) after a known text, in TensorFlow: layer after layer, not step after step.

        ids: int32, shape (t, n), of which the first `steps` are read; the states need room for all t.
        logits: shape (t, n, V).
        """
        import keras
        import tensorflow

        length, batch = ids.shape

        def advance(layer, own, x, state):
            x = tensorflow.reshape(x, (length, batch, -1))
            if _kind(layer) in STEPS:
                x, state = _unroll(layer, own, x, state, steps)
            else:
                x, state = SPANS[_kind(layer)](layer, own, x, state, steps, keras.ops)
            return tensorflow.reshape(x, (length * batch, -1)), state

        logits, states = self._through(weights, tensorflow.reshape(ids, [-1]), states, keras.ops, advance)
        return tensorflow.reshape(logits, (length, batch, self.outputs)), states

    def _through(self, weights, ids, states, ops, advance):
        """Return (logits, states) of ids, shape (m,), taken through all layers.

        advance: a function of (layer, weights, x, state) that returns (output, state), for the layers with a state.
        """
        first, *middle, last = weights
        outputs = [ops.take(first["rows"], ids, axis=0)]
        old, new = iter(states), []
        for (layer, sources), own in zip(self._middle, middle, strict=True):
            x, *others = (outputs[source] for source in sources)
            if _kind(layer) == "Add":
                x = sum(others, x)
            elif own is not None and _has_state(layer):
                x, state = advance(layer, own, _projected(own, x), next(old))
                new.append(state)
            elif own is not None:  # else it is folded into the table
                x = _by_token(layer, own, x, ops)
            outputs.append(x)
        return _projected(last, outputs[-1]), new


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


def _min_gru_step(layer, weights, projected, state, ops):
    """Return (hidden,) of a MinGRU (Feng et al. 2024), whose gate does not see the state; z = 0 keeps the old one."""
    z, candidate = ops.split(projected, 2, axis=-1)
    z = _sigmoid(z) if ops is np else ops.sigmoid(z)
    return ((1 - z) * state[0] + z * candidate,)


STEPS = {"LSTM": _lstm_step, "GRU": _gru_step, "SimpleRNN": _simple_rnn_step, "MinGRU": _min_gru_step}


# --- one timestep or several at once ---------------------------------------------------------------
# x: shape (t, n, ...). These return (outputs (t, n, D), state), of which the first `steps` timesteps count. The last
# part of each state is the number of timesteps before these, shape (n,), the same in every row.


def _attend(layer, weights, projected, state, steps, ops):
    """Return what MultiHeadAttention (Vaswani et al. 2017) gives when each timestep sees itself and those before.

    projected: query, key and value of all heads. state: keys and values of the timesteps so far, (n, L, heads, size).
    """
    keys, values, count = state
    length, batch, _ = projected.shape
    shape, size = (length, batch, layer.num_heads, -1), layer.num_heads * layer.key_dim
    query, key, value = (ops.reshape(x, shape) for x in ops.split(projected, [size, 2 * size], axis=-1))
    now = count[0] + ops.arange(length)
    keys, values = _put(keys, key, now, ops), _put(values, value, now, ops)
    scores = ops.einsum("tnhd,nlhd->nhtl", query, keys) * np.float32(layer.key_dim**-0.5)
    # The cache is empty behind the present, or holds what an earlier call did not count.
    scores = ops.where(ops.arange(keys.shape[1]) <= now[:, None], scores, -np.inf)
    shares = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True))
    shares = shares / ops.sum(shares, axis=-1, keepdims=True)
    mixed = ops.reshape(ops.einsum("nhtl,nlhd->tnhd", shares, values), (length, batch, -1))
    return mixed @ weights["output"] + weights["output_bias"], (keys, values, count + steps)


def _put(cache, new, now, ops):
    """Return a cache (n, L, heads, size) with what is new, (t, n, heads, size), at the timesteps `now`, shape (t,)."""
    if ops is np:
        cache = cache.copy()
        cache[:, now] = new.swapaxes(0, 1)
        return cache
    length, batch = new.shape[:2]
    places = ops.stack([ops.tile(ops.arange(batch), length), ops.repeat(now, batch)], axis=-1)
    return ops.scatter_update(cache, places, ops.reshape(new, (length * batch, *new.shape[2:])))


def _place(layer, weights, x, state, steps, ops):
    """Return what Positions gives: x, and to each timestep's the vector of its number."""
    (count,) = state
    # Timesteps that do not count may lie behind the last position.
    now = ops.minimum(count[0] + ops.arange(x.shape[0]), layer.length - 1)
    return x + ops.take(weights["vectors"], now, axis=0)[:, None], (count + steps,)


SPANS = {"MultiHeadAttention": _attend, "Positions": _place}


# --- what a layer makes of each token alone --------------------------------------------------------


def _projected(weights, x):
    """Return x @ W + b, or x itself where there is no W or that is in the table already."""
    return x @ weights["kernel"] + weights["bias"] if "kernel" in weights else x


def _by_token(layer, weights, x, ops):
    """Return what Dense, LayerNormalization or BatchNormalization (with its moving averages) makes of x, (n, D)."""
    if _kind(layer) == "Dense":
        return _activation(layer.activation, ops)(_projected(weights, x))
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
    known = {"linear": lambda x: x, "tanh": np.tanh, "sigmoid": _sigmoid}
    return known.get(name) or (lambda x: np.asarray(function(x)))


# --- states ----------------------------------------------------------------------------------------


def _state_of(layer):
    """Return the parts of a layer's state, each as (its shape in one row, its dtype); caches are empty."""
    count = ((), np.int32)
    if _kind(layer) == "Positions":
        return [count]
    if _kind(layer) == "MultiHeadAttention":
        return [((0, layer.num_heads, size), np.float32) for size in (layer.key_dim, layer.value_dim)] + [count]
    return [((layer.units,), np.float32)] * (2 if _kind(layer) == "LSTM" else 1)


def _longer(state, length):
    """Return the state of an attention layer with caches of this length, zeros behind what they hold."""
    *caches, count = map(np.asarray, state)
    return *(np.pad(cache, [(0, 0), (0, length - cache.shape[1]), (0, 0), (0, 0)]) for cache in caches), count


# --- reading a Keras model -------------------------------------------------------------------------

RECURRENT = ("LSTM", "GRU", "SimpleRNN")
CARRYING = (*RECURRENT, "MinGRU", "MultiHeadAttention")
NORMALISING = ("LayerNormalization", "BatchNormalization")
# These do nothing outside training.
IDLE = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout")
FORM = (
    "Embedding, then LSTM, GRU, SimpleRNN, MinGRU or causal MultiHeadAttention layers (Positions, Dropout, "
    "normalisation, Dense and Add between them), then Dense"
)
IDS = -1  # the number of what the Embedding reads


def _kind(layer):
    """Return the name of a layer's class, if it is Keras's or utils.layers' own; a subclass may be another thing."""
    return _kind_of(type(layer))


@functools.lru_cache(maxsize=256)  # a loop in NumPy asks for each layer of each token
def _kind_of(kind):
    import keras

    from utils import layers

    name = kind.__name__
    if name == "Add" and kind.__module__.startswith("keras."):  # the layer, and the operation that x + y is
        return name
    home = layers if name in ("MinGRU", "Positions") else keras.layers
    return name if getattr(home, name, None) is kind else ""


def _has_state(layer):
    return _kind(layer) in CARRYING or _kind(layer) == "Positions"


def _refuse(layer, why=""):
    """Raise ValueError naming a layer."""
    why = why or f"expected {FORM}"
    raise ValueError(f"the layer {layer.name!r} ({type(layer).__name__}) cannot be stepped through: {why}.")


def _graph(model):
    """Return the layers of a model, each behind those it reads: a list of (layer, the names of these)."""
    import keras

    environment.check_backend(keras)
    if not isinstance(model, keras.Model):
        raise ValueError(f"model is a {type(model).__name__}; expected a Keras model.")
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):
        raise ValueError(f"the model {model.name!r} is a subclass of keras.Model; expected Sequential or functional.")
    if not model.built or not model.layers:
        raise ValueError(f"the model {model.name!r} is not built; give it a keras.Input, or call it on ids once.")
    if isinstance(model, keras.Sequential):
        names = [None, *(layer.name for layer in model.layers)]  # None is the model's input
        return [(layer, [name]) for layer, name in zip(model.layers, names, strict=False)]
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(
            f"the model {model.name!r} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; expected one "
            "of each: ids, and what follows them."
        )
    graph = []
    for layer, entry in zip(model.operations, model.get_config()["layers"], strict=True):
        calls = entry["inbound_nodes"]
        if len(calls) > 1:
            _refuse(layer, f"it is called {len(calls)} times; expected once")
        if _kind(layer) == "MultiHeadAttention":
            _check_call(layer, **calls[0])
        graph.append((layer, list(_sources(calls)) or [None]))
    return graph


def _sources(node):
    """Yield the names of the layers that a layer's input comes from, in a functional model's configuration."""
    if isinstance(node, dict) and "keras_history" in node:
        yield node["keras_history"][0]
    elif isinstance(node, (dict, list, tuple)):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _sources(part)


def _check_call(layer, args, kwargs):
    """Raise ValueError unless attention is called with a causal mask and no other; of a functional configuration."""
    given = dict(zip(inspect.signature(layer.call).parameters, args, strict=False)) | kwargs
    if given.pop("use_causal_mask", None) is not True:
        _refuse(layer, "it is called without use_causal_mask=True; what comes next is not known yet")
    for name, value in given.items():
        if name not in ("query", "value", "key", "training") and value not in (None, False):
            _refuse(layer, f"it is called with {name}; expected use_causal_mask=True alone")


def _known(graph):
    """Return the layers that compute something: Embedding, the Nodes in the middle, Dense; and if softmax follows."""
    numbers, nodes = {None: IDS}, []  # of each layer's output, by the layer's name
    for layer, names in graph:
        sources = tuple(numbers[name] for name in names)
        if _kind(layer) in IDLE:
            numbers[layer.name] = _only(layer, sources)
        else:
            numbers[layer.name] = len(nodes)
            nodes.append(Node(layer, sources))
    if not nodes:
        raise ValueError(f"the model has no layer that computes anything; expected {FORM}.")
    softmax = _gives_softmax(nodes[-1].layer) and _is_softmax(nodes[-1].layer)
    if _gives_softmax(nodes[-1].layer):
        nodes = nodes[:-1] or nodes
    if _kind(nodes[0].layer) != "Embedding":
        _refuse(nodes[0].layer, "the first layer must be an Embedding")
    for node in nodes[1:-1]:
        _check_node(node)
    dense = nodes[-1].layer
    if _kind(dense) != "Dense":
        _refuse(dense, "the last layer must be a Dense, with an output for each token")
    if dense.activation.__name__ not in ("linear", "softmax"):
        _refuse(dense, f"its activation is {dense.activation.__name__}; expected none (logits) or softmax")
    if not any(_kind(node.layer) in CARRYING for node in nodes):
        _refuse(dense, "there is no recurrent layer and no attention before it")
    return nodes[0].layer, nodes[1:-1], dense, softmax or _is_softmax(dense)


def _only(layer, sources):
    """Return where a layer's one input comes from; raise ValueError if it has several."""
    if len(set(sources)) > 1:
        _refuse(layer, f"it has {len(set(sources))} different inputs; expected one")
    return sources[0]


def _check_node(node):
    """Raise ValueError for a layer in the middle that is not known, or whose inputs or options are others."""
    layer, sources = node
    kind = _kind(layer)
    if kind not in (*CARRYING, *NORMALISING, "Positions", "Dense", "Add"):
        _refuse(layer)
    if kind != "Add":
        _only(layer, sources)
    elif len(sources) < 2:
        _refuse(layer, "it adds a number; expected the outputs of two layers or more")
    if IDS in sources:
        _refuse(layer, "it reads the ids; only one Embedding may")
    _check_options(layer)


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
    if _kind(layer) == "MultiHeadAttention":
        options = layer.get_config()
        for name, accepted in {
            "attention_axes": (None, (1,), [1]),
            "use_gate": (None, False),
            "sliding_window": (None,),
        }.items():
            if options.get(name) not in accepted:
                _refuse(layer, f"{name} is {options[name]}; leave it out")
        if len(layer.output_dense.kernel.shape) != 3:
            _refuse(layer, "its output_shape must be one number")
    if _kind(layer) not in RECURRENT:
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
    if kind == "Add":
        return {}
    if kind == "Positions":
        return {"vectors": _float32(layer.vectors)}
    if kind == "MultiHeadAttention":
        kernels, biases = zip(*map(_of_heads, (layer.query_dense, layer.key_dense, layer.value_dense)), strict=True)
        output = tensorflow.reshape(_float32(layer.output_dense.kernel), (layer.num_heads * layer.value_dim, -1))
        bias = layer.output_dense.bias
        return {
            "kernel": tensorflow.concat(kernels, axis=-1),
            "bias": tensorflow.concat(biases, axis=-1),
            "output": output,
            "output_bias": tensorflow.zeros(output.shape[-1]) if bias is None else _float32(bias),
        }
    cell = layer.cell if kind in RECURRENT else layer
    kernel = _float32(cell.kernel)
    bias = _float32(cell.bias) if getattr(cell, "use_bias", True) else tensorflow.zeros(kernel.shape[-1])
    if kind in ("Dense", "MinGRU"):
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


def _of_heads(dense):
    """Return kernel (D, heads * size) and bias (heads * size,) of what makes queries, keys or values."""
    import tensorflow

    kernel = _float32(dense.kernel)
    kernel = tensorflow.reshape(kernel, (len(kernel), -1))
    bias = dense.bias
    return kernel, tensorflow.zeros(kernel.shape[-1]) if bias is None else tensorflow.reshape(_float32(bias), [-1])


def _float32(variable):
    """Return what a Keras variable holds now as a float32 tensor; raise ValueError where it holds no such numbers."""
    import tensorflow

    if "float" not in variable.dtype:
        raise ValueError(
            f"the weights {variable.path} are {variable.dtype}; quantised weights cannot be stepped through."
        )
    return tensorflow.cast(tensorflow.convert_to_tensor(variable), tensorflow.float32)
