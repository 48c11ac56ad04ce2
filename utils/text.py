"""From texts to batches: tokens, a vocabulary, integer ids, right-padded batches bucketed by length.

    from utils import text
    vocabulary = text.Vocabulary.from_texts(train.text, max_size=25_000)
    ids = vocabulary.encode("I enjoyed it.")
    dataset = text.batches(train.text, train.label, vocabulary, max_length=400)

TensorFlow is imported inside the functions that need it.
"""

from __future__ import annotations

import collections
import functools
import json
import pathlib
import re
import sys
import typing
import unicodedata

import numpy as np

from utils import arguments, environment, files

if typing.TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    import keras
    import tensorflow
    from numpy.typing import ArrayLike

SPECIAL_TOKENS = PAD, UNK, BOS, EOS = ("<pad>", "<unk>", "<bos>", "<eos>")
PAD_ID, UNK_ID = 0, 1
LEVELS = ("word", "character")

# --- tokens ----------------------------------------------------------------------------------------


def _is_mark(character):
    """Tell whether a character combines with the one before it: an accent, a vowel sign."""
    return unicodedata.category(character).startswith("M")


def _ranges(first, last, marks):
    """Return the marks, or what is none, from code `first` to `last`: ranges for a regular expression's brackets."""
    characters = map(chr, range(first, last + 1))
    runs = "".join(character if _is_mark(character) is marks else " " for character in characters).split()
    return "".join(f"{run[0]}-{run[-1]}" for run in runs)


# Thai, Lao, Burmese, Khmer, Japanese kana and Chinese characters: there is no space between words, so each letter,
# with the marks above and below it, is a token.
_BLOCKS = (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)
_UNSPACED = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f" + "".join(
    _ranges(first, last, marks=False) for first, last in _BLOCKS
)
# These belong to what is before them, as in Unicode's segmentation (UAX 29), and so do combining marks: zero-width
# joiners and non-joiners, and the tags in some flags.
_JOINERS = "\u200c\u200d\U000e0020-\U000e007f"
# Unseen, and no part of the text: directions of writing, byte order marks and the like.
_UNSEEN = "[\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"  # two letters


def _rule(letters, spaces, marks, end):
    """Return the regular expression of what gets a space on both sides.

    letters, spaces, marks: the insides of brackets: parts of a word, white space, what belongs to the sign before
    it. end: what matches where a word ends.
    """
    endings = f"(?:n't|'(?:s|re|ve|ll|d|m)){end}"
    symbol = f"(?:[^{spaces}{letters}]|_)"
    # An emoji takes along skin tones, too, and what a joiner adds.
    tail = f"(?:\u200d[^{spaces}{letters}\\x00-\\x7f]|[{marks}\U0001f3fb-\U0001f3ff])*"
    return f"({endings}|[{_UNSPACED}][{marks}]*|{_FLAG}|{symbol}{tail})"


@functools.cache
def _patterns():
    """Return two compiled patterns: of hyphens inside words, and of what is set apart in any text."""
    # No combining mark lies elsewhere.
    marks = _JOINERS + _ranges(0x300, 0x1FFFF, marks=True) + _ranges(0xE0100, 0xE01EF, marks=True)
    letters = rf"\w{marks}"
    # Nothing begins with these letters: to look ahead saves a third of the time.
    rule = "(?=[^a-mo-z ])" + _rule(letters, r"\s", marks, rf"(?![{letters}])")
    return re.compile(rf"\xad+(?=[{letters}])"), re.compile(rule)


# The same rule for ASCII, about three times faster: contractions first, then mark by mark.
_APOSTROPHES = re.compile(r"(n't\b|'(?:s|re|ve|ll|d|m)\b|')")
_ASCII_MARKS = [mark for mark in map(chr, range(128)) if re.fullmatch(r"[^\w\s]|_", mark) and mark != "'"]


