"""Plain data crosses whole; everything else is refused, and no bytes harm the reader."""

import collections
import random
import socket
import struct
import threading

import numpy as np
import pytest

from utils.grading import link, wire
from utils.grading.status import Status


def there_and_back(value):
    """Return what arrives of a value."""
    return wire.decode(wire.encode(value))[0]


PLAIN = [
    None, True, False, 0, -1, 2**200, -(2**63), 1.5, float("inf"), -0.0, 2 + 3j, "", "ä\n😀", "\ud800", b"", b"\x00x",
    (), [], {}, set(), frozenset(), (1, (2, [3, {"a": (None,)}])), {1: "a", "b": [2.0], (1, 2): {3}}, {1, "a", (2, 3)},
    frozenset({frozenset({1})}), range(1, 9, 2), slice(1, None, 2), Ellipsis, np.float32(1.5),
    np.int8(-3), np.bool_(True),
    np.str_("x"), np.dtype("float32"), float, ValueError, np.float64,
]  # fmt: skip


# The names of tests must not depend on the order of a set: two processes would collect different ones.
@pytest.mark.parametrize("value", PLAIN, ids=[f"{place}-{type(value).__name__}" for place, value in enumerate(PLAIN)])
def test_plain_values(value):
    """Value and type arrive as they were."""
    found = there_and_back(value)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(2, 3, 4), np.zeros((0, 5)), np.array(3.5), np.array([1, 2], ">i4"),
        np.array(["a", "bcd"]),
        np.array([b"x"]), np.array([True, False]), np.asfortranarray(np.arange(6).reshape(2, 3)), np.arange(10)[::-2],
        np.array([1 + 2j]), np.array(["2020-01-01"], "M8[D]"), np.array([[1, "a"], [None, (2,)]], dtype=object),
        np.broadcast_to(np.arange(3), (4, 3)), np.float16([1.5]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)  # fmt: skip
def test_arrays(array):
    """Shape, dtype, values and writeability arrive."""
    found = there_and_back(array)
    assert found.dtype == array.dtype and found.shape == array.shape
    assert (found == array).all() and found.flags.writeable == array.flags.writeable


def test_nan_and_signed_zero():
    """NaN and -0.0 arrive as they are."""
    assert np.isnan(there_and_back(float("nan")))
    assert np.signbit(there_and_back(np.array([-0.0]))).all()


def test_subclasses_arrive_as_what_they_extend():
    """A subclass with an __eq__ of its own arrives without it."""

    def always(*arguments):
        return True

    class Liar(float):
        __eq__ = __ne__ = always
        __hash__ = float.__hash__

    class Text(str):
        __eq__ = always
        __hash__ = str.__hash__

    Pair = collections.namedtuple("Pair", "a b")
    for value, plain in (
        (Liar(2), 2.0),
        (Text("a"), "a"),
        (Pair(1, 2), (1, 2)),
        (collections.OrderedDict(a=1), {"a": 1}),
    ):
        found = there_and_back(value)
        assert type(found) is type(plain) and found == plain


def test_sharing():
    """The same object twice arrives as one object."""
    array = np.zeros(3)
    one, two, three = there_and_back([array, array, array.copy()])
    assert one is two and one is not three


def test_what_never_ends_or_doubles():
    """A list inside itself, and few lists that are seen by many paths, are refused: reading them would never end."""
    me, mine, many = [], {}, np.empty(1, dtype=object)
    me.append(me)
    mine["me"] = [mine]
    many[0] = many
    doubled = [1]
    for _ in range(40):
        doubled = [doubled, doubled]
    for value, said in ((me, "itself"), (mine, "itself"), (many, "itself"), (doubled, "parts")):
        with pytest.raises(wire.WireError, match=said):
            wire.encode(value)
    one = b"L" + struct.pack("<I", 1)
    two = b"L" + struct.pack("<I", 2)
    with pytest.raises(wire.WireError, match="itself"):
        wire.decode(one + b"R" + struct.pack("<I", 0))
    again = b"".join(b"R" + struct.pack("<I", place) for place in range(39, 0, -1))
    with pytest.raises(wire.WireError, match="parts"):
        wire.decode(two * 40 + b"NN" + again)


