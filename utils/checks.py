"""Feedback for exercises, inside the notebook.

    with checks.exercise("1.2", points=3) as ex:
        ex.close("forward(x, ...)", forward(x, W, U, b), expected)

In a notebook this prints one line: done, not attempted yet, or what is wrong. It never raises there, so
"Run All" reaches the end. Whatever a check compares, the answer's functions must also leave their arguments alone
and return new objects (utils.watching). While grading (UNROLLED_GRADING or nbgrader's NBGRADER_EXECUTION is set)
it raises, so that the grader sees a failed cell.
"""

from __future__ import annotations

import ast
import html
import os
import sys
import sysconfig
import traceback
import typing

import numpy as np

from utils import random_state, watching
from utils.cells import ANSWER_LINE

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DONE, NOT_ATTEMPTED, WRONG, ERROR = "done", "not attempted", "wrong", "error"
LOOK = {DONE: ("✓", "#009E73"), NOT_ATTEMPTED: ("○", "#888888"), WRONG: ("✗", "#D55E00"), ERROR: ("✗", "#D55E00")}


class CheckFailed(AssertionError):
    """An answer differs from what the exercise asks for; the message says how."""


def grading() -> bool:
    """Tell whether a grader runs this process: failed checks then raise."""
    return bool(os.environ.get("UNROLLED_GRADING") or os.environ.get("NBGRADER_EXECUTION"))


def exercise(number: str, *, points: int) -> Exercise:
    """Return the context manager for the check of one exercise.

    number: such as "1.2", the same as in the answer cell's first line.
    points: what the exercise is worth, all or nothing.
    """
    return Exercise(number, points)


