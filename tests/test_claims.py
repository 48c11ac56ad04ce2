"""The claims that carry the lessons hold for five seeds, with the lessons' own code.

A lesson shows one run. What it concludes must not hang on that run; here the same functions, taken
from the notebook, are run with the seeds 1 to 5. `pytest -s tests/test_claims.py` prints the tables.
"""

import numpy as np
import pytest
from conftest import definitions

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def lesson_02():
    """Return the recall task and the clipping experiment of lesson 02."""
    return definitions(
        "02", "LETTERS", "UPDATES", "LAGS", "STARTS", "last_marked", "recall_data", "train", "accuracy_by_lag",
        "signal_and_noise", "descend",
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_recall(lesson_02, seed):
    """Same data, same updates: a tanh RNN guesses at lag 40, GRU and LSTM answer; the IRNN lies between."""
    import keras

    guess = 1 / lesson_02["LETTERS"]
    layers = {
        "SimpleRNN": keras.layers.SimpleRNN(16, return_sequences=True),
        "IRNN": keras.layers.SimpleRNN(16, return_sequences=True, **lesson_02["STARTS"]["identity + relu"]),
        "GRU": keras.layers.GRU(16, return_sequences=True),
        "LSTM": keras.layers.LSTM(16, return_sequences=True),
    }
    accuracy, ratio = {}, {}
    for name, layer in layers.items():
        model = lesson_02["train"](layer, seed)
        accuracy[name] = lesson_02["accuracy_by_lag"](model)
        signal, noise = lesson_02["signal_and_noise"](model)
        ratio[name] = signal / noise
        print(f"seed {seed} {name:9}", *(f"{value:.3f}" for value in accuracy[name].values()), f"{ratio[name]:.2f}")
    assert accuracy["SimpleRNN"][0] > 0.99
    assert accuracy["SimpleRNN"][20] < guess + 0.15 and accuracy["SimpleRNN"][40] < guess + 0.10
    assert accuracy["IRNN"][20] > accuracy["SimpleRNN"][20] + 0.10
    assert accuracy["GRU"][40] > 0.95 and accuracy["LSTM"][40] > 0.95
    assert ratio["SimpleRNN"] < 1 and ratio["GRU"] > 2 and ratio["LSTM"] > 2


@pytest.mark.parametrize("seed", SEEDS)
def test_clipping(lesson_02, seed):
    """Without clipping the loss explodes and ends at a guess; with it, training goes on."""
    guess = np.log(lesson_02["LETTERS"])
    wild, wild_norms = lesson_02["descend"](seed)
    clipped, norms = lesson_02["descend"](seed, clip=5.0)
    print(f"seed {seed} wild {wild.max():.1e} then {wild[-20:].mean():.3f}; clipped {clipped[-20:].mean():.3f}",
          f"share {np.mean(norms > 5):.2f}")  # fmt: skip
    assert wild.max() > 1000 * guess and abs(wild[-20:].mean() - guess) < 0.05 and wild_norms.max() > 1e4
    assert clipped[-20:].mean() < guess - 0.05
    assert np.mean(norms > 5) < 0.25 and np.median(norms) < 5 and norms.max() > 20
