"""utils.spoken_words: voices to learn from and others to test with, as drawn, as loud as said, and kept once made."""

import collections
import hashlib
import itertools
import re
import subprocess

import numpy as np
import pandas as pd
import pytest

from utils import cache, corpora, data, speech, spoken_words, synthesis

FEW = dict(train=9, validation=4, test=6)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Give the cache a folder of its own, and return it."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(cache, "folders", lambda: [folder])
    return folder


@pytest.fixture
def silent(monkeypatch):
    """Let nothing be spoken: two frames of zeros for each utterance, so that thousands can be drawn."""
    frames = np.zeros((2, 40), np.float32)
    monkeypatch.setattr(
        spoken_words, "with_frames", lambda table, seed: table.assign(frames=[frames for _ in range(len(table))])
    )


@pytest.fixture
def no_espeak(monkeypatch):
    """Let eSpeak NG be missing, and pip without a network."""
    synthesis.variants.cache_clear()
    monkeypatch.setattr(corpora, "installed_version", lambda name: None)
    monkeypatch.setattr(corpora.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    yield
    synthesis.variants.cache_clear()


def variants_of(table):
    """Return the set of the variants that speak in a table."""
    return {voice.partition("+")[2] for voice in table.voice}


def same(left, right):
    """Check that two tables with frames are equal, number by number."""
    columns = [column for column in left.columns if column != "frames"]
    pd.testing.assert_frame_equal(left[columns], right[columns])
    assert list(left.columns) == list(right.columns)
    assert all(np.array_equal(one, other) for one, other in zip(left.frames, right.frames, strict=True))


# --- who speaks, and what --------------------------------------------------------------------------


def test_test_voices_are_every_sixth():
    """In alphabetical order from the second, names that differ in a number counting as one: nobody chose them."""
    people = {name: re.sub(r"\d+$", "", name).lower() for name in sorted(synthesis.variants(), key=str.lower)}
    picked = list(dict.fromkeys(people.values()))[1::6]
    chosen = [name for name, person in people.items() if person in picked]
    assert sorted(spoken_words.TEST_VARIANTS) == sorted(chosen)
    assert len(spoken_words.train_variants()) == 90
    everybody = [*spoken_words.train_variants(), *spoken_words.TEST_VARIANTS, spoken_words.OUTSIDER]
    assert sorted(everybody) == sorted(synthesis.variants())


def test_no_voice_is_in_training_and_test(silent, kept):
    """All 90 speak in training, all 13 in the test, also with another seed; sizes and rates are those documented."""
    default = spoken_words.load_digits()
    assert [len(table) for table in default] == [2_000, 200, 500]
    for splits in (default, spoken_words.load_digits(1_500, 1_500, 500, seed=7)):
        train, validation, test = splits
        assert variants_of(train) == set(spoken_words.train_variants()) >= variants_of(validation)
        assert variants_of(test) == set(spoken_words.TEST_VARIANTS)
        assert set(train.rate) == set(spoken_words.TRAIN_RATES)
        assert set(validation.rate) == set(test.rate) == {22_050}
        assert not set(validation.text + validation.voice) & set(test.text + test.voice)
    assert not default.train.text.equals(default.validation.text[:200].reindex(range(2_000)))


def test_what_is_drawn():
    """Each column within its limits, which are reached; every number of words, every word and accent about as often."""
    table = spoken_words.draw(6_000, spoken_words.DIGITS, ["Annie", "Lee"], seed=1, rates=[20_000, 24_000])
    assert list(table.columns) == ["text", "voice", "speed", "pitch", "rate", "noise", "before", "after"]
    words = table.text.str.split(" ")
    assert words.map(len).value_counts(normalize=True).sort_index().round(1).to_dict() == dict.fromkeys(
        range(1, 6), 0.2
    )
    counts = words.explode().value_counts(normalize=True)
    assert set(counts.index) == set(spoken_words.DIGITS) and counts.between(0.09, 0.11).all()
    voices = table.voice.value_counts(normalize=True)
    assert set(voices.index) == {f"{accent}+{name}" for accent in synthesis.ACCENTS for name in ("Annie", "Lee")}
    assert voices.between(0.06, 0.11).all()
    assert (table.speed.min(), table.speed.max()) == (130, 220)
    assert (table.pitch.min(), table.pitch.max()) == (20, 80)
    assert table.rate.value_counts(normalize=True).round(1).to_dict() == {20_000: 0.5, 24_000: 0.5}
    for column, low, high in (("noise", 10, 30), ("before", 0.05, 0.2), ("after", 0.05, 0.2)):
        assert table[column].between(low, high).all()
        assert table[column].min() == pytest.approx(low, rel=0.01) and table[column].max() == pytest.approx(
            high, rel=0.01
        )
        assert table[column].mean() == pytest.approx((low + high) / 2, rel=0.02)
    assert abs(table.before.corr(table.after)) < 0.05


def test_the_same_utterances_everywhere():
    """They depend on the seed alone; fewer are the first of more; another seed draws others."""
    table = spoken_words.draw(300, spoken_words.DIGITS, spoken_words.train_variants(), 0, spoken_words.TRAIN_RATES)
    said = table.text + table.voice + table.speed.astype(str) + table.pitch.astype(str) + table.rate.astype(str)
    assert hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] == "2f2028c03ace3494"
    less = spoken_words.draw(100, spoken_words.DIGITS, spoken_words.train_variants(), 0, spoken_words.TRAIN_RATES)
    pd.testing.assert_frame_equal(less, table[:100])
    other = spoken_words.draw(300, spoken_words.DIGITS, spoken_words.train_variants(), 1, spoken_words.TRAIN_RATES)
    assert not other.text.equals(table.text)


