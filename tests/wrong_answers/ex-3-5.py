# wrong: z and 1 - z swapped
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return (1 - z) * h + z * np.tanh(x_h + (r * h) @ U_h)


# wrong: reset after the product
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + r * (h @ U_h))


# wrong: gate order swapped: r, z, h
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_r, U_z, U_h = np.split(U, 3, axis=1)
    x_r, x_z, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h)


# wrong: the candidate's block first
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_h, U_z, U_r = np.split(U, 3, axis=1)
    x_h, x_z, x_r = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h)


# wrong: forgets the bias
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h)


# wrong: the bias only in the gates
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h - b[2 * len(b) // 3 :] + (r * h) @ U_h)


# wrong: keeps the reset state
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * (r * h) + (1 - z) * np.tanh(x_h + (r * h) @ U_h)


# wrong: no reset
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + h @ U_h)


# wrong: resets with 1 - r
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + ((1 - r) * h) @ U_h)


# wrong: tanh and sigmoid exchanged
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = np.tanh(x_z + h @ U_z), np.tanh(x_r + h @ U_r)
    return z * h + (1 - z) * sigmoid(x_h + (r * h) @ U_h)


# wrong: state not carried: the gates do not see h
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z), sigmoid(x_r)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h)


# wrong: transposes the recurrent blocks
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z.T), sigmoid(x_r + h @ U_r.T)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h.T)


# wrong: returns the candidate
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return np.tanh(x_h + (r * h) @ U_h)


# wrong, raises: splits U along its rows
# exercise: 3.5
import numpy as np


def gru_reset_before(x_t, h, W, U, b):
    """Return the new h (N, H) of a GRU whose reset gate acts before the product with U."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    U_z, U_r, U_h = np.split(U, 3, axis=0)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    z, r = sigmoid(x_z + h @ U_z), sigmoid(x_r + h @ U_r)
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ U_h)
