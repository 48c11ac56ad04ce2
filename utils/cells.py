"""What the cells of a notebook are: title, Setup, exercise, check, figure; and what learners get of a cell."""

from __future__ import annotations

import ast
import base64
import re
from typing import Any

Cell = Notebook = Any  # nbformat.NotebookNode, whose cells are such nodes too; this module needs no nbformat

BADGE = re.compile(
    r"(?:<!-- )?\[!\[[^\]]*\]\(https://colab\.research\.google\.com/assets/colab-badge\.svg\)\]\([^)]*\)(?: -->)?"
)
NAVIGATION = re.compile(r"^(?:\[← [^\]]*\]\([^)]*\)|\[[^\]]* →\]\([^)]*\)| · )+\n\n", re.MULTILINE)
TIME_LINE = re.compile(r"^\*Reading: .*\*$", re.MULTILINE)
TITLE = re.compile(r"\A# (\d\d) (.+)$", re.MULTILINE)
QUESTION = re.compile(r"^\*\*The question of this lesson:\*\* (.+)$", re.MULTILINE)
ANSWER_LINE = re.compile(r"\A# exercise: (\d+\.\d+)[ \t]*$", re.MULTILINE)
CHECK_CALL = re.compile(r'checks\.exercise\("(\d+\.\d+)", points=(\d+)\)')
TASK_HEADING = re.compile(r"^### Exercise (\d+\.\d+): .*\((\d+) points?\)[ \t]*$", re.MULTILINE)
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION[ \t]*\n.*?^[ \t]*### END SOLUTION[ \t]*$", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS[ \t]*\n.*?^[ \t]*### END HIDDEN TESTS[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
MARKER = re.compile(r"^[ \t]*#+[ \t]*(BEGIN|END)\b[ \t]*(SOLUTION|HIDDEN|TEST)", re.MULTILINE | re.IGNORECASE)

FENCED = re.compile(r"```.*?```", re.DOTALL)  # code in Markdown, which is no prose
UNPUBLISHED = "OWNER/REPO"  # what pyproject.toml names until the course has a repository

SETUP_FIRST_LINE = "# Setup: find the course, or fetch it when this notebook stands alone."
FIND = """
import os, pathlib, subprocess, sys

marker = pathlib.Path("utils", "authoring.py")
here = pathlib.Path.cwd()
homes = [folder for folder in [here, *here.parents] if (folder / marker).exists()]
root = homes[0] if homes else here / "unrolled"
if not (root / marker).exists():
    if root.exists():
        raise RuntimeError(f"{root} is only a part of the course: delete it first.")
"""
PUBLISHED_AT = """    repository = os.environ.get("UNROLLED_REPO") or "https://github.com/{repository}"
"""
PUBLISHED_NOWHERE = """    repository = os.environ.get("UNROLLED_REPO")
    if not repository:  # this course has no address of its own yet
        raise RuntimeError("This course is not published: open it in its own folder.")
"""
FETCH = """    clone = ["git", "clone", "--quiet", "--depth", "1", repository, str(root)]
    try:
        subprocess.run(clone, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        why = "are git and the network there?"
        raise RuntimeError(f"Cannot fetch {repository}: {why}") from None
sys.path.insert(0, str(root))
import utils

found = utils.__file__ or [*utils.__path__][0]  # a bare folder has no file
if pathlib.Path(found).resolve().parent != (root / "utils").resolve():
    raise RuntimeError(f"{found} hides our utils: restart the kernel.")
"""
# A check that runs before Setup, after a restart for instance, says so.
CHECK_FIRST_LINE = 'assert "checks" in dir(), "Run the Setup cell first, at the top of this notebook."'


def setup_source(repository: str) -> str:
    """Return what all Setup cells begin with; repository: OWNER/REPO on GitHub, from which a lone notebook fetches."""
    address = PUBLISHED_NOWHERE if repository == UNPUBLISHED else PUBLISHED_AT.format(repository=repository)
    return SETUP_FIRST_LINE + FIND + address + FETCH