def test_random_generators():
    """A generator arrives in its state, old or new."""
    for make in (np.random.default_rng, np.random.RandomState):
        generator = make(3)
        generator.normal(size=7)
        found = there_and_back(generator)
        assert (found.normal(size=5) == generator.normal(size=5)).all()


@pytest.mark.parametrize(
    "value",
    [object(), open, type("Mine", (), {})(), np.zeros(1, [("a", int)]), 1 << 40_000, [[]] * 0 + [lambda: 0], iter([1])],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_is_refused(value):
    """The error names the type."""
    with pytest.raises(wire.WireError):
        wire.encode(value)


def test_too_large_too_deep_too_many():
    """Limits hold when writing."""
    deep = []
    for _ in range(1000):
        deep = [deep]
    for value in (deep, np.zeros(10**7), [None] * (wire.MOST_NODES + 1)):
        with pytest.raises(wire.WireError):
            wire.encode(value)


def test_no_bytes_harm_the_reader():
    """Random and damaged bytes give a value or WireError, nothing else."""
    rng = random.Random(1)
    good = [wire.encode(value) for value in [*PLAIN, np.arange(5.0), np.array(["ab"]), {"a": [1, (2, np.zeros(2))]}]]
    for _ in range(6000):
        data = bytearray(rng.choice(good) if rng.random() < 0.8 else rng.randbytes(rng.randrange(60)))
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(len(data))] = rng.choice([0, 1, 255, *b"NLAudSZOGgVRKFnyt", rng.randrange(256)])
        try:
            wire.decode(data)
        except wire.WireError:
            pass


@pytest.mark.parametrize(
    "data",
    [
        b"L" + struct.pack("<I", 2**32 - 1),  # a list that is not there
        b"s" + struct.pack("<Q", 2**63),
        b"A\x01\x02"
        + struct.pack("<QQ", 2**40, 2**40)
        + b"y"
        + struct.pack("<Q", 3)
        + b"<f8"
        + b"b"
        + struct.pack("<Q", 0),
        b"O\x01\x01" + struct.pack("<Q", 2**31 - 1),
        b"u\x01\x00\x00\x00" * 100_000 + b"N",  # deep
        (b"S\x01\x00\x00\x00b" + struct.pack("<Q", 5)) * 5000,
        b"y" + struct.pack("<Q", 2) + b"|O",  # an array of pointers
        b"t" + struct.pack("<Q", 4) + b"eval",
        b"K\x00\x00\x00\x00",
        b"R\x09\x00\x00\x00",
        b"F\x00\x00\x00\x00N",
        b"NN",
        b"",
    ],
)
def test_hostile_bytes(data):
    """Bytes made to exhaust or fool the reader are refused at once."""
    with pytest.raises(wire.WireError):
        wire.decode(data)


def test_characters_that_do_not_exist():
    """An array of text with an impossible code point is refused, not passed on to crash a print."""
    data = wire.encode(np.array(["a"])).replace(struct.pack("<I", ord("a")), struct.pack("<I", 0x7FFFFFFF))
    with pytest.raises(wire.WireError):
        wire.decode(data)


# --- calls -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair():
    """Return (call, link): call a function that lives at the other end of a line."""
    one, other = socket.socketpair()
    near, far = link.Link(link.SocketLine(one), seconds=300), link.Link(link.SocketLine(other))

    def serve():
        try:
            while True:
                far.answer(*far.receive())
        except link.LinkBroken:
            pass

    def make(function):
        tag, number = far._export(function)
        return link.Remote(near, number, function.__name__)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield make, near
    one.close()
    thread.join(300)


