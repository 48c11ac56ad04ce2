"""Calls across a line: each side asks the other to call a function, with plain data back and forth.

A Link is one end. It sends functions as numbers, calls those of the other side, and answers the other's
calls while it waits for its own. A message is what wire.encode makes of a tuple: ("call", number, arguments,
keywords), ("return", result, changed), ("raise", what, changed).
"""

import builtins
import functools
import json
import struct
import time

from utils.grading import wire
from utils.grading.status import Status

MOST_TEXT = 2000  # characters of an exception's message
MOST_NESTING = 20  # call-backs inside call-backs
MOST_EXPORTS = 10_000
STEERING = (StopIteration, StopAsyncIteration)  # they end the caller's loop rather than report


class LinkBroken(BaseException):
    """The other side is gone, late, or talks nonsense. Not an Exception: no check can swallow it.

    status and message say what happened, as a verdict does; after: in how many seconds it was stopped, or None;
    public: what the student may read of it, where that is not left to the grader.
    """

    def __init__(self, status, message, after=None, public=""):
        super().__init__(message)
        self.status, self.message, self.after, self.public = status, message, after, public


class TooLong(Exception):
    """A message that is longer than its reader allows."""


class SocketLine:
    """Bytes over a socket, with a limit in time; messages, each of which says first how long it is."""

    def __init__(self, socket):
        self.socket = socket

    def send(self, data, seconds=None):
        """Send all bytes. Raises TimeoutError, or OSError when the other end is closed."""
        self.socket.settimeout(seconds)
        self.socket.sendall(data)

    def receive(self, count, seconds=None):
        """Return exactly `count` bytes. Raises TimeoutError; EOFError when the other end is closed."""
        end = None if seconds is None else time.monotonic() + seconds
        parts, missing = [], count
        while missing:
            if end is not None:
                seconds = end - time.monotonic()
                if seconds <= 0:
                    raise TimeoutError
            self.socket.settimeout(seconds)
            part = self.socket.recv(min(missing, 2**20))
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def send_message(self, data, seconds=None):
        """Send bytes as one message: their number in eight bytes, then they."""
        self.send(struct.pack("<Q", len(data)) + data, seconds)

    def receive_message(self, seconds=None, most=None):
        """Return the bytes of one message. Raises what `receive` raises, and TooLong for more than `most` bytes."""
        end = None if seconds is None else time.monotonic() + seconds
        (length,) = struct.unpack("<Q", self.receive(8, seconds))
        if most is not None and length > most:
            raise TooLong
        return self.receive(length, None if end is None else end - time.monotonic())

    def send_json(self, data, seconds=None):
        """Send plain data as one message of JSON, between processes that trust each other."""
        self.send_message(json.dumps(data).encode(), seconds)

    def receive_json(self, seconds=None):
        """Return the data of one message of JSON."""
        return json.loads(self.receive_message(seconds))

    def close(self):
        """Close this end."""
        self.socket.close()


