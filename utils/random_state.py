"""Leave the random generators, and Keras's automatic names, as they were found.

Reading these back takes a few private names of Keras and TensorFlow (there is no public way);
tests/test_random_state.py fails as soon as one of them moves.
"""

from __future__ import annotations

import collections
import contextlib
import random
import sys
import typing

if typing.TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Run a block that leaves no trace in what is drawn or named after it.

    Inside, anything may be drawn, seeded or built; what follows prints the same numbers and the same
    layer names (lstm_3, ...) as if the block had not been there. Covers `random`, `numpy.random` and,
    where they are already imported, Keras and TensorFlow.
    """
    import numpy

    python_state = random.getstate()
    numpy_state = numpy.random.get_state()
    keras_state = _keras_state() if "keras" in sys.modules else None
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
        if keras_state is not None:
            _restore_keras_state(keras_state)


def _keras_state():
    """Return copies of what Keras and TensorFlow remember about names and seeds."""
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context

    generator = global_state.get_global_attribute("global_seed_generator")
    rng = getattr(context.context(), "_rng", None)  # numbers TensorFlow's random operations
    return {
        "names": dict(global_state.get_global_attribute("object_name_uids") or {}),
        "seed": global_state.get_global_attribute("global_random_seed"),
        "generator": generator,
        "generator_state": None if generator is None else generator.state.numpy().copy(),
        "tensorflow_seed": context.context()._seed,
        "rng": rng,
        "rng_state": None if rng is None else rng.getstate(),
    }


def _restore_keras_state(state):
    """Put back what `_keras_state` returned."""
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context

    global_state.set_global_attribute("object_name_uids", collections.defaultdict(int, state["names"]))
    global_state.set_global_attribute("global_random_seed", state["seed"])
    global_state.set_global_attribute("global_seed_generator", state["generator"])
    if state["generator"] is not None:
        state["generator"].state.assign(state["generator_state"])
    context.context()._seed = state["tensorflow_seed"]
    if state["rng"] is not None:
        state["rng"].setstate(state["rng_state"])
        context.context()._rng = state["rng"]
