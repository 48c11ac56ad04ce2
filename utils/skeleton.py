"""A new lesson to start from: it follows the contract, and every TODO in it is for its author to replace.

`contents` returns its files; python -m utils.authoring --new 08 "title" writes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import nbformat

from utils import cells, mistakes

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Sequence

HEAD = """# {number} {title}

[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]()

*Reading: about 5 minutes. Running: 5 seconds, measured on two cores.*

After this lesson you can

- TODO: what a reader can do then, each line with a verb.

**You need** {needed}.

**The question of this lesson:** TODO: which one question does it answer?"""

ALT = "TODO: what somebody who cannot see the figure has to know about it."
FIGURE = """plots.curves({"TODO": y}, x_label="TODO, with its unit", y_label="TODO, with its unit")"""

# Name of the function, what it returns, the solution, the same by a loop over the rows, and a wrong method.
EXERCISES = [
    ("row_means", "mean", "x.mean(axis=1)", "sum(row) / len(row)", "sum"),
    ("row_sums", "sum", "x.sum(axis=1)", "sum(row)", "mean"),
    ("row_maxima", "largest number", "x.max(axis=1)", "sorted(row)[-1]", "min"),
    ("row_minima", "smallest number", "x.min(axis=1)", "sorted(row)[0]", "max"),
]
TASK = """### Exercise {number}: the {what} of each row (1 point)

TODO: the task, with shapes. Write `{name}(x)`: it takes an array `x` of shape (rows, columns), and returns the {what}
of each row, shape (rows,).

<details><summary>Hint</summary>

TODO: what helps who is stuck. The columns are axis 1.

</details>"""
ANSWER = '''# exercise: {number}
def {name}(x):
    """Return the {what} of each row: x (rows, columns) -> (rows,)."""
    ### BEGIN SOLUTION
    return {solution}
    ### END SOLUTION'''
CHECK = """with checks.exercise("{number}", points=1) as ex:
    import numpy as np

    x = np.array([[1.0, 2.0, 6.0], [5.0, 3.0, 4.0]])
    ex.close("{name}(x)", {name}(x), np.array([{reference} for row in x]))
    ### BEGIN HIDDEN TESTS
    x = np.random.default_rng().normal(size=(3, 5))
    expected = np.array([{reference} for row in x])
    ex.close("{name}(x), on random numbers", {name}(x), expected)
    ### END HIDDEN TESTS"""
NOTE = """**Why it works.** TODO: why the solution is right.

**Usual mistakes.** TODO: what goes wrong, and how one sees it."""
WRONG_ANSWERS = """# wrong: goes down the columns
- axis=1
+ axis=0

# wrong: one number for all rows
- (axis=1)
+ ()

# wrong: the {wrong} of each row
- x.{method}
+ x.{wrong}
"""

QUESTION = """{place}. TODO: a question about what the lesson said.

<details><summary>Answer</summary>

TODO: its answer, and why.

</details>"""
QUESTIONNAIRE = "\n\n".join(["## Questionnaire", *(QUESTION.format(place=place) for place in range(1, 5))])
CLOSING = """## Summary

- TODO: what to remember, three to five lines.

## Pitfalls

- TODO: what goes wrong in practice, and what to do about it.

## Further reading

- TODO: author (year), [*Title*](https://doi.org/).

## Next

TODO: where the course goes on."""

PICTURE = '<img src="data/pictures/{stem}.png" width="280" alt="{alt}">'
CAPTION = "**{number}** TODO: what one builds in this lesson."
PICTURES = re.compile(r"^(\| .*<img .*\|)\n(\| .*\|)\n", re.MULTILINE)


def contents(number: str, title: str, root: pathlib.Path) -> dict[pathlib.Path, str]:
    """Return path -> text of all files that a new lesson needs: its notebook, README.md with its picture, and more.

    number: two digits, the next of the course. Raises ValueError for another number, a title without letters, and a
    README without a table of pictures.
    """
    lessons = sorted((root / "solutions").glob("*.ipynb"))
    there = [path.name for path in lessons if path.name.startswith(number)]
    expected = f"{len(lessons):02}"
    if number != expected:
        reason = f"solutions/{there[0]} is there already" if there else "numbers have two digits and leave no gap"
        raise ValueError(f"--new {number}: {reason}; the next number is {expected}.")
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not slug or "\n" in title:
        raise ValueError(f"the title {title!r} has no letters a to z for a file name, or more than one line.")
    stem = f"{number}_{slug}"
    readme = root / "README.md"
    found = {
        root / "solutions" / f"{stem}.ipynb": nbformat.writes(notebook(number, title, lessons), version=4) + "\n",
        readme: with_picture(readme.read_text(encoding="utf-8"), number, stem),
    }
    for exercise, (_, _, solution, _, wrong) in numbered(number):
        text = WRONG_ANSWERS.format(method=re.search(r"x\.(\w+)", solution)[1], wrong=wrong)
        found[root / mistakes.place(exercise)] = text
    return found


def numbered(number: str) -> list[tuple[str, Any]]:
    """Return ("7.1", exercise) for each of EXERCISES in the lesson with this number."""
    return [(f"{int(number)}.{place}", exercise) for place, exercise in enumerate(EXERCISES, start=1)]


def notebook(number: str, title: str, lessons: Sequence[pathlib.Path]) -> nbformat.NotebookNode:
    """Return the notebook of a new lesson, not executed. lessons: the paths of those before it."""
    needed = f"[lesson {lessons[-1].name[:2]}]({lessons[-1].name})" if lessons else "TODO: what a reader knows already"
    text, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    made = [
        text(HEAD.format(number=number, title=title, needed=needed)),
        text("## Setup\n\nThis cell finds the course and sets the random seeds."),
        code(cells.setup_source("") + "from utils import checks, environment, plots\nenvironment.start(seed=1)"),
        text("The lesson itself uses these libraries."),
        code("import numpy as np"),
        text(
            "## TODO: an idea\n\nTODO: idea, figure, equation with the shape of every symbol, code with the same names."
        ),
        code("x = np.arange(5)\ny = x**2"),
        text("TODO: what the figure is about, and a prediction for the reader to make first."),
        code(FIGURE, metadata={"tags": ["picture"]}),
        text("TODO: what the figure shows, for those who cannot see it; then what it means."),
        code("assert y.shape == (5,)"),
        text("## TODO: a part with exercises\n\nTODO: put each exercise where it belongs."),
    ]
    for exercise, (name, what, solution, reference, _) in numbered(number):
        words = {"number": exercise, "name": name, "what": what, "solution": solution, "reference": reference}
        made += [
            text(TASK.format(**words)),
            code(ANSWER.format(**words)),
            code(CHECK.format(**words)),
            text(NOTE, metadata={"tags": ["solution-note"]}),
        ]
    return nbformat.v4.new_notebook(cells=[*made, text(QUESTIONNAIRE), text(CLOSING)])


def with_picture(readme: str, number: str, stem: str) -> str:
    """Return README with a place for the lesson's picture: the first empty one of the last row, or a new row."""
    tables = list(PICTURES.finditer(readme))
    if not tables:
        raise ValueError("README.md has no table of pictures to put that of the new lesson into.")
    rows = list(tables[-1].groups())
    new = PICTURE.format(stem=stem, alt=ALT), CAPTION.format(number=number)
    if " | |" in rows[0]:
        rows = [row.replace(" | |", f" | {cell} |", 1) for row, cell in zip(rows, new, strict=True)]
    else:
        rows += [f"| {cell} | | |" for cell in new]
    start, end = tables[-1].span()
    return readme[:start] + "\n".join(rows) + "\n" + readme[end:]