def answer_number(cell: Cell) -> str | None:
    """Return "1.2" for the answer cell of exercise 1.2, else None."""
    found = ANSWER_LINE.search(cell.source) if cell.cell_type == "code" else None
    return found.group(1) if found else None


def check_of(cell: Cell) -> tuple[str, int] | None:
    """Return ("1.2", 3) for the check cell of exercise 1.2 worth 3 points, else None."""
    found = CHECK_CALL.search(cell.source) if cell.cell_type == "code" else None
    return (found.group(1), int(found.group(2))) if found else None


def is_setup(cell: Cell) -> bool:
    """Tell whether a cell is the Setup cell, which every notebook has."""
    return cell.cell_type == "code" and cell.source.startswith(SETUP_FIRST_LINE)


def exercises(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """Return a dictionary, number -> {"answer": cell, "check": cell, "points": int}, in order."""
    found = {}
    for cell in notebook.cells:
        if number := answer_number(cell):
            found[number] = {"answer": cell, "check": None, "points": None}
        elif (check := check_of(cell)) and check[0] in found:
            found[check[0]].update(check=cell, points=check[1])
    return found


def grade_id(number: str) -> str:
    """Return nbgrader's id for an exercise: "1.2" -> "ex-1-2"."""
    return "ex-" + number.replace(".", "-")


def lesson_lines(setup: Cell) -> tuple[list[str], str]:
    """Return what is the lesson's own in a Setup cell: its `from utils import` lines, and its last line."""
    lines = setup.source.splitlines()
    return [line for line in lines if line.startswith("from utils import")], lines[-1]


def foreign_lines(setup: Cell) -> list[str]:
    """Return the lines of a Setup cell that are neither the course's nor those of `lesson_lines`."""
    imports, start = lesson_lines(setup)
    known = {*setup_source("").splitlines(), *setup_source(UNPUBLISHED).splitlines(), *imports, start}
    return [line for line in setup.source.splitlines() if line not in known and "UNROLLED_REPO" not in line]


def student_source(cell: Cell) -> str:
    """Return the source of a cell as learners get it: no solution, no hidden tests."""
    if number := answer_number(cell):
        return SOLUTION.sub(
            lambda found: f'{found.group(1)}raise NotImplementedError("Exercise {number}")', cell.source
        )
    return HIDDEN.sub("", cell.source).rstrip() if check_of(cell) else cell.source


def folded(cell: Cell) -> bool:
    """Tell whether a page shows a code cell folded: Setup, checks, cells that only assert, and those tagged `fold`."""
    return is_setup(cell) or check_of(cell) is not None or only_asserts(cell) or "fold" in cell.metadata.get("tags", [])


def only_asserts(cell: Cell) -> bool:
    """Tell whether a code cell does nothing but assert, be it in loops."""
    try:
        statements = ast.parse(cell.source).body if cell.cell_type == "code" else []
    except SyntaxError:  # IPython's own lines
        return False
    return bool(statements) and all(map(_asserts, statements))


def _asserts(statement):
    """Tell whether a statement is an assert, or a loop or `with` around nothing else."""
    around = isinstance(statement, ast.For | ast.With) and all(map(_asserts, statement.body))
    return around or isinstance(statement, ast.Assert)


def figures(cell: Cell) -> list[bytes]:
    """Return the figures in a cell's stored outputs: a list of bytes, PNG."""
    return [base64.b64decode(o.data["image/png"]) for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]


def first_sentence(cell: Cell | None) -> str:
    """Return the first sentence of a Markdown cell; "" where it begins with a heading, or is no such cell."""
    if cell is None or cell.cell_type != "markdown" or cell.source.startswith("#"):
        return ""
    paragraph = " ".join(cell.source.split("\n\n", 1)[0].split())
    return re.split(r"(?<=[.!?:]) (?=[A-Z\"(])", paragraph, maxsplit=1)[0]


def parse(source: str) -> ast.Module:
    """Return the syntax tree of a cell; IPython's own lines (%, !) are no error. Raises SyntaxError."""
    from IPython.core.inputtransformer2 import TransformerManager

    return ast.parse(TransformerManager().transform_cell(source))


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, or None where it has none."""
    try:
        return parse(source)
    except SyntaxError:
        return None
