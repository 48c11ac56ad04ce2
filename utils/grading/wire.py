"""Plain data as bytes, and back: all that crosses between the grader and a student's process.

Numbers, strings, arrays, random generators and containers of these cross as copies. Functions and iterators
cross as numbers, which the other side may call. Nothing is pickled: decoding builds only what is listed here,
and refuses everything else with WireError, so that no bytes can run code or exhaust the reader.
"""

import array
import collections.abc
import contextlib
import re
import struct
import sys

import numpy as np

MOST_BYTES = 64 * 2**20  # of one message
MOST_NODES = 1_000_000  # values in one message
MOST_DEPTH = 60
MOST_DIGITS = 4096  # bytes of one integer
PLAIN_DTYPE = re.compile(r"[<>|=]?(\?|[biufcSU]\d+|[mM]8(\[\w+\])?)")
TYPES = {
    kind.__name__: kind
    for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None), object)
}
TYPES |= {f"numpy.{name}": getattr(np, name) for name in "bool int8 int16 int32 int64 uint8 uint16 uint32".split()}
TYPES |= {f"numpy.{name}": getattr(np, name) for name in "uint64 float16 float32 float64 complex64 complex128".split()}
TYPES |= {
    kind.__name__: kind
    for kind in (Exception, ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, RuntimeError)
}
NAMES_OF_TYPES = {kind: name for name, kind in TYPES.items()}
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
ACCEPTED = "arrays, numbers, strings, None, lists, tuples, dictionaries, sets, functions"


class WireError(ValueError):
    """A value that cannot cross, or bytes that are no value; the message says which."""


def encode(value, *, export=None, known=()):
    """Return a value as bytes.

    export: a function that takes a callable or an iterator and returns (tag, number): b"F" for one of ours,
        b"B" for one that came from the other side, b"I" for an iterator. Without it these are refused.
    known: objects that the reader has too, in the same order; one of them crosses as its position only.

    Raises WireError for what is not plain data, naming its type, and for what is too large.
    """
    return pack(value, export=export, known=known)[0]


def pack(value, *, export=None, known=()):
    """Return (bytes, mutable objects in the value, in the order in which `decode` returns their copies)."""
    encoder = _Encoder(export, known)
    encoder.value(value, 0)
    return b"".join(encoder.parts), encoder.kept


def decode(data, *, imported=None, known=()):
    """Return (value, mutable objects in it, in a fixed order) from the bytes of `encode`.

    imported: a function that takes (tag, number, name) and returns what stands for it here.
    Raises WireError for anything that `encode` does not write.
    """
    decoder = _Decoder(bytes(data), imported, known)
    try:
        value = decoder.value(0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError, struct.error) as error:
        raise WireError(f"these bytes are no value: {type(error).__name__}") from None
    if decoder.place != len(decoder.data):
        raise WireError("these bytes go on after the value")
    return value, decoder.mutable


def name_of(value):
    """Return how a message names the type of a value, also where the type lies about itself."""
    kind = type(value)
    return str(type.__getattribute__(kind, "__name__"))[:80]


