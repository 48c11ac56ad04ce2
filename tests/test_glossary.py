"""data/glossary.csv: every term is used in the lesson that it names."""

import csv

import pytest
from conftest import SOLUTIONS, notebook

HAN = range(0x4E00, 0xA000)


@pytest.fixture(scope="module")
def terms(request):
    """The rows of the glossary, dictionaries."""
    path = request.config.rootpath / "data" / "glossary.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def lessons():
    """Number -> the Markdown of that lesson in small letters, one line."""
    return {
        path.name[:2]: " ".join(
            " ".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown").lower().split()
        )
        for path in SOLUTIONS
    }


def test_rows_are_whole(terms):
    """A term once only, a Chinese name, a sentence; in the order of the lessons."""
    assert len(terms) >= 40
    assert len({row["term"] for row in terms}) == len(terms)
    assert [row["lesson"] for row in terms] == sorted(row["lesson"] for row in terms)
    for row in terms:
        assert any(ord(character) in HAN for character in row["chinese"]), row
        assert row["meaning"].endswith("."), row


def test_terms_are_used_where_the_glossary_says(terms, lessons):
    """The lesson named uses the term."""
    unused = [row["term"] for row in terms if row["term"].lower() not in lessons[row["lesson"]]]
    assert not unused
