"""How fast text is generated: utils.generation beside the usual ways, in one run, on this machine.

    python -m tools.benchmarks.generation [--quick]

For a model of Embedding(64), LSTM(256) and 65 tokens, and for one of 2 x LSTM(512), for 1 stream and 32 streams,
it prints characters per second (of all streams together):

predict     model.predict on a window of 40 characters for each new one, as Keras's example does
eager       the layers called one timestep at a time, the state passed on
one step    the same inside one tf.function, from ids to ids
OneStep     the same with strings in and out, and the mask: the class of that name in TensorFlow's tutorial
plain       ours, the loop in TensorFlow; xla: the same loop compiled by XLA; chosen: what generate takes by itself

One step must read all weights of the recurrent and output layers once. "of the bound" compares with a machine
that does nothing else, as measured here with NumPy's vector times matrix of the same size (for many streams
the arithmetic counts, so it is left out there).
"""

import argparse
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import threadpoolctl  # noqa: E402

from utils import generation, text  # noqa: E402

CHARACTERS = [chr(code) for code in range(ord("A"), ord("A") + 63)]
VOCABULARY = text.Vocabulary([text.PAD, text.UNK, *CHARACTERS], level="character")
WINDOW = 40
NAMES = ("predict", "eager", "one step", "OneStep", "plain", "xla", "chosen")


class Speeds:
    """A model, and what generates with it. units, depth: of its LSTM layers."""

    def __init__(self, units, depth):
        keras.utils.set_random_seed(0)
        size = len(VOCABULARY)
        recurrent = [keras.layers.LSTM(units, return_sequences=True) for _ in range(depth)]
        self.model = keras.Sequential(
            [
                keras.Input((None,), dtype="int32"),
                keras.layers.Embedding(size, 64),
                *recurrent,
                keras.layers.Dense(size),
            ]
        )
        self.embedding, self.dense = self.model.layers[0], self.model.layers[-1]
        self.stateful = [keras.layers.LSTM(units, return_sequences=True, return_state=True) for _ in recurrent]
        for index, (layer, source) in enumerate(zip(self.stateful, recurrent, strict=True)):
            layer.build((None, None, 64 if index == 0 else units))
            layer.set_weights(source.get_weights())
        self.units = units
        self.generator = generation.TextGenerator(self.model, VOCABULARY)
        self.compiled_step = tf.function(self._step)
        self.compiled_string_step = tf.function(self._string_step)
        lookup = {"mask_token": text.PAD, "oov_token": text.UNK, "vocabulary": CHARACTERS}
        self.ids_from_chars = keras.layers.StringLookup(**lookup)
        self.chars_from_ids = keras.layers.StringLookup(**lookup, invert=True)
        self.mask = tf.constant([-np.inf] * 2 + [0.0] * len(CHARACTERS))
        self.first_call = {}  # (name, streams) -> seconds

    def weight_bytes(self):
        """Return the bytes of the weights that one step reads: all but the embedding and what it is multiplied by."""
        recurrent = sum(layer.count_params() for layer in self.stateful)
        return 4 * (recurrent - 64 * 4 * self.units + self.dense.count_params())

    def measure(self, name, streams, seconds=1.0):
        """Return characters per second, all streams together: the best of runs that take a tenth of the time each.

        The best, as other programs can only slow a run down. The first call, which compiles, is timed apart.
        """
        run = getattr(self, "_" + name.replace(" ", "_"), None) or self._ours(name)
        if (name, streams) not in self.first_call:
            self.first_call[name, streams] = _time(run, streams, 2)
        steps, took = 4, _time(run, streams, 4)
        while took < 0.05 * seconds:
            steps = int(steps * min(20, max(2, 0.1 * seconds / took)))
            took = _time(run, streams, steps)
        best, started = took, time.perf_counter()
        while time.perf_counter() - started < seconds:
            best = min(best, _time(run, streams, steps))
        return streams * steps / best

    def _predict(self, streams, steps):
        """Generate with model.predict."""
        random = np.random.RandomState(0)
        window = random.randint(2, len(VOCABULARY), (streams, WINDOW))
        for _ in range(steps):
            logits = self.model.predict(window, verbose=0)[:, -1]
            drawn = generation.sample(logits, random.random_sample(streams))
            window = np.concatenate([window[:, 1:], drawn[:, None]], axis=1)

    def _step(self, ids, states):
        """Return the next ids and states."""
        logits, states = self._logits(ids[:, None], states)
        return tf.random.categorical(logits, 1, dtype=tf.int32)[:, 0], states

    def _string_step(self, characters, states):
        """Return the next characters and states, as OneStep.generate_one_step does."""
        ids = self.ids_from_chars(tf.strings.unicode_split(characters, "UTF-8").to_tensor())
        logits, states = self._logits(ids, states)
        drawn = tf.random.categorical(logits / 1.0 + self.mask, num_samples=1)
        return self.chars_from_ids(tf.squeeze(drawn, axis=-1)), states

    def _logits(self, ids, states):
        """Return logits (n, V) and states after ids, shape (n, 1)."""
        x, new = self.embedding(ids), []
        for layer, state in zip(self.stateful, states, strict=True):
            x, *state = layer(x, initial_state=state)
            new.append(state)
        return self.dense(x)[:, 0], new

    def _stepwise(self, step, streams, steps, first=5):
        """Generate with one call for each character."""
        ids = tf.fill([streams], first)
        states = [[tf.zeros((streams, self.units))] * 2 for _ in self.stateful]
        found = []
        for _ in range(steps):
            ids, states = step(ids, states)
            found.append(ids)
        return np.array(found)

    def _eager(self, streams, steps):
        return self._stepwise(self._step, streams, steps)

    def _one_step(self, streams, steps):
        return self._stepwise(self.compiled_step, streams, steps)

    def _OneStep(self, streams, steps):  # noqa: N802
        return self._stepwise(self.compiled_string_step, streams, steps, first="A")

    def _ours(self, loop):
        """Return a function that generates with ours."""
        loop = "auto" if loop == "chosen" else loop
        return lambda streams, steps: self.generator.generate(["a"] * streams, max_length=steps, seed=0, loop=loop)


