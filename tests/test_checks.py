"""utils.checks: each mistake gets its own sentence; a lesson never stops, a grader always sees it."""

import IPython
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from utils import checks

MATRIX = np.arange(6.0).reshape(2, 3)


def failure(compare, monkeypatch):
    """Run one comparison while grading and return the message, or None if it passed."""
    monkeypatch.setenv("UNROLLED_GRADING", "1")
    try:
        with checks.exercise("1.1", points=2) as ex:
            compare(ex)
    except checks.CheckFailed as error:
        return str(error)
    return None


CLOSE = [
    (None, "f(x) is None; does the function return its result?"),
    ("text", "f(x) is a str: 'text'; expected an array or a number."),
    ({"h": 1}, "f(x) is a dict: {'h': 1}; expected an array or a number."),
    (np.sin, "f(x) is the function sin itself, not what it returns; expected an array or a number."),
    ([[1.0, 2.0], [3.0]], "f(x) cannot be read as an array: its rows differ in length or type."),
    (MATRIX.T, "f(x) has shape (3, 2); expected (2, 3). It looks transposed."),
    (MATRIX.reshape(6), "f(x) has shape (6,); expected (2, 3). The number of values is right."),
    (MATRIX[:1], "f(x) has shape (1, 3); expected (2, 3)."),
    (MATRIX.reshape(1, 6), "f(x) has shape (1, 6); expected (2, 3). The number of values is right."),
    (5.0, "f(x) has shape (); expected (2, 3)."),
    (MATRIX.astype(int), "f(x) has dtype int64; expected float64."),
    (MATRIX > 2, "f(x) has dtype bool; expected float64."),
    (MATRIX.astype(object), "f(x) holds object values; expected numbers."),
    (MATRIX * 1j, "f(x) holds complex numbers; expected real ones (np.abs gives the size of a complex number)."),
    (np.where(MATRIX == 5, np.nan, MATRIX), "f(x) contains NaN: 1 of 6 values at [1, 2]."),
    (np.where(MATRIX < 2, np.inf, MATRIX), "f(x) contains an infinite number: 2 of 6 values at [0, 0]."),
    (
        MATRIX + 0.5 * (MATRIX == 4),
        "f(x) is not as expected: 1 of 6 values differ; the largest difference is 0.5 at [1, 1]: got 4.5, expected 4.",
    ),
    (
        (MATRIX + 1).astype(np.float32),
        "f(x) is not as expected: 6 of 6 values differ; the largest difference is 1 at [0, 0]: got 1, expected 0. "
        "Yours is float32, expected float64.",
    ),
]


@pytest.mark.parametrize("got, message", CLOSE)
def test_close_says_what_is_wrong(got, message, monkeypatch):
    """Every kind of wrong array has its own sentence."""
    assert failure(lambda ex: ex.close("f(x)", got, MATRIX), monkeypatch) == message


def test_time_and_batch_exchanged(monkeypatch):
    """A batch whose axes stand in another order gets a hint of its own."""
    message = failure(lambda ex: ex.close("h", np.zeros((4, 2, 3)), np.zeros((2, 4, 3))), monkeypatch)
    assert message == "h has shape (4, 2, 3); expected (2, 4, 3). The axes are in another order."


@pytest.mark.parametrize("got", [MATRIX, MATRIX.tolist(), MATRIX + 1e-7, MATRIX.astype(np.float32)])
def test_close_accepts_what_is_right(got, monkeypatch):
    """Lists, small differences and another precision pass."""
    assert failure(lambda ex: ex.close("f(x)", got, MATRIX), monkeypatch) is None


def test_close_accepts_tensors_and_numbers(monkeypatch):
    """A TensorFlow tensor is an array, and a Python number a 0-d array; 0 may stand for 0.0."""
    import tensorflow as tf

    assert failure(lambda ex: ex.close("f(x)", tf.constant(MATRIX), MATRIX), monkeypatch) is None
    assert failure(lambda ex: ex.close("loss", 0, 0.0), monkeypatch) is None
    assert failure(lambda ex: ex.close("loss", 1.5, 2.5), monkeypatch) == (
        "loss is not as expected: the largest difference is 1: got 1.5, expected 2.5."
    )


