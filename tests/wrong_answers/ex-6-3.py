# wrong: the token that crosses the border is lost
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    reached = np.cumsum(ranked, axis=1)
    ranked = np.where((reached <= p) | (reached == ranked), ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: not normalised between the filters
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: not normalised at the end
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked, axis=1)
    return result


# wrong: left in sorted order
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    return ranked / ranked.sum(axis=1, keepdims=True)


# wrong: the least probable are kept
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: k is ignored
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: p is ignored
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: one token more than k
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k + 1 :] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: a threshold on single probabilities instead of a sum
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = 1 - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result


# wrong: normalised over the whole batch
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked = np.where(before < p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum() * len(ranked), axis=1)
    return result


# wrong: nothing is left where the model is sure
# exercise: 6.3
import numpy as np


def keep(probabilities, k, p):
    """Return probabilities (N, V) after top-k and then top-p, normalised."""
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    ranked[:, k:] = 0
    ranked = ranked / ranked.sum(axis=1, keepdims=True)
    ranked = np.where(np.cumsum(ranked, axis=1) <= p, ranked, 0)
    result = np.zeros_like(ranked)
    np.put_along_axis(result, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return result
