"""Choose the next token: temperature, top-k and top-p on logits, and one draw.

    from utils import decoding
    kept = decoding.top_p(decoding.temperature(logits, 0.8), 0.9)
    ids = decoding.sample(kept, uniforms)

Logits are a model's outputs before the softmax, shape (..., V), a token along the last axis. A filter
returns logits of the same shape and dtype, with -inf where a token is filtered out: its probability is 0.
The order is temperature, top-k, top-p, as in most libraries.

A `Sampling` is all of this in one object, which utils.generation takes. One of your own has fields, and puts
something before or after the filter that is there:

    @dataclasses.dataclass(frozen=True)
    class FrequencyPenalty(decoding.Sampling):
        frequency_penalty: float = 0.5  # what a logit loses each time that its token comes
        needs_counts = True

        def filter(self, logits, counts, ops):
            return super().filter(logits - self.frequency_penalty * counts, counts, ops)

    generator.generate("ROMEO:", sampling=FrequencyPenalty(0.3, temperature=0.8))

`Sampling` and the functions after it are written with operators and with `ops`, which is NumPy or keras.ops: the
same lines run in NumPy and inside a compiled TensorFlow loop. Importing this module imports no TensorFlow.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from utils import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

Array = Any  # of NumPy, or a tensor where ops is keras.ops

# How far from p a sum of probabilities counts as p: the rounding of float32, so that 0.5 + 0.3 reaches 0.8.
TOLERANCE = 1e-6
# A vocabulary of more than MANY tokens is drawn from in two steps: a block of BLOCK tokens, then a token.
MANY, BLOCK = 1_000, 128
SORTED = 1_000  # logits of up to so many tokens are sorted in a compiled loop; more are searched
DTYPES = {"f": np.float32, "i": np.int32, "u": np.int32, "b": np.bool_}  # of a Sampling's fields in the loops

# --- filters ---------------------------------------------------------------------------------------


def temperature(logits: ArrayLike, temperature: float) -> np.ndarray:
    """Return logits divided by the temperature, less their maximum, so that the highest is 0.

    Below 1 the probable tokens become more probable, above 1 all become more alike (Ackley et al. 1985,
    "A learning algorithm for Boltzmann machines"). 0 means greedy: only the highest is kept, the first of
    equals. Raises ValueError for a temperature that is negative, NaN or infinite, or too high for the logits' dtype.
    """
    logits = _check_logits("temperature", logits)
    arguments.check_temperature("temperature", temperature)
    if float(temperature) > (highest := float(np.finfo(logits.dtype).max)):
        raise ValueError(f"temperature: temperature is {temperature!r}; {logits.dtype} holds at most {highest:.3g}.")
    return scaled(logits, np.asarray(temperature, logits.dtype), np)


def top_k(logits: ArrayLike, k: int) -> np.ndarray:
    """Return logits with the k highest kept, the rest -inf (Fan et al. 2018, "Hierarchical neural story generation").

    Exactly k are kept: of equal ones at the k-th place, those with the lowest ids.
    Raises ValueError unless k is an integer from 1 to V.
    """
    logits = _check_logits("top_k", logits)
    arguments.check_top_k("top_k", k, logits.shape[-1])
    return keep_highest(logits, _descending(logits, np), k, np)


def top_p(logits: ArrayLike, p: float) -> np.ndarray:
    """Return logits with the smallest set kept whose probability reaches p, the rest -inf.

    The tokens are taken from the most probable down until their probabilities add up to p (less 1e-6, for
    rounding); of equal ones those with the lowest ids come first. p = 1 keeps all.
    This is nucleus sampling (Holtzman et al. 2020, "The curious case of neural text degeneration").
    Raises ValueError unless 0 < p <= 1.
    """
    logits = _check_logits("top_p", logits)
    arguments.check_top_p("top_p", p)
    ranked = _descending(logits, np)
    return keep_highest(logits, ranked, nucleus_size(ranked, logits.shape[-1], p, np), np)


def sample(logits: ArrayLike, uniforms: ArrayLike) -> np.ndarray:
    """Return the ids drawn from softmax(logits), int64, shape (...): one uniform number draws one token.

    logits: shape (..., V). uniforms: numbers from 0 up to but not 1, shape (...). The token is the first one
    whose cumulative probability exceeds its number (inversion; Devroye 1986, chapter III.2); of more than
    1,000 tokens first a block is drawn in this way, then a token of it (see `draw`). A token of probability 0
    is never drawn.
    """
    logits = _check_logits("sample", logits)
    uniforms = np.asarray(uniforms)
    if uniforms.shape != logits.shape[:-1] or not ((uniforms >= 0) & (uniforms < 1)).all():
        raise ValueError(
            f"sample: uniforms have shape {uniforms.shape}; expected {logits.shape[:-1]}, numbers from 0 to below 1."
        )
    return draw(logits - logits.max(axis=-1, keepdims=True), uniforms.astype(np.float64), np)


# --- all in one object -----------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a token is chosen: temperature, then top-k, then top-p, then a draw. None leaves a filter out.

    A subclass changes `filter`, and `check` for fields of its own. A field is a number or an array of numbers. In
    the loops it is float32, int32 or bool (float32 too where its default is a float): an array in NumPy, a tensor
    in TensorFlow, so another value compiles nothing anew.
    needs_counts: give `filter` the counts of the tokens; otherwise they are (), and cost nothing.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    needs_counts = False

    def check(self, function: str, size: int) -> None:
        """Raise ValueError, in the name of a function, for a field out of range; size: V, the number of tokens."""
        arguments.check_temperature(function, self.temperature)
        if self.top_k is not None:
            arguments.check_top_k(function, self.top_k, size)
        if self.top_p is not None:
            arguments.check_top_p(function, self.top_p)

    def filter(self, logits: Array, counts: Array, ops: Any) -> Array:
        """Return logits divided by the temperature, with -inf where a token is filtered out.

        logits: float32, shape (n, V), as the model gives them; -inf where a token is never generated.
        counts: float32, shape (n, V), how often each token is in each text, the prompt included; else ().
        """
        logits = scaled(logits, self.temperature, ops)
        k, p = self.limits(logits.shape[-1])
        if ops is np:
            return filtered(logits, k, p, np) if k < logits.shape[-1] or p < 1 else logits
        return filtered_if_asked(logits, k, p)

    def draw(self, logits: Array, counts: Array, uniforms: Array, ops: Any) -> tuple[Array, Array]:
        """Return (ids drawn from what `filter` keeps, whether it keeps any), of shape (n,); True where it must.

        uniforms: float64, shape (n,), from 0 to below 1. An id drawn where nothing is kept means nothing.
        """
        kept = self.filter(logits, counts, ops)
        if type(self).filter is Sampling.filter:  # the highest is kept, and 0
            return draw(kept, uniforms, ops), True
        highest = ops.max(kept, axis=-1, keepdims=True)
        some = highest > -np.inf
        return draw(kept - ops.where(some, highest, 0), uniforms, ops), some[..., 0]

    def limits(self, size: int) -> tuple[Array, Array]:
        """Return (k, p), those that change nothing where they are None."""
        return size if self.top_k is None else self.top_k, 1.0 if self.top_p is None else self.top_p

    def values(self, function: str, size: int) -> dict[str, np.ndarray]:
        """Return the fields as a loop takes them, a dictionary of arrays, or raise ValueError; see `of`."""
        found, (k, p) = {}, self.limits(size)
        for name, value in {**vars(self), "top_k": k, "top_p": p}.items():
            array = np.asarray(float(value) if isinstance(getattr(type(self), name, value), float) else value)
            if array.dtype.kind not in DTYPES:
                raise ValueError(
                    f"{function}: {name} of {type(self).__name__} is {arguments.describe(value)}; it must be a number "
                    "or an array of numbers."
                )
            with np.errstate(over="ignore"):
                found[name] = narrow = array.astype(DTYPES[array.dtype.kind])
            if (np.isinf(narrow) & np.isfinite(array)).any() or (array.dtype.kind in "iu" and (narrow != array).any()):
                raise ValueError(
                    f"{function}: {name} of {type(self).__name__} is {arguments.describe(value)}; that is more than "
                    f"{narrow.dtype} holds."
                )
        return {**found, "top_p": np.float64(p)}  # as the sums that it is compared with

    @classmethod
    def of(cls, values: Mapping[str, Array]) -> Sampling:
        """Return an object with these values as its fields, such as `values` returns, or tensors of them."""
        sampling = object.__new__(cls)
        vars(sampling).update(values)
        return sampling


@dataclasses.dataclass(frozen=True)
class MinP(Sampling):
    """Then keep the tokens whose probability is at least min_p times the highest one (less 1e-6, for rounding).

    After the other filters. 0 keeps all, 1 only the likeliest. (Nguyen et al. 2024, "Turning up the heat: min-p
    sampling for creative and coherent LLM outputs".)
    """

    min_p: float = 0.05

    def check(self, function: str, size: int) -> None:
        """Raise ValueError unless 0 <= min_p <= 1."""
        super().check(function, size)
        arguments.check_proportion(function, "min_p", self.min_p)

    def filter(self, logits: Array, counts: Array, ops: Any) -> Array:
        """Return logits with -inf where a token is filtered out."""
        logits = super().filter(logits, counts, ops)
        shares = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
        return ops.where(shares >= self.min_p * (1 - TOLERANCE), logits, -np.inf)


@dataclasses.dataclass(frozen=True)
class RepetitionPenalty(Sampling):
    """First make each token that is in the text, prompt included, less likely: the penalty is 1 or more.

    A positive logit is divided by it, a negative one multiplied. 1 changes nothing. (Keskar et al. 2019, "CTRL: a
    conditional transformer language model", divide all; a negative logit would rise by that.)
    """

    repetition_penalty: float = 1.2
    needs_counts = True

    def check(self, function: str, size: int) -> None:
        """Raise ValueError unless the penalty is a finite number, at least 1."""
        super().check(function, size)
        arguments.check_at_least(function, "repetition_penalty", self.repetition_penalty, 1)

    def filter(self, logits: Array, counts: Array, ops: Any) -> Array:
        """Return logits with those in the text lowered, and -inf where a token is filtered out."""
        theta = self.repetition_penalty
        lowered = ops.where(logits > 0, logits / theta, logits * theta)
        return super().filter(ops.where(counts > 0, lowered, logits), counts, ops)


# --- the same for NumPy and keras.ops --------------------------------------------------------------


def scaled(logits: Array, temperature: Array, ops: Any) -> Array:
    """Return (logits - maximum) / temperature; for temperature 0, 0 at the first maximum and -inf elsewhere.

    logits: (..., V). temperature: a number or scalar tensor of the same dtype.
    """
    shifted = logits - ops.max(logits, axis=-1, keepdims=True)
    tokens = ops.arange(logits.shape[-1])
    first = ops.min(ops.where(shifted == 0, tokens, logits.shape[-1]), axis=-1, keepdims=True)
    greedy = ops.where(tokens == first, shifted, -np.inf)
    return ops.where(temperature > 0, shifted / ops.where(temperature > 0, temperature, 1), greedy)


def filtered(logits: Array, k: Array, p: Array, ops: Any) -> Array:
    """Return logits after top-k and then top-p, with one sort for both. k, p: scalar tensors."""
    ranked = _descending(logits, ops)
    return keep_highest(logits, ranked, ops.minimum(nucleus_size(ranked, k, p, ops), k), ops)


def nucleus_size(ranked: Array, k: Array, p: Array, ops: Any) -> Array:
    """Return how many of the k highest logits reach probability p among them, integers, shape (..., 1).

    ranked: logits from the highest down, shape (..., V).
    """
    size = ranked.shape[-1]
    shares = ops.where(ops.arange(size) < k, ops.exp(ranked - ranked[..., :1]), 0)
    reached = ops.cumsum(shares, axis=-1, dtype="float64")
    short = reached < (p - TOLERANCE) * reached[..., -1:]
    return ops.where(p < 1, 1 + ops.sum(ops.where(short, 1, 0), axis=-1, keepdims=True), size)


def keep_highest(logits: Array, ranked: Array, count: Array, ops: Any) -> Array:
    """Return logits with the `count` highest kept, the rest -inf; of equals the lowest ids are kept.

    ranked: the same logits from the highest down. count: an integer, or integers of shape (..., 1).
    """
    last_kept = ops.min(ops.where(ops.arange(ranked.shape[-1]) < count, ranked, np.inf), axis=-1, keepdims=True)
    above, equal = logits > last_kept, logits == last_kept
    room = count - ops.sum(ops.where(above, 1, 0), axis=-1, keepdims=True)
    kept = above | (equal & (ops.cumsum(ops.where(equal, 1, 0), axis=-1) <= room))
    return ops.where(kept, logits, -np.inf)


def draw(logits: Array, uniforms: Array, ops: Any) -> Array:
    """Return the ids drawn by inversion; logits: (..., V), the highest about 0; uniforms: float64, (...), below 1.

    Logits differ in their last digits between NumPy, a compiler and another number of rows, and so does every
    cumulative probability. The more there are, the more often one of them passes the uniform number: with 8,000
    words, once in 2,700 draws, which then go another way. So where tokens are many, a block of BLOCK is drawn
    first, with the leading 26 bits of the uniform number, and a token of the block with the rest of its bits.
    Sums are of float64, as those of float32 depend on the order of adding.
    """
    size = logits.shape[-1]
    weights = ops.exp(logits)
    if size <= MANY:
        return _invert(weights, uniforms, ops)
    blocks = -(-size // BLOCK)
    weights = ops.pad(weights, [[0, 0]] * (len(weights.shape) - 1) + [[0, blocks * BLOCK - size]])
    weights = ops.reshape(weights, (*weights.shape[:-1], blocks, BLOCK))
    masses = ops.sum(ops.array(weights, dtype="float64"), axis=-1)
    leading = ops.floor(uniforms * 2.0**26)
    block = _invert(masses, leading * 2.0**-26, ops)
    weights = ops.take_along_axis(weights, block[..., None, None], axis=-2)[..., 0, :]
    token = _invert(weights, uniforms * 2.0**26 - leading, ops)
    return ops.minimum(block * BLOCK + token, size - 1)  # where logits are NaN, no token is possible


def _invert(weights, uniforms, ops):
    """Return the first index whose cumulative weight exceeds its part of the whole: integers, shape (...)."""
    size, possible = weights.shape[-1], weights > 0
    cumulative = ops.where(possible, ops.cumsum(weights, axis=-1, dtype="float64"), 0)
    target = uniforms[..., None] * ops.max(cumulative, axis=-1, keepdims=True)
    return ops.min(ops.where(possible & (cumulative > target), ops.arange(size), size - 1), axis=-1)


def _descending(logits, ops):
    """Return logits sorted from the highest down along the last axis."""
    return -ops.sort(-logits, axis=-1)


def filtered_if_asked(logits: Array, k: Array, p: Array) -> Array:
    """Return what `filtered` returns in TensorFlow, at no cost where k and p keep all. logits: as from `scaled`."""
    import keras
    import tensorflow

    def some():
        if logits.shape[-1] > SORTED:
            return filtered_by_search(logits, k, p)
        return filtered(logits, k, p, keras.ops)

    return tensorflow.cond((k < logits.shape[-1]) | (p < 1), some, lambda: logits)


def filtered_by_search(scaled: Array, k: Array, p: Array) -> Array:
    """Return what `filtered` returns, for large vocabularies in TensorFlow, where sorting is slow.

    scaled: float32, shape (n, V), the highest 0. The last logit that is kept is found by bisection over the
    bits of the numbers: 31 passes, whatever V. Probabilities are counted in whole units of 2**-40.
    """
    import tensorflow as tf

    keys = tf.bitcast(tf.abs(scaled), tf.int32)  # positive floats are in the order of their bits
    infinity = int(np.float32(np.inf).view(np.int32))

    def total(amounts, where=True):
        return tf.reduce_sum(tf.where(where, amounts, 0), axis=-1, keepdims=True)

    def keep(logits, amounts, goal):
        """Keep the highest logits until their amounts add up to the goal; of equals the lowest ids."""

        def halve(step, low, high):
            middle = low + (high - low) // 2
            enough = total(amounts, keys <= middle) >= goal
            return step + 1, tf.where(enough, low, middle + 1), tf.where(enough, middle, high)

        whole = (0, tf.zeros_like(keys[:, :1]), tf.fill(tf.shape(keys[:, :1]), infinity))
        _, _, last = tf.while_loop(lambda step, *_: step < 31, halve, whole)
        equal = keys == last
        each = tf.reduce_max(tf.where(equal, amounts, 1), axis=-1, keepdims=True)
        room = (goal - total(amounts, keys < last) + each - 1) // each
        place = tf.cumsum(tf.cast(equal, amounts.dtype), axis=-1)
        return tf.where((keys < last) | (equal & (place <= room)), logits, -np.inf)

    def nucleus(logits):
        shares = tf.cast(tf.exp(logits) * 2.0**40, tf.int64)
        goal = (p - TOLERANCE) * tf.cast(total(shares), tf.float64)
        return keep(logits, shares, tf.maximum(tf.cast(goal, tf.int64), 1))

    kept = tf.cond(k < scaled.shape[-1], lambda: keep(scaled, tf.ones_like(keys), k), lambda: scaled)
    return tf.cond(p < 1, lambda: nucleus(kept), lambda: kept)


# --- bad input -------------------------------------------------------------------------------------


def _check_logits(function, logits):
    """Return logits as a float array, or raise ValueError."""
    array = np.asarray(logits)
    if array.ndim == 0 or array.shape[-1] == 0 or array.dtype.kind not in "fiu":
        raise ValueError(
            f"{function}: logits have shape {array.shape} and dtype {array.dtype}; expected numbers, shape (..., V)."
        )
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    if not (array.max(axis=-1, initial=-np.inf) > -np.inf).all() or not (array < np.inf).all():
        raise ValueError(f"{function}: a row of logits holds NaN or infinity, or nothing above -inf.")
    return array
