"""utils.text: every token has one id, every text is in one batch, and padding is on the right and small."""

import collections
import hashlib
import json
import os
import random
import subprocess
import sys
import time
import unicodedata
import warnings

import numpy as np
import pandas as pd
import pytest

from utils import data, text

SMALL = ["the film, the plot", "The film is not good", "no film"]


@pytest.fixture(scope="module")
def imdb():
    """Return the training reviews of IMDB."""
    return data.load_reviews("imdb").train


@pytest.fixture(scope="module")
def imdb_tokens(imdb):
    """Return the tokens of each training review of IMDB."""
    return [text.tokenize(content) for content in imdb["text"]]


# --- tokens ----------------------------------------------------------------------------------------

TOKENS = [
    ("Great!! 10/10, I'd say.", "great ! ! 10 / 10 , i 'd say ."),
    ("Don't, can't, WON'T; it's we're I've she'll I'm", "do n't , ca n't , wo n't ; it 's we 're i 've she 'll i 'm"),
    ("don’t the film’s", "do n't the film 's"),
    ("o'clock 'quoted' dogs'", "o ' clock ' quoted ' dogs '"),
    ("well-made (too) _very_ a.b", "well - made ( too ) _ very _ a . b"),
    ("它很好看，really！", "它 很 好 看 ， really ！"),
    ("カメラ です", "カ メ ラ で す"),
    ("영화가 좋다", "영화가 좋다"),
    ("so good👍🏽👍 👨‍👩‍👧🇩🇪❤️.", "so good 👍🏽 👍 👨‍👩‍👧 🇩🇪 ❤️ ."),
    ("Cafe\u0301 CAFÉ Übung", "café café übung"),
    ("a\u00a0b\tc\u2028d\r\n", "a b c d"),
    ("<eos> <br />", "< eos > < br / >"),
    ("", ""),
    (" \n\t ", ""),
    # Letters with marks, in scripts that have spaces between words, and in those that have none.
    ("हिन्दी फिल्म, अच्छी!", "हिन्दी फिल्म , अच्छी !"),
    ("தமிழ் படம்", "தமிழ் படம்"),
    ("বাংলা తెలుగు ಕನ್ನಡ മലയാളം සිංහල", "বাংলা తెలుగు ಕನ್ನಡ മലയാളം සිංහල"),
    ("שָׁלוֹם, עוֹלָם", "שָׁלוֹם , עוֹלָם"),
    ("كِتَابٌ جَيِّدٌ.", "كِتَابٌ جَيِّدٌ ."),
    ("Ọjọ́ Việt Ngữ", "ọjọ́ việt ngữ"),
    ("Ёлка, й", "ёлка , й"),
    ("ที่นี่ดี", "ที่ นี่ ดี"),
    ("ພາສາລາວ", "ພ າ ສ າ ລ າ ວ"),
    ("ខ្មែរ။", "ខ្ មែ រ ။"),
    ("か゚ば 葛󠄀", "か゚ ば 葛󠄀"),
    ("İSTANBUL'DA Istanbul ISI ısı", "istanbul ' da istanbul isi ısı"),
    ("Ankara'dır j'mérite l'été don'té n't", "ankara ' dır j ' mérite l ' été don ' té n't"),
    # What cannot be seen: between letters, at the end of a word, alone.
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("क्\u200dष", "क्\u200dष"),
    ("won\u00adder\u00ad\u00adful point\u00ad.", "wonderful point \u00ad ."),
    ("good\u200bmovie \u200b", "good movie"),
    ("\ufefffilm \u200eשלום\u200f a\u2060b \u202a", "film שלום ab"),
    # Marks on symbols, flags of more than two letters, keys.
    ("🏴\U000e0067\U000e0062\U000e007f1️⃣#️⃣ -̈", "🏴\U000e0067\U000e0062\U000e007f 1️⃣ #️⃣ -̈"),
]


@pytest.mark.parametrize("content, tokens", TOKENS)
def test_words(content, tokens):
    """Small letters, punctuation apart, contractions as in GloVe, one token for each Chinese character and emoji."""
    assert text.tokenize(content) == tokens.split()


def test_no_mark_is_forgotten():
    """Each combining mark of this Python's Unicode, and only these, belongs to the letter before it."""
    for code in range(0x110000):
        if unicodedata.category(chr(code)).startswith("M"):
            content = unicodedata.normalize("NFC", f"e{chr(code)}b")
            assert text.tokenize(content) == [content], hex(code)


