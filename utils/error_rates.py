"""How far sequences of tokens are from what is right: edit distance, and the rates that are made of it.

    from utils import error_rates
    error_rates.edit_distance("k ae t".split(), "k aa t s".split())  # 2
    error_rates.rates(references, hypotheses)  # Rates(token=..., sequence=...)

Tokens are whatever can be compared: characters, phonemes, words, ids.
"""

from __future__ import annotations

import typing

from utils import arguments

if typing.TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class Rates(typing.NamedTuple):
    """token: edits per token of the references (0 is perfect, above 1 possible); sequence: the share that is wrong."""

    token: float
    sequence: float


def edit_distance(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> int:
    """Return the least number of insertions, deletions and substitutions that make one sequence of the other.

    reference, hypothesis: sequences of tokens, such as two lists of phonemes; of two str the tokens are characters.
    By dynamic programming in O(len(reference) * len(hypothesis)): row i of the table holds the distances between
    the first i tokens of the reference and each beginning of the hypothesis.
    Source: Levenshtein (1966); the algorithm: Wagner and Fischer (1974), The string-to-string correction problem.
    Raises ValueError for what is no sequence.
    """
    _check_sequence("edit_distance", "reference", reference)
    _check_sequence("edit_distance", "hypothesis", hypothesis)
    above = list(range(len(hypothesis) + 1))
    for row, wanted in enumerate(reference, start=1):
        current = [row]
        for column, given in enumerate(hypothesis, start=1):
            substitution = above[column - 1] + (wanted != given)
            current.append(min(substitution, above[column] + 1, current[-1] + 1))
        above = current
    return int(above[-1])


def nearest(references: Sequence[Sequence[Hashable]], hypothesis: Sequence[Hashable]) -> tuple[int, int]:
    """Return (index, edit distance) of the reference that is nearest to a hypothesis, the first of equals.

    references: one or more right answers, each a sequence of tokens. Raises ValueError where there is none.
    """
    if not len(references):
        raise ValueError("nearest: references is empty; give at least one right answer.")
    distances = [edit_distance(reference, hypothesis) for reference in references]
    return distances.index(min(distances)), min(distances)


def rates(references: Sequence[Sequence[Sequence[Hashable]]], hypotheses: Sequence[Sequence[Hashable]]) -> Rates:
    """Return Rates(token, sequence) over N hypotheses, each of which may have several right answers.

    references: N lists, each of one or more right answers, each a sequence of tokens: `[[["k", "ae", "t"]], ...]`.
    hypotheses: N sequences of tokens.
    A hypothesis counts against the right answer that is nearest. token: the edits of all, divided by the tokens of
    those answers: with phonemes the phoneme error rate, with words the word error rate of speech recognition.
    sequence: the share of the hypotheses that are none of their right answers: for spelled words what the literature
    on pronunciation calls word error rate.
    Raises ValueError for numbers of both that differ, for none at all, and for right answers that hold no token.
    """
    if isinstance(references, str):
        raise ValueError(f"rates: references is {arguments.describe(references)}; expected N lists of right answers.")
    if len(references) != len(hypotheses) or not len(hypotheses):
        raise ValueError(
            f"rates: there are {len(references)} references and {len(hypotheses)} hypotheses; "
            "give as many of both, at least one."
        )
    edits = tokens = wrong = 0
    for row, (answers, hypothesis) in enumerate(zip(references, hypotheses, strict=True)):
        if isinstance(answers, str):
            given = arguments.describe(answers)
            raise ValueError(f"rates: row {row} of references is {given}; expected a list of right answers.")
        index, distance = nearest(answers, hypothesis)
        edits, tokens, wrong = edits + distance, tokens + len(answers[index]), wrong + (distance > 0)
    if not tokens:
        raise ValueError("rates: the references hold no token.")
    return Rates(edits / tokens, wrong / len(hypotheses))


def _check_sequence(function, name, value):
    """Raise ValueError unless value has a length and an order."""
    if not hasattr(value, "__len__") or not hasattr(value, "__getitem__") or isinstance(value, dict):
        raise ValueError(f"{function}: {name} is {arguments.describe(value)}; expected a sequence of tokens.")
