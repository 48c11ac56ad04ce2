# wrong: max_size counts the words only
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[:max_size]


# wrong: equally frequent tokens in the order of the texts
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = [token for token, _ in counts.most_common()]
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: equally frequent tokens from z to a
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: more often than min_frequency, not at least so often
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] > min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: no check of max_size: the slice [:-1] is not empty
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: counts in how many texts a token occurs
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in set(tokens))
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: alphabetical only
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts)
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: rarest first
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong: <unk> before <pad>
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<unk>", "<pad>"] + frequent[: max_size - 2]


# wrong: no special tokens
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return frequent[:max_size]


# wrong: special tokens at the end
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return frequent[: max_size - 2] + ["<pad>", "<unk>"]


# wrong: a dictionary instead of a list
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return {token: index for index, token in enumerate(["<pad>", "<unk>"] + frequent[: max_size - 2])}


# wrong: min_frequency is not used
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = ranked
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong, raises: refuses max_size 2, where only the special tokens fit
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size <= 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(token for tokens in texts for token in tokens)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]


# wrong, raises: counts lists instead of tokens
# exercise: 4.1
import collections


def build_vocabulary(texts, max_size, min_frequency):
    """Return the list of tokens, by id: <pad>, <unk>, then the most frequent ones first."""
    if max_size < 2:
        raise ValueError("max_size is too small.")
    counts = collections.Counter(tokens for tokens in texts)
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    frequent = [token for token in ranked if counts[token] >= min_frequency]
    return ["<pad>", "<unk>"] + frequent[: max_size - 2]
