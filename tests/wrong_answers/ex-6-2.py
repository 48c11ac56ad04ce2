# wrong: the probabilities are divided, and nothing changes
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    scaled = probabilities / temperature
    return scaled / scaled.sum()


# wrong: the power is the temperature, not its inverse
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    powers = (probabilities / np.max(probabilities)) ** temperature
    return powers / powers.sum()


# wrong: not normalised
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    return (probabilities / np.max(probabilities)) ** (1 / temperature)


# wrong: 0 / 0 at small temperatures
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    powers = probabilities ** (1 / temperature)
    return powers / powers.sum()


# wrong: the softmax of the probabilities, as if they were logits
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    weights = np.exp((probabilities - np.max(probabilities)) / temperature)
    return weights / weights.sum()


# wrong: the temperature is never used
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    return probabilities / probabilities.sum()


# wrong: greedy shares among equals
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    powers = probabilities / np.max(probabilities)
    powers = (powers == 1).astype(float) if temperature == 0 else powers ** (1 / temperature)
    return powers / powers.sum()


# wrong: a negative temperature is let through
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature == 0:
        return np.eye(len(probabilities))[np.argmax(probabilities)]
    powers = (probabilities / np.max(probabilities)) ** (1 / temperature)
    return powers / powers.sum()


# wrong: greedy returns the index
# exercise: 6.2
import numpy as np


def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    if temperature == 0:
        return np.argmax(probabilities)
    powers = (probabilities / np.max(probabilities)) ** (1 / temperature)
    return powers / powers.sum()


# wrong, raises: divides by a temperature of 0
# exercise: 6.2
def with_temperature(probabilities, temperature):
    """Return probabilities (V,) after temperature; 0 means greedy."""
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be at least 0.")
    powers = (probabilities / probabilities.max()) ** (1 / temperature)
    return powers / powers.sum()