def test_commands_are_words():
    """One each, in the letters that the networks write, none twice and none a digit."""
    words = spoken_words.DIGITS + spoken_words.COMMANDS
    assert len(set(words)) == len(words) and set("".join(words)) < set(spoken_words.LETTERS)
    assert len(spoken_words.DIGITS) == 10


def test_no_two_words_sound_the_same():
    """By the CMU dictionary: nobody could tell "right" from "write". The test sees those two, and "red" and "read"."""
    said = collections.defaultdict(set)
    for part in data.load_pronunciations():
        for word, several in zip(part.word, part.pronunciations, strict=True):
            said[word] |= {tuple(one) for one in several}

    def alike(words):
        pairs = itertools.combinations(words, 2)
        return [pair for pair in pairs if said[pair[0]] & said[pair[1]]]

    words = spoken_words.DIGITS + spoken_words.COMMANDS
    assert alike(["right", "write", "red", "read", "door"]) == [("right", "write"), ("red", "read")]
    assert sum(bool(said[word]) for word in words) > 0.9 * len(words) and alike(words) == []


# --- how it sounds ---------------------------------------------------------------------------------


def test_silence_stands_around_the_words():
    """As much as the table says, to the sample, with noise in it as elsewhere."""
    table = spoken_words.draw(6, spoken_words.DIGITS, ["Annie"], seed=2)
    for row, waveform in zip(table.itertuples(), spoken_words.record(table, noise=110), strict=True):
        before, after = round(row.before * 16_000), round(row.after * 16_000)
        assert waveform.rate == 16_000
        first, words, last = np.split(waveform.samples, [before, len(waveform.samples) - after])
        assert 0 < np.abs(first).max() < 1e-4 and 0 < np.abs(last).max() < 1e-4
        spoken = synthesis.speak(row.text, row.voice, row.speed, row.pitch)
        assert len(words) == pytest.approx(len(spoken.samples) / 22_050 * 16_000, rel=0.05)
        assert np.abs(words).max() > 0.1


def test_noise_is_the_tables_or_the_callers():
    """Measured against the same utterances with next to none; another seed is other noise, each row has its own."""
    table = spoken_words.draw(5, spoken_words.DIGITS, ["Annie"], seed=3).assign(before=0.1, after=0.1)

    def noise(clean, noisy):
        return noisy.samples.astype(np.float64) - clean.samples

    clean = spoken_words.record(table, noise=110)
    for noisy, levels in ((spoken_words.record(table), table.noise), (spoken_words.record(table, noise=5), [5] * 5)):
        for one, other, level in zip(clean, noisy, levels, strict=True):
            measured = 10 * np.log10(np.mean(one.samples**2) / np.mean(noise(one, other) ** 2))
            assert measured == pytest.approx(level, abs=0.2)
    first, other = (spoken_words.record(table, seed=seed) for seed in (0, np.uint32(1)))
    assert not np.array_equal(first[0].samples, other[0].samples)
    rows = [noise(one, noisy)[:1_000] for one, noisy in zip(clean, first, strict=True)]
    assert abs(np.corrcoef(rows)[np.triu_indices(5, 1)]).max() < 0.2


