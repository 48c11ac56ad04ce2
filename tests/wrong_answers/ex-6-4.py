# wrong: a negative start counts from the end
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[start - window : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: the run itself is in the slice
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start + 1] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: divided by the number of tokens
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(tokens)


# wrong: only neighbours
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [start > 0 and run == runs[start - 1] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: the window is ignored
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[0 : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: single tokens instead of runs
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tokens[start] for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: the window one too short
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window + 1) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: the window one too long
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window - 1) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: runs must not overlap
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(0, len(tokens) - n + 1, n)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: the last run is left out
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)


# wrong: a count instead of a share
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    if not runs:
        return 0.0
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return float(sum(repeated))


# wrong, raises: divides by no runs
# exercise: 6.4


def repeat_rate(tokens, n, window):
    """Return the share of runs of n tokens that also start at one of the `window` positions before, a float."""
    runs = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    repeated = [run in runs[max(0, start - window) : start] for start, run in enumerate(runs)]
    return sum(repeated) / len(runs)
