# wrong: mean 0 and spread 1
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = 0.0, 1.0
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: one mean and spread for all components
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(), known.std()
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: the right spread around 0
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = 0.0, known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: the variance for the spread
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.var(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: one vector for all unknown words
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.tile(np.random.default_rng(seed).normal(mean, spread), (len(tokens), 1))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: the mean for all unknown words
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.tile(mean, (len(tokens), 1))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: zeros for unknown words
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.zeros((len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: uniform, with the right mean and spread
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).uniform(mean - 3**0.5 * spread, mean + 3**0.5 * spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: <pad> is drawn like the rest
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    return matrix.astype("float32")


# wrong: <unk> gets zeros, too
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[:2] = 0.0
    return matrix.astype("float32")


# wrong: the seed is not used
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng().normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: the same seed always
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(0).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: float64
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix


# wrong: rows in the dictionary's order
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    matrix[2 : 2 + len(known)] = known
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: known words are not copied
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: statistics of the vocabulary's words only
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array([vectors[token] for token in tokens if token in vectors])
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: no check for an empty dictionary
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: one draw a row: the components depend on each other
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = mean + spread * np.random.default_rng(seed).normal(size=(len(tokens), 1))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: copies of known vectors for unknown words
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = known[np.random.default_rng(seed).integers(len(known), size=len(tokens))]
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.astype("float32")


# wrong: a list instead of an array
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.tolist()


# wrong: the transposed matrix
# exercise: 4.5
import numpy as np


def embedding_matrix(tokens, vectors, seed):
    """Return float32 (V, D): zeros for <pad>, known vectors, and normal draws for all other tokens."""
    if not vectors:
        raise ValueError("There are no vectors.")
    known = np.array(list(vectors.values()))
    mean, spread = known.mean(axis=0), known.std(axis=0)
    matrix = np.random.default_rng(seed).normal(mean, spread, size=(len(tokens), known.shape[1]))
    for row, token in enumerate(tokens):
        if token in vectors:
            matrix[row] = vectors[token]
    matrix[0] = 0.0
    return matrix.T.astype("float32")