class Exercise:
    """One exercise's check. Use it through `exercise(...)`; compare with its methods."""

    def __init__(self, number: str, points: int):
        self.number = number
        self.points = points
        self.comparisons = 0

    def __enter__(self):
        # A check leaves no trace: neither its variables (a lesson may have an `x` of its own) nor what
        # it drew or built. So a lesson prints the same whether its exercises are done or not.
        self._names = sys._getframe(1).f_globals
        self._names_before = dict(self._names)
        self._names.update(watching.watched(self._names, CheckFailed))
        self._unparsed = unparsed_answer(self.number)
        self._state = random_state.kept()
        self._state.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self._state.__exit__(None, None, None)
        for name in self._names.keys() - self._names_before.keys():
            del self._names[name]
        self._names.update(self._names_before)
        if kind is not None and issubclass(kind, (KeyboardInterrupt, GeneratorExit)):
            return False  # the learner pressed Stop: that is no answer
        status, message = self._verdict(error)
        _show(verdict_data(self.number, self.points, status, message))
        if grading() and status != DONE:
            if error is None:
                raise CheckFailed(message)
            return False
        return True

    def _verdict(self, error):
        """Return (status, message) for the exception that ended the block, or None."""
        if self._unparsed:
            return ERROR, self._unparsed
        if error is None:
            return (DONE, "") if self.comparisons else (ERROR, "this check compares nothing.")
        if isinstance(error, CheckFailed):
            return WRONG, str(error)
        if is_stub(error, self.number):
            return NOT_ATTEMPTED, ""
        return ERROR, _describe_error(error)

    # --- comparisons -------------------------------------------------------------------------------

    def close(self, what: str, got: object, expected: object, *, rtol: float = 1e-5, atol: float = 1e-6) -> None:
        """Check numbers: type, shape, no NaN, and |got - expected| <= atol + rtol * |expected|.

        what: how the message names the value, such as "forward(x, W, U, b)".
        got, expected: a number, an array of any shape, or a tuple or dictionary of these.
        """
        self.comparisons += 1
        if isinstance(expected, dict):
            self._same_keys(what, got, expected)
            for key, value in expected.items():
                self.close(f"{what}[{key!r}]", got[key], value, rtol=rtol, atol=atol)
        elif isinstance(expected, tuple):
            self._same_count(what, got, expected)
            for index, value in enumerate(expected):
                self.close(f"{what}[{index}]", got[index], value, rtol=rtol, atol=atol)
        else:
            _compare_arrays(what, _as_numbers(what, got, expected), np.asarray(expected), rtol, atol)

    def equal(self, what: str, got: object, expected: object) -> None:
        """Check exact equality, types included: an int is not a float, and True is not 1.

        got, expected: numbers, strings, arrays, None, or lists, tuples and dictionaries of these.
        """
        self.comparisons += 1
        if got is None and expected is not None:
            raise CheckFailed(_none_sentence(what))
        if isinstance(expected, np.ndarray):
            _compare_arrays(what, _as_numbers(what, got, expected), expected, rtol=0, atol=0)
            return
        got = got.item() if isinstance(got, np.generic) else got
        expected = expected.item() if isinstance(expected, np.generic) else expected
        if type(got) is not type(expected):
            raise CheckFailed(f"{what} is {_describe(got)}; expected {_describe(expected)}.")
        if isinstance(expected, dict):
            self._same_keys(what, got, expected)
            for key, value in expected.items():
                self.equal(f"{what}[{key!r}]", got[key], value)
        elif isinstance(expected, (list, tuple)):
            self._same_count(what, got, expected)
            for index, value in enumerate(expected):
                self.equal(f"{what}[{index}]", got[index], value)
        elif got != expected:
            raise CheckFailed(
                f"{what} is {_short(got)}; expected {_short(expected)}.{_first_difference(got, expected)}"
            )

    def shape(self, what: str, got: object, expected: Sequence[int]) -> None:
        """Check that an array has exactly this shape (a tuple of integers)."""
        self.comparisons += 1
        _compare_shapes(what, _as_numbers(what, got, None), tuple(expected))

    def true(self, claim: str, condition: object) -> None:
        """Check a condition; `claim` is the sentence that should hold, such as "the loss falls"."""
        self.comparisons += 1
        if condition is None or not isinstance(condition, (bool, np.bool_)):
            raise CheckFailed(f"{claim}: expected True, got {_describe(condition)}.")
        if not condition:
            raise CheckFailed(f"this should hold, and does not: {claim}.")

    def raises(self, what: str, kind: type[BaseException], function: Callable[..., object], *arguments: object) -> None:
        """Check that function(*arguments) raises an exception of this kind (a class)."""
        self.comparisons += 1
        try:
            result = function(*arguments)
        except CheckFailed:
            raise
        except Exception as error:
            if is_stub(error, self.number):
                raise
            if isinstance(error, kind):
                return
            raise CheckFailed(f"{what} should raise {kind.__name__}; it raised {name_error(error)}.") from error
        raise CheckFailed(f"{what} should raise {kind.__name__}; it returned {_describe(result)}.")

    def _same_keys(self, what, got, expected):
        """Check that `got` is a dictionary with the keys of `expected`."""
        if got is None:
            raise CheckFailed(_none_sentence(what))
        if not isinstance(got, dict):
            raise CheckFailed(f"{what} is {_describe(got)}; expected a dictionary with the keys {list(expected)}.")
        if set(got) != set(expected):
            raise CheckFailed(f"{what} has the keys {_short(list(got))}; expected {_short(list(expected))}.")

    def _same_count(self, what, got, expected):
        """Check that `got` is a list or tuple as long as `expected`."""
        if got is None:
            raise CheckFailed(_none_sentence(what))
        if not isinstance(got, (list, tuple)):
            raise CheckFailed(f"{what} is {_describe(got)}; expected {len(expected)} values.")
        if len(got) != len(expected):
            plain = got and all(isinstance(value, (int, float, str, np.generic)) for value in got)
            shown = f", {_short(got)}" if plain else ""
            raise CheckFailed(f"{what} holds {len(got)} values{shown}; expected {len(expected)}.")


# --- what is wrong, in words -----------------------------------------------------------------------


def is_stub(error: BaseException, number: str) -> bool:
    """Tell whether an exception is what an exercise raises before it is attempted (ours, or nbgrader's)."""
    return isinstance(error, NotImplementedError) and text_of(error) in (f"Exercise {number}", "")


