# wrong: clips each array by its own norm
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    return [g * min(1.0, clip / max(np.linalg.norm(g), 1e-12)) for g in gradients]


# wrong: clips each entry
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    return [np.clip(g, -clip, clip) for g in gradients]


# wrong: lengthens short gradients
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * clip / max(norm, 1e-12) for g in gradients]


# wrong: forgets the square root
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = sum(np.sum(g**2) for g in gradients)
    return [g * (clip / norm if norm > clip else 1.0) for g in gradients]


# wrong: adds the norms instead of the squares
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = sum(np.linalg.norm(g) for g in gradients)
    return [g * (clip / norm if norm > clip else 1.0) for g in gradients]


# wrong: changes the arrays that came in
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    for g in gradients:
        if norm > clip:
            g *= clip / norm
    return gradients


# wrong: divides by the norm and forgets clip
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g / norm if norm > clip else g for g in gradients]


# wrong: divides by a norm of 0
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * np.minimum(1.0, np.float64(clip) / norm) if norm else g * np.nan for g in gradients]


# wrong: returns one long vector
# exercise: 2.5
import numpy as np


def clip_by_global_norm(gradients, clip):
    """Shorten a list of arrays, taken as one long vector, to length `clip` at most."""
    long = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(long)
    return long * (clip / norm if norm > clip else 1.0)