def test_english_keeps_its_tokens(imdb_tokens):
    """The shipped models were trained on these: 4.9 million tokens of reviews, to the letter."""
    lines = "\n".join(map(" ".join, imdb_tokens))
    assert hashlib.sha256(lines.encode("utf-8")).hexdigest()[:16] == "ecc34ee46cbba91d"


def test_characters_are_left_as_they_are():
    """Capitals, spaces and line ends included."""
    assert text.tokenize("Don't,\n 好", "character") == list("Don't,\n 好")


def test_ascii_takes_a_short_cut_to_the_same_tokens():
    """20,000 random ASCII strings, with and without a letter that sends them the long way."""
    source = random.Random(1)
    alphabet = ["n't", "'s", "'", "_", "'d", "'ll", ".", "\x00", "\x1f", "\n"] + [chr(code) for code in range(128)]
    for _ in range(20_000):
        content = "".join(source.choices(alphabet, k=8))
        assert text.tokenize(content) == text.tokenize(content + " é")[:-1], repr(content)


@pytest.mark.parametrize("value", [None, 3, float("nan"), b"text", ["text"]])
def test_what_is_no_text_is_refused(value):
    """By tokenize and by encode, saying what it was."""
    vocabulary = text.Vocabulary.from_texts(SMALL)
    for call in (text.tokenize, vocabulary.encode, vocabulary.unknown):
        with pytest.raises(ValueError, match=f"text is a {type(value).__name__}, .*expected a str"):
            call(value)


def test_long_texts():
    """A text twenty times as long takes twenty times the time, not four hundred; with and without foreign letters."""
    for piece, tokens in (("it's ", 2), ("Cafés ", 1), ("'", 1)):
        seconds = {}
        for count in (10_000, 200_000):
            started = time.process_time()
            assert len(text.tokenize(piece * count)) == tokens * count
            seconds[count] = time.process_time() - started
        assert seconds[200_000] < 100 * seconds[10_000], piece


# --- vocabulary ------------------------------------------------------------------------------------


def test_most_frequent_first_then_alphabetical():
    """film and the occur three times; the rest once, in alphabetical order; ids follow."""
    vocabulary = text.Vocabulary.from_texts(SMALL)
    assert vocabulary.tokens == "<pad> <unk> film the , good is no not plot".split()
    assert [vocabulary.ids[token] for token in vocabulary.tokens] == list(range(10)) == list(range(len(vocabulary)))
    assert "film" in vocabulary and "Film" not in vocabulary
    assert vocabulary.level == "word" and not vocabulary.bounds


def test_the_order_of_the_texts_does_not_matter():
    """Lists, Series and generators in any order, in any process, give the same vocabulary."""
    expected = text.Vocabulary.from_texts(SMALL)
    assert text.Vocabulary.from_texts(pd.Series(SMALL[::-1], index=[7, 7, 9])) == expected
    assert text.Vocabulary.from_texts(content for content in SMALL) == expected
    assert text.Vocabulary.from_texts(SMALL[:2]) != expected


def test_max_size_counts_the_special_tokens():
    """And cuts off the rarest; min_frequency as well."""
    build = text.Vocabulary.from_texts
    assert build(SMALL, max_size=4).tokens == ["<pad>", "<unk>", "film", "the"]
    assert build(SMALL, max_size=5, bounds=True).tokens == ["<pad>", "<unk>", "<bos>", "<eos>", "film"]
    assert build(SMALL, min_frequency=3).tokens == ["<pad>", "<unk>", "film", "the"]
    assert build(SMALL, min_frequency=4).tokens == ["<pad>", "<unk>"]
    assert build(SMALL, max_size=2).tokens == ["<pad>", "<unk>"]


def test_encode_and_unknown():
    """Known tokens by id; the others are 1, and reported once each, in order."""
    vocabulary = text.Vocabulary.from_texts(SMALL, bounds=True)
    assert vocabulary.encode("The good prince, the PRINCE enjoyed") == [5, 7, 1, 6, 5, 1, 1]
    assert all(type(index) is int for index in vocabulary.encode("the film"))
    assert vocabulary.unknown("The good prince, the PRINCE enjoyed") == ["prince", "enjoyed"]
    assert vocabulary.unknown("the film") == [] == vocabulary.encode("")
    assert vocabulary.encode("film", bounds=True) == [2, 4, 3]
    assert vocabulary.encode("<eos> <pad>") == [1] * 6  # a text cannot smuggle in special tokens
    with pytest.raises(ValueError, match="there is no <bos> and <eos>"):
        text.Vocabulary.from_texts(SMALL).encode("film", bounds=True)


