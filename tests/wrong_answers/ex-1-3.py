# wrong: forgets the recurrent weights
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H, H * V + V
    return {"shared": cell + head, "separate": T * cell + head}


# wrong: forgets the biases
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H, H * V
    return {"shared": cell + head, "separate": T * cell + head}


# wrong: multiplies the head by T too
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H + H, H * V + V
    return {"shared": cell + head, "separate": T * (cell + head)}


# wrong: a bias for each matrix
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H + H * H + H, H * V + V
    return {"shared": cell + head, "separate": T * cell + head}


# wrong: forgets the head
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell = D * H + H * H + H
    return {"shared": cell, "separate": T * cell}


# wrong: the two names swapped
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H + H, H * V + V
    return {"separate": cell + head, "shared": T * cell + head}


# wrong: no U in the first of the T layers
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H + H, H * V + V
    return {"shared": cell + head, "separate": T * cell - H * H + head}


# wrong: the numbers of the lesson, whatever is asked
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    return {"shared": 786, "separate": 9058}


# wrong: numbers with a decimal point
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H + H, H * V + V
    return {"shared": float(cell + head), "separate": float(T * cell + head)}


# wrong: a tuple instead of a dictionary
# exercise: 1.3
def count_parameters(D, H, V, T):
    """Return {"shared": int, "separate": int}: parameters with one cell, and with T cells."""
    cell, head = D * H + H * H + H, H * V + V
    return cell + head, T * cell + head
