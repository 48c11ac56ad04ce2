# wrong: transposes U
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + h_previous @ U.T + b)


# wrong: forgets the bias
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + h_previous @ U)


# wrong: forgets tanh
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return x_t @ W + h_previous @ U + b


# wrong: sigmoid instead of tanh
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return 1 / (1 + np.exp(-(x_t @ W + h_previous @ U + b)))


# wrong: tanh of the products only, bias outside
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + h_previous @ U) + b


# wrong: leaves out the recurrence
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + b)


# wrong: applies tanh to the old state first
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + np.tanh(h_previous) @ U + b)


# wrong: adds the old state, as a residual connection would
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return h_previous + np.tanh(x_t @ W + h_previous @ U + b)


# wrong: returns the first row only
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(x_t @ W + h_previous @ U + b)[0]


# wrong, raises: column vectors
# exercise: 1.1
import numpy as np


def rnn_step(x_t, h_previous, W, U, b):
    """Return the next state, shape (N, H), from x_t (N, D) and h_previous (N, H)."""
    return np.tanh(W @ x_t + U @ h_previous + b)