def test_characters_there_and_back():
    """Decoding gives the text to the letter, whatever is in it."""
    content = "First Citizen:\n\tDon't… 好 👍🏽 <unk>\u0301"
    vocabulary = text.Vocabulary.from_texts([content], level="character")
    assert vocabulary.decode(vocabulary.encode(content)) == content
    assert len(vocabulary) == len(set(content)) + 2
    assert vocabulary.decode([0, *vocabulary.encode("First"), 1, 0]) == "First<unk>"


DECODED = [
    "i do n't like it 's plot , but ( sadly ) she 'll go !",
    "a well - made film : 9 / 10 .",
    '" no , " he said , " it \'s \' fine \' . "',
    "它 很 好 看 ， really good ！",
    "i enjoy 👍🏽 this",
    "ที่ นี่ ดี , हिन्दी फिल्म",
]
READABLE = [
    "i don't like it's plot, but (sadly) she'll go!",
    "a well-made film: 9/10.",
    '"no," he said, "it\'s \'fine\'."',
    "它很好看， really good ！",
    "i enjoy 👍🏽 this",
    "ที่นี่ดี, हिन्दी फिल्म",
]


@pytest.mark.parametrize("tokens, readable", zip(DECODED, READABLE, strict=True))
def test_words_decode_to_readable_text(tokens, readable):
    """Spaces where a reader expects them."""
    vocabulary = text.Vocabulary(["<pad>", "<unk>", *sorted(set(tokens.split()))])
    ids = [vocabulary.ids[token] for token in tokens.split()]
    decoded = vocabulary.decode(np.array([*ids, 0, 0]))
    assert decoded == readable
    assert text.tokenize(decoded) == tokens.split()


def test_reviews_survive_decoding(imdb):
    """Tokens of the decoded text are those of the original, in all of 300 reviews."""
    contents = imdb["text"][:300].tolist()
    vocabulary = text.Vocabulary.from_texts(contents)
    for content in contents:
        ids = vocabulary.encode(content)
        assert vocabulary.encode(vocabulary.decode(ids)) == ids


BAD_IDS = [
    ([0, 10], "the id 10 at position 1 is outside 0 to 9"),
    ([-1], "the id -1 at position 0 is outside 0 to 9"),
    ([1.0], "dtype float64; expected integers"),
    (["film"], "expected integers"),
    ([[1, 2]], r"shape \(1, 2\)"),
    (3, r"shape \(\)"),
    ([True], "dtype bool"),
]


@pytest.mark.parametrize("ids, message", BAD_IDS)
def test_bad_ids_are_refused(ids, message):
    """With the position; a negative id must not count from the end."""
    with pytest.raises(ValueError, match=f"Vocabulary.decode: .*{message}"):
        text.Vocabulary.from_texts(SMALL).decode(ids)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"max_size": 1}, "max_size is 1; it must be an integer, at least 2 for the special tokens"),
        ({"max_size": 3, "bounds": True}, "max_size is 3; it must be an integer, at least 4"),
        ({"max_size": 10.0}, "max_size is 10.0"),
        ({"max_size": None}, "max_size is None"),
        ({"min_frequency": 0}, "min_frequency is 0; it must be an integer, at least 1"),
        ({"level": "sentence"}, "level is 'sentence'; it can be 'word' or 'character'"),
        ({"texts": "one text"}, "texts is a str, 'one text'; expected a list of str"),
        ({"texts": 7}, "texts is a int, 7; expected"),
        (
            {"texts": pd.DataFrame({"text": ["fine"], "label": [1]})},
            "texts is a table with the columns 'text', 'label'; give one of them",
        ),
        ({"texts": []}, "texts hold no token"),
        ({"texts": ["", " "]}, "texts hold no token"),
        ({"texts": ["fine", float("nan")]}, r"row 1 of texts \(counted from 0\) is a float, nan; expected a str"),
    ],
)
def test_bad_vocabularies_are_refused(options, message):
    """Size 1, a single text, rows that are no text: one sentence each."""
    with pytest.raises(ValueError, match=f"Vocabulary.from_texts: {message}"):
        text.Vocabulary.from_texts(**{"texts": SMALL, **options})


