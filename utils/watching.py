"""Watch a learner's functions while a check calls them: they leave their arguments alone, and return new objects.

That holds for every exercise, so no check has to say it. It is looked at from outside, call by call: what an
answer's own functions do to each other's lists is the answer's affair.
"""

from __future__ import annotations

import functools
import types
import typing

import numpy as np

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
MUTABLE = (np.ndarray, list, dict, set)
PLAIN = (int, float, complex, str, bytes, np.generic, type(None))


def watched(namespace: dict[str, object], fail: Callable[[str], Exception]) -> dict[str, Callable]:
    """Return a stand-in for each function that a notebook defines: name -> function that calls it and looks.

    namespace: the notebook's globals. fail: makes the exception to raise from a sentence, such as
        "clip changes its first argument: work on a copy.".
    """
    ours = {name: value for name, value in namespace.items() if _is_own(value)}
    inside = [False]  # whether a call from the check is under way
    return {name: _stand_in(name, function, inside, fail) for name, function in ours.items()}


def _is_own(value):
    """Tell whether a value is a function of the notebook (or, while grading, stands for one)."""
    if isinstance(value, types.FunctionType):
        return value.__module__ == "__main__"
    return getattr(type(value), "stands_for_answer", False)


def _stand_in(name, function, inside, fail):
    """Return a function that calls another, and raises if it changes an argument or returns one."""

    @functools.wraps(function)
    def call(*positional, **named):
        if inside[0]:
            return function(*positional, **named)
        given = {**dict(zip(_places(), positional, strict=False)), **{f"argument {k}": v for k, v in named.items()}}
        before = {place: _copy(value) for place, value in given.items()}
        inside[0] = True
        try:
            result = function(*positional, **named)
        finally:
            inside[0] = False
            for place, value in given.items():
                if not _same(before[place], value):
                    raise fail(f"{name} changes its {place}, which belongs to the caller: work on a copy.")
        for place, value in given.items():
            if _returns(result, value):
                raise fail(f"{name} returns its {place}, or an array in it, as it came in: return a new one.")
        return result

    return call


def _places() -> Iterator[str]:
    """Yield "first argument", "second argument", ... ."""
    yield from (f"{ordinal} argument" for ordinal in ORDINALS)
    number = len(ORDINALS)
    while True:
        number += 1
        yield f"argument number {number}"


def _copy(value):
    """Return a copy of arrays, lists, tuples, dictionaries and sets, however deep; all else as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value]
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return set(value) if isinstance(value, set) else value


def _same(before, now):
    """Tell whether a value is what its copy says it was."""
    if isinstance(now, np.ndarray):
        if not isinstance(before, np.ndarray):
            return False
        same_kind = before.dtype == now.dtype and before.shape == now.shape
        return same_kind and before.tobytes() == now.tobytes()
    if isinstance(now, (list, tuple)):
        return isinstance(before, list) and len(before) == len(now) and all(map(_same, before, now))
    if isinstance(now, dict):
        return (
            isinstance(before, dict) and list(before) == list(now) and all(_same(before[key], now[key]) for key in now)
        )
    if isinstance(now, (set, *PLAIN)):
        return type(before) is type(now) and (before == now or before != before)  # NaN differs from itself
    return True  # a function, a model: what they do inside, we do not see


def _returns(result, value):
    """Tell whether a result is an argument, or holds an array of it."""
    if isinstance(value, MUTABLE) and result is value:
        return True
    arrays = {id(array) for array in _arrays(value)}
    return any(id(array) in arrays for array in _arrays(result))


def _arrays(value):
    """Yield the arrays in a value: itself, or items of lists, tuples and dictionaries."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _arrays(item)