def test_close_goes_through_tuples_and_dictionaries(monkeypatch):
    """The message names the part that is wrong."""
    expected = {"W": MATRIX, "b": np.zeros(3)}
    wrong = {"W": MATRIX, "b": np.ones(3)}
    assert failure(lambda ex: ex.close("g", dict(expected), expected), monkeypatch) is None
    assert failure(lambda ex: ex.close("g", wrong, expected), monkeypatch).startswith("g['b'] is not as expected")
    assert "has the keys ['W']; expected ['W', 'b']" in failure(
        lambda ex: ex.close("g", {"W": 1}, expected), monkeypatch
    )
    assert failure(lambda ex: ex.close("g", None, expected), monkeypatch).startswith("g is None")
    pair = (MATRIX, np.zeros(3))
    assert failure(lambda ex: ex.close("step", pair[:1], pair), monkeypatch) == "step holds 1 values; expected 2."
    assert failure(lambda ex: ex.close("step", MATRIX, pair), monkeypatch).startswith(
        "step is an array of shape (2, 3)"
    )
    assert failure(lambda ex: ex.close("step", pair[::-1], pair), monkeypatch).startswith("step[0] has shape (3,)")


EQUAL = [
    (12, 12, None),
    (np.int64(12), 12, None),
    (12.0, 12, "n is a float: 12.0; expected an int: 12."),
    (True, 1, "n is a bool: True; expected an int: 1."),
    (13, 12, "n is 13; expected 12."),
    (None, 12, "n is None; does the function return its result?"),
    (["a", "c"], ["a", "b"], "n[1] is 'c'; expected 'b'."),
    (("a", "b"), ["a", "b"], "n is a tuple: ('a', 'b'); expected a list: ['a', 'b']."),
    (["a"], ["a", "b"], "n holds 1 values, ['a']; expected 2."),
    ([], ["a", "b"], "n holds 0 values; expected 2."),
    ({"a": 1}, {"a": 2}, "n['a'] is 1; expected 2."),
    (
        np.array([1, 2]),
        np.array([1, 3]),
        "n is not as expected: 1 of 2 values differ; the largest difference is 1 at [1]: got 2, expected 3.",
    ),
]


@pytest.mark.parametrize("got, expected, message", EQUAL)
def test_equal(got, expected, message, monkeypatch):
    """Exact equality, types included."""
    assert failure(lambda ex: ex.equal("n", got, expected), monkeypatch) == message


