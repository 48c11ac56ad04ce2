# wrong: compares (N, 1) with (N,): an (N, N) table
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.mean((logits > 0) == (labels == 1)))


# wrong: a threshold of 0.5 on the logit
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    labels, logits = labels.reshape(-1), logits.reshape(-1)
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.mean((logits > 0.5) == (labels == 1)))


# wrong: argmax of one column
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    logits = logits.reshape(-1, 1)
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.mean(np.argmax(logits, axis=1) == labels))


# wrong: in percent
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    labels, logits = labels.reshape(-1), logits.reshape(-1)
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(100 * np.mean((logits > 0) == (labels == 1)))


# wrong: a logit of 0 counts as positive
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    labels, logits = labels.reshape(-1), logits.reshape(-1)
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.mean((logits >= 0) == (labels == 1)))


# wrong: does not look at the lengths, zip cuts
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    hits = [(z > 0) == (y == 1) for y, z in zip(labels, logits.reshape(-1))]
    return float(np.mean(hits))


# wrong: one logit is broadcast to all labels
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    labels, logits = labels.reshape(-1), logits.reshape(-1)
    if len(logits) > 1 and len(labels) > 1 and len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.mean((logits > 0) == (labels == 1)))


# wrong: how many, not which share
# exercise: 5.2
import numpy as np


def binary_accuracy(labels, logits):
    """Return the share of logits, (N, 1) or (N,), whose sign agrees with labels (N,): a float."""
    labels, logits = labels.reshape(-1), logits.reshape(-1)
    if len(labels) != len(logits):
        raise ValueError("lengths differ")
    return float(np.sum((logits > 0) == (labels == 1)))
