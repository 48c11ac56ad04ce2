# wrong: forgets the derivative of tanh
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: the derivative of tanh at the state before
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_previous**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: the derivative of the sigmoid
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * h_t * (1 - h_t)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: 1 - tanh instead of 1 - tanh squared
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: takes tanh once more
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - np.tanh(h_t) ** 2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: goes back through U instead of its transpose
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U,
        "x_t": da_t @ W.T,
    }


# wrong: averages the bias over the batch
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.mean(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: averages all weight gradients over the batch
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t / len(x_t),
        "U": h_previous.T @ da_t / len(x_t),
        "b": da_t.mean(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: the gradient of U from the new state
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_t.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: the gradient of U transposed
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": da_t.T @ h_previous,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: the gradient of W transposed
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": da_t.T @ x_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: keeps the batch axis of b
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t,
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: dh_t goes on to the step before unchanged by tanh
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": dh_t @ U.T,
        "x_t": da_t @ W.T,
    }


# wrong: adds dh_t to the state before, as a residual connection would
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T + dh_t,
        "x_t": da_t @ W.T,
    }


# wrong: leaves out x_t
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
    }


# wrong, raises: W without its transpose
# exercise: 1.4
import numpy as np


def step_gradient(dh_t, x_t, h_previous, h_t, W, U):
    """Return the gradients of one step, a dictionary with the keys W, U, b, h_previous and x_t."""
    da_t = dh_t * (1 - h_t**2)
    return {
        "W": x_t.T @ da_t,
        "U": h_previous.T @ da_t,
        "b": da_t.sum(axis=0),
        "h_previous": da_t @ U.T,
        "x_t": da_t @ W,
    }
