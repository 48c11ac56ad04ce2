# wrong: gate order swapped: i, g, f, o
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 1] = 20.0
    W[closing, 1] = -20.0
    b = np.array([20.0, 0.0, 20.0, 0.0])
    return W, U, b


# wrong: a forget bias of 5 leaks
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = -20.0
    b = np.array([20.0, 5.0, 0.0, 0.0])
    return W, U, b


# wrong: forgets the bias
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = -20.0
    b = np.zeros(4)
    return W, U, b


# wrong: the input gate half open
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = -20.0
    b = np.array([0.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: closing brackets are not counted
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: closing brackets count up
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = 20.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: a weight of 1, so that the candidate is tanh(1)
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 1.0
    W[closing, 2] = -1.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: brackets in the last two features always
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[-2, 2] = 20.0
    W[-1, 2] = -20.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: opening and closing exchanged
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[closing, 2] = 20.0
    W[opening, 2] = -20.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: a recurrent weight from h to the forget gate
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = -20.0
    U[0, 1] = -60.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: counts every step: the candidate has the bias
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 2] = -20.0
    b = np.array([20.0, 20.0, 20.0, 0.0])
    return W, U, b


# wrong: a bracket closes by forgetting everything
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((features, 4)), np.zeros((1, 4))
    W[opening, 2] = 20.0
    W[closing, 1] = -40.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b


# wrong: kernel transposed
# exercise: 3.3
import numpy as np


def depth_weights(features, opening, closing):
    """Return W (features, 4), U (1, 4), b (4,) of a one-unit LSTM whose c is the bracket depth."""
    W, U = np.zeros((4, features)), np.zeros((1, 4))
    W[2, opening] = 20.0
    W[2, closing] = -20.0
    b = np.array([20.0, 20.0, 0.0, 0.0])
    return W, U, b
