# wrong: gate order swapped: candidate first
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_g, a_f, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: output gate and forget gate swapped
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_o, a_g, a_f = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: forgets the bias
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: leaves out the recurrence
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: transposes the recurrent blocks
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ np.concatenate([block.T for block in np.split(U, 3, axis=1)], axis=1) + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: tanh and sigmoid exchanged
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = np.tanh(a_f), np.tanh(a_o)
    c = f * c + (1 - f) * 1 / (1 + np.exp(-a_g))
    return o * np.tanh(c), c


# wrong: h and c exchanged
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return c, o * np.tanh(c)


# wrong: h from the old c
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    return o * np.tanh(c), f * c + (1 - f) * np.tanh(a_g)


# wrong: no tanh on the way out
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * c, c


# wrong: keeps 1 - f and takes in f
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = (1 - f) * c + f * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: an open input gate instead of 1 - f
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: state not carried: ignores the old c
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: reads the cell state where h belongs
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + c @ U + b, 3, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong, raises: splits the batch axis
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 3, axis=0)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong, raises: four blocks, as in the plain LSTM
# exercise: 3.1
import numpy as np


def coupled_step(x_t, h, c, W, U, b):
    """Return the new h and c, each (N, H), of an LSTM step with input gate 1 - f."""
    a_i, a_f, a_g, a_o = np.split(x_t @ W + h @ U + b, 4, axis=1)
    f, o = 1 / (1 + np.exp(-a_f)), 1 / (1 + np.exp(-a_o))
    c = f * c + (1 - f) * np.tanh(a_g)
    return o * np.tanh(c), c
