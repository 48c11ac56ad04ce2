"""utils.dates: dates as 30 languages write them, where day, month and year stand in them, and no day in two splits."""

import datetime
import hashlib

import pytest
from babel.dates import format_date

from utils import dates

EVERY = [*dates.LANGUAGES, *dates.HELD_OUT]


@pytest.fixture(scope="module")
def splits():
    """Return the dates of seed 0."""
    return dates.load_dates()


@pytest.mark.parametrize("language", EVERY)
def test_written_as_babel_writes(language):
    """The same texts as Babel's own function, and each part stands where it is said to."""
    for form in dates.FORMS:
        for ordinal in range(datetime.date(1900, 1, 1).toordinal(), datetime.date(2100, 1, 1).toordinal(), 499):
            date = datetime.date.fromordinal(ordinal)
            text, year, month, day = dates.written(date, language, form)
            assert text == format_date(date, form, locale=language)
            assert int(text[slice(*year)]) == date.year and int(text[slice(*day)]) == date.day
            assert (
                text[slice(*month)].isalpha()
                or text[slice(*month)].strip(".").isalpha()
                or (int(text[slice(*month)]) == date.month)
            )


def test_known_dates():
    """A date in a few languages, by hand."""
    assert dates.written("2010-08-01", "ro").text == "duminică, 1 august 2010"
    assert dates.written("2010-08-01", "hu", "long") == ("2010. augusztus 1.", (0, 4), (6, 15), (16, 17))
    assert dates.written(datetime.date(1999, 12, 31), "de", "medium").text == "31.12.1999"


def test_sizes_and_columns(splits):
    """The documented numbers of rows; every language and form; the parts of each text."""
    assert [len(part) for part in splits] == [11_000, 500, 1_000]
    for part in splits:
        assert list(part.columns) == ["text", "iso", "language", "form", "year", "month", "day"]
    train = splits.train
    assert set(train.language) == set(dates.LANGUAGES) and set(train.form) == set(dates.FORMS)
    assert train.language.value_counts().min() > 350 and train.form.value_counts().min() > 3_500
    for row in train[:500].itertuples():
        assert row.text == dates.written(row.iso, row.language, row.form).text
        assert f"{row.text[slice(*row.year)]}-" == row.iso[:5] and int(row.text[slice(*row.day)]) == int(row.iso[8:])


def test_no_day_is_in_two_splits(splits):
    """What is asked in one split has never been an answer in another; the same for another seed."""
    for parts in (splits, dates.load_dates(3_000, 3_000, 3_000, seed=5)):
        days = [set(part.iso) for part in parts]
        assert not days[0] & days[1] and not days[0] & days[2] and not days[1] & days[2]


def test_no_text_means_two_dates():
    """In all training languages together, every text has one right answer."""
    answers = {}
    for number in range(366):
        date = datetime.date(2004, 1, 1) + datetime.timedelta(number)
        for language in dates.LANGUAGES:
            for form in dates.FORMS:
                assert answers.setdefault(dates.written(date, language, form).text, date) == date


def test_the_same_dates_everywhere(splits):
    """They depend on the seed alone, whatever the version of Babel (2.14 to 2.19 were tried)."""
    train = splits.train
    digest = hashlib.sha256("\n".join(train.text + train.iso).encode()).hexdigest()
    assert digest[:16] == "329e76cd9b8ec0c2"
    assert dates.load_dates(20, seed=1).train.text.tolist() != train.text[:20].tolist()
    assert dates.make_dates(30, ["cy"], seed=3).equals(dates.make_dates(30, ["cy"], seed=3))


def test_held_out_languages_are_not_in_training(splits):
    """Five languages are kept for the question what a network does with one that it has not seen."""
    assert not dates.HELD_OUT.keys() & set(splits.train.language)
    assert set(dates.make_dates(200, dates.HELD_OUT).language) == set(dates.HELD_OUT)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: dates.make_dates(0), "make_dates: count is 0; it must be an integer, at least 1"),
        (lambda: dates.make_dates(3, []), "make_dates: languages is empty"),
        (lambda: dates.make_dates(3, "ro"), "make_dates: languages is a str, 'ro'; expected a list"),
        (lambda: dates.make_dates(3, ["xx"]), "make_dates: language is 'xx'; it can be 'bg', 'cs', 'cy'"),
        (lambda: dates.make_dates(3, seed=-1), "make_dates: seed is -1"),
        (lambda: dates.load_dates(validation=0), "load_dates: validation is 0"),
        (lambda: dates.load_dates(seed="a"), "load_dates: seed is 'a'"),
        (lambda: dates.written("2010-08-01", "xx"), "written: language is 'xx'"),
        (lambda: dates.written("2010-08-01", "ro", "short"), "written: form is 'short'; it can be 'medium', 'long'"),
        (lambda: dates.written("1 August", "en"), "written: date is a str, '1 August'; expected a date such as"),
        (lambda: dates.written(20100801, "en"), "written: date is a int, 20100801; expected"),
        (lambda: dates.written("1850-01-01", "en"), "written: the year of 1850-01-01 is not from 1900 to 2099"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    """With what was given and what is accepted."""
    with pytest.raises(ValueError, match=message):
        call()