def _is_tensor(value):
    """Tell whether a value is a TensorFlow tensor or variable, without importing TensorFlow."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return False
    if isinstance(value, (tensorflow.Tensor, tensorflow.Variable)):
        return True
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Variable)


def _is_like_an_array(value):
    """Tell whether NumPy, and so a check in a notebook, takes a value for an array: pandas objects, deque, memoryview.

    A function is none, though some (np.poly1d) say so.
    """
    like = hasattr(type(value), "__array__") or isinstance(value, (collections.abc.Sequence, array.array, memoryview))
    return like and not callable(value)


def _counted(nodes, size):
    """Return a number of values with those of an object that comes again: what reads it meets them all again.

    size: how many it holds; None: it holds itself. Raises WireError for that, and for too many.
    """
    if size is None:
        raise WireError("the value holds itself")
    if nodes + size > MOST_NODES:
        raise WireError(f"the value holds more than {MOST_NODES:,} parts")
    return nodes + size


class _Encoder:
    def __init__(self, export, known):
        self.export = export
        self.parts = []
        self.nodes = self.size = 0
        self.known = {id(item): index for index, item in enumerate(known)}
        self.memo, self.sizes = {}, {}  # id -> number, and how many values it holds; None: it is being written
        self.kept = []  # an id is only good while its object lives

    def put(self, *parts):
        for part in parts:
            self.size += len(part)
            self.parts.append(part)
        if self.size > MOST_BYTES:
            raise WireError(f"the value is larger than {MOST_BYTES // 2**20} MB")

    def put_bytes(self, tag, data):
        self.put(tag, struct.pack("<Q", len(data)), data)

    def seen(self, value):
        """Write a reference if this very object was written before; else remember it."""
        key = id(value)
        if key in self.known:
            self.put(b"K", struct.pack("<I", self.known[key]))
            return True
        if key in self.memo:
            self.nodes = _counted(self.nodes, self.sizes[key])
            self.put(b"R", struct.pack("<I", self.memo[key]))
            return True
        self.memo[key], self.sizes[key] = len(self.memo), 1
        self.kept.append(value)
        return False

    @contextlib.contextmanager
    def holding(self, value):
        """While the parts of a value are written: count them."""
        before, self.sizes[id(value)] = self.nodes, None
        yield
        self.sizes[id(value)] = self.nodes - before + 1

    def value(self, value, depth):
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise WireError(f"the value holds more than {MOST_NODES:,} parts")
        if depth > MOST_DEPTH:
            raise WireError(f"the value is nested more than {MOST_DEPTH} deep")
        if value is None:
            self.put(b"N")
        elif value is True or value is False:
            self.put(b"1" if value is True else b"0")
        elif value is Ellipsis:
            self.put(b"E")
        elif isinstance(value, np.generic):
            self.scalar(value)
        elif isinstance(value, int):
            number = int.__index__(value)
            length = number.bit_length() // 8 + 1
            if length > MOST_DIGITS:
                raise WireError("the value is an integer with too many digits")
            self.put_bytes(b"i", number.to_bytes(length, "little", signed=True))
        elif isinstance(value, float):
            self.put(b"f", struct.pack("<d", float.__float__(value)))
        elif isinstance(value, complex):
            self.put(b"c", struct.pack("<dd", value.real, value.imag))
        elif isinstance(value, str):
            self.put_bytes(b"s", str.encode(value, "utf-8", "surrogatepass"))
        elif isinstance(value, (bytes, bytearray)):
            self.put_bytes(b"b", bytes(value))
        elif isinstance(value, np.ndarray):
            self.array(value, depth)
        elif isinstance(value, (list, tuple, set, frozenset)):
            self.container(value, depth)
        elif isinstance(value, dict):
            if not self.seen(value):
                items = list(dict.items(value))
                self.put(b"d", struct.pack("<I", len(items)))
                with self.holding(value):
                    for key, item in items:
                        self.value(key, depth + 1)
                        self.value(item, depth + 1)
        else:
            self.other(value, depth)

    def other(self, value, depth):
        """Write what is neither a number, a string nor a container."""
        kind = type(value)
        if kind is range or kind is slice:
            self.put(b"r" if kind is range else b"l")
            for part in (value.start, value.stop, value.step):
                self.value(part, depth + 1)
        elif isinstance(value, np.dtype):
            self.dtype(value)
        elif isinstance(value, type) and value in NAMES_OF_TYPES:
            self.put_bytes(b"t", NAMES_OF_TYPES[value].encode())
        elif isinstance(value, np.random.Generator):
            if not self.seen(value):
                self.put(b"G")
                self.value(value.bit_generator.state, depth + 1)
        elif isinstance(value, np.random.RandomState):
            if not self.seen(value):
                self.put(b"g")
                self.value(value.get_state(legacy=False), depth + 1)
        elif _is_tensor(value):
            try:
                array = value.numpy()
            except Exception:
                raise WireError(f"a symbolic {name_of(value)} has no values to send") from None
            self.put(b"V")
            self.value(np.asarray(array), depth + 1)
        elif _is_like_an_array(value):
            try:
                plain = np.asarray(value)
            except Exception:  # its own code, which may raise anything
                raise WireError(f"a {name_of(value)} that gives no array") from None
            self.array(plain, depth)
        elif self.export is not None and (callable(value) or hasattr(value, "__next__")):
            tag, number = self.export(value)
            name = getattr(value, "__name__", "")
            self.put(tag, struct.pack("<I", number))
            self.value(name[:80] if isinstance(name, str) else "", depth + 1)
        else:
            raise WireError(f"a {name_of(value)} is not plain data; what can be read are {ACCEPTED}")

    def dtype(self, dtype):
        text = dtype.str
        if not PLAIN_DTYPE.fullmatch(text):
            raise WireError(f"an array of {str(dtype)[:40]} is not plain data")
        self.put_bytes(b"y", text.encode())

    def scalar(self, value):
        array = np.asarray(value)
        self.put(b"n")
        self.dtype(array.dtype)
        self.put_bytes(b"b", array.tobytes())

    def array(self, value, depth):
        if self.seen(value):
            return
        plain = np.asarray(value)
        plain = plain.view(np.ndarray) if type(plain) is not np.ndarray else plain
        flags = 1 if plain.flags.writeable else 0
        shape = struct.pack("<BB", flags, plain.ndim) + struct.pack(f"<{plain.ndim}Q", *plain.shape)
        if plain.dtype == object:
            self.put(b"O", shape)
            with self.holding(value):
                for item in plain.ravel():
                    self.value(item, depth + 1)
            return
        if plain.nbytes > MOST_BYTES:
            raise WireError(f"the value is larger than {MOST_BYTES // 2**20} MB")
        self.put(b"A", shape)
        self.dtype(plain.dtype)
        self.put_bytes(b"b", plain.tobytes())

    def container(self, value, depth):
        if isinstance(value, tuple):
            items = tuple.__iter__(value)
            self.put(b"u", struct.pack("<I", tuple.__len__(value)))
        elif self.seen(value):
            return
        elif isinstance(value, list):
            self.put(b"L", struct.pack("<I", list.__len__(value)))
            with self.holding(value):
                for item in list.__iter__(value):
                    self.value(item, depth + 1)
            return
        else:
            # A set has no order of its own: its parts are sorted, so that the same set gives the same bytes.
            kind = set if isinstance(value, set) else frozenset
            self.put(b"S" if kind is set else b"Z", struct.pack("<I", kind.__len__(value)))
            for part in sorted(self.member(item, depth + 1) for item in kind.__iter__(value)):
                self.put_bytes(b"b", part)
            return
        for item in items:
            self.value(item, depth + 1)

    def member(self, item, depth):
        """Return the bytes of one member of a set."""
        part = _Encoder(None, ())
        part.nodes = self.nodes
        part.value(item, depth)
        self.nodes = part.nodes
        return b"".join(part.parts)


class _Decoder:
    def __init__(self, data, imported, known):
        self.data = data
        self.place = 0
        self.nodes = 0
        self.imported = imported
        self.known = list(known)
        self.mutable, self.sizes = [], []  # and how many values each holds; None: it is being read

    def take(self, count):
        if count > len(self.data) - self.place:
            raise WireError("these bytes end inside a value")
        part = self.data[self.place : self.place + count]
        self.place += count
        return part

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def bytes(self, tag=None):
        if tag is not None and self.take(1) != tag:
            raise WireError("these bytes are no value: another kind was expected")
        return self.take(self.number("<Q"))

    def count(self):
        """Read a number of parts, each of which takes at least one byte."""
        count = self.number("<I")
        if count > len(self.data) - self.place:
            raise WireError("these bytes end inside a value")
        return count

    def value(self, depth):
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise WireError(f"the value holds more than {MOST_NODES:,} parts")
        if depth > MOST_DEPTH:
            raise WireError(f"the value is nested more than {MOST_DEPTH} deep")
        tag = self.take(1)
        read = _READERS.get(tag)
        if read is None:
            raise WireError(f"these bytes are no value: unknown kind {tag!r}")
        return read(self, depth + 1)

    def remember(self, item):
        self.mutable.append(item)
        self.sizes.append(1)
        return item

    @contextlib.contextmanager
    def holding(self):
        """While the parts of what was remembered last are read: count them."""
        place, before = len(self.sizes) - 1, self.nodes
        self.sizes[place] = None
        yield
        self.sizes[place] = self.nodes - before + 1

    def integer(self, depth):
        data = self.bytes()
        if len(data) > MOST_DIGITS:
            raise WireError("the value is an integer with too many digits")
        return int.from_bytes(data, "little", signed=True)

    def sequence(self, depth):
        count = self.count()
        return tuple([self.value(depth) for _ in range(count)])

    def list(self, depth):
        count, items = self.count(), self.remember([])
        with self.holding():
            for _ in range(count):
                items.append(self.value(depth))
        return items

    def set(self, depth):
        return self.remember(set(self.members(depth)))

    def frozenset(self, depth):
        self.remember(None)
        found = frozenset(self.members(depth))
        self.mutable[-1] = found
        return found

    def members(self, depth):
        for _ in range(self.count()):
            part = _Decoder(self.bytes(b"b"), None, ())
            part.nodes = self.nodes
            yield part.value(depth)
            self.nodes = part.nodes

    def dictionary(self, depth):
        count, found = self.count(), self.remember({})
        with self.holding():
            for _ in range(count):
                key = self.value(depth)
                found[key] = self.value(depth)
        return found

    def parts(self, depth):
        return [self.value(depth) for _ in range(3)]

    def dtype(self, depth):
        text = self.bytes().decode("ascii")
        if not PLAIN_DTYPE.fullmatch(text):
            raise WireError("these bytes are no value: unknown kind of array")
        return np.dtype(text)

    def numbers(self, dtype, data, count):
        if dtype.itemsize * count != len(data):
            raise WireError("these bytes are no value: an array and its shape differ")
        if dtype.kind == "b":
            return np.frombuffer(data, np.uint8) != 0
        array = np.frombuffer(data, dtype).copy()
        if dtype.kind == "U" and count and dtype.itemsize:
            points = array.view(np.dtype(np.uint32).newbyteorder(dtype.byteorder))
            if points.max(initial=0) > 0x10FFFF:
                raise WireError("these bytes are no value: no such character")
        return array

    def scalar(self, depth):
        if self.take(1) != b"y":
            raise WireError("these bytes are no value: a number without its kind")
        dtype = self.dtype(depth)
        return self.numbers(dtype, self.bytes(b"b"), 1)[0]

    def shape(self):
        writeable, axes = self.take(1) == b"\1", self.number("<B")
        shape = struct.unpack(f"<{axes}Q", self.take(8 * axes))
        if axes > 32 or any(length >= 2**31 for length in shape):
            raise WireError("these bytes are no value: no such shape")
        count = 1
        for length in shape:
            count *= length
        return writeable, shape, count

    def array(self, depth):
        place = len(self.mutable)
        self.remember(None)
        writeable, shape, count = self.shape()
        if self.take(1) != b"y":
            raise WireError("these bytes are no value: an array without its kind")
        dtype = self.dtype(depth)
        array = self.numbers(dtype, self.bytes(b"b"), count).reshape(shape)
        array.flags.writeable = writeable
        self.mutable[place] = array
        return array

    def objects(self, depth):
        place = len(self.mutable)
        self.remember(None)
        writeable, shape, count = self.shape()
        if count > len(self.data) - self.place:
            raise WireError("these bytes end inside a value")
        array = np.empty(count, dtype=object)
        with self.holding():
            for index in range(count):
                array[index] = self.value(depth)
        array = array.reshape(shape)
        array.flags.writeable = writeable
        self.mutable[place] = array
        return array

    def generator(self, depth, legacy=False):
        place = len(self.mutable)
        self.remember(None)
        state = self.value(depth)
        if not isinstance(state, dict) or state.get("bit_generator") not in BIT_GENERATORS:
            raise WireError("these bytes are no value: unknown random generator")
        bits = getattr(np.random, state["bit_generator"])(0)
        found = np.random.RandomState(bits) if legacy else np.random.Generator(bits)
        set_random_state(found, state)
        self.mutable[place] = found
        return found

    def tensor(self, depth):
        import tensorflow

        array = self.value(depth)
        if not isinstance(array, np.ndarray):
            raise WireError("these bytes are no value: a tensor without its numbers")
        try:
            return tensorflow.constant(array)
        except Exception as error:
            raise WireError(f"these bytes are no value: {type(error).__name__}") from None

    def reference(self, depth):
        place = self.number("<I")
        self.nodes = _counted(self.nodes, self.sizes[place])
        return self.mutable[place]

    def known_object(self, depth):
        return self.known[self.number("<I")]

    def type(self, depth):
        return TYPES[self.bytes().decode("ascii")]

    def handle(self, depth, tag):
        number, name = self.number("<I"), self.value(depth)
        if self.imported is None or not isinstance(name, str):
            raise WireError("these bytes are no value: a function where none can be")
        return self.imported(tag, number, name)


_READERS = {
    b"N": lambda self, depth: None,
    b"1": lambda self, depth: True,
    b"0": lambda self, depth: False,
    b"E": lambda self, depth: Ellipsis,
    b"i": _Decoder.integer,
    b"f": lambda self, depth: self.number("<d"),
    b"c": lambda self, depth: complex(self.number("<d"), self.number("<d")),
    b"s": lambda self, depth: self.bytes().decode("utf-8", "surrogatepass"),
    b"b": lambda self, depth: self.bytes(),
    b"u": _Decoder.sequence,
    b"L": _Decoder.list,
    b"S": _Decoder.set,
    b"Z": _Decoder.frozenset,
    b"d": _Decoder.dictionary,
    b"r": lambda self, depth: range(*self.parts(depth)),
    b"l": lambda self, depth: slice(*self.parts(depth)),
    b"y": _Decoder.dtype,
    b"n": _Decoder.scalar,
    b"A": _Decoder.array,
    b"O": _Decoder.objects,
    b"G": _Decoder.generator,
    b"g": lambda self, depth: self.generator(depth, legacy=True),
    b"V": _Decoder.tensor,
    b"R": _Decoder.reference,
    b"K": _Decoder.known_object,
    b"t": _Decoder.type,
    b"F": lambda self, depth: self.handle(depth, b"F"),
    b"B": lambda self, depth: self.handle(depth, b"B"),
    b"I": lambda self, depth: self.handle(depth, b"I"),
}


def set_random_state(generator, state):
    """Give a NumPy generator, old or new, the state of another."""
    if isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.bit_generator.state = state


def update(old, new):
    """Make an object equal to a changed copy of it, in place where it can be; return the result.

    So a change that a student's function made to its arguments reaches the caller's own arrays and lists.
    """
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable:
            old[...] = new
            return old
    elif type(old) is list and type(new) is list:
        kept = [update(old[i], new[i]) if i < len(old) else new[i] for i in range(len(new))]
        old[:] = kept
        return old
    elif type(old) is tuple and type(new) is tuple and len(old) == len(new):
        return tuple(update(one, other) for one, other in zip(old, new, strict=True))
    elif isinstance(old, dict) and type(new) is dict:
        kept = {key: update(old[key], item) if key in old else item for key, item in new.items()}
        old.clear()
        old.update(kept)
        return old
    elif type(old) is set and type(new) is set:
        old.clear()
        old.update(new)
        return old
    elif isinstance(old, (np.random.Generator, np.random.RandomState)) and type(old) is type(new):
        state = new.get_state(legacy=False) if isinstance(new, np.random.RandomState) else new.bit_generator.state
        set_random_state(old, state)
        return old
    return new
