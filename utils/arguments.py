"""Check what a caller gives: one wording for each kind of argument, in every module.

    from utils import arguments
    arguments.check_integer("pad", "length", length, 1)

A check takes the name of the function that is called, for the message, and raises ValueError with what was given
and what is accepted. Numbers are Python's and NumPy's alike; True and False are no numbers.
"""

from __future__ import annotations

import math
import numbers
import typing

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def describe(value: object) -> str:
    """Name a value for a message, in one line: its type, and its start."""
    shown = " ".join(line.strip() for line in repr(value).splitlines())
    return f"a {type(value).__name__}, {shown if len(shown) <= 40 else shown[:39] + '…'}"


# --- numbers ---------------------------------------------------------------------------------------


def check_integer(
    function: str, name: str, value: object, lowest: int, highest: int | None = None, why: str = ""
) -> None:
    """Raise ValueError unless value is an integer from `lowest` to `highest` (None: no limit).

    why: more about the last limit, at the end of the sentence.
    """
    if not _is_a(numbers.Integral, value) or value < lowest or (highest is not None and value > highest):
        limits = f", at least {lowest}" if highest is None else f" from {lowest} to {highest}"
        raise ValueError(f"{function}: {name} is {value!r}; it must be an integer{limits}{why}.")


def check_seed(function: str, seed: object) -> None:
    """Raise ValueError unless seed is an integer that NumPy takes."""
    check_integer(function, "seed", seed, 0, 2**32 - 1)


def check_at_least(function: str, name: str, value: object, lowest: float, why: str = "") -> None:
    """Raise ValueError unless value is a finite number, at least `lowest`. why: as in `check_integer`."""
    if not _is_a(numbers.Real, value) or not _is_finite(value) or value < lowest:
        raise ValueError(f"{function}: {name} is {value!r}; it must be a number, at least {lowest}{why}.")


def check_not_negative(function: str, name: str, value: object, why: str = "") -> None:
    """Raise ValueError unless value is a finite number, at least 0."""
    check_at_least(function, name, value, 0, why)


def check_share(function: str, name: str, value: object, *, whole: bool) -> None:
    """Raise ValueError unless value is a number above 0 and below 1. whole: accept 1 as well."""
    if not _is_a(numbers.Real, value) or not 0 < value <= 1 or (value == 1 and not whole):
        limit = "at most" if whole else "below"
        raise ValueError(f"{function}: {name} is {value!r}; it must be a number above 0, {limit} 1.")


def check_proportion(function: str, name: str, value: object) -> None:
    """Raise ValueError unless value is a number from 0 to 1."""
    check_between(function, name, value, 0, 1)


def check_between(function: str, name: str, value: object, lowest: float, highest: float) -> None:
    """Raise ValueError unless value is a number from `lowest` to `highest`."""
    if not _is_a(numbers.Real, value) or not lowest <= value <= highest:
        raise ValueError(f"{function}: {name} is {value!r}; it must be a number from {lowest} to {highest}.")


def check_temperature(function: str, temperature: object) -> None:
    """Raise ValueError unless the temperature is a finite number, at least 0."""
    check_not_negative(function, "temperature", temperature, " (0 means greedy)")


def check_top_k(function: str, k: object, size: int) -> None:
    """Raise ValueError unless k is an integer from 1 to the size of the vocabulary."""
    check_integer(function, "top_k", k, 1, size, ", the number of tokens")


def check_top_p(function: str, p: object) -> None:
    """Raise ValueError unless 0 < p <= 1."""
    check_share(function, "top_p", p, whole=True)


def _is_a(kind, value):
    """Tell whether a value is a number of this kind; NumPy's numbers are registered with Python's kinds."""
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_finite(value):
    """Tell whether a number is one as a float too: neither infinite nor NaN nor an integer of hundreds of digits."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


# --- names and texts -------------------------------------------------------------------------------


def check_choice(function: str, name: str, value: object, choices: Sequence[str]) -> None:
    """Raise ValueError unless value is one of the choices, two or more str."""
    if value not in choices:
        *first, last = map(repr, choices)
        raise ValueError(f"{function}: {name} is {value!r}; it can be {', '.join(first)} or {last}.")


def check_text(function: str, name: str, value: object) -> None:
    """Raise ValueError unless value is a str."""
    if not isinstance(value, str):
        raise ValueError(f"{function}: {name} is {describe(value)}; expected a str.")


def checked_texts(function: str, name: str, texts: object) -> Iterator[str]:
    """Return an iterator over texts that raises ValueError at the first that is no str, naming its row.

    texts: list, Series or other iterable of str. Raises ValueError at once for a single str, which would be read
    letter by letter, a table, of which the header would be read, and what is no iterable.
    """
    if hasattr(texts, "columns"):
        columns = ", ".join(map(repr, texts.columns))
        raise ValueError(
            f"{function}: {name} is a table with the columns {columns}; give one of them, such as train.text."
        )
    if isinstance(texts, (str, bytes)) or not hasattr(texts, "__iter__"):
        raise ValueError(f"{function}: {name} is {describe(texts)}; expected a list of str.")
    return _each_checked(function, name, texts)


def _each_checked(function, name, texts):
    """Yield the texts, each checked when its turn comes."""
    for row, text in enumerate(texts):
        check_text(function, f"row {row} of {name} (counted from 0)", text)
        yield text