def unparsed_answer(number: str) -> str:
    """Return a sentence if the answer cell that ran last is no Python; else "". (Python then keeps what it had before.)

    IPython keeps what was run; outside of it, and while grading, there is nothing to look up.
    """
    shell = _shell()
    if shell is None or grading():
        return ""
    ran = [(ANSWER_LINE.search(source), source) for source in shell.user_ns.get("In", [])]
    answers = [source for found, source in ran if found and found[1] == number]
    try:
        ast.parse(shell.transform_cell(answers[-1]) if answers else "")
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        return f"your answer is no Python yet, so it did not run: {type(error).__name__}: {error.msg}{line}."
    return ""


def text_of(error: BaseException) -> str:
    """Return str(error), also where the learner's own __str__ fails."""
    try:
        return str(error)
    except Exception:
        return ""


def name_error(error: BaseException) -> str:
    """Return "ValueError: what it says", cut to a readable length."""
    detail = f": {text_of(error)}" if text_of(error) else ""
    return type(error).__name__ + cut(detail, 200)


def _first_difference(got, expected):
    """Return where two strings part, if they are too long to be seen whole; else nothing."""
    if not isinstance(got, str) or max(len(got), len(expected)) < 60:
        return ""
    place = next(
        (i for i, (one, other) in enumerate(zip(got, expected, strict=False)) if one != other),
        min(len(got), len(expected)),
    )
    return f" They part at position {place}: {got[place : place + 20]!r}, expected {expected[place : place + 20]!r}."


def _none_sentence(what):
    return f"{what} is None; does the function return its result?"


def cut(text: str, limit: int) -> str:
    """Return a text, cut to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _short(value):
    """Return repr(value), cut to 80 characters."""
    return cut(repr(value), 80)


def _describe(value):
    """Name a value for a message: its type, and its shape or content."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if callable(value):
        return f"the function {getattr(value, '__name__', '?')} itself, not what it returns"
    article = "an" if type(value).__name__[0] in "aeiou" else "a"
    return f"{article} {type(value).__name__}: {_short(value)}"


def _as_numbers(what, got, expected):
    """Return `got` as an array of numbers, or raise CheckFailed saying why it is none."""
    if got is None:
        raise CheckFailed(_none_sentence(what))
    if callable(got) or isinstance(got, (str, bytes, dict, set)):
        raise CheckFailed(f"{what} is {_describe(got)}; expected an array or a number.")
    try:
        array = np.asarray(got)
    except (ValueError, TypeError):
        raise CheckFailed(f"{what} cannot be read as an array: its rows differ in length or type.") from None
    if array.dtype.kind == "c":
        raise CheckFailed(
            f"{what} holds complex numbers; expected real ones (np.abs gives the size of a complex number)."
        )
    if array.dtype.kind not in "biuf":
        raise CheckFailed(f"{what} holds {array.dtype} values; expected numbers.")
    if expected is not None:
        wanted = np.asarray(expected).dtype
        # A plain Python 0 may stand for 0.0; an array of integers cannot hold the decimals.
        if array.dtype.kind != wanted.kind and not (array.ndim == 0 and array.dtype.kind + wanted.kind == "if"):
            raise CheckFailed(f"{what} has dtype {array.dtype}; expected {wanted}.")
    return array


def _compare_shapes(what, got, expected):
    if got.shape == expected:
        return
    hint = ""
    if len(expected) > 1 and got.shape == expected[::-1]:
        hint = " It looks transposed."
    elif sorted(got.shape) == sorted(expected):
        hint = " The axes are in another order."
    elif got.size == np.prod(expected, dtype=int):
        hint = " The number of values is right."
    raise CheckFailed(f"{what} has shape {got.shape}; expected {expected}.{hint}")


