# wrong: bits per token, called bits per character
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    return {"nats per token": mean, "perplexity": float(np.exp(mean)), "bits per character": mean / np.log(2)}


# wrong: nats per character, not bits
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    return {"nats per token": mean, "perplexity": float(np.exp(mean)), "bits per character": sum(nats) / characters}


# wrong: the mean of the exponents for the perplexity
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    bits = float(np.sum(nats)) / np.log(2)
    return {"nats per token": mean, "perplexity": float(np.mean(np.exp(nats))), "bits per character": bits / characters}


# wrong: log2 of the nats
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    bits = float(np.sum(np.log2(nats)))
    return {"nats per token": mean, "perplexity": float(np.exp(mean)), "bits per character": bits / characters}


# wrong: 2 to the nats, as if they were bits
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    bits = float(np.sum(nats)) / np.log(2)
    return {"nats per token": mean, "perplexity": float(2**mean), "bits per character": bits / characters}


# wrong: times ln 2 instead of divided by it
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    mean = float(np.mean(nats))
    bits = float(np.sum(nats)) * np.log(2)
    return {"nats per token": mean, "perplexity": float(np.exp(mean)), "bits per character": bits / characters}


# wrong: the sum of the surprise for the perplexity
# exercise: 6.1
import numpy as np


def scores(nats, characters):
    """Return "nats per token", "perplexity" and "bits per character" of a text, a dictionary of numbers."""
    total = float(np.sum(nats))
    return {"nats per token": total / len(nats), "perplexity": float(np.exp(total)), "bits per character": total / np.log(2) / characters}