class Link:
    """One end of a line.

    line: a SocketLine. seconds: how long all outermost calls together may take (None: no limit).
    """

    def __init__(self, line, seconds=None):
        self.line = line
        self.allowed = self.left = seconds
        self.end = None
        self.depth = 0
        self.most, self.largest = wire.MOST_BYTES, 0  # bytes of a message: that are accepted, and that there were
        self.broken = None  # the LinkBroken that ended it
        self.exports, self.numbers = [], {}

    # --- messages ------------------------------------------------------------------------------------

    def send(self, message, known=()):
        """Send one message; return the mutable objects in it. Raises WireError if it cannot cross; nothing is sent."""
        data, mutable = wire.pack(message, export=self._export, known=known)
        self._guard(functools.partial(self.line.send_message, data))
        return mutable

    def receive(self, known=()):
        """Return (message, its mutable objects). Raises LinkBroken for anything but a tuple led by a word."""
        try:
            data = self._guard(functools.partial(self.line.receive_message, most=self.most))
        except TooLong:
            message = f"it returns more than {self.most / 2**20:.3g} MB, much more than the exercise asks for."
            self.break_off(Status.WRONG, message, public=message)
        self.largest = max(self.largest, len(data))
        try:
            message, mutable = wire.decode(data, imported=self._import, known=known)
        except (wire.WireError, RecursionError) as error:
            self.break_off(Status.ERROR, f"the answer sent back what cannot be read: {error}.")
        if type(message) is not tuple or not message or type(message[0]) is not str:
            self.break_off(Status.ERROR, "the answer sent back what cannot be read: this is no message.")
        return message, mutable

    def _guard(self, operation):
        """Run a line's operation within what is left of the time; turn its errors into LinkBroken."""
        if self.broken is not None:
            raise self.broken
        seconds = None if self.end is None else self.end - time.monotonic()
        try:
            if seconds is not None and seconds <= 0:
                raise TimeoutError
            return operation(seconds=seconds)
        except TimeoutError:
            self.break_off(Status.STOPPED, f"the answer was stopped after {self.allowed:g} seconds.", self.allowed)
        except (OSError, EOFError, ValueError):
            self.break_off(Status.KERNEL_DIED, "the answer ended its own process.")

    def break_off(self, status, message, after=None, public=""):
        """End the line with this verdict: raise LinkBroken, now and at each later call."""
        self.broken = LinkBroken(status, message, after, public)
        raise self.broken

    # --- functions as numbers --------------------------------------------------------------------------

    def encode(self, value):
        """Return a value as bytes, its functions as numbers. Raises WireError for what cannot cross."""
        return wire.encode(value, export=self._export)

    def _export(self, value):
        """Return (tag, number) for a callable or iterator that is about to cross."""
        if isinstance(value, Remote) and value._link is self:
            return b"B", value._number
        key = id(value)
        if key not in self.numbers:
            if len(self.exports) >= MOST_EXPORTS:
                raise wire.WireError("too many functions were passed")
            self.numbers[key] = len(self.exports)
            self.exports.append(value)
        return (b"F" if callable(value) else b"I"), self.numbers[key]

    def _import(self, tag, number, name):
        """Return what stands here for a function or iterator of the other side, or our own that came back."""
        if tag == b"B":
            return self.exports[number]
        return (Remote if tag == b"F" else RemoteIterator)(self, number, _identifier(name, "function"))

    # --- calls ---------------------------------------------------------------------------------------------

    def call(self, number, arguments, keywords):
        """Call a function of the other side; return its result, or raise what it raised.

        Where the other side changed its copies of the arguments, the originals change alike.
        """
        outermost = self.depth == 0
        if outermost and self.left is not None:
            self.end = time.monotonic() + self.left
        self.depth += 1
        try:
            mutable = self.send(("call", number, arguments, keywords))
            return self._wait(arguments, keywords, mutable)
        finally:
            self.depth -= 1
            if outermost and self.left is not None:
                self.left = max(self.end - time.monotonic(), 0)
                self.end = None

    def _wait(self, arguments, keywords, mutable):
        """Answer calls of the other side until the result of ours is there."""
        while True:
            message, objects = self.receive(known=mutable)
            kind = message[0]
            if kind == "call" and len(message) == 4:
                self.answer(message, objects)
            elif kind in ("return", "raise", "unreadable") and len(message) == 3:
                self._take_changes(arguments, keywords, message[2])
                if kind == "return":
                    return message[1]
                if kind == "unreadable":
                    self.unreadable(message[1])
                raise as_exception(message[1])
            else:
                self.break_off(Status.ERROR, "the answer sent back what cannot be read: an unknown message.")

    def _take_changes(self, arguments, keywords, changed):
        """Repeat on the caller's own objects what the other side did to its copies."""
        if changed is None:
            return
        try:
            (positional, named), _ = wire.decode(changed, imported=self._import)
            if type(positional) is not tuple or len(positional) != len(arguments) or type(named) is not dict:
                raise TypeError
            wire.update(arguments, positional)
            for name in keywords:
                wire.update(keywords[name], named[name])
        except (TypeError, ValueError, KeyError, RecursionError):
            self.break_off(Status.ERROR, "the answer sent back what cannot be read: no such change.")

    def unreadable(self, reason):
        """Raise the error for a result that is no plain data."""
        raise TypeError(f"the result cannot be sent: {str(reason)[:MOST_TEXT]}")

    def answer(self, message, objects):
        """Run one call of the other side, and send back what comes of it."""
        _, number, arguments, keywords = message
        before = None
        try:
            if type(number) is not int or not 0 <= number < len(self.exports):
                raise LookupError("there is no such function")
            if self.depth > MOST_NESTING:
                raise RecursionError("too many calls inside calls")
            before = self.encode((arguments, keywords))
            self.depth += 1
            try:
                result = self._run(self.exports[number], arguments, keywords)
            finally:
                self.depth -= 1
            reply = ("return", result)
        except LinkBroken:
            raise
        except BaseException as error:  # SystemExit too: it is an answer like any other
            reply = ("raise", self.describe(error))
        try:
            after = None if before is None else self.encode((arguments, keywords))
            changed = after if after != before else None
        except wire.WireError:
            changed = None
        try:
            self.send((*reply, changed), known=objects)
        except wire.WireError as error:
            self.send(("unreadable", str(error), changed))

    def _run(self, function, arguments, keywords):
        """Call one of our functions, or fetch the next item of one of our iterators: (item,), or () at its end."""
        if callable(function):
            return function(*arguments, **keywords)
        try:
            return (next(function),)
        except StopIteration:
            return ()

    def describe(self, error):
        """Return what crosses of an exception: the names of its kinds, its arguments, the learner's line."""
        return describe(error)


