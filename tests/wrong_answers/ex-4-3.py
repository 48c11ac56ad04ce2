# wrong: one too long
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) <= lengths[:, None]


# wrong: one too short
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(1, steps + 1) < lengths[:, None]


# wrong: true at the padding
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) >= lengths[:, None]


# wrong: transposed
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps)[:, None] < lengths


# wrong: padding on the left
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) >= steps - lengths[:, None]


# wrong: numbers instead of booleans
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return (np.arange(steps) < lengths[:, None]).astype(int)


# wrong: no check at all
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    return np.arange(steps) < lengths[:, None]


# wrong: lets a length of 0 pass
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 0 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) < lengths[:, None]


# wrong: lets a length above steps pass
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) < lengths[:, None]


# wrong, raises: refuses a full row
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() >= steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) < lengths[:, None]


# wrong: as wide as the longest row, not steps
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(lengths.max()) < lengths[:, None]


# wrong: marks only the last token
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError("The lengths are out of range.")
    return np.arange(steps) == lengths[:, None] - 1


# wrong: cuts instead of refusing
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    lengths = np.asarray(lengths)
    lengths = np.clip(lengths, 1, steps)
    return np.arange(steps) < lengths[:, None]


# wrong, raises: forgets that a list has no axes
# exercise: 4.3
import numpy as np


def mask_from_lengths(lengths, steps):
    """Return a boolean array (N, steps), true at the first lengths[n] places of row n."""
    if min(lengths) < 1 or max(lengths) > steps:
        raise ValueError()
    return np.arange(steps) < lengths[:, None]
