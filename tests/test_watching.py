"""utils.watching: a check sees when an answer changes what it was given, or returns it."""

import numpy as np
import pytest

from utils import checks, watching


def failure(function, *arguments):
    """Call a function of a notebook as a check does; return what was wrong, or None."""
    function.__module__ = "__main__"
    stand_in = watching.watched({"f": function}, checks.CheckFailed)["f"]
    try:
        stand_in(*arguments)
    except checks.CheckFailed as error:
        return str(error)
    return None


def put(place, key, value):
    """Set place[key]."""
    place[key] = value


CHANGES = [
    (lambda a: put(a, 0, 7.0), [np.zeros(3)], "first"),
    (lambda a, b: b.sort(), [1, [3, 2, 1]], "second"),
    (lambda a: a.append(1), [[]], "first"),
    (lambda a: a.update(x=1), [{}], "first"),
    (lambda a: a.add(1), [set()], "first"),
    (lambda a: put(a[1], (0, 0), np.nan), [(1, np.zeros((2, 2)))], "first"),
    (lambda a: put(a["x"], 0, "b"), [{"x": ["a"]}], "first"),
    (lambda a: put(a, 0, [1]), [[np.zeros(1)]], "first"),
    (lambda a: a.reverse(), [[1, 1.0]], "first"),  # equal, and of another type
]


@pytest.mark.parametrize("function, arguments, which", CHANGES)
def test_a_changed_argument_is_seen(function, arguments, which):
    """Arrays, lists, dictionaries and sets, also inside others."""
    expected = f"f changes its {which} argument, which belongs to the caller: work on a copy."
    assert failure(function, *arguments) == expected


def test_a_change_is_seen_where_the_function_raises():
    """A ValueError does not hide what was done before."""

    def wrong(a):
        a[0] = 1
        raise ValueError

    assert "changes its first argument" in failure(wrong, [0])


RETURNED = [
    (lambda a: a, [np.zeros(2)]),
    (lambda a: a, [[1]]),
    (lambda a: (1, a), [np.zeros(2)]),
    (lambda a: list(a), [[np.zeros(2), np.ones(2)]]),
    (lambda a: {"x": a["y"]}, [{"y": np.zeros(2)}]),
]


@pytest.mark.parametrize("function, arguments", RETURNED)
def test_a_returned_argument_is_seen(function, arguments):
    """The object itself, or an array that lies in it."""
    expected = "f returns its first argument, or an array in it, as it came in: return a new one."
    assert failure(function, *arguments) == expected


FINE = [
    (lambda a: a.copy(), [np.array([np.nan, 1.0])]),
    (lambda a: [x for x in a], [[float("nan"), "b", None]]),
    (lambda a: a, [5]),
    (lambda a: a, ["text"]),
    (lambda a: a, [()]),
    (lambda a: sorted(a, key=len), [[["a", "b"], ["c"]]]),  # the caller's rows in another order
    (lambda a: a(), [lambda: [1]]),
]


@pytest.mark.parametrize("function, arguments", FINE)
def test_what_is_right_passes(function, arguments):
    """New objects, immutable ones, and rows of a list."""
    assert failure(function, *arguments) is None


def test_an_answers_own_functions_may_change_its_lists():
    """Only calls from the check are looked at."""
    namespace = {}
    source = (
        "def fill(found):\n    found.append(1)\n\n\ndef answer(n):\n    found = []\n    fill(found)\n    return found\n"
    )
    exec(source, namespace)
    for name in ("fill", "answer"):
        namespace[name].__module__ = "__main__"
    namespace.update(watching.watched(namespace, checks.CheckFailed))
    assert namespace["answer"](3) == [1]
    with pytest.raises(checks.CheckFailed):
        namespace["fill"]([])


def test_a_keyword_is_named():
    """The message names it as the check wrote it."""
    function = lambda values: values.sort()  # noqa: E731
    function.__module__ = "__main__"
    stand_in = watching.watched({"f": function}, checks.CheckFailed)["f"]
    with pytest.raises(checks.CheckFailed, match="f changes its argument values"):
        stand_in(values=[2, 1])


def test_only_functions_of_the_notebook_are_watched():
    """Libraries, classes and numbers stay as they are."""
    namespace = {"np": np, "asarray": np.asarray, "failure": failure, "one": 1, "kind": dict}
    assert watching.watched(namespace, checks.CheckFailed) == {}


def test_a_check_watches(monkeypatch):
    """In a notebook and while grading, and afterwards the function is what it was."""
    monkeypatch.setenv("UNROLLED_GRADING", "1")
    source = """
def clip(values):
    values[values > 1] = 1
    return values.copy()

def check():
    with checks.exercise("1.1", points=1) as ex:
        ex.equal("clip([2, 0])", clip(np.array([2, 0])), np.array([1, 0]))
"""
    namespace = {"checks": checks, "np": np, "__name__": "__main__"}
    exec(source, namespace)
    clip = namespace["clip"]
    with pytest.raises(checks.CheckFailed, match="clip changes its first argument"):
        namespace["check"]()
    assert namespace["clip"] is clip
    raising = 'with checks.exercise("1.1", points=1) as ex:\n    ex.raises("clip", ValueError, clip, np.array([2]))'
    with pytest.raises(checks.CheckFailed, match="clip changes its first argument"):
        exec(raising, namespace)
