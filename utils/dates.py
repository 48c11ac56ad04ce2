"""Dates as people write them in many languages, with the same date in ISO 8601: a task for sequence to sequence.

    from utils import dates
    train, validation, test = dates.load_dates(seed=1)
    train.text[0], train.iso[0]  # ("duminică, 1 august 2010", "2010-08-01"), say
    date = dates.written("2010-08-01", "ro", "full")

How each language writes a date is known to the package Babel, from Unicode's Common Locale Data Repository (CLDR).
Dates are made on the spot, which takes a second; Babel is imported inside the functions that need it.
"""

from __future__ import annotations

import datetime
import functools
import typing

import numpy as np
import pandas as pd

from utils import arguments

# Languages whose names and patterns are the same in every Babel from 2.14 to 2.19.
LANGUAGES = {
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fr": "French",
    "hr": "Croatian",
    "hu": "Hungarian",
    "is": "Icelandic",
    "it": "Italian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "sw": "Swahili",
    "tr": "Turkish",
}
HELD_OUT = {"cy": "Welsh", "gl": "Galician", "nb": "Norwegian Bokmål", "sk": "Slovak", "uk": "Ukrainian"}
FORMS = ("medium", "long", "full")  # CLDR's names; "short" has years of two digits
FIRST_YEAR, LAST_YEAR = 1900, 2099
PARTS = ("year", "month", "day")


class WrittenDate(typing.NamedTuple):
    """text: str. year, month, day: where each stands in the text, (start, stop) as in text[start:stop]."""

    text: str
    year: tuple[int, int]
    month: tuple[int, int]
    day: tuple[int, int]


class DateSplits(typing.NamedTuple):
    """Three DataFrames with the columns that `make_dates` describes."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def load_dates(train: int = 11_000, validation: int = 500, test: int = 1_000, seed: int = 0) -> DateSplits:
    """Return dates in the 25 languages of LANGUAGES as DateSplits(train, validation, test).

    train, validation, test: the numbers of rows; for the columns see `make_dates`. No day of the calendar is in two
    of them: an answer in test has never been an answer in train. (Of the 73,049 days from 1900 to 2099 each belongs,
    by the seed, to one split: 80, 10 and 10 %.) Raises ValueError for numbers below 1 and for a bad seed.
    """
    for name, count in (("train", train), ("validation", validation), ("test", test)):
        arguments.check_integer("load_dates", name, count, 1)
    arguments.check_seed("load_dates", seed)
    days = np.random.RandomState(seed).permutation(_days())
    pieces = np.split(days, [round(0.8 * len(days)), round(0.9 * len(days))])
    counts = (train, validation, test)
    return DateSplits(
        *(
            _make(count, list(LANGUAGES), [seed, part], days)
            for part, (count, days) in enumerate(zip(counts, pieces, strict=True), start=1)
        )
    )


def make_dates(count: int, languages: typing.Iterable[str] = tuple(LANGUAGES), seed: int = 0) -> pd.DataFrame:
    """Return `count` random dates from 1900 to 2099 as a DataFrame, each in a language and a form drawn at random.

    languages: codes out of LANGUAGES and HELD_OUT.
    Columns: text, as it is written; iso, such as "2010-08-01"; language, its code;
    form, one of FORMS; and year, month, day: where each stands in text, a tuple (start, stop), so that
    `text[start:stop]` is its digits, or the month's name. A day of the week, which the form "full" begins or ends
    with in most languages, is none of the three.
    Raises ValueError for an unknown language, none at all, a count below 1 and a bad seed.
    """
    arguments.check_integer("make_dates", "count", count, 1)
    arguments.check_seed("make_dates", seed)
    languages = list(arguments.checked_texts("make_dates", "languages", languages))
    if not languages:
        raise ValueError("make_dates: languages is empty; give at least one code, such as 'ro'.")
    for code in languages:
        _check_language("make_dates", code)
    return _make(count, languages, [seed], _days())


def written(date: str | datetime.date, language: str, form: str = "full") -> WrittenDate:
    """Return how a language writes a date: WrittenDate(text, year, month, day).

    date: a datetime.date or a str such as "2010-08-01", from 1900 to 2099. language: a code out of LANGUAGES or
    HELD_OUT. form: one of FORMS: "medium" (1 aug. 2010, or 01.08.2010), "long" (1 august 2010) or "full"
    (duminică, 1 august 2010).
    Raises ValueError for a language or form that is not there, and for a date that is none.
    """
    _check_language("written", language)
    arguments.check_choice("written", "form", form, FORMS)
    if not isinstance(date, datetime.date):
        try:
            date = datetime.date.fromisoformat(date)
        except (TypeError, ValueError):
            given = arguments.describe(date)
            raise ValueError(f"written: date is {given}; expected a date such as '2010-08-01'.") from None
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise ValueError(f"written: the year of {date:%Y-%m-%d} is not from {FIRST_YEAR} to {LAST_YEAR}.")
    pieces, places, length = [], {}, 0
    for letter, texts in _pattern(language, form):
        piece = texts[{"y": date.year, "M": date.month, "d": date.day, "E": date.weekday(), "": 0}[letter]]
        places[letter] = length, length + len(piece)
        pieces.append(piece)
        length += len(piece)
    return WrittenDate("".join(pieces), places["y"], places["M"], places["d"])


def _check_language(function, code):
    """Raise ValueError unless a code is one of the languages."""
    arguments.check_choice(function, "language", code, sorted(LANGUAGES | HELD_OUT))


def _days():
    """Return the days of the calendar, as datetime's ordinals: integers."""
    return np.arange(datetime.date(FIRST_YEAR, 1, 1).toordinal(), datetime.date(LAST_YEAR, 12, 31).toordinal() + 1)


def _make(count, languages, seed, days):
    """Return the DataFrame of `make_dates`; days: the ordinals to draw from, seed: a list of integers."""
    random = np.random.RandomState(seed)  # NumPy promises that its numbers never change
    rows = []
    for ordinal, language, form in zip(
        random.choice(days, count).tolist(),
        random.randint(len(languages), size=count),
        random.randint(len(FORMS), size=count),
        strict=True,
    ):
        date = datetime.date.fromordinal(ordinal)
        text, *places = written(date, languages[language], FORMS[form])
        rows.append((text, date.isoformat(), languages[language], FORMS[form], *places))
    return pd.DataFrame(rows, columns=["text", "iso", "language", "form", *PARTS])


@functools.cache
def _pattern(language, form):
    """Return how a date is written, as a list of (letter, texts): what is put for each value of a field.

    letter: y, M, d or E, for year, month, day, and day of the week; "" for what stands between, whose text is at 0.
    texts: a dictionary from the number (years, months, days; Monday is 0) to a str.
    """
    import babel
    from babel.dates import tokenize_pattern

    locale = babel.Locale.parse(language)
    pattern = []
    for kind, value in tokenize_pattern(locale.date_formats[form].pattern):
        if kind == "chars":
            pattern.append(("", {0: value}))
            continue
        letter, width = value
        letter = {"L": "M", "c": "E"}.get(letter, letter)
        if letter == "y":
            texts = {year: str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)}
        elif letter in "Md" and width <= 2:
            texts = {number: f"{number:0{width}}" for number in range(1, 32)}
        else:
            names = {"M": locale.months, "E": locale.days}[letter]["stand-alone" if value[0] in "Lc" else "format"]
            texts = dict(names["wide" if width == 4 else "abbreviated"])
        pattern.append((letter, texts))
    return pattern
