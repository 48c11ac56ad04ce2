"""The toy language: labels by two programs that know nothing of each other, twins that are twins, no repetition."""

import collections
import random

import pytest

from utils import toy_language
from utils.toy_language import clause, collect, deciding, join, opinions_so_far, plain, twins


def test_thirty_words():
    """WORDS is a sorted vocabulary, and sentences have no other words, whatever is drawn."""
    assert len(toy_language.WORDS) == 30 and sorted(set(toy_language.WORDS)) == toy_language.WORDS
    drawn = collect(twins, [2, 4], 400, random.Random(1)) + collect(plain, [1, 3], 400, random.Random(2))
    assert {word for text, _ in drawn for word in text.split()} == set(toy_language.WORDS)


def test_clauses_say_what_they_should():
    """An odd number of `not` and bad adjectives is a bad opinion; about one clause in three has a `not`."""
    rng = random.Random(3)
    negated = 0
    for opinion in [1, -1] * 300:
        words = clause(opinion, rng)
        turns = words.count("not") + (words[-1] in toy_language.BAD)
        assert (-1) ** turns == opinion and 4 <= len(words) <= 6
        negated += "not" in words
    assert 150 < negated < 250


@pytest.mark.parametrize(
    "connectors, index",
    [([], 0), (["although"], 0), (["and", "and"], 0), (["but"], 1), (["although", "but"], 2), (["but", "although"], 1)],
)
def test_deciding(connectors, index):
    """The last clause after a `but` decides, or the first."""
    assert deciding(connectors) == index


def test_join():
    """A connector stands before each clause but the first, and a full stop at the end."""
    assert join([["a", "b"], ["c"], ["d"]], ["but", "and"]) == "a b but c and d ."
    assert join([["a"]], []) == "a ."


@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_twins(count):
    """Twins have the same words in another order and opposite labels; a second program reads the same labels."""
    rng = random.Random(count)
    for _ in range(200):
        (one, label), (other, opposite) = twins(count, rng)
        assert one != other and label + opposite == 1
        assert collections.Counter(one.split()) == collections.Counter(other.split())
        assert opinions_so_far(one)[-1] == label and opinions_so_far(other)[-1] == opposite
        assert sum(word in toy_language.CONNECTORS for word in one.split()) == count - 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_plain(count):
    """All clauses of a plain sentence agree, so it keeps its opinion from the first adjective on."""
    rng = random.Random(count)
    for _ in range(200):
        [(text, label)] = plain(count, rng)
        assert set(opinions_so_far(text)) == {None, label} and text.split().count("and") == count - 1


def test_opinions_by_hand():
    """The rules, word by word: not, although, but, and."""
    assert opinions_so_far("the film was not very bad .") == [None] * 5 + [1, 1]
    text = "the plot was good although the cast was bad but the film was dull ."
    assert opinions_so_far(text) == [None] * 3 + [1] * 10 + [0, 0]
    assert opinions_so_far("the cast was bad and the plot was not good .")[-1] == 0
    assert opinions_so_far("") == []


def test_collect_repeats_nothing():
    """No sentence comes twice, nor one that is in `seen`, which gets the new ones; equal seeds draw the same."""
    seen = set()
    first = collect(twins, [2, 3], 500, random.Random(1), seen)
    second = collect(twins, [2, 3], 500, random.Random(1), seen)
    texts = [text for text, _ in first + second]
    assert len(set(texts)) == len(texts) == 1000 and seen == set(texts)
    assert first == collect(twins, [2, 3], 500, random.Random(1))
    assert len(collect(twins, [2], 3, random.Random(1))) == 4  # twins come in pairs
    assert collect(plain, [1], 0, random.Random(1)) == []


def test_collect_ends():
    """A single clause can be said in 1,152 ways; who asks for more is told, and does not wait for ever."""
    with pytest.raises(ValueError, match=r"no new sentence in 1000 drawings; 1\d\d\d of 1153 were found"):
        collect(plain, [1], 1153, random.Random(1))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: clause(0, random.Random(1)), "opinion is 0; it must be 1 or -1"),
        (lambda: twins(1, random.Random(1)), "twins: count is 1; it must be an integer, at least 2"),
        (lambda: plain(0, random.Random(1)), "plain: count is 0; it must be an integer, at least 1"),
        (lambda: collect(plain, [1], -1, random.Random(1)), "collect: size is -1"),
        (lambda: collect(plain, [], 1, random.Random(1)), "counts is empty"),
        (lambda: join([["a"]], ["but"]), "1 clauses need 0 connectors, not 1"),
        (lambda: opinions_so_far("the film was nice ."), "'nice' is not one of the language's 30 words"),
    ],
)
def test_bad_input(call, message):
    """What is wrong is named where it enters."""
    with pytest.raises(ValueError, match=message):
        call()
