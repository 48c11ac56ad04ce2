# wrong: rolls the last letters around to the front
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    return np.roll(letters, lag, axis=1)


# wrong: looks into the future
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.full_like(letters, -1)
    targets[:, : letters.shape[1] - lag] = letters[:, lag:]
    return targets


# wrong: shifts the batch and not the time
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.full_like(letters, -1)
    targets[lag:] = letters[: len(letters) - lag]
    return targets


# wrong: is off by one
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.full_like(letters, -1)
    for t in range(lag + 1, letters.shape[1]):
        targets[:, t] = letters[:, t - lag - 1]
    return targets


# wrong: puts 0 where -1 belongs
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.zeros_like(letters)
    targets[:, lag:] = letters[:, : letters.shape[1] - lag]
    return targets


# wrong: lets a lag of 0 return nothing
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.full_like(letters, -1)
    targets[:, lag:] = letters[:, :-lag] if lag else -1
    return targets


# wrong: accepts a lag as long as the sequence
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    targets = np.full_like(letters, -1)
    if lag < 0:
        raise ValueError("negative")
    targets[:, lag:] = letters[:, : max(0, letters.shape[1] - lag)]
    return targets


# wrong: accepts a negative lag
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    steps = letters.shape[1]
    if lag >= steps:
        raise ValueError("too long")
    targets = np.full_like(letters, -1)
    for t in range(steps):
        if 0 <= t - lag < steps:
            targets[:, t] = letters[:, t - lag]
    return targets


# wrong: returns floats
# exercise: 2.1
import numpy as np


def delay_targets(letters, lag):
    """Return the letter of `lag` steps ago: letters (N, T) -> (N, T), -1 where there is none."""
    if not 0 <= lag < letters.shape[1]:
        raise ValueError("no such lag")
    targets = np.full(letters.shape, -1.0)
    targets[:, lag:] = letters[:, : letters.shape[1] - lag]
    return targets