def test_results_and_keywords(pair):
    """Arguments, keywords and results cross."""
    function = pair[0](lambda a, *, b=2: {"a": a, "b": b})
    assert function(1, b=[3]) == {"a": 1, "b": [3]}


def test_changes_to_arguments_come_back(pair):
    """What the function does to its copies happens to the originals, at any depth; the rest stays as it is."""

    def change(array, items, table, generator):
        array *= 2
        items[0][:] = 7
        items.append("new")
        table["k"].add(5)
        del table["old"]
        generator.normal()

    array, inner, table = np.arange(3.0), np.zeros(2), {"k": {1}, "old": 0}
    items, untouched = [inner], np.ones(2)
    generator, same = np.random.default_rng(5), np.random.default_rng(5)
    pair[0](change)(array[::-1], items, table, generator)
    assert array.tolist() == [0, 2, 4] and inner.tolist() == [7, 7] and items == [inner, "new"]
    assert table == {"k": {1, 5}} and untouched.tolist() == [1, 1]
    assert generator.normal() == same.normal(size=2)[1]


def test_changes_come_back_when_it_raises(pair):
    """A function that changes and then raises has changed."""

    def change(items):
        items.clear()
        raise ValueError("late")

    items = [1]
    with pytest.raises(ValueError, match="late"):
        pair[0](change)(items)
    assert items == []


def test_the_argument_itself_comes_back(pair):
    """A function that returns its argument returns the caller's own object."""
    array, inside = np.arange(3.0), [1]
    assert pair[0](lambda x: x)(array) is array
    assert pair[0](lambda x: [x["a"], 2])({"a": inside})[0] is inside
    assert pair[0](lambda x: x.copy())(array) is not array


def test_read_only_stays_read_only(pair):
    """A function cannot change an array that its caller locked."""
    array = np.zeros(2)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        pair[0](lambda x: x.fill(1))(array)


def test_call_backs(pair):
    """A function among the arguments is called here, with what it returns and raises; functions come back, too."""
    assert pair[0](lambda f, x: f(x) + f(1))(lambda x: x * 10, 2) == 30

    def guarded(f):
        try:
            f()
        except KeyError as error:
            return repr(error)

    def fails():
        raise KeyError("inside")

    assert pair[0](guarded)(fails) == "KeyError('inside')"
    assert pair[0](lambda n: lambda x: x + n)(3)(4) == 7
    assert pair[0](lambda f: f)(fails) is fails


def test_iterators(pair):
    """Generators are read one item at a time, and may go on for ever."""

    def count():
        n = 0
        while True:
            yield n
            n += 1

    counted = pair[0](count)()
    assert [next(counted) for _ in range(3)] == [0, 1, 2]
    assert list(pair[0](lambda: (i * i for i in range(4)))()) == [0, 1, 4, 9]


class Custom(ValueError):
    """An exception of one's own."""


