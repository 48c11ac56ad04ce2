"""A toy language of thirty words: opinions about films, in which the order of the words decides.

    import random
    from utils import toy_language
    (one, label), (other, opposite) = toy_language.twins(2, random.Random(1))
    pairs = toy_language.collect(toy_language.twins, [2, 3], 2000, random.Random(1))

A clause says good or bad about one thing, and `not` turns it round. `but` starts a clause that replaces the opinion
so far; `although` one that concedes a point and changes nothing; `and` joins clauses that agree. The label of a
sentence is 1 if the viewer liked the film, by these rules, and 0 if not.

What draws takes a `random.Random`, and gives the same again from the same seed.
"""

from __future__ import annotations

import typing

from utils import arguments

if typing.TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    Pair = tuple[str, int]  # a sentence, and its label

NOUNS = "film plot acting music ending story cast script".split()
GOOD = "good great funny moving lovely fresh".split()
BAD = "bad awful dull boring ugly stale".split()
VERBS, INTENSIFIERS = ["was", "seemed"], ["very", "really"]
CONNECTORS = ["but", "although", "and"]
WORDS = sorted({"the", "not", ".", *CONNECTORS, *NOUNS, *GOOD, *BAD, *VERBS, *INTENSIFIERS})
PATIENCE = 1000  # drawings without a new sentence after which `collect` gives up


def clause(opinion: int, rng: random.Random) -> list[str]:
    """Return the words of a clause that says 1 (good) or -1 (bad) about something; one in three does it with `not`."""
    if opinion not in (1, -1):
        raise ValueError(f"clause: opinion is {opinion!r}; it must be 1 or -1.")
    negated = rng.random() < 1 / 3
    adjectives = GOOD if (opinion > 0) != negated else BAD
    chosen = ["the", rng.choice(NOUNS), rng.choice(VERBS)]
    if negated:
        chosen.append("not")
    if rng.random() < 1 / 3:
        chosen.append(rng.choice(INTENSIFIERS))
    return [*chosen, rng.choice(adjectives)]


def join(clauses: Sequence[Sequence[str]], connectors: Sequence[str]) -> str:
    """Return the sentence: the words of each clause, with a connector before each clause but the first."""
    if len(connectors) != len(clauses) - 1:
        raise ValueError(f"join: {len(clauses)} clauses need {len(clauses) - 1} connectors, not {len(connectors)}.")
    chosen = list(clauses[0])
    for connector, following in zip(connectors, clauses[1:], strict=True):
        chosen += [connector, *following]
    return " ".join([*chosen, "."])


def deciding(connectors: Sequence[str]) -> int:
    """Return the index of the clause that decides the label: the last one after a `but`, or 0 if there is none."""
    return max((place for place, word in enumerate(connectors, start=1) if word == "but"), default=0)


def twins(count: int, rng: random.Random) -> list[Pair]:
    """Return two (sentence, label) pairs of `count` clauses, at least 2: the same words, opposite labels.

    The clause that decides and another, of the opposite opinion, have changed places.
    """
    arguments.check_integer("twins", "count", count, 2)
    connectors = rng.choices(["but", "although"], k=count - 1)
    main = deciding(connectors)
    other = rng.choice([place for place in range(count) if place != main])
    opinions = rng.choices([1, -1], k=count)
    opinions[other] = -opinions[main]
    clauses = [clause(opinion, rng) for opinion in opinions]
    one = (join(clauses, connectors), int(opinions[main] > 0))
    clauses[main], clauses[other] = clauses[other], clauses[main]
    return [one, (join(clauses, connectors), int(opinions[main] < 0))]


def plain(count: int, rng: random.Random) -> list[Pair]:
    """Return one (sentence, label) pair, in a list, of `count` clauses that agree: their order does not matter."""
    arguments.check_integer("plain", "count", count, 1)
    opinion = rng.choice([1, -1])
    clauses = [clause(opinion, rng) for _ in range(count)]
    return [(join(clauses, ["and"] * (count - 1)), int(opinion > 0))]


def collect(
    make: Callable[[int, random.Random], list[Pair]],
    counts: Sequence[int],
    size: int,
    rng: random.Random,
    seen: set[str] | None = None,
) -> list[Pair]:
    """Return `size` different (sentence, label) pairs (one more, where `make` gives two and size is odd).

    make: `twins` or `plain`. counts: numbers of clauses to choose from.
    seen: sentences that must not come; those that are returned are added to it. So one set for training and test
    sentences keeps them apart.

    Raises ValueError where the language has no more such sentences: a single clause can be said in 1,152 ways.
    """
    arguments.check_integer("collect", "size", size, 0)
    if not counts:
        raise ValueError("collect: counts is empty; give the numbers of clauses to choose from.")
    seen = set() if seen is None else seen
    found, tries = [], 0
    while len(found) < size:
        new = make(rng.choice(counts), rng)
        if seen.isdisjoint(text for text, _ in new):
            found += new
            seen.update(text for text, _ in new)
            tries = 0
        elif (tries := tries + 1) == PATIENCE:
            raise ValueError(f"collect: no new sentence in {tries} drawings; {len(found)} of {size} were found.")
    return found


def opinions_so_far(text: str) -> list[int | None]:
    """Return the opinion after each word: 1 liked, 0 disliked, None before the first adjective.

    The last one is the label. It reads from left to right and knows nothing of how sentences are made, so it checks
    the labels that the other functions give.
    """
    if unknown := sorted(set(text.split()) - set(WORDS)):
        raise ValueError(f"opinions_so_far: {unknown[0]!r} is not one of the language's {len(WORDS)} words.")
    found: list[int | None] = []
    opinion, conceding, negated = None, False, False
    for word in text.split():
        if word in CONNECTORS:
            conceding, negated = word == "although", False
        elif word == "not":
            negated = True
        elif word in GOOD + BAD and not conceding:
            opinion = int((word in GOOD) != negated)
        found.append(opinion)
    return found
