# wrong: the naive formula, lost at -1000
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-logits))
        return float(np.mean(-labels * np.log(p) - (1 - labels) * np.log(1 - p)))


# wrong: clips the probability
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    with np.errstate(all="ignore"):
        p = np.clip(1 / (1 + np.exp(-logits)), 1e-7, 1 - 1e-7)
    return float(np.mean(-labels * np.log(p) - (1 - labels) * np.log(1 - p)))


# wrong: the sum instead of the mean
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    return float(np.sum(np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))))


# wrong: labels exchanged
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    return float(np.mean(np.maximum(logits, 0) - logits * (1 - labels) + np.log1p(np.exp(-np.abs(logits)))))


# wrong: bits instead of nats
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    each = np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    return float(each.mean() / np.log(2))


# wrong: only the positive part: forgets 1 - y
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    return float(np.mean(labels * (np.maximum(-logits, 0) + np.log1p(np.exp(-np.abs(logits))))))


# wrong: one value for each text
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    return np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))


# wrong: no max: exp(z) overflows
# exercise: 5.1
import numpy as np


def binary_cross_entropy(labels, logits):
    """Return the mean binary cross-entropy of logits and labels (0 or 1) of the same shape: a float."""
    with np.errstate(all="ignore"):
        return float(np.mean(np.log1p(np.exp(logits)) - logits * labels))
