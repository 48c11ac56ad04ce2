# wrong: rows and columns exchanged
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (answers, truth), 1)
    return matrix


# wrong: += counts a repeated pair once
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes), int)
    matrix[truth, answers] += 1
    return matrix


# wrong: floats
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (truth, answers), 1)
    return matrix / len(truth)


# wrong: only as large as the classes that occur
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    size = max(truth.max(), answers.max()) + 1
    seen = np.unique(truth)
    matrix = np.array([[np.sum((truth == i) & (answers == j)) for j in range(size)] for i in seen])
    return matrix


# wrong: the lengths are not compared
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    matrix = np.zeros((classes, classes), int)
    for i, j in zip(truth, answers):
        matrix[i, j] += 1
    return matrix


# wrong: only the diagonal
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    return np.diag([int(np.sum((truth == i) & (answers == i))) for i in range(classes)])


# wrong: shares of each row
# exercise: 5.4
import numpy as np


def confusion(truth, answers, classes):
    """Return how often class i was answered with j: an integer array (classes, classes)."""
    if len(truth) != len(answers):
        raise ValueError("lengths differ")
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (truth, answers), 1)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