def tokenize(text: str, level: str = "word") -> list[str]:
    """Return the tokens of a text, a list of str.

    "character": the characters as they are. "word": in small letters, cut at white space, and further:
    - a word is letters and digits of any script, with the marks that combine with them (accents, vowel signs)
      and the joiners between them; what stands between words is punctuation, each mark a token: "great!!" gives
      great ! !
    - contractions are cut as in the Penn Treebank and GloVe: "don't" gives do n't, "it's" gives it 's, so
      that one token means "not";
    - each letter of Chinese, Japanese kana, Thai, Lao, Burmese and Khmer is a token, together with its marks,
      as no spaces separate words there (Unicode's own segmentation, UAX 29, does so too);
    - an emoji is a token, together with its skin tone or what it is joined to.
    Typographic apostrophes become plain ones, accents are composed (Unicode NFC), and what cannot be seen goes:
    hyphens for the end of a line inside words, directions of writing, byte order marks. A space of no width is
    a space. The small letter of the Turkish capital with a dot is i.

    Raises ValueError when text is not a str or the level is unknown.
    """
    arguments.check_choice("tokenize", "level", level, LEVELS)
    arguments.check_text("tokenize", "text", text)
    if level == "character":
        return list(text)
    if not text.isascii():
        hyphens, separate = _patterns()
        text = unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u200b", " ")
        text = hyphens.sub("", re.sub(_UNSEEN, "", text)).lower()
        # In small letters the Turkish capital is an i and the mark U+0307.
        return separate.sub(r" \1 ", text.replace("i\u0307", "i")).split()
    text = _APOSTROPHES.sub(r" \1 ", text.lower()) if "'" in text else text.lower()
    for mark in _ASCII_MARKS:
        if mark in text:
            text = text.replace(mark, f" {mark} ")
    return text.split()


_NO_SPACE_BEFORE = re.compile(r"(?:n't|'(?:s|re|ve|ll|d|m)|[-.,!?;:)\]}%/…])\Z")
_NO_SPACE_AFTER = re.compile(r"[-(\[{$#/]\Z")
_UNSPACED_TOKEN = re.compile(f"[{_UNSPACED}\u3000-\u303f\uff00-\uffef]")


def _join(tokens):
    """Return words as a readable text: no space before a full stop, none inside quotes or Chinese."""
    pieces, previous, open_quotes = [], "", set()
    for token in tokens:
        glued = not pieces or _NO_SPACE_BEFORE.match(token) or _NO_SPACE_AFTER.match(previous)
        glued = glued or (_UNSPACED_TOKEN.match(token) and _UNSPACED_TOKEN.match(previous))
        if token in ('"', "'"):
            closing = token in open_quotes
            open_quotes ^= {token}
            pieces += [token] if glued or closing else [" ", token]
            previous = token if closing else "("  # nothing goes between an opening quote and its word
            continue
        pieces += [token] if glued else [" ", token]
        previous = token
    return "".join(pieces)


# --- vocabulary ------------------------------------------------------------------------------------