def test_save_and_load(tmp_path):
    """The same vocabulary comes back, whatever its tokens; the file is JSON."""
    path = tmp_path / "vocabulary.json"
    for vocabulary in (
        text.Vocabulary.from_texts([*SMALL, '好 👍🏽 é \\ " \ud800'], bounds=True),
        text.Vocabulary.from_texts(["a\n\t\u2028\x00b"], level="character"),
    ):
        vocabulary.save(str(path))
        loaded = text.Vocabulary.load(str(path))
        assert loaded == text.Vocabulary.load(path)
        assert loaded == vocabulary
        assert (loaded.ids, loaded.level, loaded.bounds) == (vocabulary.ids, vocabulary.level, vocabulary.bounds)
        assert json.loads(path.read_text(encoding="utf-8"))["tokens"] == vocabulary.tokens
    assert [entry.name for entry in tmp_path.iterdir()] == ["vocabulary.json"]


def changed(**changes):
    """Return the JSON of a small vocabulary after changes."""
    content = {"format": "unrolled vocabulary 1", "level": "word", "tokens": ["<pad>", "<unk>", "film"]}
    return json.dumps({**content, **changes})


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "Expecting value"),
        (changed()[:-9], "delimiter|Unterminated|Expecting"),
        ("[]", 'lacks "format"'),
        ("[" * 100_000, ""),
        (changed(format="2"), 'lacks "format"'),
        (changed(tokens="film"), "lacks the list of tokens"),
        (changed(level="sentence"), "level is 'sentence'"),
        (changed(tokens=["<pad>", "<unk>", "a", "b", "a"]), "the token 'a' is there twice"),
        (changed(tokens=["<unk>", "<pad>", "film"]), "the first tokens are"),
        (changed(tokens=["<pad>", "<unk>", 3]), "a token is a int, 3"),
        (changed(tokens=["<pad>", "<unk>", ""]), "a token is a str, ''"),
        (b"\xff\xfe", "decode"),
    ],
)
def test_broken_vocabulary_files_are_refused(content, message, tmp_path):
    """One sentence that names the file."""
    path = tmp_path / "vocabulary.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=f"vocabulary.json holds no vocabulary: .*({message})"):
        text.Vocabulary.load(path)
    with pytest.raises(FileNotFoundError, match="no vocabulary file .*absent.json"):
        text.Vocabulary.load(tmp_path / "absent.json")


def test_vocabulary_of_imdb(imdb, imdb_tokens):
    """25,000 ids, counted here by other means, and less than 2 % of the tokens outside."""
    started = time.process_time()
    vocabulary = text.Vocabulary.from_texts(imdb["text"])
    assert time.process_time() - started < 15  # CPU time: it takes two
    counts = collections.Counter(token for tokens in imdb_tokens for token in tokens)
    assert len(vocabulary) == 25_000
    frequencies = [counts[token] for token in vocabulary.tokens[2:]]
    assert frequencies == sorted(frequencies, reverse=True)
    assert frequencies[-1] >= max(count for token, count in counts.items() if token not in vocabulary)
    assert sum(frequencies) / sum(counts.values()) > 0.98


# --- Keras's TextVectorization -----------------------------------------------------------------------


@pytest.mark.parametrize("level", text.LEVELS)
def test_text_vectorization_gives_the_same_ids(level, imdb):
    """On reviews, contractions, emoji, all scripts, unknown words and odd spaces."""
    contents = [unicodedata.normalize("NFC", content) for content, _ in TOKENS if content.strip()]
    contents += ["CAFÉ Übung ÇA", "zzz unknown", "a\x1cb\x85c\x0bd", "n't_ 's_ _'s_ don'ts", *imdb["text"][:200]]
    vocabulary = text.Vocabulary.from_texts(contents[:-100], level=level, bounds=True)
    ids = vocabulary.to_text_vectorization()(contents).numpy()
    expected = text.pad([vocabulary.encode(content) for content in contents])
    np.testing.assert_array_equal(ids, expected)
    short = vocabulary.to_text_vectorization(max_length=7)(contents).numpy()
    np.testing.assert_array_equal(short, text.pad([vocabulary.encode(content) for content in contents], 7))