class AlwaysEqual(int):
    """An object that says that it equals everything."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def test_equal_does_not_ask_the_answer(monkeypatch):
    """The type is compared first, so an object with a lying __eq__ does not pass."""
    assert "AlwaysEqual" in failure(lambda ex: ex.equal("n", AlwaysEqual(1), 2), monkeypatch)


def test_shape_true_raises(monkeypatch):
    """The other comparisons pass on what is right and say what is not."""

    def double(x):
        return 2 * x

    assert failure(lambda ex: ex.shape("h", MATRIX, (2, 3)), monkeypatch) is None
    assert failure(lambda ex: ex.shape("h", MATRIX, (2, 4)), monkeypatch) == "h has shape (2, 3); expected (2, 4)."
    assert failure(lambda ex: ex.true("the loss falls", np.bool_(True)), monkeypatch) is None
    assert failure(lambda ex: ex.true("the loss falls", False), monkeypatch) == (
        "this should hold, and does not: the loss falls."
    )
    assert failure(lambda ex: ex.true("the loss falls", "yes"), monkeypatch) == (
        "the loss falls: expected True, got a str: 'yes'."
    )
    assert failure(lambda ex: ex.raises("double('x', 1)", TypeError, double, "x", 1), monkeypatch) is None
    assert failure(lambda ex: ex.raises("double(-1)", ValueError, double, -1), monkeypatch) == (
        "double(-1) should raise ValueError; it returned an int: -2."
    )


INF = float("inf")
FALSE_FRIENDS = [
    (lambda ex: ex.close("f", [0.0, 1.0], np.array([-INF, 1.0])), "the largest difference is inf at [0]"),
    (lambda ex: ex.close("f", [INF, 1.0], np.array([-INF, 1.0])), "the largest difference is inf at [0]"),
    (lambda ex: ex.close("f", [-INF, np.nan], np.array([-INF, 1.0])), "f contains NaN: 1 of 2 values at [1]"),
    (lambda ex: ex.close("f", np.array([10**6]), np.array([10**6 + 1])), "the largest difference is 1 at [0]"),
    (lambda ex: ex.close("n", 100_000, 100_001), "the largest difference is 1"),
    (lambda ex: ex.equal("n", np.array([2**53]), np.array([2**53 + 1])), "1 of 1 values differ"),
    (lambda ex: ex.equal("f", np.array([1.0 + 1e-9]), np.array([1.0])), "1 of 1 values differ"),
    (lambda ex: ex.close("f", np.array([1.0001, 1000.0]), np.array([1.0, 1000.0])), "1 of 2 values differ"),
    (lambda ex: ex.close("f", 1.0 + 3e-5, 1.0), "the largest difference is 3e-05"),
    (lambda ex: ex.close("g", {"W": 1.0001}, {"W": 1.0}, rtol=1e-3), None),
    (lambda ex: ex.close("g", (1.0001,), (1.0,), rtol=1e-3), None),
    (lambda ex: ex.close("g", {"W": 1.0, "b": 2.0}, {"W": 1.0}), "has the keys ['W', 'b']"),
    (lambda ex: ex.close("g", (1.0, 2.0), (1.0,)), "holds 2 values, (1.0, 2.0); expected 1"),
    (lambda ex: ex.close("n", 1.0, 1), "has dtype float64; expected int64"),
    (lambda ex: ex.equal("n", 3, np.int64(3)), None),
    (lambda ex: ex.equal("text", "a" * 100 + "b", "a" * 100 + "c"), "They part at position 100: 'b', expected 'c'"),
    (lambda ex: ex.true("one", 1), "one: expected True, got an int: 1"),
    (
        lambda ex: ex.raises("f()", KeyError, lambda: stop(ValueError("no"))),
        "should raise KeyError; it raised ValueError: no",
    ),
]


@pytest.mark.parametrize("compare, message", FALSE_FRIENDS)
def test_nearly_right_is_not_right(compare, message, monkeypatch):
    """Infinities, large integers, tolerances and superfluous parts; None where it should pass."""
    found = failure(compare, monkeypatch)
    assert (found is None) if message is None else (message in found)


def test_a_stub_passes_no_raises(monkeypatch, capsys):
    """NotImplementedError is a RuntimeError, but an exercise that is not attempted raises nothing yet."""
    monkeypatch.delenv("UNROLLED_GRADING", raising=False)
    for text in ("Exercise 1.1", ""):
        with checks.exercise("1.1", points=2) as ex:
            ex.raises("f()", RuntimeError, lambda text=text: stop(NotImplementedError(text)))
        assert capsys.readouterr().out.startswith("○ Exercise 1.1: not attempted yet")


class Unspeakable(Exception):
    """An exception that cannot be turned into text."""

    def __str__(self):
        raise RuntimeError("no words")


def test_expected_nan_is_equal_to_nothing(monkeypatch):
    """A check whose own expectation is NaN passes nobody, rather than everybody."""
    assert failure(lambda ex: ex.close("f(x)", np.nan, np.nan), monkeypatch) is not None
    assert failure(lambda ex: ex.close("f(x)", 1.0, np.nan), monkeypatch) is not None


def stop(error):
    """Raise an exception inside an expression."""
    raise error


LESSON = [
    (lambda ex: ex.true("fine", True), "✓ Exercise 1.1: done, 2 points.\n"),
    (lambda ex: stop(NotImplementedError("Exercise 1.1")), "○ Exercise 1.1: not attempted yet (2 points).\n"),
    (lambda ex: ex.true("fine", False), "✗ Exercise 1.1: not yet: this should hold, and does not: fine.\n"),
    (lambda ex: None, "✗ Exercise 1.1: not yet: this check compares nothing.\n"),
    (
        lambda ex: stop(NameError("name 'step' is not defined")),
        "✗ Exercise 1.1: not yet: name 'step' is not defined. Run the answer cell above, then this cell again.\n",
    ),
    (lambda ex: stop(SystemExit(0)), "✗ Exercise 1.1: not yet: the code stopped with SystemExit: 0"),
    (lambda ex: stop(Unspeakable()), "✗ Exercise 1.1: not yet: the code stopped with Unspeakable"),
    (lambda ex: stop(UnboundLocalError("x")), "✗ Exercise 1.1: not yet: the code stopped with UnboundLocalError: x"),
    (lambda ex: stop(NotImplementedError("Exercise 9.9")), "✗ Exercise 1.1: not yet: the code stopped with NotImpl"),
]


@pytest.mark.parametrize("body, printed", LESSON)
def test_a_lesson_never_stops(body, printed, capsys, monkeypatch):
    """Whatever the answer does, one line is printed and nothing is raised."""
    monkeypatch.delenv("UNROLLED_GRADING", raising=False)
    with checks.exercise("1.1", points=2) as ex:
        body(ex)
    assert capsys.readouterr().out.startswith(printed)


@pytest.mark.parametrize("variable", ["UNROLLED_GRADING", "NBGRADER_EXECUTION"])
@pytest.mark.parametrize("body", [body for body, printed in LESSON if not printed.startswith("✓")])
def test_grading_always_raises(body, variable, monkeypatch):
    """Under a grader everything that is not done is an exception."""
    monkeypatch.setenv(variable, "1")
    with pytest.raises((Exception, SystemExit)):  # noqa: B017 (whatever the answer raised, or CheckFailed)
        with checks.exercise("1.1", points=2) as ex:
            body(ex)


def test_stop_button_goes_through():
    """KeyboardInterrupt is the learner's wish, not an answer."""
    with pytest.raises(KeyboardInterrupt):
        with checks.exercise("1.1", points=2):
            raise KeyboardInterrupt


