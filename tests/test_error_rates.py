"""utils.error_rates: edit distances against a search through all alignments, rates against counts by hand."""

import functools

import numpy as np
import pytest

from utils import error_rates


def slow_distance(a, b):
    """Return the edit distance from its definition: the best of the last edit's three kinds."""

    @functools.cache
    def distance(i, j):
        if not i or not j:
            return i + j
        same = distance(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(same, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(a), len(b))


@pytest.mark.parametrize(
    "reference, hypothesis, distance",
    [
        ("kitten", "sitting", 3),
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("abc", "abc", 0),
        ("ab", "ba", 2),  # no transpositions
        (["k", "ae", "t"], ["k", "aa", "t", "s"], 2),
        ([1, 2, 3], (2, 3), 1),
    ],
)
def test_known_distances(reference, hypothesis, distance):
    """Both ways round."""
    assert error_rates.edit_distance(reference, hypothesis) == distance
    assert error_rates.edit_distance(hypothesis, reference) == distance


def test_distances_of_random_sequences():
    """200 pairs of up to nine tokens out of three."""
    random = np.random.RandomState(0)
    for _ in range(200):
        a, b = (random.randint(3, size=random.randint(10)).tolist() for _ in range(2))
        assert error_rates.edit_distance(a, b) == slow_distance(a, b)
        array = error_rates.edit_distance(np.array(a), np.array(b))
        assert array == slow_distance(a, b) and isinstance(array, int)


def test_the_nearest_answer_counts():
    """The first of equals; its own length is what the edits are divided by."""
    assert error_rates.nearest(["abcd", "ab"], "abc") == (0, 1)
    assert error_rates.nearest(["xyz", "ab"], "abc") == (1, 1)
    assert error_rates.rates([["xyz", "ab"]], ["abc"]) == (0.5, 1.0)


def test_rates():
    """Two of eight tokens, one of three sequences; more edits than tokens give a rate above 1."""
    references = [[["k", "ae", "t"]], [["t", "ah"], ["t", "ow"]], [["d", "ao", "g"]]]
    rates = error_rates.rates(references, [["k", "aa"], ["t", "ow"], ["d", "ao", "g"]])
    assert rates == error_rates.Rates(token=2 / 8, sequence=1 / 3)
    assert error_rates.rates([["a"]], ["bcd"]) == (3.0, 1.0)
    assert error_rates.rates([["a"]], [""]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: error_rates.edit_distance(3, "a"), "edit_distance: reference is a int, 3; expected a sequence"),
        (lambda: error_rates.edit_distance("a", {1: 2}), "edit_distance: hypothesis is a dict"),
        (lambda: error_rates.nearest([], "a"), "nearest: references is empty"),
        (lambda: error_rates.rates([["a"]], []), "rates: there are 1 references and 0 hypotheses"),
        (lambda: error_rates.rates([], []), "rates: there are 0 references"),
        (lambda: error_rates.rates([[""]], [""]), "rates: the references hold no token"),
        (lambda: error_rates.rates("cat", "cat"), "rates: references is a str, 'cat'; expected N lists of right"),
        (lambda: error_rates.rates(["cat"], ["cat"]), "rates: row 0 of references is a str, 'cat'; expected a list of"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    """Two str would be compared letter by letter, each letter an answer."""
    with pytest.raises(ValueError, match=message):
        call()
