# wrong: the mean of the batches' quotients
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = [len(rows) * max(lengths[row] for row in rows) / sum(lengths[row] for row in rows) for rows in batches]
    return sum(steps) / len(steps)


# wrong: the longest text of all for every batch
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths) for rows in batches)
    return steps / sum(lengths)


# wrong: the share of padding
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return (steps - sum(lengths)) / steps


# wrong: padding for each token, without the token itself
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return (steps - sum(lengths)) / sum(lengths)


# wrong: upside down
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return sum(lengths) / steps


# wrong: every batch as large as the first
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(batches[0]) * max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong: leaves the last batch out
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches[:-1])
    return steps / sum(lengths)


# wrong: counts a batch as one row
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong: no check of the rows
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong: does not see a row that is missing
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    rows_used = [row for rows in batches for row in rows]
    if len(rows_used) != len(set(rows_used)):
        raise ValueError("A row is in two batches.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong: does not see a row that is there twice
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if set(row for rows in batches for row in rows) != set(range(len(lengths))):
        raise ValueError("A row is missing.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong, raises: wants the rows in order
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if [row for rows in batches for row in rows] != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return steps / sum(lengths)


# wrong: rounded to a whole number
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    return steps // sum(lengths)


# wrong: takes row numbers for lengths
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * max(rows) for rows in batches)
    return steps / sum(lengths)


# wrong: the last row's length, not the longest's
# exercise: 4.4
def waste(lengths, batches):
    """Return the timesteps computed for each token, when each batch is padded to its longest text."""
    if sorted(row for rows in batches for row in rows) != list(range(len(lengths))):
        raise ValueError("Each row must be in exactly one batch.")
    steps = sum(len(rows) * lengths[rows[-1]] for rows in batches)
    return steps / sum(lengths)