def test_the_line_that_failed_is_named(tmp_path, capsys):
    """The message quotes the learner's line, not the check's and not a library's."""
    path = tmp_path / "answer.py"
    path.write_text("import numpy as np\ndef answer(x):\n    return x @ np.ones((7, 7))\n", encoding="utf-8")
    namespace = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    with checks.exercise("1.1", points=2):
        namespace["answer"](MATRIX)
    assert capsys.readouterr().out.rstrip().endswith("in the line: return x @ np.ones((7, 7))")


def test_a_misspelt_name_in_the_answer_is_quoted(tmp_path, capsys):
    """Only a name that the check itself misses means that the answer cell was not run."""
    path = tmp_path / "answer.py"
    path.write_text("def answer(x):\n    return npp.tanh(x)\n", encoding="utf-8")
    namespace = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    with checks.exercise("1.1", points=2):
        namespace["answer"](MATRIX)
    assert "NameError: name 'npp' is not defined in the line: return npp.tanh(x)" in capsys.readouterr().out


def test_a_console_without_the_symbols(monkeypatch):
    """A Windows code page has no check mark: the verdict is printed all the same."""
    import io

    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr("sys.stdout", console)
    with checks.exercise("1.1", points=2) as ex:
        ex.true("fine", True)
    console.flush()
    assert console.buffer.getvalue().decode("cp1252").startswith("? Exercise 1.1: done, 2 points.")


def test_a_check_leaves_no_variable_behind():
    """Names that the check assigns are gone or as before; so the lesson's own x survives."""
    code = (
        "with checks.exercise('1.1', points=1) as ex:\n    x = 2\n    y = 3\n    import math\n    ex.equal('x', x, 2)"
    )
    namespace = {"checks": checks, "x": 1}
    exec(code, namespace)
    assert {name for name in namespace if not name.startswith("__")} == {"checks", "x"}
    assert namespace["x"] == 1


def test_a_check_leaves_the_random_state():
    """What is drawn after a check is what would have been drawn without it."""
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    with checks.exercise("1.1", points=1) as ex:
        ex.true("drawn", np.random.rand() >= 0)
    assert np.random.rand() == expected


def test_html_and_plain_text_say_the_same():
    """The rich form is escaped and holds the plain form's sentence; one point is singular."""
    data = checks.verdict_data("1.1", 1, checks.WRONG, "a <b> & c")
    assert data["text/plain"] == "✗ Exercise 1.1: not yet: a <b> & c"
    assert "a &lt;b&gt; &amp; c" in data["text/html"]
    assert checks.verdict_data("1.1", 1, checks.DONE)["text/plain"].endswith("done, 1 point.")


def checked_in_a_notebook(run, monkeypatch, capsys):
    """Check exercise 1.1 in an IPython that ran these cells, with an answer from before them; return what is shown."""
    shell = InteractiveShell()
    for cell in run:
        shell.run_cell(cell, store_history=True)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(checks, "_show", lambda bundle: print(bundle["text/plain"]))
    capsys.readouterr()
    with checks.exercise("1.1", points=2) as ex:
        ex.equal("f(1)", 2, 2)
    return capsys.readouterr().out


BROKEN = "# exercise: 1.1\ndef f(x):\n    return x +"


def test_an_answer_that_is_no_python(monkeypatch, capsys):
    """Python then keeps the older definition: it is not judged in the new one's place, and the check says why."""
    shown = checked_in_a_notebook(["f = abs", BROKEN, "f(1)"], monkeypatch, capsys)
    assert "your answer is no Python yet, so it did not run: SyntaxError: invalid syntax, line 3." in shown


@pytest.mark.parametrize(
    "run",
    [
        [BROKEN, BROKEN + " 1"],
        ["# exercise: 1.1\n%matplotlib inline\nf = abs"],
        [BROKEN.replace("1.1", "1.2")],
        ["# exercise: 1.10\ndef f("],
        [],
    ],
)
def test_an_answer_that_is_python(run, monkeypatch, capsys):
    """What ran last counts, IPython's own lines are no error, and other exercises have checks of their own."""
    assert "done" in checked_in_a_notebook(run, monkeypatch, capsys)