class Vocabulary:
    """The tokens that a model knows, each with an id; make one with `from_texts` or `load`.

    level: "word" or "character". tokens: list of str in the order of their ids, special tokens first:
    `<pad>` is 0, `<unk>` is 1, and where there are bounds `<bos>` is 2 and `<eos>` is 3.
    ids: dictionary, token -> id. bounds: whether `<bos>` and `<eos>` are there.
    `len(vocabulary)` is the number of ids, and `"film" in vocabulary` asks for a token.
    """

    def __init__(self, tokens: Iterable[str], level: str = "word"):
        arguments.check_choice("Vocabulary", "level", level, LEVELS)
        tokens = list(tokens)
        wrong = [token for token in tokens if not isinstance(token, str) or not token]
        if wrong:
            given = arguments.describe(wrong[0])
            raise ValueError(f"Vocabulary: a token is {given}; expected a str of at least one character.")
        if tokens[:2] != [PAD, UNK]:
            raise ValueError(f"Vocabulary: the first tokens are {tokens[:2]}; expected {[PAD, UNK]}.")
        self.level = level
        self.tokens = tokens
        self.bounds = tokens[2:4] == [BOS, EOS]
        self.ids = {token: index for index, token in enumerate(tokens)}
        if len(self.ids) != len(tokens):
            twice = next(token for index, token in enumerate(tokens) if self.ids[token] != index)
            raise ValueError(f"Vocabulary: the token {twice!r} is there twice.")

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        level: str = "word",
        max_size: int = 25_000,
        min_frequency: int = 1,
        bounds: bool = False,
    ) -> Vocabulary:
        """Return the vocabulary of some texts; give the training texts only.

        texts: list, Series or other iterable of str. max_size: the largest number of ids, special tokens
        included. min_frequency: tokens that occur less often are left out. bounds: add `<bos>` and `<eos>`.
        The most frequent tokens come first, equally frequent ones in alphabetical order.
        Raises ValueError for texts that are no such thing or hold no token, and for sizes out of range.
        """
        function = "Vocabulary.from_texts"
        arguments.check_choice(function, "level", level, LEVELS)
        special = list(SPECIAL_TOKENS) if bounds else [PAD, UNK]
        arguments.check_integer(function, "max_size", max_size, len(special), why=" for the special tokens alone")
        arguments.check_integer(function, "min_frequency", min_frequency, 1)
        counts = collections.Counter()
        for text in arguments.checked_texts(function, "texts", texts):
            counts.update(tokenize(text, level))
        if not counts:
            raise ValueError(f"{function}: texts hold no token at all.")
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [token for token, count in ranked if count >= min_frequency]
        return cls(special + kept[: max_size - len(special)], level)

    def __len__(self):
        return len(self.tokens)

    def __contains__(self, token):
        return token in self.ids

    def __eq__(self, other):
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (self.level, self.tokens) == (other.level, other.tokens)

    __hash__ = None

    def __repr__(self):
        first = ", ".join(self.tokens[:6]).replace("\n", "\\n")  # a character may be the end of a line
        return f"Vocabulary(level={self.level!r}, {len(self)} ids: {first}, ...)"

    def encode(self, text: str, bounds: bool = False) -> list[int]:
        """Return the ids of a text, a list of int; tokens outside the vocabulary become 1, `<unk>`.

        bounds: put the ids of `<bos>` and `<eos>` around it; the vocabulary must have them.
        """
        lookup = self.ids.get
        ids = [lookup(token, UNK_ID) for token in tokenize(text, self.level)]
        if not bounds:
            return ids
        if not self.bounds:
            raise ValueError("Vocabulary.encode: there is no <bos> and <eos>; make the vocabulary with bounds=True.")
        return [self.ids[BOS], *ids, self.ids[EOS]]

    def unknown(self, text: str) -> list[str]:
        """Return the tokens of a text that encode to `<unk>`: a list of str, each once, in order."""
        return [token for token in dict.fromkeys(tokenize(text, self.level)) if token not in self.ids]

    def decode(self, ids: ArrayLike) -> str:
        """Return the text of some ids, without `<pad>`: a str.

        ids: a list, array or tensor of integers with one axis. Characters are joined; words are joined by
        spaces, with none before a full stop and such, so the text reads well but its spacing and capital
        letters are not those of the original.
        Raises ValueError for an id that is not in the vocabulary, or not an integer.
        """
        array = np.asarray(ids)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ValueError(
                f"Vocabulary.decode: ids have shape {array.shape} and dtype {array.dtype}; expected integers, one axis."
            )
        if (outside := (array < 0) | (array >= len(self))).any():
            place = int(outside.argmax())
            raise ValueError(
                f"Vocabulary.decode: the id {array[place]} at position {place} is outside 0 to {len(self) - 1}."
            )
        tokens = [self.tokens[index] for index in array.tolist() if index != PAD_ID]
        return "".join(tokens) if self.level == "character" else _join(tokens)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary to a JSON file, whole or not at all."""
        content = {"format": "unrolled vocabulary 1", "level": self.level, "tokens": self.tokens}
        files.write_text(path, json.dumps(content, indent=0) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Return the vocabulary in a JSON file that `save` wrote.

        Raises FileNotFoundError, or ValueError saying why the file holds no vocabulary.
        """
        path = pathlib.Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"there is no vocabulary file {path}.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or content.get("format") != "unrolled vocabulary 1":
                raise ValueError('it lacks "format": "unrolled vocabulary 1"')
            if not isinstance(content.get("tokens"), list):
                raise ValueError("it lacks the list of tokens")
            return cls(content["tokens"], content.get("level"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} holds no vocabulary: {error}") from None

    def to_text_vectorization(self, max_length: int | None = None) -> keras.layers.TextVectorization:
        """Return a keras.layers.TextVectorization that gives the same ids as `encode`.

        It takes strings, shape (n,), and gives ids, shape (n, t), right-padded with 0, or cut and padded to
        max_length. Use it in tf.data, on the CPU: `dataset.map(layer)`, for texts that stream from files or
        a model that takes strings. In memory `encode` is two to three times as fast (about 3 million words a
        second on one core, measured on IMDB). It differs from `encode` only in that accents are not composed.
        """
        environment.import_quietly_once()
        import keras

        options = {"output_sequence_length": max_length, "vocabulary": self.tokens[2:]}  # Keras has the first two
        if self.level == "word":
            return word_vectorization()(split="whitespace", **options)
        return keras.layers.TextVectorization(standardize=None, split="character", **options)


@functools.cache
def word_vectorization() -> type[keras.layers.TextVectorization]:
    """Return the class of the layer that `to_text_vectorization` makes of words, registered with Keras.

    keras.models.load_model knows it from then on. Where Keras is imported before this module, importing the
    module does it, and utils.environment.start does.
    """
    import keras
    import tensorflow

    @keras.saving.register_keras_serializable("unrolled")
    class WordVectorization(keras.layers.TextVectorization):
        """TextVectorization with the rules of `tokenize`; they are no part of its configuration."""

        def __init__(self, standardize=None, **options):
            super().__init__(standardize=self._tokenized, **options)

        def get_config(self):
            """Return the configuration as Keras can read it again: functions it cannot."""
            return {**super().get_config(), "standardize": None}

        @staticmethod
        def _tokenized(texts):
            """Return texts, a tensor of str, with spaces between tokens."""
            for pattern, replacement in _RE2_CLEANING:
                texts = tensorflow.strings.regex_replace(texts, pattern, replacement)
            texts = tensorflow.strings.lower(texts, encoding="utf-8")
            for pattern, replacement in _RE2_CUTTING:
                texts = tensorflow.strings.regex_replace(texts, pattern, replacement)
            return texts

    return WordVectorization


# The same rules for RE2, which knows the classes of Unicode, but no looking ahead; its \b is that of ASCII.
_RE2_SPACES = r"\pZ\x09-\x0d\x1c-\x20\x{85}"
_RE2_MARKS = rf"\pM{_JOINERS}"
_RE2_LETTERS = rf"\pL\pN_{_RE2_MARKS}"
_RE2_CLEANING = [("\u2019", "'"), ("\u200b", " "), (_UNSEEN, ""), (rf"\x{{ad}}+([{_RE2_LETTERS}])", r"\1")]
_RE2_CUTTING = [
    ("i\u0307", "i"),
    (rf"'(t|s|re|ve|ll|d|m)([{_RE2_LETTERS}])", r" ' \1\2"),  # no contraction: the word goes on
    (_rule(_RE2_LETTERS, _RE2_SPACES, _RE2_MARKS, r"\b"), r" \1 "),
    (rf"[{_RE2_SPACES}]+", " "),
]


if "keras" in sys.modules:
    word_vectorization()


def check_vocabulary(function: str, vocabulary: object) -> None:
    """Raise ValueError unless vocabulary is a Vocabulary."""
    if not isinstance(vocabulary, Vocabulary):
        raise ValueError(f"{function}: vocabulary is {arguments.describe(vocabulary)}; expected a Vocabulary.")


# --- batches ---------------------------------------------------------------------------------------

_JITTER = 0.02  # lengths count as up to this share longer or shorter when texts are sorted


def batches(
    texts: Iterable[str],
    labels: ArrayLike,
    vocabulary: Vocabulary,
    batch_size: int = 64,
    max_length: int | None = None,
    bucketed: bool = True,
    shuffle: bool = True,
    seed: int = 0,
) -> tensorflow.data.Dataset:
    """Return a tf.data.Dataset of (ids, labels), padded on the right with 0 to each batch's longest text.

    texts: N str. labels: N numbers (or N rows of numbers). max_length: longer texts are cut to their first
    max_length tokens. Each element: ids int32, shape (n, t), and labels, shape (n, ...), int32 or float32;
    n is batch_size, less in one batch. Every text is in exactly one batch; the number of batches is known
    (`len(dataset)`).

    Give it to `model.fit(dataset, shuffle=False)`: it shuffles itself, and Keras 3.15 warns of its own
    default, shuffle=True, for every tf.data.Dataset.

    bucketed: texts of about the same length share a batch, so that little is padded; else any texts do.
    shuffle: each pass over the dataset has other batches in another order; the first, second, ... pass is
    the same in every dataset made with the same arguments. Without it every pass is the same.
    Mind that bucketed batches still run from short to long. To bring predictions on the latter into the
    order of the texts: `order = numpy.concatenate(batch_rows(lengths, ..., shuffle=False))`, and
    `result[order] = predictions`; or set bucketed=False.

    Raises ValueError, at this call, for a text that is no str, numbers of texts and labels that differ,
    labels that are no numbers, sizes out of range; and for an empty text (no token), naming its row: a row
    of padding alone breaks masked recurrent layers on a GPU.
    """
    arguments.check_integer("batches", "batch_size", batch_size, 1)
    if max_length is not None:
        arguments.check_integer("batches", "max_length", max_length, 1)
    arguments.check_seed("batches", seed)
    check_vocabulary("batches", vocabulary)
    texts = list(arguments.checked_texts("batches", "texts", texts))
    labels = _label_array(labels, len(texts))
    rows = []
    for row, text in enumerate(texts):
        rows.append(np.array(vocabulary.encode(text)[:max_length], np.int32))
        if not len(rows[-1]):
            raise ValueError(f"batches: the text in row {row} (counted from 0) is empty: {text[:20]!r} holds no token.")
    lengths = np.array([len(row) for row in rows])

    def made(chosen):
        return _padded([rows[row] for row in chosen], lengths[chosen].max()), labels[chosen]

    environment.import_quietly_once()
    import tensorflow

    signature = (
        tensorflow.TensorSpec((None, None), tensorflow.int32),
        tensorflow.TensorSpec((None, *labels.shape[1:]), labels.dtype),
    )
    return dataset_of(made, signature, lengths, batch_size, bucketed, shuffle, seed)


def dataset_of(
    made: Callable[[np.ndarray], typing.Any],
    signature: typing.Any,
    lengths: ArrayLike,
    batch_size: int = 64,
    bucketed: bool = True,
    shuffle: bool = True,
    seed: int = 0,
) -> tensorflow.data.Dataset:
    """Return a tf.data.Dataset of the batches that `made` makes, in another order in each pass; `batches` builds on it.

    made: a function of the rows of one batch, an integer array, that returns its arrays. signature: their
    tensorflow.TensorSpec, as `Dataset.from_generator` takes them. The other arguments: those of `batch_rows`.
    """
    import tensorflow

    passes = [0]

    def one_pass():
        chosen = batch_rows(lengths, batch_size, bucketed, shuffle, seed, epoch=passes[0])
        passes[0] += 1
        yield from map(made, chosen)

    dataset = tensorflow.data.Dataset.from_generator(one_pass, output_signature=signature)
    count = -(-len(lengths) // batch_size)
    return dataset.apply(tensorflow.data.experimental.assert_cardinality(count)).prefetch(2)


def _label_array(labels, count):
    """Return labels as an array int32 or float32 with `count` rows, or raise ValueError."""
    array = np.asarray(labels)
    if array.ndim == 0 or len(array) != count:
        raise ValueError(f"batches: labels have shape {array.shape} for {count} texts; give one label a text.")
    if count == 0:
        raise ValueError("batches: there are no texts.")
    if array.dtype.kind not in "biuf":
        given = arguments.describe(array.ravel().tolist()[0])
        raise ValueError(f"batches: the first label is {given}; expected numbers, as load_csv makes.")
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        raise ValueError(f"batches: the label in row {row} (counted from 0) is not a finite number.")
    dtype = np.float32 if array.dtype.kind == "f" else np.int32
    limits = np.finfo(dtype) if array.dtype.kind == "f" else np.iinfo(dtype)
    if (outside := (array < limits.min) | (array > limits.max)).any():
        row, *rest = np.argwhere(outside)[0].tolist()
        raise ValueError(
            f"batches: the label in row {row} (counted from 0) is {array[row, *rest]}; {limits.dtype} holds numbers "
            f"from {limits.min} to {limits.max}."
        )
    return array.astype(dtype)


def batch_rows(
    lengths: ArrayLike,
    batch_size: int = 64,
    bucketed: bool = True,
    shuffle: bool = True,
    seed: int = 0,
    epoch: int = 0,
) -> list[np.ndarray]:
    """Return which rows `batches` puts together in one pass: a list of integer arrays, one a batch.

    lengths: the number of tokens in each text, after cutting. epoch: 0 for the first pass. The other
    arguments are those of `batches`.
    With bucketed and shuffle, texts are sorted by a length that is randomly up to 2 % too long or too short,
    cut into batches, and the batches are shuffled.
    """
    arguments.check_integer("batch_rows", "batch_size", batch_size, 1)
    arguments.check_seed("batch_rows", seed)
    arguments.check_integer("batch_rows", "epoch", epoch, 0, 2**32 - 1)
    lengths = np.asarray(lengths)
    random = np.random.RandomState([seed, epoch])  # NumPy promises that its numbers never change
    order = random.permutation(len(lengths)) if shuffle else np.arange(len(lengths))
    if bucketed:
        noise = random.uniform(1 - _JITTER, 1 + _JITTER, len(lengths)) if shuffle else 1.0
        order = order[np.argsort((lengths * noise)[order], kind="stable")]
    cut = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [cut[index] for index in random.permutation(len(cut))] if shuffle and bucketed else cut


def pad(rows: Sequence[Sequence[int]], length: int | None = None) -> np.ndarray:
    """Return rows of ids as one array, int32, shape (n, t), padded on the right with 0.

    rows: n lists or arrays of int, none of them empty. length: t; longer rows are cut to it. Default: the
    longest row's. Raises ValueError for rows that are no such thing: one review alone, texts, numbers with a point.
    """
    if length is not None:
        arguments.check_integer("pad", "length", length, 1)
    if isinstance(rows, (str, bytes)) or not hasattr(rows, "__iter__"):
        raise ValueError(f"pad: rows is {arguments.describe(rows)}; expected lists of ids.")
    rows = [_row_of_ids(index, row) for index, row in enumerate(rows)]
    lengths = [len(row) for row in rows]
    if not lengths or min(lengths) == 0:
        raise ValueError(f"pad: row {lengths.index(0)} is empty." if lengths else "pad: there are no rows.")
    return _padded(rows, length or max(lengths))


def _padded(rows, length):
    """Return `pad` of arrays of ids."""
    padded = np.full((len(rows), length), PAD_ID, np.int32)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row[:length]
    return padded


def _row_of_ids(index, row):
    """Return a row as an array of integers, or raise ValueError."""
    if isinstance(row, (str, bytes)):
        raise ValueError(f"pad: row {index} is {arguments.describe(row)}; expected ids: encode it with a vocabulary.")
    try:
        array = np.asarray(row)
    except ValueError:  # lists of several lengths in it
        raise ValueError(f"pad: row {index} is {arguments.describe(row)}; expected integers, one axis.") from None
    if not array.ndim:
        raise ValueError(f"pad: row {index} is {arguments.describe(row)}; expected a list of ids: pad([ids]) for one.")
    if array.ndim > 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"pad: row {index} has shape {array.shape} and dtype {array.dtype}; expected integers, one axis."
        )
    highest = np.iinfo(np.int32).max
    if array.size and not 0 <= array.min() <= array.max() <= highest:
        raise ValueError(f"pad: row {index} holds an id outside 0 to {highest}.")
    return array


def padding_waste(dataset: Iterable[tuple[ArrayLike, ArrayLike]]) -> float:
    """Return the timesteps that a network computes for each real token: 1.0 means no padding at all.

    dataset: batches of (ids, labels), such as `batches(...)` or a list; ids have shape (n, t), 0 is padding.
    One pass is made over it (so a shuffled dataset moves on to its next).
    """
    steps = tokens = 0
    for ids, _ in dataset:
        ids = np.asarray(ids)
        steps += ids.size
        tokens += np.count_nonzero(ids)
    if not tokens:
        raise ValueError("padding_waste: the dataset holds no token.")
    return steps / tokens