class Remote:
    """A function of the other side. Calling it calls there."""

    stands_for_answer = True  # a check watches it as a function of the notebook: utils.watching

    def __init__(self, link, number, name):
        self._link, self._number = link, number
        self.__name__ = self.__qualname__ = name

    def __call__(self, *arguments, **keywords):
        """Call the function there, and return what it returns."""
        return self._link.call(self._number, arguments, keywords)

    def __repr__(self):
        return f"<function {self.__name__}>"


class RemoteIterator(Remote):
    """An iterator of the other side."""

    def __iter__(self):
        """Return itself, as iterators do."""
        return self

    def __next__(self):
        """Fetch the next item from there."""
        found = self._link.call(self._number, (), {})
        if type(found) is not tuple or len(found) > 1:
            raise TypeError("the iterator sent back no item.")
        if not found:
            raise StopIteration
        return found[0]


def describe(error, line=""):
    """Return what crosses of an exception, a dictionary of plain data."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    arguments = error.args
    plain = len(arguments) <= 3 and all(type(part) in (str, int, float, bool) for part in arguments)
    if not plain or any(isinstance(part, str) and len(part) > MOST_TEXT for part in arguments):
        try:
            arguments = (str(error)[:MOST_TEXT],)
        except Exception:
            arguments = ()
    return {"kinds": tuple(kinds), "name": type(error).__name__[:80], "arguments": arguments, "line": line[:200]}


def as_exception(what):
    """Return an exception of a builtin kind from what `describe` made; anything odd gives a RuntimeError.

    Exceptions that steer a program rather than report (StopIteration, KeyboardInterrupt, SystemExit) come as
    RuntimeError: raised in the middle of the caller's loop they would end it in silence.
    """
    what = what if isinstance(what, dict) else {}
    kinds = [kind for kind in _sequence(what.get("kinds")) if isinstance(kind, str)]
    kinds = [] if set(kinds) & {kind.__name__ for kind in STEERING} else kinds
    arguments = tuple(part for part in _sequence(what.get("arguments")) if type(part) in (str, int, float, bool))
    name = _identifier(what.get("name"), "exception")
    error = None
    for kind in kinds:
        found = getattr(builtins, kind, None)
        if isinstance(found, type) and issubclass(found, Exception):
            try:
                error = found(*arguments)
                break
            except (TypeError, ValueError):
                continue  # it takes other arguments: the next kind is more general
    if error is None:
        error = RuntimeError(f"{name}: {' '.join(map(str, arguments))}"[:MOST_TEXT])
    line = what.get("line")
    error.learner_line = line[:200] if isinstance(line, str) else ""
    error.learner_kind = name
    return error


def _identifier(name, otherwise):
    """Return a name that the other side gave to a function or exception, if it is one: it stands in messages."""
    return name[:80] if isinstance(name, str) and name.isidentifier() else otherwise


def _sequence(value):
    """Return a tuple or list as it is, and () for anything else."""
    return value if isinstance(value, (tuple, list)) else ()