@pytest.mark.parametrize(
    "raised, kind, text",
    [
        (ValueError("a", 2), ValueError, "('a', 2)"),
        (Custom("mine"), ValueError, "mine"),
        (KeyError("k"), KeyError, "'k'"),
        (StopIteration(), RuntimeError, "StopIteration"),
        (SystemExit(3), RuntimeError, "SystemExit: 3"),
        (KeyboardInterrupt(), RuntimeError, "KeyboardInterrupt"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"), ValueError, "bad"),
        (np.linalg.LinAlgError("singular"), ValueError, "singular"),
        (Exception(object()), Exception, "object"),
        (ExceptionGroup("many", [ValueError()]), Exception, "many"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_exceptions(pair, raised, kind, text):
    """They arrive as the nearest builtin kind, and never as one that steers the caller's loop."""

    def fail():
        raise raised

    with pytest.raises(kind) as caught:
        pair[0](fail)()
    assert text in str(caught.value)
    assert not isinstance(caught.value, (StopIteration, SystemExit, KeyboardInterrupt))


def test_a_made_up_exception_is_harmless():
    """Nothing that a student's process may say of an exception makes another than a builtin one."""
    for what in (
        None, 5, {}, {"kinds": "ValueError"}, {"kinds": ("eval", "exec", "__import__")},
        {"kinds": (["x"],), "arguments": 3},
        {"kinds": ("BaseException", "SystemExit")}, {"kinds": ("print",), "arguments": ("x",)}, {"name": [1]},
    ):  # fmt: skip
        error = link.as_exception(what)
        assert type(error) is RuntimeError


def test_time_is_counted_over_all_calls():
    """A function that never answers is given up; later calls fail at once."""
    one, other = socket.socketpair()
    near = link.Link(link.SocketLine(one), seconds=0.3)
    for _ in range(2):
        with pytest.raises(link.LinkBroken) as caught:
            link.Remote(near, 0, "f")(1)
        assert (caught.value.status, caught.value.after) == (Status.STOPPED, 0.3)
    other.close()


def test_a_closed_line():
    """A process that ends is said to have ended."""
    one, other = socket.socketpair()
    other.close()
    with pytest.raises(link.LinkBroken) as caught:
        link.Remote(link.Link(link.SocketLine(one), seconds=300), 0, "f")()
    assert caught.value.status is Status.KERNEL_DIED


@pytest.mark.parametrize(
    "reply",
    [
        ("return",), ("return", 1, 2), ("return", 1, b"xx"), ("raise", 1, [1]), ("calls", 0, (), {}),
        ("call", 0, 1, 2, 3), 7,
        (7, 8, 9), ("return", 1, wire.encode((5, 6))), ("return", 1, wire.encode(((), {"x": 1}))[:-1]),
    ],
    ids=repr,
)  # fmt: skip
def test_a_forged_reply_breaks_the_line(reply):
    """What is no reply ends the exercise; it is never taken for one."""
    one, other = socket.socketpair()
    data = wire.encode(reply)
    other.sendall(struct.pack("<Q", len(data)) + data)
    with pytest.raises(link.LinkBroken) as caught:
        link.Remote(link.Link(link.SocketLine(one), seconds=300), 0, "f")(np.zeros(2))
    assert caught.value.status is Status.ERROR
    other.close()


def test_a_forged_call_reaches_exported_functions_only():
    """A call with a number that was not given out, or is none, is answered with an error."""
    one, other = socket.socketpair()
    near = link.Link(link.SocketLine(one), seconds=300)
    for number in (5, -1, "f", None, 10**30):
        data = wire.encode(("call", number, (), {}))
        other.sendall(struct.pack("<Q", len(data)) + data)
    data = wire.encode(("return", "done", None))
    other.sendall(struct.pack("<Q", len(data)) + data)
    assert link.Remote(near, 0, "f")() == "done"
    other.close()


def test_messages_keep_their_ends():
    """Messages that were sent one after the other arrive as they were sent; one limit in time holds for a whole one."""
    one, other = map(link.SocketLine, socket.socketpair())
    one.send_message(b"")
    one.send_json({"a": [1, None]})
    one.send(struct.pack("<Q", 3) + b"ab")
    assert other.receive_message(300) == b"" and other.receive_json(300) == {"a": [1, None]}
    with pytest.raises(TimeoutError):
        other.receive_message(0.1)
    one.send_message(b"longer")
    one.close()
    with pytest.raises(link.TooLong):
        other.receive_message(300, most=5)
    other.receive(6)
    with pytest.raises(EOFError):
        other.receive_message(300)
    other.close()


def test_a_length_of_everything():
    """A message said to be endless is refused before it is read."""
    one, other = socket.socketpair()
    other.sendall(b"\xff" * 8)
    with pytest.raises(link.LinkBroken, match="more than"):
        link.Remote(link.Link(link.SocketLine(one), seconds=300), 0, "f")()
    other.close()
