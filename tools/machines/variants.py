"""Machines by simulation: settings under which one processor computes as others do, rounding otherwise.

`python -m tools.machines.variants` says which of them change anything on this machine.
"""

import os
import subprocess
import sys

# Each caps or exchanges the code that multiplies matrices, in oneDNN, in XLA or in NumPy's BLAS, or splits the sums
# otherwise among threads. TensorFlow without oneDNN computes with Eigen. Which of them change anything depends on the
# processor that they run on: `changes` finds out.
SSE, THREAD = {"ONEDNN_MAX_CPU_ISA": "SSE41"}, {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
VARIANTS = {
    "as it is": {},
    "oneDNN SSE4.1": SSE,
    "oneDNN AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "oneDNN AVX512": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"},
    "no oneDNN": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "XLA SSE4.2": {"XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"},
    "BLAS Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "one thread": THREAD,
    "an old processor": {**SSE, **THREAD, "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2", "OPENBLAS_CORETYPE": "Nehalem"},
}
# Added to every seed, one after the other; 0 is the lessons' own.
SHIFTS = (0, 1000, 2000, 3000, 4000)

PROBE = """
import hashlib, os
import numpy as np
import tensorflow as tf
import keras
random = np.random.RandomState(0)
a, b = (random.normal(size=(300, 300)).astype("float32") for _ in range(2))
keras.utils.set_random_seed(0)
ids, labels = random.randint(0, 500, (64, 50)), random.randint(0, 2, 64)
parts = [keras.layers.Embedding(500, 32), keras.layers.LSTM(64), keras.layers.Dense(2, activation="softmax")]
model = keras.Sequential([keras.Input((50,)), *parts])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(ids, labels, epochs=3, batch_size=32, verbose=0)
results = {
    "matrix": [tf.matmul(a, b)],
    "training": model.get_weights(),
    "sums": [tf.reduce_sum(random.normal(size=(1000, 2000)).astype("float32"))],
    "XLA": [tf.function(lambda a, b: tf.tanh(a @ b) @ a, jit_compile=True)(a, b)],
    "NumPy": [a @ b, np.linalg.svd(a)[1]],
}
for what, values in results.items():
    print(what, hashlib.sha256(b"".join(np.asarray(value).tobytes() for value in values)).hexdigest()[:12])
"""


def environment(name, shift=0):
    """Return the environment variables of a variant and of shifted seeds, with those that are set already."""
    kept = {key: value for key, value in os.environ.items() if key not in {k for v in VARIANTS.values() for k in v}}
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "3", **VARIANTS[name], "UNROLLED_SEED_SHIFT": str(shift)}


def fingerprint(name):
    """Return what -> digest of results (a product of matrices, an LSTM's gradients, ...) under a variant."""
    command = [sys.executable, "-c", PROBE]
    said = subprocess.run(command, env=environment(name), check=True, capture_output=True, text=True).stdout
    return dict(line.split() for line in said.splitlines())


def changes():
    """Return variant -> list of what it computes with other rounding than this machine does by itself."""
    usual = fingerprint("as it is")
    found = {name: fingerprint(name) for name in VARIANTS if VARIANTS[name]}
    return {name: [what for what in usual if one[what] != usual[what]] for name, one in found.items()}


if __name__ == "__main__":
    for variant, changed in changes().items():
        print(f"{variant:15}", ", ".join(changed) or "nothing")
