# wrong: the sign
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = np.asarray(score([tokens] + [tokens[:t] + tokens[t + 1 :] for t in range(len(tokens))]))
    return values[1:] - values[0]


# wrong: one call for each token
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    whole = score([tokens])[0]
    return np.array([whole - score([tokens[:t] + tokens[t + 1 :]])[0] for t in range(len(tokens))])


# wrong: drops the first such word instead of this one
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    texts = [tokens]
    for token in tokens:
        rest = list(tokens)
        rest.remove(token)
        texts.append(rest)
    values = np.asarray(score(texts))
    return values[0] - values[1:]


# wrong: changes the caller's list
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    texts, full = [list(tokens)], list(tokens)
    for t in range(len(full)):
        texts.append(full[:t] + full[t + 1 :])
    values = np.asarray(score(texts))
    tokens.clear()
    return values[0] - values[1:]


# wrong: scores the token alone
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = np.asarray(score([tokens] + [[token] for token in tokens]))
    return values[1:]


# wrong: puts <pad> where the word was
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = np.asarray(score([tokens] + [tokens[:t] + ["<pad>"] + tokens[t + 1 :] for t in range(len(tokens))]))
    return values[0] - values[1:]


# wrong: the scores themselves
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    return np.asarray(score([tokens[:t] + tokens[t + 1 :] for t in range(len(tokens))]))


# wrong: the whole text stays in the answer
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = np.asarray(score([tokens] + [tokens[:t] + tokens[t + 1 :] for t in range(len(tokens))]))
    return values[0] - values


# wrong: cuts everything after the word
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = np.asarray(score([tokens] + [tokens[:t] for t in range(len(tokens))]))
    return values[0] - values[1:]


# wrong, raises: joins the tokens to a text
# exercise: 5.5
import numpy as np


def occlusion(tokens, score):
    """Return by how much each token raises score: an array (T,)."""
    values = score([" ".join(tokens[:t] + tokens[t + 1 :]) for t in range(len(tokens))])
    return values - score(" ".join(tokens))
