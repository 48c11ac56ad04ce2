# wrong: source and target exchanged
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    blocks = dict(zip(target, np.split(weights, 4, axis=-1)))
    return np.concatenate([blocks[gate] for gate in source], axis=-1)


# wrong: no error for an unknown order
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    blocks = np.split(weights, 4, axis=-1)
    return np.concatenate([blocks[max(source.find(gate), 0)] for gate in target], axis=-1)


# wrong: looks at the length of the order only
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if len(order) != 4:
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    blocks = dict(zip(source, np.split(weights, 4, axis=-1)))
    return np.concatenate([blocks.get(gate, blocks[source[0]]) for gate in target], axis=-1)


# wrong: accepts repeated gates
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if not set(order) <= set("ifgo") or len(order) != 4:
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    blocks = dict(zip(source, np.split(weights, 4, axis=-1)))
    return np.concatenate([blocks[gate] for gate in target], axis=-1)


# wrong: accepts a letter twice in five
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if set(order) != set("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    blocks = dict(zip(source, np.split(weights, 4, axis=-1)))
    return np.concatenate([blocks[gate] for gate in target], axis=-1)


# wrong: wrong axis: cuts the rows of matrices
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    if weights.shape[0] % 4:
        return weights
    blocks = dict(zip(source, np.split(weights, 4, axis=0)))
    return np.concatenate([blocks[gate] for gate in target], axis=0)


# wrong: drops the columns that are left over
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    weights = weights[..., : weights.shape[-1] // 4 * 4]
    blocks = dict(zip(source, np.split(weights, 4, axis=-1)))
    return np.concatenate([blocks[gate] for gate in target], axis=-1)


# wrong: reorders single columns
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    columns = np.arange(weights.shape[-1]).reshape(-1, 4)[:, [source.index(gate) for gate in target]]
    return weights[..., columns.ravel()]


# wrong: writes into the array that came in
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    blocks = dict(zip(source, np.split(weights, 4, axis=-1)))
    weights[...] = np.concatenate([blocks[gate] for gate in target], axis=-1)
    return weights


# wrong: returns the weights as they are
# exercise: 3.2
import numpy as np


def reorder(weights, source, target):
    """Return weights (..., 4H) with its gate blocks in the order `target` instead of `source`."""
    for order in (source, target):
        if sorted(order) != sorted("ifgo"):
            raise ValueError(f"{order!r} is no order of the gates i, f, g, o.")
    if weights.shape[-1] % 4:
        raise ValueError(f"{weights.shape[-1]} columns cannot be cut into four equal blocks.")
    return weights.copy()
