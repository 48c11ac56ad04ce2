# wrong: takes the largest eigenvalue with its sign
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.linalg.eigvals(U).real.max())


# wrong: divides by the norm of one step
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.linalg.norm(U, 2))


# wrong: divides by the largest entry
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.abs(U).max())


# wrong: forgets the wanted radius
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U / np.abs(np.linalg.eigvals(U)).max()


# wrong: multiplies by the present radius
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * radius * np.abs(np.linalg.eigvals(U)).max()


# wrong: takes the smallest eigenvalue
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.abs(np.linalg.eigvals(U)).min())


# wrong: divides by the Frobenius norm
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.linalg.norm(U))


# wrong: turns the sign round
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return -U * (radius / np.abs(np.linalg.eigvals(U)).max())


# wrong: returns an orthogonal matrix of that radius
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    Q, _ = np.linalg.qr(U)
    return radius * Q


# wrong: takes the real parts only
# exercise: 2.3
import numpy as np


def scale_to_radius(U, radius):
    """Return U times a number, with the given spectral radius: U (H, H) -> (H, H)."""
    return U * (radius / np.abs(np.linalg.eigvals(U).real).max())
