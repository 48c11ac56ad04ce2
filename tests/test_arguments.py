"""utils.arguments: Python's numbers and NumPy's are accepted alike; what is refused is named, with what is accepted."""

import decimal
import fractions
import math

import numpy as np
import pandas as pd
import pytest

from utils import arguments

GOOD = [
    lambda: arguments.check_integer("f", "size", 3, 3),
    lambda: arguments.check_integer("f", "size", np.int16(4), 3, 4),
    lambda: arguments.check_seed("f", 0),
    lambda: arguments.check_seed("f", np.uint32(2**32 - 1)),
    lambda: arguments.check_temperature("f", 0),
    lambda: arguments.check_temperature("f", np.float32(0.5)),
    lambda: arguments.check_temperature("f", fractions.Fraction(1, 2)),
    lambda: arguments.check_top_k("f", 1, 1),
    lambda: arguments.check_top_p("f", 1),
    lambda: arguments.check_share("f", "validation", 1e-9, whole=False),
    lambda: arguments.check_proportion("f", "min_p", 0),
    lambda: arguments.check_proportion("f", "min_p", np.float32(1)),
    lambda: arguments.check_at_least("f", "penalty", 1, 1),
    lambda: arguments.check_between("f", "power", 10, 0, 10),
    lambda: arguments.check_choice("f", "level", "b", ("a", "b")),
    lambda: arguments.check_text("f", "text", ""),
]

BAD = [
    (lambda: arguments.check_integer("f", "size", 2, 3), "f: size is 2; it must be an integer, at least 3."),
    (lambda: arguments.check_integer("f", "size", 5, 3, 4, ", or so"), "size is 5; .* an integer from 3 to 4, or so."),
    (lambda: arguments.check_integer("f", "size", 3.0, 3), "size is 3.0"),
    (lambda: arguments.check_integer("f", "size", True, 0), "size is True"),
    (lambda: arguments.check_integer("f", "size", np.bool_(True), 0), "size is np.True_"),
    (lambda: arguments.check_seed("f", 2**32), "seed is 4294967296; it must be an integer from 0 to 4294967295."),
    (lambda: arguments.check_temperature("f", True), "temperature is True; .* at least 0 .0 means greedy.."),
    (lambda: arguments.check_temperature("f", math.nan), "temperature is nan"),
    (lambda: arguments.check_temperature("f", np.float32(np.inf)), "temperature is np.float32.inf"),
    (lambda: arguments.check_temperature("f", 10**400), "temperature is 10000"),
    (lambda: arguments.check_temperature("f", 1j), "temperature is 1j"),
    (lambda: arguments.check_temperature("f", decimal.Decimal(1)), "temperature is Decimal"),
    (lambda: arguments.check_top_k("f", 4, 3), "top_k is 4; it must be an integer from 1 to 3, the number of tokens."),
    (lambda: arguments.check_top_p("f", 1.01), "top_p is 1.01; it must be a number above 0, at most 1."),
    (lambda: arguments.check_share("f", "validation", 1, whole=False), "validation is 1; .* above 0, below 1."),
    (lambda: arguments.check_proportion("f", "min_p", 1.01), "f: min_p is 1.01; it must be a number from 0 to 1."),
    (lambda: arguments.check_proportion("f", "min_p", math.nan), "min_p is nan"),
    (lambda: arguments.check_between("f", "power", 10.1, 0, 10), "f: power is 10.1; it must be a number from 0 to 10."),
    (lambda: arguments.check_between("f", "power", True, 0, 10), "power is True"),
    (lambda: arguments.check_at_least("f", "penalty", 0.9, 1), "f: penalty is 0.9; it must be a number, at least 1."),
    (lambda: arguments.check_choice("f", "level", "c", ("a", "b")), "level is 'c'; it can be 'a' or 'b'."),
    (lambda: arguments.check_choice("f", "loop", None, ("a", "b", "c")), "loop is None; it can be 'a', 'b' or 'c'."),
    (lambda: arguments.check_text("f", "text", b"a"), "text is a bytes, b'a'; expected a str."),
    (lambda: arguments.checked_texts("f", "texts", "abc"), "texts is a str, 'abc'; expected a list of str."),
    (lambda: arguments.checked_texts("f", "texts", 3), "texts is a int, 3"),
    (lambda: arguments.checked_texts("f", "texts", pd.DataFrame({"x": [""]})), "a table with the columns 'x'; give"),
    (lambda: list(arguments.checked_texts("f", "texts", ["a", 3])), r"row 1 of texts \(counted from 0\) is a int, 3"),
]


@pytest.mark.parametrize("check", GOOD)
def test_accepted(check):
    """The limits themselves are fine, and so are NumPy's numbers."""
    check()


@pytest.mark.parametrize("check, message", BAD)
def test_refused(check, message):
    """The function, the argument, what was given and what is accepted, in one sentence."""
    with pytest.raises(ValueError, match=f"^f: .*{message.removeprefix('f: ')}"):
        check()


def test_texts_come_one_by_one():
    """Texts may be more than fit into memory: each is checked when its turn comes."""
    texts = arguments.checked_texts("f", "texts", iter(["a", "b", 3]))
    assert [next(texts), next(texts)] == ["a", "b"]


def test_long_values_are_cut():
    """A message shows the start of what was given."""
    assert arguments.describe("a" * 100) == f"a str, '{'a' * 38}…"
    assert arguments.describe(np.eye(2)) == "a ndarray, array([[1., 0.], [0., 1.]])"
