# wrong: divides by T
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = (ids != 0)[..., None]
    return np.mean(states * mask, axis=1)


# wrong: no mask
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    return states.mean(axis=1)


# wrong: NaN where a row is padding only
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = (ids != 0)[..., None]
    with np.errstate(all="ignore"):
        return np.sum(states * mask, axis=1) / mask.sum(axis=1)


# wrong: adds 1 to the number of words
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = (ids != 0)[..., None]
    return np.sum(states * mask, axis=1) / (mask.sum(axis=1) + 1)


# wrong: the sum
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    return np.sum(states * (ids != 0)[..., None], axis=1)


# wrong: the mean over the batch as well
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = (ids != 0)[..., None]
    return np.sum(states * mask, axis=1) / np.maximum(mask.sum(), 1)


# wrong: the last state that is not padding
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    last = np.maximum((ids != 0).sum(axis=1) - 1, 0)
    return states[np.arange(len(states)), last] * (ids != 0).any(axis=1)[:, None]


# wrong: the mask the wrong way round
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = (ids == 0)[..., None]
    return np.sum(states * mask, axis=1) / np.maximum(mask.sum(axis=1), 1)


# wrong, raises: a mask without the last axis
# exercise: 5.3
import numpy as np


def masked_mean(states, ids):
    """Return the mean over the timesteps that are not padding, (N, H), of states (N, T, H)."""
    mask = ids != 0
    return np.sum(states * mask, axis=1) / np.maximum(mask.sum(axis=1), 1)