def _compare_arrays(what, got, expected, rtol, atol):
    """Compare shape, then NaN and infinity, then values; the message names the worst place."""
    _compare_shapes(what, got, expected.shape)
    if got.size == 0:
        return
    if got.dtype.kind == "f":
        bad = ~np.isfinite(got) & np.isfinite(expected)
        if bad.any():
            kind = "NaN" if np.isnan(got[bad]).any() else "an infinite number"
            raise CheckFailed(f"{what} contains {kind}: {bad.sum()} of {got.size} values{_place(bad.argmax(), got)}.")
    left, right = got.astype(np.float64), expected.astype(np.float64)
    with np.errstate(all="ignore"):
        difference = np.where(left == right, 0.0, np.abs(left - right))
        if got.dtype.kind != "f" or (rtol == 0 and atol == 0):
            wrong = got != expected  # whole numbers are compared as they are, not rounded to floats
        else:
            limit = np.where(np.isfinite(right), atol + rtol * np.abs(right), 0.0)  # infinity is near nothing
            wrong = ~((left == right) | (difference <= limit))
    if not wrong.any():
        return
    worst = np.where(wrong, np.nan_to_num(difference, nan=np.inf), -1.0).argmax()
    precision = f" Yours is {got.dtype}, expected {expected.dtype}." if got.dtype != expected.dtype else ""
    amount = "" if got.ndim == 0 else f"{wrong.sum()} of {got.size} values differ; "
    raise CheckFailed(
        f"{what} is not as expected: {amount}the largest difference is {difference.flat[worst]:.3g}"
        f"{_place(worst, got)}: got {left.flat[worst]:.6g}, expected {right.flat[worst]:.6g}.{precision}"
    )


def _place(flat_index, array):
    """Return " at [1, 2]" for a position in an array, "" for a single number."""
    if array.ndim == 0:
        return ""
    index = ", ".join(str(int(i)) for i in np.unravel_index(flat_index, array.shape))
    return f" at [{index}]"


def _describe_error(error):
    """Return one sentence for an exception that the learner's code raised."""
    frames = traceback.extract_tb(error.__traceback__)
    if type(error) is NameError and len({frame.filename for frame in frames}) == 1:
        # Raised in the check's own cell: the answer was never run.
        return f"{text_of(error)}. Run the answer cell above, then this cell again."
    own = [frame for frame in frames if frame.line and not _is_library(frame.filename)]
    where = f" in the line: {own[-1].line.strip()}" if own else ""
    return f"the code stopped with {name_error(error)}{where}"


def _is_library(filename):
    """Tell whether a file is installed code or one of ours, rather than what the learner wrote."""
    folders = [*sysconfig.get_paths().values(), os.path.dirname(os.path.abspath(__file__)), sys.base_prefix]
    return any(
        os.path.abspath(filename).startswith(folder + os.sep) for folder in folders if not filename.startswith("<")
    )


# --- how it looks ----------------------------------------------------------------------------------


def verdict_data(number: str, points: int, status: str, message: str = "") -> dict[str, str]:
    """Return the verdict as a MIME bundle: HTML, and plain text that says the same."""
    symbol, colour = LOOK[status]
    worth = f"{points} point" + ("" if points == 1 else "s")
    sentence = {
        DONE: f"done, {worth}.",
        NOT_ATTEMPTED: f"not attempted yet ({worth}).",
        WRONG: f"not yet: {message}",
        ERROR: f"not yet: {message}",
    }[status]
    text = f"{symbol} Exercise {number}: {sentence}"
    style = f"border-left: 4px solid {colour}; padding: 0.3em 0.8em;"
    return {
        "text/html": f'<div style="{style}"><b>{symbol} Exercise {number}:</b> {html.escape(sentence)}</div>',
        "text/plain": text,
    }


def _show(bundle):
    """Display a MIME bundle in a notebook; print its plain text anywhere else."""
    if _shell() is None:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # a Windows console may not know the symbols
        print(bundle["text/plain"].encode(encoding, errors="replace").decode(encoding))
    else:
        from IPython.display import display

        display(bundle, raw=True)


def _shell():
    """Return the IPython that runs this process, or None: where one runs, it is imported."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
