"""Spoken words with what was said: made on the spot by eSpeak NG, in voices to learn from and voices to test with.

    from utils import spoken_words
    train, validation, test = spoken_words.load_digits(seed=0)
    train.text[0], train.frames[0].shape  # ("three one four", (97, 40)), say
    waveforms = spoken_words.record(test[:10])  # to listen to

    python -m utils.spoken_words  # writes data/spoken/digits.npz, what is used where eSpeak NG cannot run

Utterances are drawn at random: one to five words, a voice, a speed, a pitch, and how loud the noise is.
"""

from __future__ import annotations

import hashlib
import io
import sys
import typing

import numpy as np
import pandas as pd

from utils import arguments, cache, corpora, environment, files, speech, synthesis

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# No two of these, and none and a digit, sound the same: nobody could tell "right" from "write" by its sound.
COMMANDS = tuple(
    "yes no up down left right on off stop go start wait play pause next back open close save print find help "
    "begin end repeat delete louder softer faster slower more less light lamp door window music radio phone call "
    "kitchen bedroom garden north south east west red green blue white black hot cold".split()
)
# Speakers whom no network meets in training: every sixth name in alphabetical order, from the second, where names that
# differ in a number only (Gene, Gene2) count as one.
TEST_VARIANTS = (
    *("Alex", "Annie", "benjamin", "Denis", "Gene", "Gene2", "ian", "Lee", "max", "Nguyen", "Reed", "shelby", "victor"),
)
# In neither: a child, whose formants lie 45 % higher than those the library starts from; no other variant is near.
OUTSIDER = "zac"
COLUMNS = ["text", "voice", "speed", "pitch", "rate", "noise", "before", "after"]
MOST_WORDS = 5
SPEEDS, PITCHES = (130, 220), (20, 80)  # words a minute; the library's scale
NOISES = (10, 30)  # decibels
# Hertz at which a training voice's samples are taken to have been made. At 22,050 they sound as they were made; above,
# as a smaller person who speaks faster and higher, below, as a larger one (Ko et al. 2015: speed perturbation).
MADE_AT = 22_050
TRAIN_RATES = (18_000, 19_200, 20_000, 21_000, MADE_AT, 23_000, 24_000, 25_600, 26_400)
SILENCES = (0.05, 0.2)  # seconds before and after the words
LETTERS = " abcdefghijklmnopqrstuvwxyz"  # what the networks of the course write
VERSION = 1  # count this up when `record` or `speech.features` changes: caches of the old utterances are then not used
SMALL = environment.course_root() / "data" / "spoken" / "digits.npz"  # what ships, for where eSpeak NG cannot run
COUNTS, SMALL_COUNTS = (2_000, 200, 500), (1_000, 100, 200)  # rows of train, validation and test
STEPS = 10  # of a frame's number there, for each 1: it is kept in 8 bits, from -12.8 to 12.7, within 0.05


