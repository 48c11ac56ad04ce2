# wrong: the output gate sees the old c
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f, o = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c), sigmoid(a_o + P[2] * c)
    c = f * c + i * np.tanh(a_g)
    return o * np.tanh(c), c


# wrong: input and forget gate see the new c of a first try
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    new = f * c + i * np.tanh(a_g)
    i, f = sigmoid(a_i + P[0] * new), sigmoid(a_f + P[1] * new)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: gate order swapped: f, i, g, o
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_f, a_i, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: rows of P in the order f, i, o
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[1] * c), sigmoid(a_f + P[0] * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: forgets the bias
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: no peepholes
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i), sigmoid(a_f)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o)
    return o * np.tanh(c), c


# wrong: the peepholes are added without c
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0]), sigmoid(a_f + P[1])
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2])
    return o * np.tanh(c), c


# wrong: the candidate peeps, too
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    c = f * c + i * np.tanh(a_g + P[0] * c)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: the gates see tanh(c)
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * np.tanh(c)), sigmoid(a_f + P[1] * np.tanh(c))
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * np.tanh(c))
    return o * np.tanh(c), c


# wrong: tanh and sigmoid exchanged
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = np.tanh(a_i + P[0] * c), np.tanh(a_f + P[1] * c)
    c = f * c + i * sigmoid(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * np.tanh(c), c


# wrong: h and c exchanged
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return c, o * np.tanh(c)


# wrong: no tanh on the way out
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] * c), sigmoid(a_f + P[1] * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] * c)
    return o * c, c


# wrong: one peephole weight for all units
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0].mean() * c), sigmoid(a_f + P[1].mean() * c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2].mean() * c)
    return o * np.tanh(c), c


# wrong, raises: a matrix product with P
# exercise: 3.4
import numpy as np


def peephole_step(x_t, c, W, P, b):
    """Return the new h and c, each (N, H), of an LSTM step whose gates see c and not h."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    a_i, a_f, a_g, a_o = np.split(x_t @ W + b, 4, axis=1)
    i, f = sigmoid(a_i + P[0] @ c), sigmoid(a_f + P[1] @ c)
    c = f * c + i * np.tanh(a_g)
    o = sigmoid(a_o + P[2] @ c)
    return o * np.tanh(c), c