def test_the_twins_agree_on_odd_texts():
    """20,000 random strings of what either rule treats apart."""
    source = random.Random(3)
    alphabet = (
        "n't 's 'd 'll ' _ - a é ı ß 9 ½ 好 か゚ ท ่ ि ् א ّ ́ ̇ İ I Σ \u200b \u200c \u200d \xad \u2060 \ufeff \u200f"
    ).split(" ")
    alphabet += [" ", "\x1c", "\x85", "\u2028", "’", "👍", "🏽", "❤", "\ufe0f", "🇩", "\U000e0067", "😀", "!"]
    contents = [unicodedata.normalize("NFC", "".join(source.choices(alphabet, k=8))) for _ in range(20_000)]
    vocabulary = text.Vocabulary.from_texts(contents)
    ids = vocabulary.to_text_vectorization()(contents).numpy()
    for content, row in zip(contents, ids, strict=True):
        assert row[row != 0].tolist() == vocabulary.encode(content), (content, list(map(ascii, content)))


LOADING = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from utils import environment, text
model = keras.models.load_model(sys.argv[1])
print(model(keras.ops.convert_to_tensor(["I don't know, é"])).numpy().tolist())
keras.saving.get_custom_objects().clear()
text.word_vectorization.cache_clear()
environment.start()
assert keras.models.load_model(sys.argv[1]).count_params() == model.count_params()
"""


@pytest.mark.parametrize("level", text.LEVELS)
def test_a_model_with_text_vectorization_is_saved_loaded_and_cloned(level, tmp_path, root):
    """Here and, for words, where no such layer was made yet; its ids stay those of encode."""
    import keras

    contents = ["I don't like it\nI like it, é"]
    vocabulary = text.Vocabulary.from_texts(contents, level=level)
    layer = vocabulary.to_text_vectorization(max_length=30)
    assert isinstance(layer, keras.layers.TextVectorization)
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    path = tmp_path / "model.keras"
    model.save(path)
    asked = keras.ops.convert_to_tensor([*contents, "I don't know, é"])
    expected = text.pad([vocabulary.encode(content) for content in (*contents, "I don't know, é")], 30)
    for same in (model, keras.models.load_model(path), keras.models.clone_model(model)):
        np.testing.assert_array_equal(same(asked), expected)
    if level == "word":
        command = [sys.executable, "-c", LOADING, str(path)]
        printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
        assert printed.splitlines()[0] == str(expected[1:].tolist())


# --- batches ---------------------------------------------------------------------------------------


def small_corpus(count=103):
    """Return texts of different lengths, each with a word of its own, labels, and their vocabulary."""
    source = random.Random(2)
    texts = [f"w{index} " + "the film " * source.randint(0, 30) for index in range(count)]
    labels = np.arange(count)
    return texts, labels, text.Vocabulary.from_texts(texts)


def one_pass(dataset):
    """Return the batches of one pass as arrays."""
    return [(ids.numpy(), labels.numpy()) for ids, labels in dataset]


def orders(dataset):
    """Return the rows of each batch of one pass, read off the labels."""
    return [labels.tolist() for _, labels in one_pass(dataset)]


ALL_FORMS = [(bucketed, shuffle) for bucketed in (True, False) for shuffle in (True, False)]


@pytest.mark.parametrize("bucketed, shuffle", ALL_FORMS)
@pytest.mark.parametrize("max_length", [None, 9])
def test_every_text_is_in_one_batch(bucketed, shuffle, max_length):
    """With its own label, its own ids, zeros on its right and nowhere else, and no longer than needed."""
    texts, labels, vocabulary = small_corpus()
    dataset = text.batches(
        texts, labels, vocabulary, batch_size=10, max_length=max_length, bucketed=bucketed, shuffle=shuffle
    )
    assert len(dataset) == 11
    for _ in range(2):
        seen = []
        for ids, rows in one_pass(dataset):
            assert ids.dtype == np.int32 and rows.dtype == np.int32
            assert len(ids) == len(rows) <= 10
            expected = [vocabulary.encode(texts[row])[:max_length] for row in rows]
            assert ids.shape[1] == max(len(row) for row in expected)
            assert [row[row != 0].tolist() for row in ids] == expected
            assert all((row[len(wanted) :] == 0).all() for row, wanted in zip(ids, expected, strict=True))
            seen += rows.tolist()
        assert sorted(seen) == list(range(103))


def test_shuffled_batches_are_seeded():
    """Each pass differs; an equal dataset has equal passes, those of batch_rows; another seed gives others."""
    texts, labels, vocabulary = small_corpus()
    lengths = [len(vocabulary.encode(content)) for content in texts]
    for bucketed in (True, False):
        first, second, other = (
            text.batches(texts, labels, vocabulary, batch_size=10, bucketed=bucketed, seed=seed) for seed in (4, 4, 5)
        )
        passes = [orders(first) for _ in range(3)]
        for epoch, batches in enumerate(passes):
            expected = text.batch_rows(lengths, batch_size=10, bucketed=bucketed, seed=4, epoch=epoch)
            assert batches == [rows.tolist() for rows in expected]
        assert passes == [orders(second) for _ in range(3)]
        assert orders(other) not in passes
        for left, right in ((0, 1), (1, 2), (0, 2)):
            assert passes[left] != passes[right]
            # Not only the order: other texts come together.
            assert {frozenset(batch) for batch in passes[left]} != {frozenset(batch) for batch in passes[right]}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"batch_size": 0}, "batch_size is 0; it must be an integer, at least 1"),
        ({"seed": -1}, "seed is -1; it must be an integer from 0"),
        ({"epoch": -1}, "epoch is -1; it must be an integer from 0"),
        ({"epoch": 2**32}, "epoch is 4294967296; it must be an integer from 0 to 4294967295"),
    ],
)
def test_bad_rows_of_batches_are_refused(changes, message):
    """By their own function, too, which has no error of NumPy's to show."""
    with pytest.raises(ValueError, match=f"batch_rows: {message}"):
        text.batch_rows([3, 1, 2], **changes)


