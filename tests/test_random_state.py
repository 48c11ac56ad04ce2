"""utils.random_state: a block leaves no trace in what is drawn or named after it."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import random_state


def draw():
    """Draw from every generator, and name a layer."""
    return (
        random.random(),
        float(np.random.rand()),
        float(keras.random.normal(())),
        float(tf.random.normal(())),
        keras.layers.Dense(1).name,
        keras.layers.SimpleRNN(1).name,
        keras.layers.Dropout(0.5)(np.ones((1, 9)), training=True).numpy().tolist(),
    )


@pytest.mark.parametrize("draws_before", [0, 3])
def test_a_block_leaves_no_trace(draws_before):
    """With the block and without it, the same is drawn; the block itself draws something else."""
    keras.utils.set_random_seed(5)
    keras.utils.clear_session()
    keras.utils.set_random_seed(5)
    for _ in range(draws_before):
        draw()
    with random_state.kept():
        inside = draw()
        keras.utils.set_random_seed(99)
        draw()
    with_block = draw()

    keras.utils.clear_session()
    keras.utils.set_random_seed(5)
    for _ in range(draws_before):
        draw()
    without_block = draw()
    assert with_block == without_block
    assert inside == without_block  # the block drew from the same state: that it left no trace is its doing


def test_the_block_may_fail():
    """An exception passes through, and the state is restored all the same."""
    random.seed(1)
    expected = random.random()
    random.seed(1)
    with pytest.raises(ZeroDivisionError):
        with random_state.kept():
            random.random()
            _ = 1 / 0
    assert random.random() == expected