def _time(run, streams, steps):
    """Return the seconds that a run takes."""
    started = time.perf_counter()
    run(streams, steps)
    return time.perf_counter() - started


def random_text(length):
    """Return a text of random characters."""
    return "".join(np.random.RandomState(0).choice(CHARACTERS, length))


def resident_bytes():
    """Return the memory of this process that is in use, in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def bandwidth(size, seconds=0.5):
    """Return bytes per second of NumPy's vector times matrix, float32, of `size` bytes, on one core like the loop."""
    columns = 1024
    matrix = np.ones((max(1, size // 4 // columns), columns), np.float32)
    vector = np.ones(len(matrix), np.float32)
    best, started = np.inf, time.perf_counter()
    with threadpoolctl.threadpool_limits(1):
        while time.perf_counter() - started < seconds:
            begun = time.perf_counter()
            vector @ matrix
            best = min(best, time.perf_counter() - begun)
    return matrix.nbytes / best


def table(units, depth, streams, seconds):
    """Print the rows for one model and one number of streams."""
    speeds = Speeds(units, depth)
    size = speeds.weight_bytes()
    bound = bandwidth(size) / size
    print(f"\n{depth} x LSTM({units}), {len(VOCABULARY)} tokens, {streams} stream{'s' * (streams > 1)}")
    if streams == 1:
        print(f"weights read in a step: {size / 1e6:.1f} MB, at {bound * size / 1e9:.0f} GB/s: {bound:,.0f} steps/s")
    rates = {name: speeds.measure(name, streams, seconds) for name in NAMES}
    for name in NAMES[2:]:  # once more, in turn: the better of two
        rates[name] = max(rates[name], speeds.measure(name, streams, seconds))
    print(
        f"{'':10} {'characters/s':>12} {'to one step':>12} {'to predict':>12} {'first call':>12} {'of the bound':>12}"
    )
    for name, rate in rates.items():
        share = f"{rate / bound:12.0%}" if streams == 1 else ""
        first = speeds.first_call[name, streams]
        print(
            f"{name:10} {rate:12,.0f} {rate / rates['one step']:11.2f}x {rate / rates['predict']:11,.0f}x "
            f"{first:10.2f} s {share}"
        )


def main(arguments=()):
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="measure for a quarter of the time")
    seconds = 0.5 if parser.parse_args(arguments).quick else 2.0
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {os.cpu_count()} processors")
    for units, depth in ((256, 1), (512, 2)):
        for streams in (1, 32):
            table(units, depth, streams, seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