def test_neighbours_in_length_change_batches():
    """Also where no two texts have the same length, a text does not meet the same others in every pass."""
    first, second = (text.batch_rows(range(500, 1_500), batch_size=10, epoch=epoch) for epoch in (0, 1))
    together = [{frozenset(batch.tolist()) for batch in batches} for batches in (first, second)]
    assert len(together[0] & together[1]) < 10
    assert sorted(np.concatenate(first).tolist()) == list(range(1_000))


def test_buckets_come_in_any_order():
    """A network must not see short texts first and long texts last."""
    texts, labels, vocabulary = small_corpus(1_000)
    widths = [ids.shape[1] for ids, _ in one_pass(text.batches(texts, labels, vocabulary, batch_size=20))]
    assert abs(np.corrcoef(widths, np.arange(len(widths)))[0, 1]) < 0.5
    assert max(widths) > 55 and min(widths) < 6


def test_without_shuffling_every_pass_is_the_same():
    """In the order of the texts, or from short to long; batch_rows says which row went where."""
    texts, labels, vocabulary = small_corpus()
    plain = text.batches(texts, labels, vocabulary, batch_size=10, bucketed=False, shuffle=False)
    assert sum(orders(plain), []) == list(range(103)) == sum(orders(plain), [])
    sorted_once = text.batches(texts, labels, vocabulary, batch_size=10, shuffle=False)
    lengths = [len(vocabulary.encode(content)) for content in texts]
    expected = text.batch_rows(lengths, batch_size=10, shuffle=False)
    assert orders(sorted_once) == orders(sorted_once) == [batch.tolist() for batch in expected]
    assert [lengths[row] for batch in expected for row in batch] == sorted(lengths)


def test_bucketed_imdb_wastes_little(imdb_tokens):
    """At most 1.10 timesteps a token on uncapped IMDB, against 3 and more without buckets.

    From the lengths and the rows of each batch alone; that batches are made of these rows is tested above.
    """
    lengths, waste = np.array([len(tokens) for tokens in imdb_tokens]), {}
    for bucketed, shuffle in ((True, True), (True, False), (False, True)):
        rows = text.batch_rows(lengths, bucketed=bucketed, shuffle=shuffle)
        waste[bucketed, shuffle] = sum(lengths[batch].max() * len(batch) for batch in rows) / lengths.sum()
    assert 1.0 < waste[True, False] < waste[True, True] <= 1.10
    assert waste[False, True] > 3


def test_padding_waste():
    """Timesteps for each real token, over all batches, not the mean of the batches."""
    wide, narrow = np.array([[1, 2, 3, 4], [5, 0, 0, 0]]), np.array([[6]])
    assert text.padding_waste([(wide, None), (narrow, None)]) == 9 / 6
    assert text.padding_waste([(narrow, None)]) == 1.0
    for empty in ([], [(np.zeros((2, 3)), None)]):
        with pytest.raises(ValueError, match="padding_waste: the dataset holds no token"):
            text.padding_waste(empty)


