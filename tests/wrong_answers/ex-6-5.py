# wrong: the state is not carried
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, _ = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        if token == end:
            break
        drawn.append(token)
    return drawn


# wrong: the prompt's token goes in every time
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        new = int(np.argmax(np.cumsum(probabilities) > uniform))
        if new == end:
            break
        drawn.append(new)
    return drawn


# wrong: the end is part of the result
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        drawn.append(token)
        if token == end:
            break
    return drawn


# wrong: greedy
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(probabilities))
        if token == end:
            break
        drawn.append(token)
    return drawn


# wrong: does not stop
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        drawn.append(token)
    return drawn


# wrong: skips the end and goes on
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        if token == end:
            continue
        drawn.append(token)
    return drawn


# wrong: at least instead of exceeds
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) + 1e-12 >= uniform))
        if token == end:
            break
        drawn.append(token)
    return drawn


# wrong: the last token not above the number
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = max(0, int(np.sum(np.cumsum(probabilities) < uniform)) - 1)
        if token == end:
            break
        drawn.append(token)
    return drawn


# wrong: one call of step too many
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    probabilities, state = step(state, token)
    for uniform in uniforms:
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        probabilities, state = step(state, token)
        if token == end:
            break
        drawn.append(token)
    return drawn


# wrong: an array instead of a list
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = []
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        if token == end:
            break
        drawn.append(token)
    return np.array(drawn)


# wrong: takes the prompt's token into the result
# exercise: 6.5
import numpy as np


def sample_until(step, state, token, uniforms, end):
    """Return the tokens drawn, a list of int, up to but without `end`, at most one for each of uniforms."""
    drawn = [token]
    for uniform in uniforms:
        probabilities, state = step(state, token)
        token = int(np.argmax(np.cumsum(probabilities) > uniform))
        if token == end:
            break
        drawn.append(token)
    return drawn