def test_a_rate_changes_the_speaker():
    """Taken for samples at 26,400 hertz the same speech is shorter, and as much higher."""
    table = spoken_words.draw(1, ["nine"], ["Annie"], seed=0)
    slow, fast = (
        len(spoken_words.record(table.assign(rate=rate, before=0.0, after=0.0), 100)[0].samples)
        for rate in (18_000, 26_400)
    )
    assert slow / fast == pytest.approx(26_400 / 18_000, rel=0.01)


def test_frames_are_the_features_of_the_recordings():
    """Row by row, with the seed and the noise that were given; what was in the table stays."""
    table = spoken_words.draw(7, spoken_words.DIGITS, ["Annie"], seed=4)
    heard = spoken_words.with_frames(table, seed=5, noise=20)
    pd.testing.assert_frame_equal(heard[list(table.columns)], table)
    for frames, waveform in zip(heard.frames, spoken_words.record(table, 20, seed=5), strict=True):
        assert frames.dtype == np.float32 and frames.shape[1] == 40
        assert np.array_equal(frames, speech.features(waveform))


def test_many_are_spoken_in_parts(monkeypatch):
    """A thousand at a time, in order, each part with noise of its own."""
    parts = []

    def record(table, noise, seed):
        parts.append((len(table), seed))
        return table.index.tolist()

    monkeypatch.setattr(spoken_words, "record", record)
    monkeypatch.setattr(spoken_words.speech, "features", lambda waveform: waveform)
    table = spoken_words.draw(2_100, ["one"], ["Annie"])
    assert spoken_words.with_frames(table, seed=2**32 - 1).frames.tolist() == list(range(2_100))
    assert parts == [(1_000, 2**32 - 1), (1_000, 999), (100, 1_999)]


# --- kept ------------------------------------------------------------------------------------------


def test_the_first_call_speaks_and_the_next_do_not(kept, monkeypatch):
    """The same tables, number by number: NumPy's integers are the same arguments."""
    first = spoken_words.load_digits(**FEW, seed=3)
    assert [len(table) for table in first] == [9, 4, 6]
    pd.testing.assert_frame_equal(
        first.train.drop(columns="frames"),
        spoken_words.draw(9, spoken_words.DIGITS, spoken_words.train_variants(), 9, spoken_words.TRAIN_RATES),
    )
    made = spoken_words.with_frames(first.test.drop(columns="frames"), seed=3)
    for kept_frames, frames in zip(first.test.frames, made.frames, strict=True):
        assert kept_frames.dtype == np.float32 and kept_frames.shape == frames.shape
        assert np.abs(kept_frames - frames).max() < 0.005  # float16
    monkeypatch.setattr(synthesis, "speak_all", lambda requests: pytest.fail("spoken again"))
    again = spoken_words.load_digits(np.int16(9), np.uint8(4), 6, seed=np.uint8(3))
    for left, right in zip(first, again, strict=True):
        same(left, right)
    assert len(list(kept.iterdir())) == 1


def test_nothing_kept_is_shared(silent, kept, monkeypatch):
    """Other numbers of rows, another seed, other voices, other code, another eSpeak NG: each is made anew."""
    spoken_words.load_digits(5, 5, 5)
    for count, change in enumerate((dict(train=6), dict(validation=6), dict(test=6), dict(seed=1)), start=2):
        spoken_words.load_digits(**(dict(train=5, validation=5, test=5) | change))
        assert len(list(kept.iterdir())) == count
    real = corpora.manifest()
    newer = {**real, "espeak": dict(real["espeak"], files={**real["espeak"]["files"], "another": "0" * 64})}
    for name, value in (
        ("VERSION", spoken_words.VERSION + 1),
        ("TEST_VARIANTS", ("Annie", "Lee")),
        ("DIGITS", ("one", "two")),
        ("NOISES", (50, 60)),
    ):
        monkeypatch.setattr(spoken_words, name, value)
        count += 1
        spoken_words.load_digits(5, 5, 5)
        assert len(list(kept.iterdir())) == count
    monkeypatch.setattr(corpora, "manifest", lambda: newer)
    spoken_words.load_digits(5, 5, 5)
    assert len(list(kept.iterdir())) == count + 1