def test_pad():
    """Zeros on the right; longer rows keep their beginning."""
    padded = text.pad([[1, 2, 3], np.array([4])])
    assert padded.dtype == np.int32 and padded.tolist() == [[1, 2, 3], [4, 0, 0]]
    assert text.pad([[1, 2, 3], [4]], length=2).tolist() == [[1, 2], [4, 0]]
    assert text.pad([[1]], length=3).tolist() == [[1, 0, 0]]
    for rows, options, message in (
        ([], {}, "there are no rows"),
        ([[1], []], {}, "row 1 is empty"),
        ([[1]], {"length": 0}, "length is 0"),
        ([5, 6], {}, r"row 0 is a int, 5; expected a list of ids: pad\(\[ids\]\) for one"),
        (np.array([5, 6]), {}, r"row 0 is a int64, .*5.*; expected a list of ids"),
        ("good film", {}, "rows is a str, 'good film'; expected lists of ids"),
        (["good film", "12"], {}, "row 0 is a str, 'good film'; expected ids: encode it with a vocabulary"),
        ([[1], "12"], {}, "row 1 is a str, '12'; expected ids"),
        (7, {}, "rows is a int, 7; expected lists of ids"),
        ([[1], [1.7]], {}, r"row 1 has shape \(1,\) and dtype float64; expected integers, one axis"),
        ([["1", "2"]], {}, r"row 0 has shape \(2,\) and dtype <U1; expected integers"),
        ([[True]], {}, r"row 0 has shape \(1,\) and dtype bool; expected integers"),
        ([[[1], [2]]], {}, r"row 0 has shape \(2, 1\) and dtype int64; expected integers, one axis"),
        ([[1], [[1], [2, 3]]], {}, r"row 1 is a list, \[\[1\], \[2, 3\]\]; expected integers, one axis"),
        ([[1], np.array([2**31])], {}, "row 1 holds an id outside 0 to 2147483647"),
        ([[-1]], {}, "row 0 holds an id outside 0"),
    ):
        with pytest.raises(ValueError, match=f"pad: {message}"):
            text.pad(rows, **options)
    assert text.pad(np.array([[1, 2], [3, 2**31 - 1]])).tolist() == [[1, 2], [3, 2**31 - 1]]
    assert text.pad(([index] for index in (3, 4)), length=np.int64(1)).tolist() == [[3], [4]]


def test_sizes_of_numpy():
    """Sizes and seeds may come out of an array."""
    texts, labels, vocabulary = small_corpus(9)
    sizes = dict(batch_size=np.int64(4), max_length=np.uint8(3), seed=np.int32(2))
    plain = {name: int(size) for name, size in sizes.items()}
    given, expected = (text.batches(texts, labels, vocabulary, **options) for options in (sizes, plain))
    assert len(given) == len(expected) == 3 and orders(given) == orders(expected)
    build = text.Vocabulary.from_texts
    assert build(SMALL, max_size=np.int64(4), min_frequency=np.int8(1)) == build(SMALL, max_size=4)


