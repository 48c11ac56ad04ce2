"""Find the course, start a lesson, and choose how long it may run.

    from utils import environment
    environment.start(seed=1)
    epochs = environment.budget(laptop=2, full=20)

This module runs on any Python, with the standard library alone: utils.launch, which makes the environment, needs it.
All else is imported inside the functions that need it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pathlib
import sys
import typing
import warnings

if typing.TYPE_CHECKING:
    import types
    from collections.abc import Iterator, Sequence

_T = typing.TypeVar("_T")

PROFILES = ("laptop", "full")


def course_root() -> pathlib.Path:
    """Return the folder that holds lessons/, solutions/, data/ and utils/ (a pathlib.Path)."""
    return pathlib.Path(__file__).resolve().parent.parent


def profile() -> str:
    """Return "laptop" or "full", read from the environment variable UNROLLED_PROFILE.

    Raises ValueError when the variable holds anything else.
    """
    chosen = os.environ.get("UNROLLED_PROFILE") or "laptop"
    if chosen not in PROFILES:
        raise ValueError(f"UNROLLED_PROFILE is {chosen!r}; it can be 'laptop' (the default) or 'full'.")
    return chosen


def budget(*, laptop: _T, full: _T) -> _T:
    """Return `laptop` in the default profile and `full` under UNROLLED_PROFILE=full.

    It stands in the lessons wherever something was cut so that a laptop finishes in time:
    `epochs = budget(laptop=2, full=20)` says so openly, and gives the number of the real thing.
    """
    return {"laptop": laptop, "full": full}[profile()]


def start(seed: int = 0, data: str | Sequence[str] = ()) -> None:
    """Make a notebook ready: data packages, a quiet TensorFlow, full precision, seeds.

    seed: an integer from 0 to 2**32 - 1 (NumPy takes no other), given to Python, NumPy and TensorFlow
    by keras.utils.set_random_seed.
    data: a name or names of corpora (see data/corpora.toml) whose packages are installed if they are missing.

    Prints one line, the same on every machine. Raises ValueError for a bad seed, profile or corpus,
    RuntimeError when a data package is missing and cannot be installed, and where Python leaves out asserts.
    """
    from utils import arguments, corpora, text

    check_asserts()
    arguments.check_seed("start", seed)
    chosen = profile()
    corpora.install_missing(*([data] if isinstance(data, str) else data))
    tensorflow, keras = import_quietly()
    # TF32 is a short float format of some GPUs: with it, "equal to 1e-6" would not hold there.
    tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    keras.config.set_floatx("float32")  # keras.json may say otherwise
    keras.config.set_dtype_policy("float32")
    text.word_vectorization()  # so that Keras can load a model with such a layer
    keras.utils.set_random_seed(int(seed))  # it refuses NumPy's integers
    print(f"Unrolled is ready: seed {seed}, {chosen} profile.")


def import_quietly() -> tuple[types.ModuleType, types.ModuleType]:
    """Import TensorFlow and Keras without their start-up messages, and return both.

    `start` does this; a grader puts something quicker in its place where both are imported already.
    """
    if "keras" in sys.modules:
        check_backend(sys.modules["keras"])
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_silenced(), collector_paused(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
        import tensorflow

        tensorflow.get_logger().setLevel("ERROR")  # no remarks on tracing and the like
        tensorflow.constant(0.0)  # the first operation starts the devices, which write messages too
    return tensorflow, keras


def check_asserts() -> None:
    """Raise RuntimeError where Python leaves out every assert, and with them what the course claims and checks."""
    if not __debug__:
        raise RuntimeError(
            "Python runs without asserts here (PYTHONOPTIMIZE, or python -O), so nothing would be checked. "
            "Remove PYTHONOPTIMIZE from the environment and start again."
        )


def check_backend(keras: types.ModuleType) -> None:
    """Raise RuntimeError unless Keras runs on TensorFlow."""
    if (backend := keras.config.backend()) != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {backend} here; the course needs TensorFlow. "
            "Remove KERAS_BACKEND from the environment and restart the kernel."
        )


def import_quietly_once() -> None:
    """Do as `import_quietly` where neither TensorFlow nor Keras is imported yet; else leave them as they are.

    For what imports them by itself, in a program that never calls `start`.
    """
    if not {"keras", "tensorflow"} & sys.modules.keys():
        import_quietly()


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Look for no garbage meanwhile: an import makes none, and looking through what it makes takes a fifth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _stderr_silenced():
    """Send file descriptor 2 to nowhere: TensorFlow's C++ code writes there, past sys.stderr."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
