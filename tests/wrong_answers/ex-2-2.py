# wrong: forgets the part that is kept
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return alpha * U * (1 - g**2)


# wrong: adds the leak to every entry
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) + alpha * U * (1 - g**2)


# wrong: scales rows instead of columns
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + alpha * U * (1 - g**2)[:, None]


# wrong: slope 1 - g
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + alpha * U * (1 - g)


# wrong: transposes U
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + alpha * U.T * (1 - g**2)


# wrong: exchanges alpha and 1 - alpha
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return alpha * np.eye(len(g)) + (1 - alpha) * U * (1 - g**2)


# wrong: forgets alpha at the second term
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + U * (1 - g**2)


# wrong: slope of a sigmoid
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + alpha * U * (g * (1 - g))


# wrong: ignores the slope
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return (1 - alpha) * np.eye(len(g)) + alpha * U


# wrong: keeps the whole old state
# exercise: 2.2
import numpy as np


def leaky_jacobian(U, g, alpha):
    """Return the Jacobian of a leaky step: U (H, H), g (H,), alpha a number -> (H, H)."""
    return np.eye(len(g)) + alpha * U * (1 - g**2)
