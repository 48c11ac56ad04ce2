"""The pages of the site are the course's own files: exercises with folded solutions, without hidden tests."""

import csv
import json
import re

import nbformat
import pytest
from conftest import ROOT

from tools.site import pages
from utils import cells

SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


@pytest.fixture(scope="module", params=SOLUTIONS, ids=lambda path: path.stem)
def lesson(request):
    """A solved notebook and its page."""
    solution = nbformat.read(request.param, 4)
    return solution, pages.lesson_page(solution, "<p>links</p>")


def test_a_page_tells_no_hidden_test(lesson):
    """Nor does it say where one was; and what learners write lies in a fold."""
    solution, page = lesson
    assert not any(cells.MARKER.search(cell.source) for cell in page.cells)
    parts = [part for cell in solution.cells for part in cells.HIDDEN.findall(cell.source)]
    hidden = {line for part in parts for line in part.split("\n") if line.lstrip().startswith("ex.")}
    visible = {line for cell in solution.cells for line in cells.HIDDEN.sub("", cell.source).split("\n")}
    assert hidden - visible
    assert not (hidden - visible) & {line for cell in page.cells for line in cell.source.split("\n")}


def test_each_exercise_is_followed_by_its_solution(lesson):
    """The stub in sight, then, folded, the solved answer and the note on it."""
    solution, page = lesson
    numbers = [cells.answer_number(cell) for cell in solution.cells if cells.answer_number(cell)]
    stubs = [cell.source for cell in page.cells if cells.answer_number(cell)]
    folds = [cell.source for cell in page.cells if cell.source.startswith('<details class="solution">')]
    assert len(numbers) == len(stubs) == len(folds) > 0
    for number, stub, fold in zip(numbers, stubs, folds, strict=True):
        assert "raise NotImplementedError" in stub or "..." in stub
        assert f"# exercise: {number}" in fold and "mistake" in fold.lower() and fold.endswith("</details>")
        code = re.search(r"```python\n(.*?)\n```", fold, re.DOTALL)[1]
        compile(code, number, "exec")
        assert code != stub


def test_the_description_of_a_page_is_its_question(lesson):
    """For search engines and for previews, without marks of Markdown."""
    solution, page = lesson
    description = page.metadata["og:description"]
    assert description == page.metadata["myst"]["html_meta"]["description"] and description.endswith("?")
    assert description[1:25] in solution.cells[0].source and not re.search(r"[*`$]", description)


def test_a_page_keeps_all_else(lesson):
    """The text, but for badge and links to neighbours; the outputs, but those of exercises; and the folds."""
    solution, page = lesson
    kept = [cell for cell in solution.cells if "solution-note" not in cell.metadata.get("tags", [])]
    made = [cell for cell in page.cells if not cell.source.startswith('<details class="solution">')]
    assert [cell.cell_type for cell in kept] == [cell.cell_type for cell in made]
    for before, after in zip(kept, made, strict=True):
        if before.cell_type == "markdown":
            assert after.source == before.source or before is kept[0]
        elif cells.answer_number(before) or cells.check_of(before):
            assert after.outputs == []
        else:
            assert after.source == before.source and after.outputs == before.outputs
        if cells.folded(before):
            assert after.metadata["tags"] == ["hide-input"]
    title = made[0].source
    assert title.startswith("# ") and "<p>links</p>" in title
    assert "colab" not in title and "←" not in title and "→" not in title


def test_each_figure_has_its_description(lesson):
    """The sentence below it, as plain text."""
    _, page = lesson
    for cell in page.cells:
        if cell.cell_type == "code" and cells.figures(cell):
            alt = cell.metadata["mystnb"]["image"]["alt"]
            assert len(alt) > 25 and not set(alt) & set("*`$\\")


@pytest.mark.parametrize(
    "markdown, expected",
    [
        ("see [one](01.ipynb)", "see [one](../lessons/01.ipynb)"),
        ("see [one](../solutions/01.ipynb#part)", "see [one](../lessons/01.ipynb#part)"),
        ("see [the code](../utils/text.py)", "see the code"),
        ("see [`the code`](../utils/text.py)", "see `the code`"),
        ("see [there](https://example.org) and [here](#here)", "see [there](https://example.org) and [here](#here)"),
        ("`f[i](x)` and $f[i](x)$", "`f[i](x)` and $f[i](x)$"),
    ],
)
def test_links_lead_to_pages_or_nowhere(markdown, expected):
    """Without a repository a file that is no page is only named."""
    assert pages.resolved(markdown, "lessons/00.ipynb", {"lessons/01.ipynb"}, None) == expected


def test_links_lead_to_the_repository():
    """Where there is one."""
    found = pages.resolved("[a](../utils/text.py#L3)", "lessons/00.ipynb", set(), "me/course")
    assert found == "[a](https://github.com/me/course/blob/main/utils/text.py)"


def test_the_landing_page_shows_each_lesson():
    """Every picture of README.md, with its caption, as a link; and nothing of the table is left."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = pages.landing(readme, "<p>try</p>")
    head, page = page.split("---\n\n", 1)
    assert page.startswith("# Unrolled\n\nA course on recurrent networks")
    description = json.loads(head.split("\n")[1])["og:description"]
    assert description.startswith("A course on recurrent networks") and not re.search(r"[\[\]*`\n]", description)
    for path in SOLUTIONS[1:]:
        assert f'href="lessons/{path.stem}.html"' in page and f"<b>{path.stem[:2]}</b>" in page
    assert page.count('alt="') == len(SOLUTIONS) - 1 and "|" not in page
    assert "data/pictures" not in pages.without_pictures(readme) and "## Start" in pages.without_pictures(readme)
    assert pages.lesson_list(readme).count("(lessons/") == len(SOLUTIONS)


def test_the_glossary_has_each_term():
    """With an address of its own."""
    rows = list(csv.DictReader((ROOT / "data" / "glossary.csv").read_text(encoding="utf-8").splitlines()))
    page = pages.glossary(rows, {path.stem[:2]: path.stem for path in SOLUTIONS})
    anchors = re.findall(r'<span id="([^"]+)">', page)
    assert len(anchors) == len(set(anchors)) == len(rows) and "forget-gate" in anchors
    assert all(row["chinese"] in page and row["meaning"] in page for row in rows)


def test_the_interface_is_that_of_the_docstrings():
    """Public names with how they are called; code stays code, and no bracket becomes a tag."""
    source = '''"""A module.

    x = f(<pad>)

Takes a <pad> * 2.
"""

def f(a: int, *, b=1) -> str:
    """Say f."""

def _g():
    """Hidden."""

class C:
    """A C."""

    def __init__(self, size):
        pass

    def run(self):
        """Run it."""
'''
    page = pages.interface("utils.m", source)
    assert json.loads(page.split("\n")[1])["myst"]["html_meta"]["description"] == "A module."
    assert page.split("---\n\n", 1)[1].startswith(
        "# utils.m\n\nA module.\n\n    x = f(<pad>)\n\nTakes a &lt;pad&gt; \\* 2."
    )
    assert "## f\n\n```python\nf(a: int, *, b=1) -> str\n```\n\nSay f." in page
    assert "## C\n\n```python\nclass C(self, size)" in page and "### run" in page and "Hidden" not in page


def test_tables_show_the_columns_that_are_asked_for():
    """A comment above the header is no row."""
    page = pages.table("T", "Of claims.", "# comment\na,b,c\n1,x < y,3\n", ["b", "c"])
    assert page == "# T\n\nOf claims.\n\nb | c\n--- | ---\n`x < y` | 3\n"
