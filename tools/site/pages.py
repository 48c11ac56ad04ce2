"""The course's own files -> the pages of the site. Plain functions from text to text, without TensorFlow.

Nothing is written for the site alone but its landing page's frame: lessons come from solutions/, the guides from the
Markdown files in the root, the glossary and the tables from their CSV files, the interface from utils's docstrings.
"""

from __future__ import annotations

import ast
import copy
import csv
import html
import json
import pathlib
import posixpath
import re

import nbformat

from utils import cells, contract

LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\((?!https?:|#|mailto:)([^)\s]+)\)")
CAPTION = re.compile(r"\*\*(\d\d)\*\* ([^|]+?) \|")


# --- lessons ---------------------------------------------------------------------------------------------------------


def lesson_page(solution: cells.Notebook, links: str = "") -> cells.Notebook:
    """Return the page of a lesson: a notebook that Sphinx shows, of the solved one. links: HTML to put below its title.

    An exercise shows what learners are given; its solution is folded below it, without the hidden tests. What is
    folded in Jupyter is folded here. Each figure gets the sentence that describes it as its alt text.
    """
    page = copy.deepcopy(solution)
    page.cells = []  # the first of which is the title
    shown = [cell for cell in solution.cells if "solution-note" not in contract.tags(cell)]
    described = dict(zip((id(cell) for cell in shown), [*shown[1:], None], strict=True))
    pending = ""  # the solution that waits for its note
    for cell in solution.cells:
        if "solution-note" in contract.tags(cell):
            page.cells.append(solution_cell(pending, cell.source))
            pending = ""
        elif cell.cell_type == "markdown":
            page.cells.append(nbformat.v4.new_markdown_cell(without_frame(cell.source)))
        else:
            if cells.answer_number(cell):
                pending = cell.source
            page.cells.append(code_cell(cell, cells.first_sentence(described[id(cell)])))
    first = page.cells[0]
    page.metadata.update(described_as(cells.QUESTION.search(first.source)[1]))
    first.source = cells.TIME_LINE.sub(lambda found: f"{found[0]}\n\n{links}", first.source, count=1)
    for number, cell in enumerate(page.cells):
        cell.id = f"cell-{number}"
    return page


def code_cell(cell: cells.Cell, description: str) -> cells.Cell:
    """Return a code cell as the page shows it; description: of its figure, if it has one."""
    shown = nbformat.v4.new_code_cell(cells.student_source(cell), outputs=copy.deepcopy(cell.outputs))
    shown.execution_count = cell.execution_count
    if cells.answer_number(cell) or cells.check_of(cell):
        shown.outputs, shown.execution_count = [], None
    if cells.folded(cell):
        prompt = "the check" if cells.check_of(cell) else "the Setup cell" if cells.is_setup(cell) else "code"
        shown.metadata["tags"] = ["hide-input"]
        shown.metadata["mystnb"] = {"code_prompt_show": f"Show {prompt}", "code_prompt_hide": f"Hide {prompt}"}
    if cells.figures(cell):
        shown.metadata.setdefault("mystnb", {})["image"] = {"alt": plain(description)}
    return shown


def solution_cell(answer: str, note: str) -> cells.Cell:
    """Return a Markdown cell with a solved answer and what is to be said of it, folded."""
    code = "\n".join(line for line in answer.splitlines() if not cells.MARKER.match(line))
    return nbformat.v4.new_markdown_cell(
        f'<details class="solution"><summary>Solution</summary>\n\n```python\n{code}\n```\n\n{note}\n\n</details>'
    )


def without_frame(markdown: str) -> str:
    """Return a lesson's Markdown without what Jupyter needs and the site has itself: badge, and links to neighbours."""
    return re.sub(r"\n{3,}", "\n\n", cells.NAVIGATION.sub("", cells.BADGE.sub("", markdown)))


def plain(markdown: str) -> str:
    """Return a sentence without Markdown's marks and LaTeX's dollars, for an alt text."""
    return re.sub(r"[*`$\\{}]", "", LINK.sub(r"\1", markdown))


def described_as(markdown: str) -> dict:
    """Return the metadata of a page that give search engines and previews its description, one paragraph."""
    words = " ".join(plain(markdown).split())
    description = words[:1].upper() + words[1:]
    return {"myst": {"html_meta": {"description": description}}, "og:description": description}


def front_matter(markdown: str) -> str:
    """Return what `described_as` gives as the head of a Markdown page."""
    return f"---\n{json.dumps(described_as(markdown))}\n---"


# --- links -----------------------------------------------------------------------------------------------------------


def resolved(markdown: str, place: str, pages: set[str], repository: str | None) -> str:
    """Return Markdown whose links to files that are no pages lead to the repository, or are no links without one.

    place: the page's path in the course, with /. pages: the paths of all pages. repository: OWNER/REPO on GitHub.
    """

    def link(found):
        words, target = found.groups()
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
        path = re.sub(r"^solutions/", "lessons/", path)
        if path in pages:
            up = "../" * place.count("/")
            return f"[{words}]({up}{path}{'#' + anchor if anchor else ''})"
        return f"[{words}](https://github.com/{repository}/blob/main/{path})" if repository else words

    # Code in Markdown is no link, f[i](x), though a link's words may be code.
    parts = re.split(r"(```.*?```|(?<!\[)`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$)", markdown, flags=re.DOTALL)
    return "".join(part if number % 2 else LINK.sub(link, part) for number, part in enumerate(parts))


# --- other pages -----------------------------------------------------------------------------------------------------


def landing(readme: str, reader: str) -> str:
    """Return the first page: what README.md says and shows first, each picture a link to its lesson.

    reader: HTML of what one can try on the page.
    """
    title, introduction = re.match(r"# ([^\n]+)\n\n(.+?)\n\n", readme, re.DOTALL).groups()
    pictures, captions = contract.SHOWN.findall(readme), dict(CAPTION.findall(readme))
    cards = "\n".join(
        f'<a class="card" href="lessons/{stem}.html"><img src="_static/{stem}.png" alt="{alt}" loading="lazy">'
        f"<span><b>{stem[:2]}</b> {html.escape(captions[stem[:2]])}</span></a>"
        for stem, alt in pictures
    )
    after = re.search(r"\n\n(Each lesson starts .+?)\n\n## Start\n", readme, re.DOTALL)[1]
    return (
        f"{front_matter(introduction)}\n\n# {title}\n\n{introduction}\n\n"
        '<p class="start"><a href="lessons/00_start_here.html">Start here</a> '
        '<a class="second" href="README.html#start">Run it yourself</a></p>\n\n'
        "## Watch an LSTM read\n\n"
        "The character model of [lesson 06](lessons/06_text_generation.ipynb), computed in this page. Each column is a "
        "character, each row one of its units: white is 0, in the cell state red is positive and blue negative. Below, "
        f"what it thinks comes next.\n\n{reader}\n\n"
        f'## The lessons\n\n<div class="cards">\n{cards}\n</div>\n\n{after}\n'
    )


def glossary(rows: list[dict[str, str]], stems: dict[str, str]) -> str:
    """Return the glossary, of its rows (term, chinese, meaning, lesson); stems: lesson's number -> its file's stem."""
    entries = [
        f'<span id="{anchor(row["term"])}">{row["term"]}</span> <span lang="zh">{row["chinese"]}</span>\n'
        f": {row['meaning']} [Lesson {row['lesson']}](lessons/{stems[row['lesson']]}.ipynb)"
        for row in sorted(rows, key=lambda row: row["term"].lower())
    ]
    return "\n\n".join(["# Glossary", "In English and Chinese; each term's lesson defines it.", *entries]) + "\n"


def anchor(term: str) -> str:
    """Return a term as an address: "forget gate" -> "forget-gate"."""
    return re.sub(r"\W+", "-", term.lower()).strip("-")


def table(title: str, introduction: str, text: str, columns: list[str]) -> str:
    """Return a page with some columns of the table that a CSV file holds as text."""
    found = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    rows = [[row[column] for column in columns] for row in found]
    shown = [" | ".join(f"`{value}`" if "|" not in value and " " in value else value for value in row) for row in rows]
    lines = [" | ".join(columns), " | ".join("---" for _ in columns), *shown]
    return f"# {title}\n\n{introduction}\n\n" + "\n".join(lines) + "\n"


def interface(name: str, source: str) -> str:
    """Return the page of a module of utils: its docstring, and each public function and class with its own."""
    module = ast.parse(source)
    summary = (ast.get_docstring(module) or "").split("\n\n")[0]
    parts = [front_matter(summary), f"# {name}", docstring(module)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            parts += described(node, "##")
            inner = node.body if isinstance(node, ast.ClassDef) else []
            for method in inner:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    parts += described(method, "###")
    return "\n\n".join(part for part in parts if part) + "\n"


def described(node: ast.FunctionDef | ast.ClassDef, heading: str) -> list[str]:
    """Return the heading of a function or class, how it is called, and its docstring."""
    kind = "class " if isinstance(node, ast.ClassDef) else ""
    found = node
    if isinstance(node, ast.ClassDef):
        found = next((inner for inner in node.body if getattr(inner, "name", "") == "__init__"), node)
    call = f"{kind}{node.name}"
    if isinstance(found, ast.FunctionDef):
        returns = f" -> {ast.unparse(found.returns)}" if found.returns and found is node else ""
        call += f"({ast.unparse(found.args)}){returns}"
    return [f"{heading} {node.name}", f"```python\n{call}\n```", docstring(node)]


def docstring(node: ast.AST) -> str:
    """Return a docstring as Markdown: what is set in by four is code; a "<" is no tag."""
    lines = (ast.get_docstring(node) or "").splitlines()
    kept = (line if line.startswith("    ") else html.escape(line, quote=False).replace("*", r"\*") for line in lines)
    return "\n".join(kept)


def public_modules(root: pathlib.Path) -> list[pathlib.Path]:
    """Return the files of utils's modules that a learner or an author imports, sorted."""
    return sorted(path for path in (root / "utils").glob("*.py") if not path.name.startswith("_"))


def lesson_list(readme: str) -> str:
    """Return the page of all lessons: README.md's table of questions, minutes and exercises, and what is said of it."""
    found = re.search(r"\n## Lessons\n\n(.+?)\n\n## ", readme, re.DOTALL)[1]
    return "# Lessons\n\n" + re.sub(r"<!--.*?-->\n?", "", found) + "\n"


def without_pictures(readme: str) -> str:
    """Return README.md without its table of pictures, which is the landing page's."""
    return re.sub(r"<!-- The pictures.*?-->\n(?:\|.*\n)+\n", "", readme)
