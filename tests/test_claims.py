"""The claims that carry the lessons hold for several seeds, with the lessons' own code.

A lesson shows one run. What it concludes must not hang on that run; here the same functions, taken from the
notebook, are run with a seed that no lesson uses, and with five under UNROLLED_PROFILE=full. (tests/claims.csv has
the lessons' own asserts over seeds and processors.) `pytest -s tests/test_claims.py` prints the tables.
"""

import numpy as np
import pytest
from conftest import definitions

from utils import environment

SEEDS = environment.budget(laptop=(11,), full=(11, 12, 13, 14, 15))


@pytest.fixture(scope="module")
def lesson_02():
    """Return the recall task and the clipping experiment of lesson 02."""
    return definitions(
        "02", "LETTERS", "LAGS", "STARTS", "last_marked", "recall_data", "train", "accuracy_by_lag",
        "signal_and_noise", "descend",
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_recall(lesson_02, seed):
    """Same data, same updates: a tanh RNN guesses at lag 40, GRU and LSTM answer; the IRNN lies between."""
    import keras

    guess = 1 / lesson_02["LETTERS"]
    layers = keras.layers
    makes = {
        "SimpleRNN": lambda: layers.SimpleRNN(16, return_sequences=True),
        "IRNN": lambda: layers.SimpleRNN(16, return_sequences=True, **lesson_02["STARTS"]["identity + relu"]),
        "GRU": lambda: layers.GRU(16, return_sequences=True),
        "LSTM": lambda: layers.LSTM(16, return_sequences=True),
    }
    accuracy, ratio = {}, {}
    for name, make in makes.items():
        model = lesson_02["train"](make, seed)
        accuracy[name] = lesson_02["accuracy_by_lag"](model)
        signal, noise = lesson_02["signal_and_noise"](model)
        ratio[name] = signal / noise
        print(f"seed {seed} {name:9}", *(f"{value:.3f}" for value in accuracy[name].values()), f"{ratio[name]:.2f}")
    assert accuracy["SimpleRNN"][0] > 0.99
    assert accuracy["SimpleRNN"][20] < guess + 0.15 and accuracy["SimpleRNN"][40] < guess + 0.10
    assert accuracy["IRNN"][20] > accuracy["SimpleRNN"][20] + 0.10
    assert accuracy["GRU"][40] > 0.95 and accuracy["LSTM"][40] > 0.95
    assert ratio["SimpleRNN"] < 1.5 and ratio["GRU"] > 2 and ratio["LSTM"] > 2


@pytest.mark.parametrize("seed", SEEDS)
def test_storing_or_learning(lesson_02, seed):
    """The SimpleRNN that guesses at lag 20 after 150 updates answers there after 1,000: it had the room."""
    import keras

    model = lesson_02["train"](lambda: keras.layers.SimpleRNN(16, return_sequences=True), seed, updates=1000)
    accuracy = lesson_02["accuracy_by_lag"](model)
    print(f"seed {seed} 1,000 updates", *(f"{value:.3f}" for value in accuracy.values()))
    assert accuracy[20] > 0.7


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


@pytest.fixture(scope="module")
def lesson_03():
    """Return the recall, forget-bias and bracket experiments of lesson 03, with these seeds each."""
    names = (
        "LETTERS SEEDS LAGS recall_data network train_each accuracy_by_lag recall_training plain_data plain_accuracies "
        "lstm_with_bias TOKENS depth_data train_depth sigmoid lstm_step lstm"
    )
    lesson = definitions("03", *names.split())
    lesson["SEEDS"] = SEEDS
    lesson["x_test"], lesson["y_test"] = lesson["recall_data"](1000, 41, 0.0, np.random.default_rng(12345))
    return lesson


def test_lstm_recalls_and_simple_rnn_does_not(lesson_03):
    """At lag 40, on the same 180 updates: LSTM at least 95 %, SimpleRNN at most chance + 10 points, in every run."""
    import keras

    at_lag_40 = {}
    for kind in (keras.layers.SimpleRNN, keras.layers.LSTM):
        models = lesson_03["train_each"](
            [lambda kind=kind: kind(16, return_sequences=True)], lesson_03["recall_training"], lesson_03["LETTERS"] + 1
        )
        at_lag_40[kind.__name__] = [lesson_03["accuracy_by_lag"](model)[-1] for model in models]
        print(kind.__name__, *(f"{value:.3f}" for value in at_lag_40[kind.__name__]))
    assert len(at_lag_40["LSTM"]) == len(SEEDS)
    assert max(at_lag_40["SimpleRNN"]) <= 1 / lesson_03["LETTERS"] + 0.10
    assert min(at_lag_40["LSTM"]) >= 0.95


def test_forget_bias(lesson_03):
    """Plain recall: with bias 0 hardly a run gets beyond guessing, with bias 3 every one is done."""
    makes = [lambda value=value: lesson_03["lstm_with_bias"](value) for value in (0.0, 1.0, 3.0)]
    none, one, three = lesson_03["plain_accuracies"](makes)
    for name, row in (("bias 0", none), ("bias 1", one), ("bias 3", three)):
        print(name, *(f"{value:.3f}" for value in row))
    assert none.mean() < 0.5
    assert three.min() > 0.95
    assert three.mean() > none.mean() + 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_gates_of_the_bracket_counter(lesson_03, seed):
    """On letters the forget gate stays open and the input gate shut; brackets move the cell state."""
    tokens, depths = lesson_03["depth_data"](200, 100, np.random.default_rng(999))
    run = lesson_03["lstm"](np.eye(8)[tokens], *lesson_03["train_depth"](seed))
    i, f, c = (run[name][..., 0] for name in "ifc")
    correlation = np.corrcoef(c.ravel(), depths.ravel())[0, 1]
    step = np.diff(c * np.sign(correlation), axis=1, prepend=0.0)
    letter, opening, closing = tokens < 6, tokens == 6, tokens == 7
    inside = letter & (depths > 0)
    print(f"seed {seed} f inside: median {np.median(f[inside]):.3f}, least {f[inside].min():.3f};",
          f"i median on letters {np.median(i[letter]):.3f}, at '(' {np.median(i[opening]):.3f}")  # fmt: skip
    assert abs(correlation) > 0.94
    assert np.median(f[inside]) > 0.95 and f[inside].min() > 0.85
    assert np.median(i[letter]) < 0.1 and np.median(i[opening]) > 3 * np.median(i[letter])
    assert np.abs(step[letter]).max() < 0.06 and step[opening].min() > 0.12
    assert np.mean(step[closing] < 0) > 0.99 and np.median(step[closing]) < -0.2