class SpokenSplits(typing.NamedTuple):
    """Three DataFrames with the columns that `load_digits` describes."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def train_variants() -> tuple[str, ...]:
    """Return the 90 variants that networks learn from: all but TEST_VARIANTS and OUTSIDER."""
    return tuple(variant for variant in synthesis.variants() if variant not in (*TEST_VARIANTS, OUTSIDER))


def draw(
    count: int, words: Sequence[str], variants: Sequence[str], seed: int = 0, rates: Sequence[int] = (MADE_AT,)
) -> pd.DataFrame:
    """Return `count` utterances that nobody has said yet, as a DataFrame.

    words: what may be said, DIGITS, say. variants: of synthesis.variants(); accents are drawn out of all.
    rates: of which one is drawn each time; TRAIN_RATES, or the one at which a voice sounds as it was made.
    Columns: text (one to five words), voice, speed (130 to 220 words a minute), pitch (20 to 80), rate (hertz),
    noise (10 to 30 decibels: how much weaker than the speech), and before and after: seconds of silence.
    Raises ValueError for a count below 1, no words, variants or rates, a rate out of TRAIN_RATES' range, a bad seed.
    """
    arguments.check_integer("draw", "count", count, 1)
    arguments.check_seed("draw", seed)
    words, variants = (
        list(arguments.checked_texts("draw", name, value)) for name, value in (("words", words), ("variants", variants))
    )
    if not hasattr(rates, "__iter__"):
        raise ValueError(f"draw: rates is {arguments.describe(rates)}; expected a list of integers.")
    rates = list(rates)
    for rate in rates:
        arguments.check_integer("draw", "a rate", rate, min(TRAIN_RATES), max(TRAIN_RATES))
    if not words or not variants or not rates:
        given = f"{len(words)} words, {len(variants)} variants and {len(rates)} rates"
        raise ValueError(f"draw: there are {given}; give at least one of each.")
    random = np.random.RandomState(seed)  # NumPy promises that its numbers never change
    rows = []
    for _ in range(count):
        said = [words[index] for index in random.randint(len(words), size=random.randint(1, MOST_WORDS + 1))]
        accent = synthesis.ACCENTS[random.randint(len(synthesis.ACCENTS))]
        voice = f"{accent}+{variants[random.randint(len(variants))]}"
        speed, pitch = (int(random.randint(low, high + 1)) for low, high in (SPEEDS, PITCHES))
        rate = int(rates[random.randint(len(rates))])
        levels = random.uniform(*NOISES), *random.uniform(*SILENCES, size=2)
        rows.append((" ".join(said), voice, speed, pitch, rate, *levels))
    return pd.DataFrame(rows, columns=COLUMNS)


def record(table: pd.DataFrame, noise: float | None = None, seed: int = 0) -> list[speech.Waveform]:
    """Return the utterances of a table as `draw` makes it, spoken: a list of speech.Waveform at speech.RATE.

    noise: decibels for all of them instead of the table's. seed: of the noise.
    Raises as synthesis.speak does, and ValueError for what is no such table, and for a bad noise or seed.
    """
    _check_table("record", table)
    arguments.check_seed("record", seed)
    requests = [synthesis.Request(*row) for row in table[["text", "voice", "speed", "pitch"]].itertuples(index=False)]
    levels = table.noise if noise is None else [noise] * len(table)
    seeds = np.random.RandomState(seed).randint(2**31, size=len(table)).tolist()
    waveforms = []
    for spoken, rate, level, before, after, own_seed in zip(
        synthesis.speak_all(requests), table.rate, levels, table.before, table.after, seeds, strict=True
    ):
        samples = speech.resample(spoken._replace(rate=rate)).samples
        silences = (round(seconds * speech.RATE) for seconds in (before, after))
        padded = speech.Waveform(np.pad(samples, tuple(silences)), speech.RATE)
        waveforms.append(speech.add_noise(padded, level, own_seed))
    return waveforms


def _check_table(function, table):
    """Raise ValueError unless something is a table as `draw` makes it, perhaps with more columns."""
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{function}: table is {arguments.describe(table)}; expected a DataFrame, as `draw` makes it.")
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise ValueError(f"{function}: table lacks the columns {', '.join(missing)}; `draw` makes them all.")


def with_frames(table: pd.DataFrame, seed: int = 0, noise: float | None = None) -> pd.DataFrame:
    """Return a table as `draw` makes it with one column more, frames: `speech.features` of each utterance.

    Float32 arrays of shape (T, 40). seed, noise, and what is raised: as for `record`.
    """
    _check_table("with_frames", table)
    arguments.check_seed("with_frames", seed)
    frames = []
    for start in range(0, len(table), 1_000):  # the sound of all at once would take gigabytes
        part = record(table[start : start + 1_000], noise, (int(seed) + start) % 2**32)
        frames += [speech.features(waveform) for waveform in part]
    return table.assign(frames=frames)


def load_digits(
    train: int = COUNTS[0], validation: int = COUNTS[1], test: int = COUNTS[2], seed: int = 0
) -> SpokenSplits:
    """Return spoken digits as SpokenSplits(train, validation, test).

    train, validation, test: the numbers of rows. The columns are those of `draw`, and frames: what
    `speech.features` makes of the sound, float32, shape (T, 40), a frame every 12.5 milliseconds. The voices of
    train and validation are the same 90; those of test are 13 others.

    The first call has all of them said, which takes some seconds; the frames are then kept (see utils.cache).
    Where eSpeak NG cannot be used, a sentence says so, and what the course ships is returned: of the rows of
    seed 0, at most 1,000, 100 and 200, their frames rounded to tenths.
    Raises ValueError for numbers below 1 and for a bad seed.
    """
    for name, count in (("train", train), ("validation", validation), ("test", test)):
        arguments.check_integer("load_digits", name, count, 1)
    arguments.check_seed("load_digits", seed)
    counts = int(train), int(validation), int(test)
    try:
        return SpokenSplits(*_made(DIGITS, counts, int(seed)))
    except synthesis.SynthesisError as error:
        print(f"The course's own small set of spoken digits takes the place of new ones. {error}")
        return SpokenSplits(*(table[:count] for table, count in zip(load_small(), counts, strict=True)))


def load_small() -> SpokenSplits:
    """Return the small set that ships, the same on every system: 1,000, 100 and 200 rows of `load_digits()`.

    Its frames are rounded to tenths.
    """
    return SpokenSplits(*_unpacked(SMALL.read_bytes()))


def _made(words, counts, seed):
    """Return three tables with frames, out of the cache if they are there."""
    kinds = ((train_variants(), TRAIN_RATES), (train_variants(), [MADE_AT]), (TEST_VARIANTS, [MADE_AT]))
    tables = [
        draw(count, words, variants, (seed * 3 + part) % 2**32, rates)
        for part, (count, (variants, rates)) in enumerate(zip(counts, kinds, strict=True))
    ]
    origin = [VERSION, seed, corpora.entry("espeak")["files"], *(table.to_json() for table in tables)]
    name = f"spoken-{hashlib.sha256(repr(origin).encode()).hexdigest()[:16]}.npz"
    content = cache.read(name)
    if content is None:
        content = _packed([with_frames(table, seed) for table in tables])
        cache.write(name, content)
    return _unpacked(content)


def _packed(tables, small=False):
    """Return tables as the bytes of a NumPy archive: the frames of all together in float16, the rest as text.

    small: the frames in uint8, 128 standing for 0 and each 10 more or less for 1; compressed they are a third of that.
    """
    arrays = {}
    for index, table in enumerate(tables):
        frames = np.concatenate(table.frames.to_list())
        rounded = np.clip(np.rint(frames * STEPS) + 128, 0, 255).astype(np.uint8)
        arrays[f"frames {index}"] = rounded if small else frames.astype(np.float16)
        arrays[f"lengths {index}"] = np.array([len(frames) for frames in table.frames])
        arrays[f"rest {index}"] = np.array(table.drop(columns="frames").to_json())
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(content):
    """Return the tables that `_packed` made bytes of."""
    tables = []
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for index in range(len(arrays.files) // 3):
            table = pd.read_json(io.StringIO(str(arrays[f"rest {index}"])), dtype={"text": str, "voice": str})
            borders = np.cumsum(arrays[f"lengths {index}"])[:-1]
            frames = arrays[f"frames {index}"]
            if frames.dtype == np.uint8:
                frames = (frames.astype(np.float32) - 128) / STEPS
            frames = frames.astype(np.float32)
            tables.append(table.assign(frames=np.split(frames, borders)))
    return tables


def main() -> int:
    """Write the first rows of `load_digits()` to data/spoken/digits.npz; return the exit status."""
    try:
        tables = _made(DIGITS, COUNTS, 0)
    except synthesis.SynthesisError as error:  # and not the small set once more
        print(error, file=sys.stderr)
        return 1
    SMALL.parent.mkdir(exist_ok=True)
    parts = [table[:count] for table, count in zip(tables, SMALL_COUNTS, strict=True)]
    files.write_bytes(SMALL, _packed(parts, small=True))
    print(f"{SMALL}: {SMALL.stat().st_size:,} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
