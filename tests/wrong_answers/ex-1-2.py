# wrong: stacks time first, shape (T, N, H)
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states)


# wrong: starts from zeros and ignores h_0
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: uses h_0 at every step
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    return np.stack([np.tanh(x[:, t] @ W + h_0 @ U + b) for t in range(x.shape[1])], axis=1)


# wrong: returns h_0 as well, T + 1 states
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ W + states[-1] @ U + b))
    return np.stack(states, axis=1)


# wrong: returns h_0 ... h_(T-1), one step late
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ W + states[-1] @ U + b))
    return np.stack(states[:-1], axis=1)


# wrong: returns the last state only
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
    return h


# wrong: reads from right to left
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in reversed(range(x.shape[1])):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: overwrites h_0, and returns the same array T times
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(x.shape[1]):
        h[:] = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: right values, but changes the caller's h_0
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h_0[:] = np.tanh(x[:, t] @ W + h_0 @ U + b)
        states.append(h_0.copy())
    return np.stack(states, axis=1)


# wrong: carries the sum before tanh instead of the state
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    a, states = h_0, []
    for t in range(x.shape[1]):
        a = x[:, t] @ W + a @ U + b
        states.append(np.tanh(a))
    return np.stack(states, axis=1)


# wrong: transposes U
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U.T + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: only as many steps as there are sequences
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(min(len(x), x.shape[1])):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: concatenates along the units
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.concatenate(states, axis=1)


# wrong: centres the caller's x in place, and then reads it rightly
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    x -= x.mean(axis=0)
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)


# wrong: clips the caller's x in place after it was read
# exercise: 1.2
import numpy as np


def rnn_forward(x, W, U, b, h_0):
    """Return the states h_1 ... h_T, shape (N, T, H), for x of shape (N, T, D) and h_0 of shape (N, H)."""
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        states.append(h)
    x *= 0
    return np.stack(states, axis=1)