def test_a_damaged_cache_is_made_again(silent, kept):
    """One warning, at the caller's line, and the same rows."""
    first = spoken_words.load_digits(**FEW)
    [path] = kept.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.warns(UserWarning, match=r"is damaged; it is made again\.$") as caught:
        again = spoken_words.load_digits(**FEW)
    assert len(caught) == 1 and caught[0].filename == __file__
    same(first.test, again.test)


# --- what ships ------------------------------------------------------------------------------------


def test_the_small_set_is_the_start_of_the_large_one(no_espeak, capsys):
    """Where eSpeak NG is missing: one line says so, and the documented numbers of rows, with the words of seed 0."""
    splits = spoken_words.load_digits()
    said = capsys.readouterr().out
    reason = (
        "The course's own small set of spoken digits takes the place of new ones. eSpeak NG cannot be used: the data"
    )
    assert said.startswith(reason) and said.count("\n") == 1
    assert [len(table) for table in splits] == [1_000, 100, 200]
    fewer = spoken_words.load_digits(7, 3, 2_000, seed=5)
    assert [len(table) for table in fewer] == [7, 3, 200]
    for left, right in zip(splits, fewer, strict=True):
        count = min(len(left), len(right))
        same(left[:count], right[:count])
    for table in splits:
        assert table.frames.map(lambda frames: frames.dtype == np.float32 and frames.shape[1] == 40).all()


def test_the_small_set_is_what_it_should_be():
    """The file, its size and all that is in it: the rows that are drawn, and what is said in the first of them."""
    content = spoken_words.SMALL.read_bytes()
    assert len(content) < 3_100_000
    assert hashlib.sha256(content).hexdigest()[:16] == "a29332152fa5613e"
    with np.load(spoken_words.SMALL) as arrays:
        assert sorted(arrays.files) == [f"{kind} {part}" for kind in ("frames", "lengths", "rest") for part in range(3)]
        assert all(arrays[f"frames {part}"].dtype == np.uint8 for part in range(3))
        extremes = [(arrays[f"frames {part}"].min(), arrays[f"frames {part}"].max()) for part in range(3)]
    assert min(low for low, _ in extremes) > 0 and max(high for _, high in extremes) < 255  # nothing was cut off
    train_variants, rates = spoken_words.train_variants(), spoken_words.TRAIN_RATES
    sources = [(train_variants, rates), (train_variants, [22_050]), (spoken_words.TEST_VARIANTS, [22_050])]
    tables = spoken_words._unpacked(content)
    for part, (table, (variants, rates)) in enumerate(zip(tables, sources, strict=True)):
        drawn = spoken_words.draw(spoken_words.COUNTS[part], spoken_words.DIGITS, variants, part, rates)
        assert len(table) == spoken_words.SMALL_COUNTS[part]
        pd.testing.assert_frame_equal(table.drop(columns="frames"), drawn[: len(table)])
        # The first of a list that two processes share sound as the first of a longer one.
        first = spoken_words.with_frames(drawn[: synthesis.FEW + 2])
        for ours, made in zip(table.frames, first.frames, strict=False):
            assert ours.shape == made.shape
            assert np.abs(ours - made).max() < 0.5 / spoken_words.STEPS + 0.003  # of the cache's float16


def test_the_command_writes_the_small_set(silent, kept, tmp_path, monkeypatch, capsys):
    """The first rows of what load_digits gives, and reads them back."""
    monkeypatch.setattr(spoken_words, "SMALL", tmp_path / "spoken" / "digits.npz")
    monkeypatch.setattr(spoken_words, "SMALL_COUNTS", (30, 20, 10))
    assert spoken_words.main() == 0
    content = spoken_words.SMALL.read_bytes()
    assert f"digits.npz: {len(content):,} bytes" in capsys.readouterr().out
    for table, made, count in zip(
        spoken_words._unpacked(content), spoken_words.load_digits(), (30, 20, 10), strict=True
    ):
        same(table, made[:count])


