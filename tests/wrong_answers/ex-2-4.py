# wrong: rounds up, so that equal counts as below
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return None
    return int(np.ceil(np.log(threshold) / np.log(rho)))


# wrong: returns the last step that is still above
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return None
    k = 0
    while rho ** (k + 1) >= threshold:
        k += 1
    return k


# wrong: returns a float
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return None
    k = 0.0
    while rho**k >= threshold:
        k += 1
    return k


# wrong: returns 0 where nothing is ever lost
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return 0
    k = 0
    while rho**k >= threshold:
        k += 1
    return k


# wrong: forgets that radius 1 loses nothing either
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho > 1:
        return None
    k = 0
    while rho**k >= threshold and k < 10_000:
        k += 1
    return k


# wrong: shrinks by 1 - rho
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return None
    k = 0
    while (1 - rho) ** k >= threshold:
        k += 1
    return k


# wrong: loses the same amount at every step
# exercise: 2.4
import numpy as np


def horizon(rho, threshold):
    """Return the smallest k (int) with rho**k < threshold, or None if rho >= 1."""
    if rho >= 1:
        return None
    k = 0
    while 1 - k * (1 - rho) >= threshold:
        k += 1
    return k
