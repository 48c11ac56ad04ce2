# wrong: one-sided differences
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        middle = f(p)
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept
        differences[index] = abs(gradient[index] - (above - middle) / epsilon)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: one-sided differences from below
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        middle = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        differences[index] = abs(gradient[index] - (middle - below) / epsilon)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: divides by epsilon instead of twice epsilon
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / epsilon
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: does not put the number back
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: the largest signed difference
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = gradient[index] - numerical
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: the largest signed difference, the other way round
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = numerical - gradient[index]
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: squared differences
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = (gradient[index] - numerical) ** 2
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: relative differences
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical) / (abs(gradient[index]) + abs(numerical) + 1e-12)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: the mean difference
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.mean()), tuple(int(i) for i in place)


# wrong: a flat index
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    return float(differences.max()), int(differences.argmax())


# wrong: ignores epsilon
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p, epsilon = np.array(p, dtype=float), 1e-5
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: counts the place from 1
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) + 1 for i in place)


# wrong: changes the caller's p
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: looks at the first row only
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=float)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        if index[0] > 0:
            continue
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        differences[index] = abs(gradient[index] - (above - below) / (2 * epsilon))
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: moves all numbers at once
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    difference = np.abs(gradient - (f(p + epsilon) - f(p - epsilon)) / (2 * epsilon))
    place = np.unravel_index(difference.argmax(), p.shape)
    return float(difference.max()), tuple(int(i) for i in place)


# wrong: 32-bit floats
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    p = np.array(p, dtype=np.float32)
    differences = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        kept = p[index]
        p[index] = kept + epsilon
        above = f(p)
        p[index] = kept - epsilon
        below = f(p)
        p[index] = kept
        numerical = (above - below) / (2 * epsilon)
        differences[index] = abs(gradient[index] - numerical)
    place = np.unravel_index(differences.argmax(), p.shape)
    return float(differences.max()), tuple(int(i) for i in place)


# wrong: returns only whether the gradient is right
# exercise: 1.5
import numpy as np


def check_gradient(f, gradient, p, epsilon=1e-5):
    """Return (largest, index): the largest |gradient - central difference| and its place, a tuple of integers."""
    return bool(np.allclose(gradient, gradient)), (0,) * p.ndim