def test_frames_of_the_small_set_are_rounded():
    """To the nearest tenth; what is beyond the eight bits is cut off."""
    table = spoken_words.draw(1, ["one"], ["Annie"])
    frames = np.array([[0, 0.04, 0.06, -0.26, 12.7, -12.8, 99, -99]], np.float32)
    [back] = spoken_words._unpacked(spoken_words._packed([table.assign(frames=[frames])], small=True))
    assert np.allclose(back.frames[0], [[0, 0, 0.1, -0.3, 12.7, -12.8, 12.7, -12.8]])


def test_the_command_needs_espeak(no_espeak, tmp_path, monkeypatch, capsys):
    """It never makes the small set of itself."""
    monkeypatch.setattr(spoken_words, "SMALL", tmp_path / "digits.npz")
    assert spoken_words.main() == 1
    assert capsys.readouterr().err.startswith("eSpeak NG cannot be used") and not spoken_words.SMALL.exists()


# --- arguments -------------------------------------------------------------------------------------

TABLE = pd.DataFrame([["one", "en-us", 150, 50, 22_050, 20, 0.1, 0.1]], columns=spoken_words.COLUMNS)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: spoken_words.draw(0, ["one"], ["Annie"]), "draw: count is 0; it must be an integer, at least 1"),
        (lambda: spoken_words.draw(True, ["one"], ["Annie"]), "draw: count is True"),
        (lambda: spoken_words.draw(2, "one", ["Annie"]), "draw: words is a str, 'one'; expected a list of str"),
        (lambda: spoken_words.draw(2, ["one"], "Annie"), "draw: variants is a str, 'Annie'"),
        (lambda: spoken_words.draw(2, ["one", 2], ["Annie"]), "draw: row 1 of words .counted from 0. is a int, 2"),
        (lambda: spoken_words.draw(2, [], ["Annie"]), "draw: there are 0 words, 1 variants and 1 rates; give at least"),
        (lambda: spoken_words.draw(2, ["one"], []), "draw: there are 1 words, 0 variants and 1 rates"),
        (lambda: spoken_words.draw(2, ["one"], ["Annie"], 0, []), "draw: there are 1 words, 1 variants and 0 rates"),
        (lambda: spoken_words.draw(2, ["one"], ["Annie"], 0, 22_050), "draw: rates is a int, 22050; expected a list"),
        (lambda: spoken_words.draw(2, ["one"], ["Annie"], 0, [16_000]), "draw: a rate is 16000; .* 18000 to 26400"),
        (lambda: spoken_words.draw(2, ["one"], ["Annie"], -1), "draw: seed is -1"),
        (lambda: spoken_words.record([["one"]]), r"record: table is a list, \[\['one'\]\]; expected a DataFrame"),
        (
            lambda: spoken_words.record(TABLE[["text", "rate"]]),
            "record: table lacks the columns voice, speed, pitch, n",
        ),
        (lambda: spoken_words.record(TABLE, seed=1.5), "record: seed is 1.5"),
        (lambda: spoken_words.record(TABLE, noise=500), "add_noise: decibels is 500"),
        (lambda: spoken_words.record(TABLE.assign(speed=1)), "speak_all: row 0 of requests .* speed is 1; it must be"),
        (lambda: spoken_words.with_frames(None), "with_frames: table is a NoneType"),
        (lambda: spoken_words.with_frames(TABLE.drop(columns="after")), "with_frames: table lacks the columns after; "),
        (lambda: spoken_words.with_frames(TABLE, True), "with_frames: seed is True"),
        (lambda: spoken_words.load_digits(0), "load_digits: train is 0; it must be an integer, at least 1"),
        (lambda: spoken_words.load_digits(5, True), "load_digits: validation is True"),
        (lambda: spoken_words.load_digits(5, 5, 2.0), "load_digits: test is 2.0"),
        (lambda: spoken_words.load_digits(seed="a"), "load_digits: seed is 'a'"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    """With what was given and what is accepted."""
    with pytest.raises(ValueError, match=f"^{message}"):
        call()