def test_labels_of_every_kind():
    """Booleans and integers become int32, decimals float32; a row of numbers for each text is fine."""
    texts, _, vocabulary = small_corpus(4)
    for labels, dtype, shape in (
        ([True, False, True, False], "int32", (4,)),
        (pd.Series([0, 1, 2, 3], index=[9, 8, 7, 6]), "int32", (4,)),
        ([0.5, 1, 0, 1], "float32", (4,)),
        ([2**31 - 1, -(2**31), 0, 1], "int32", (4,)),
        (np.eye(4), "float32", (4, 4)),
    ):
        [(_, given)] = text.batches(texts, labels, vocabulary, shuffle=False, bucketed=False)
        assert given.dtype.name == dtype and given.shape == shape
        np.testing.assert_array_equal(given, np.asarray(labels))


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"texts": ["good", "", "bad"]}, r"the text in row 1 \(counted from 0\) is empty: '' holds no token"),
        ({"texts": ["good", "bad", " \n"]}, r"the text in row 2 .* is empty"),
        ({"texts": ["good", "bad", None]}, r"row 2 .* is a NoneType, None; expected a str"),
        ({"texts": "good film"}, "texts is a str, 'good film'; expected a list"),
        ({"texts": [], "labels": []}, "there are no texts"),
        ({"labels": [0, 1]}, r"labels have shape \(2,\) for 3 texts"),
        ({"labels": 1}, r"labels have shape \(\) for 3 texts"),
        ({"labels": ["pos", "neg", "pos"]}, "the first label is a .*'pos'.*; expected numbers"),
        ({"labels": [0, float("nan"), 1]}, r"the label in row 1 \(counted from 0\) is not a finite number"),
        (
            {"labels": [0, 2**31, 1]},
            r"the label in row 1 \(counted from 0\) is 2147483648; int32 holds .* to 2147483647",
        ),
        (
            {"labels": [0, 1, -(2**31) - 1]},
            "the label in row 2 .* is -2147483649; int32 holds numbers from -2147483648",
        ),
        ({"labels": np.array([0, 1, 2**63], np.uint64)}, "the label in row 2 .* is 9223372036854775808; int32"),
        ({"labels": [[0.0, 1], [0, 1e39], [0, 0]]}, "the label in row 1 .* is 1e[+]39; float32 holds numbers"),
        ({"vocabulary": ["good", "bad"]}, r"vocabulary is a list, .*; expected a Vocabulary"),
        ({"batch_size": 0}, "batch_size is 0; it must be an integer, at least 1"),
        ({"batch_size": 2.0}, "batch_size is 2.0"),
        ({"max_length": 0}, "max_length is 0; it must be an integer, at least 1"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": None}, "seed is None"),
    ],
)
def test_bad_batches_are_refused(changes, message):
    """At the call, not in the middle of an epoch."""
    arguments = {"texts": ["good", "bad", "fine"], "labels": [1, 0, 1], "vocabulary": text.Vocabulary.from_texts(SMALL)}
    with pytest.raises(ValueError, match=f"batches: {message}"):
        text.batches(**{**arguments, **changes})


def test_random_state_of_the_notebook_is_left_alone():
    """Batches draw from a generator of their own."""
    texts, labels, vocabulary = small_corpus()
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    orders(text.batches(texts, labels, vocabulary))
    assert np.random.rand() == expected


def test_the_csv_recipe_from_file_to_verdict(root):
    """Two CSV files, a vocabulary, GloVe, buckets: a small network learns data/examples and knows new texts."""
    import keras

    keras.utils.set_random_seed(1)
    folder = root / "data" / "examples"
    train, test, label_names = data.load_csv(folder / "train.csv", folder / "test.csv")
    vocabulary = text.Vocabulary.from_texts(train["text"])
    matrix, _ = data.load_glove(vocabulary)
    model = keras.Sequential(
        [
            keras.layers.Embedding(len(vocabulary), 50, mask_zero=True),
            keras.layers.LSTM(16),
            keras.layers.Dense(1),
        ]
    )
    model.build((None, None))
    model.layers[0].set_weights([matrix])
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    model.optimizer.learning_rate = 0.01
    dataset = text.batches(train["text"], train["label"], vocabulary, batch_size=8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a lesson's cells must not write to stderr
        history = model.fit(dataset, epochs=15, shuffle=False, verbose=0).history["loss"]
    assert history[-1] < 0.2 < 0.5 < history[0]
    unshuffled = text.batches(test["text"], test["label"], vocabulary, bucketed=False, shuffle=False)
    verdicts = (model.predict(unshuffled, verbose=0)[:, 0] > 0).astype(int)
    assert (verdicts == test["label"]).mean() >= 9 / 12
    assert label_names[int(test["label"][0])] == "pos"


def test_two_processes_build_the_same(root):
    """Whatever the hash seed, ids and batches are equal."""
    code = (
        "from utils import text\nt = [f'w{i % 50} x{i % 7} ' * (i % 9 + 1) for i in range(200)]\n"
        "v = text.Vocabulary.from_texts(t, max_size=40)\n"
        "print(v.tokens, [r.tolist() for r in text.batch_rows([len(v.encode(x)) for x in t], seed=3, epoch=2)])"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second and "x0" in first


def test_repr_is_one_line():
    """A vocabulary of characters may hold the end of a line."""
    vocabulary = text.Vocabulary.from_texts(["\na\n"], level="character")
    assert repr(vocabulary) == r"Vocabulary(level='character', 4 ids: <pad>, <unk>, \n, a, ...)"
