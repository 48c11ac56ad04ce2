"""solutions/ -> lessons/: the notebooks that learners open are generated from the solved ones.

    python -m utils.authoring                       write lessons/ from solutions/
    python -m utils.authoring --run 01              first execute solutions/01_*.ipynb and store its outputs
    python -m utils.authoring --check               change nothing; fail if a notebook breaks the contract
                                                    (utils.contract), or lessons/ is not what it would be
    python -m utils.authoring --exercise 1.2        try the solution, the stub and the wrong answers of an exercise
    python -m utils.authoring --new 08 "a title"    write a lesson to start from
    python -m utils.authoring --repository ME/REPO  put another repository into badges and Setup cells

An author writes cells and nothing else. This module recognises an answer cell by its first line
(`# exercise: 1.2`) and a check cell by its `checks.exercise("1.2", points=3)`, and fills in the rest: nbgrader's
metadata, the checks' first line, cell ids, the Colab badge, links to the lessons before and after, the Setup cell,
the running time, and which cells are folded. What it cannot make right it refuses, naming notebook, cell and the rule
of utils.contract.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import re
import sys
import time
import tomllib
from typing import TYPE_CHECKING

import nbformat

from utils import checks, contract, environment, files, mistakes, skeleton
from utils.cells import (
    BADGE,
    CHECK_FIRST_LINE,
    NAVIGATION,
    QUESTION,
    TIME_LINE,
    TITLE,
    UNPUBLISHED,
    answer_number,
    check_of,
    exercises,
    figures,
    folded,
    foreign_lines,
    grade_id,
    is_setup,
    lesson_lines,
    setup_source,
    student_source,
)

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Sequence

ROOT = environment.course_root()
TABLE = re.compile(r"(<!-- lessons: .*? -->\n).*?(<!-- end of lessons -->)", re.DOTALL)
WORDS_A_MINUTE, CODE_LINES_A_MINUTE = 200, 20


class AuthoringError(Exception):
    """A notebook that cannot become a lesson; the message names the notebook and the cell."""


# --- reading and writing ---------------------------------------------------------------------------


def repository() -> str:
    """Return OWNER/REPO from pyproject.toml, [tool.unrolled]."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    try:
        return settings["tool"]["unrolled"]["repository"]
    except KeyError:
        raise AuthoringError("pyproject.toml has no [tool.unrolled] with a repository.") from None


def read(path: pathlib.Path) -> nbformat.NotebookNode:
    """Return the notebook in a file. Raises AuthoringError when the file holds none."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise AuthoringError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except (
        OSError,
        RecursionError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        nbformat.ValidationError,
    ) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise AuthoringError(f"{path.name} is not a notebook: {reason}") from None
    return notebook


def as_text(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as the text of its file; the same notebook always gives the same text."""
    return nbformat.writes(notebook, version=4) + "\n"


# --- tidying: what an author need not write ----------------------------------------------------------


def tidy(notebook: nbformat.NotebookNode, path: pathlib.Path, repository_name: str) -> nbformat.NotebookNode:
    """Fill in ids, metadata, badge and Setup cell of a solution, in place; return the notebook."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    for cell in notebook.cells:
        cell.source = cell.source.rstrip()
        cell.metadata = _metadata(cell)
        if is_setup(cell) and not foreign_lines(cell):
            imports, start = lesson_lines(cell)
            cell.source = setup_source(repository_name) + "\n".join([*imports, start])
        if check_of(cell) and not answer_number(cell):
            cell.source = "\n".join([CHECK_FIRST_LINE, cell.source.removeprefix(CHECK_FIRST_LINE).lstrip("\n")])
        if not cell.get("attachments", True):
            del cell["attachments"]
    if notebook.cells:
        notebook.cells[0].source = BADGE.sub(badge(path, repository_name), notebook.cells[0].source)
    _name_cells(notebook)
    return notebook


def _metadata(cell):
    """Return the metadata a cell should have: its tags, whether it is folded, and nbgrader's marks on exercises."""
    metadata = {}
    if cell.cell_type == "code" and folded(cell):
        metadata.update(jupyter={"source_hidden": True}, cellView="form")  # JupyterLab's name of it, and Colab's
    if tags := cell.metadata.get("tags"):
        metadata["tags"] = list(tags)
    if number := answer_number(cell):
        metadata["nbgrader"] = {
            "grade": False,
            "solution": True,
            "locked": False,
            "task": False,
            "grade_id": grade_id(number),
            "schema_version": 3,
        }
    elif check := check_of(cell):
        metadata["nbgrader"] = {
            "grade": True,
            "solution": False,
            "locked": True,
            "task": False,
            "points": check[1],
            "grade_id": f"{grade_id(check[0])}-check",
            "schema_version": 3,
        }
    return nbformat.from_dict(metadata)


def colab_address(path: pathlib.Path, repository_name: str) -> str:
    """Return where Colab opens the notebook at this path."""
    return f"https://colab.research.google.com/github/{repository_name}/blob/main/{path.parent.name}/{path.name}"


def badge(path: pathlib.Path, repository_name: str) -> str:
    """Return the Colab badge, in Markdown, of the notebook at this path; hidden while it would lead nowhere."""
    target = colab_address(path, repository_name)
    image = f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({target})"
    return f"<!-- {image} -->" if repository_name == UNPUBLISHED else image


def add_navigation(tidied: Sequence[tuple[pathlib.Path, nbformat.NotebookNode]]) -> None:
    """Put links to the lessons before and after below the title of each notebook, in place.

    tidied: list of (path, tidy notebook), in order.
    """
    names = []
    for path, notebook in tidied:
        title = TITLE.search(notebook.cells[0].source) if notebook.cells else None
        names.append((" ".join(title.groups()) if title else path.stem, path.name))
    for place, (_, notebook) in enumerate(tidied):
        if notebook.cells and (title := TITLE.search(notebook.cells[0].source)):
            before = [f"[← {name}]({file})" for name, file in names[max(0, place - 1) : place]]
            after = [f"[{name} →]({file})" for name, file in names[place + 1 : place + 2]]
            head, rest = title.group(), NAVIGATION.sub("", notebook.cells[0].source[title.end() :]).lstrip("\n")
            line = " · ".join(before + after)
            notebook.cells[0].source = "\n\n".join(part for part in (head, line, rest) if part)
            _name_cells(notebook)


def _name_cells(notebook):
    """Give each cell an id made from its source, so that an edit elsewhere does not change it."""
    used = {}
    for cell in notebook.cells:
        name = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        used[name] = used.get(name, 0) + 1
        cell.id = name if used[name] == 1 else f"{name}-{used[name]}"


# --- generating ------------------------------------------------------------------------------------


def make_lesson(solution: nbformat.NotebookNode, path: pathlib.Path, repository_name: str) -> nbformat.NotebookNode:
    """Return the lesson (a notebook) that belongs to a tidy solution; path is the lesson's."""
    lesson = nbformat.from_dict(solution)
    lesson.cells = [
        nbformat.from_dict(cell) for cell in solution.cells if "solution-note" not in cell.metadata.get("tags", [])
    ]
    for cell in lesson.cells:
        if check := check_of(cell):
            data = checks.verdict_data(*check, checks.NOT_ATTEMPTED)
            cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
        cell.source = student_source(cell)
    lesson.cells[0].source = BADGE.sub(badge(path, repository_name), lesson.cells[0].source)
    _name_cells(lesson)
    return lesson


def execute(path: pathlib.Path) -> None:
    """Run a solution from top to bottom in a fresh kernel; store outputs and the running time."""
    import nbclient

    notebook = tidy(read(path), path, repository())
    print(f"{path.name}: running ...", end="", flush=True)
    started = time.perf_counter()
    client = nbclient.NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # what is printed in one cell is one output, in however many pieces it came
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel's warnings are of Jupyter's affairs, not the author's
    )
    try:
        # Stored outputs are those of the default profile, whatever the author has set.
        client.execute(env={**os.environ, "UNROLLED_PROFILE": "laptop"})
    except nbclient.exceptions.CellExecutionError as error:
        raise AuthoringError(f"{path.name} stopped with {error.ename}: {error.evalue}\n{error.traceback}") from None
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as error:
        raise AuthoringError(f"{path.name} stopped: {error}") from None
    seconds = time.perf_counter() - started
    print(f" {seconds:.0f} seconds")
    notebook.cells[0].source = TIME_LINE.sub(time_line(notebook, seconds), notebook.cells[0].source)
    files.write_text(path, as_text(tidy(notebook, path, repository())))


def time_line(notebook: nbformat.NotebookNode, seconds: float) -> str:
    """Return the line of reading and running time under a lesson's title."""
    words = sum(len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    lines = sum(len(cell.source.splitlines()) for cell in notebook.cells if cell.cell_type == "code")
    minutes = 5 * max(1, round((words / WORDS_A_MINUTE + lines / CODE_LINES_A_MINUTE) / 5))
    return f"*Reading: about {minutes} minutes. Running: {5 * math.ceil(seconds / 5)} seconds, measured on two cores.*"


def lesson_table(
    solutions: Sequence[tuple[pathlib.Path, nbformat.NotebookNode]], lessons: pathlib.Path, repository_name: str
) -> str:
    """Return README's table of lessons in Markdown.

    solutions: list of (path, tidy notebook). lessons: the folder that the links lead to.
    """
    published = repository_name != UNPUBLISHED
    head = ["lesson", "question", "minutes", "exercises", *(["Colab"] if published else [])]
    rows = [head, ["---"] * len(head)]
    for path, notebook in solutions:
        first = notebook.cells[0].source
        number, title = TITLE.search(first).groups()
        question = QUESTION.search(first).group(1)
        minutes = re.search(r"about (\d+) minutes", first)
        found = exercises(notebook).values()
        points = sum(exercise["points"] for exercise in found)
        title, question = (text.replace("|", "\\|") for text in (title, question))
        row = [
            f"[{number} {title}]({lessons.name}/{path.name})",
            question,
            minutes.group(1) if minutes else "?",
            f"{len(found)} ({points} point{'' if points == 1 else 's'})",
        ]
        rows.append([*row, badge(lessons / path.name, repository_name)] if published else row)
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def picture(notebook: nbformat.NotebookNode) -> bytes | None:
    """Return the figure of the cell tagged `picture`, which README shows: PNG, bytes; None where no cell is."""
    tagged = (cell for cell in notebook.cells if "picture" in cell.metadata.get("tags", []))
    return next((figures(cell)[0] for cell in tagged), None)


def build(
    solutions: pathlib.Path, lessons: pathlib.Path, *, check: bool = False, repository_name: str | None = None
) -> list[str]:
    """Bring lessons/, README's table and its pictures into line with solutions/; return what is (or was) out of line.

    With check=True nothing is written. Raises AuthoringError when a solution is refused; then nothing is
    written either.
    """
    name = repository_name or repository()
    contents, tidied = {}, []
    for path in sorted(solutions.glob("*.ipynb")):
        tidied.append((path, tidy(read(path), path, name)))
    if not tidied:
        raise AuthoringError(f"there is no notebook in {solutions.name}/.")
    add_navigation(tidied)
    course = contract.Course(solutions.parent, [contract.Lesson(path, notebook.cells) for path, notebook in tidied])
    # A slow machine may write what it ran; the time itself is refused by --check and by the suite.
    if refused := contract.complaints(course, without=() if check else (contract.running_time,)):
        raise AuthoringError("\n".join(refused))
    for path, notebook in tidied:
        contents[path] = as_text(notebook).encode("utf-8")
        target = lessons / path.name
        contents[target] = as_text(make_lesson(notebook, target, name)).encode("utf-8")
        if figure := picture(notebook):
            contents[solutions.parent / "data" / "pictures" / f"{path.stem}.png"] = figure
    readme = solutions.parent / "README.md"
    if readme.exists():
        table = lesson_table(tidied, lessons, name)
        found = TABLE.subn(lambda place: place.group(1) + table + place.group(2), readme.read_text(encoding="utf-8"))
        if not found[1]:
            raise AuthoringError("README.md has no place for the table of lessons: <!-- lessons: ... -->.")
        contents[readme] = found[0].encode("utf-8")
    changed = []
    for path, content in contents.items():
        if not path.exists() or path.read_bytes() != content:
            shown = path.relative_to(solutions.parent).as_posix()
            changed.append(f"{shown} is not what solutions/ make of it." if check else f"{shown} is rewritten.")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                files.write_bytes(path, content)
    for path in sorted(lessons.glob("*.ipynb")):
        if path not in contents:
            changed.append(f"{path.parent.name}/{path.name} has no solution.")
    return changed


def set_repository(name: str) -> None:
    """Write OWNER/REPO into pyproject.toml, [tool.unrolled], into CITATION.cff, and into README's lines to clone it."""
    path = ROOT / "pyproject.toml"
    pattern = r"^(\[tool\.unrolled\]\n(?:(?!\[).*\n)*?repository = ).*$"
    text, count = re.subn(pattern, rf'\g<1>"{name}"', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if count != 1:
        raise AuthoringError("pyproject.toml has no line `repository = ...` in [tool.unrolled].")
    files.write_text(path, text)
    for path, line in ((ROOT / "CITATION.cff", "repository-code: "), (ROOT / "README.md", " *git clone ")):
        if path.exists():
            place = rf"(?m)^({line}https://github\.com/)\S+"
            files.write_text(path, re.sub(place, rf"\g<1>{name}", path.read_text(encoding="utf-8")))


def try_exercise(number: str) -> int:
    """Print how solution, stub and wrong answers of an exercise do; return the exit status, 1 where one surprises."""
    paths = sorted((ROOT / "solutions").glob(f"{int(number.split('.')[0]):02}_*.ipynb"))
    if not paths:
        raise AuthoringError(f"no lesson in solutions/ has an exercise {number}.")
    surprises = tried = 0
    try:
        for what, expected, outcome in mistakes.trials(read(paths[0]), number, ROOT):
            tried, surprises = tried + 1, surprises + (not expected)
            print(f"{'ok  ' if expected else 'FAIL'}  {what}: {' '.join(outcome.split())[:200]}", flush=True)
    except ValueError as error:
        raise AuthoringError(f"{paths[0].name}: {error}") from None
    print(f"Exercise {number}: {tried} tried, {surprises} not as it should be.")
    return int(surprises > 0)


def start_lesson(number: str, title: str) -> int:
    """Write a lesson to start from, run it, and say what comes next. Nothing is written where it is refused."""
    try:
        contents = skeleton.contents(number, title, ROOT)
    except ValueError as error:
        raise AuthoringError(str(error)) from None
    for path, text in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, text)
        print(path.relative_to(ROOT).as_posix())
    notebook = next(iter(contents))
    execute(notebook)
    return (
        f"Next: replace every TODO in solutions/{notebook.name}, README.md and tests/wrong_answers/, then run it:\n"
        f"    python -m utils.authoring --run {number}\n"
        f"    python -m utils.authoring --exercise {int(number)}.1\n"
        "CONTRIBUTING.md, 'Write a lesson', has the rest."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.authoring", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if a rule is broken or lessons/ out of date"
    )
    parser.add_argument("--run", nargs="+", metavar="NN", default=[], help="execute these solutions first")
    parser.add_argument("--repository", metavar="OWNER/REPO", help="change the repository in badges and Setup cells")
    parser.add_argument("--exercise", metavar="N.M", help="try the solution, the stub and the wrong answers of one")
    parser.add_argument("--new", nargs=2, metavar=("NN", "TITLE"), help="write a lesson to start from")
    options = parser.parse_args(arguments)
    given = [name for name in ("check", "run", "repository", "exercise", "new") if getattr(options, name)]
    if len(given) > 1 and given != ["run", "repository"]:
        parser.error(f"--{given[0]} does not go with --{given[1]}")
    if options.exercise and not re.fullmatch(r"\d+\.\d+", options.exercise):
        parser.error(f"{options.exercise!r} is not the number of an exercise, such as 1.2")
    if options.repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
        parser.error(f"{options.repository!r} is not of the form OWNER/REPO")
    next_step = ""
    try:
        if options.exercise:
            return try_exercise(options.exercise)
        if options.new:
            next_step = start_lesson(*options.new)
        for number in options.run:
            paths = sorted((ROOT / "solutions").glob(f"{number}*.ipynb"))
            if not paths:
                raise AuthoringError(f"there is no solutions/{number}*.ipynb; a lesson's number has two digits, as 07.")
            for path in paths:
                execute(path)
        folders = ROOT / "solutions", ROOT / "lessons"
        changed = build(*folders, check=options.check, repository_name=options.repository)
        if options.repository:
            set_repository(options.repository)
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 1
    for sentence in changed:
        print(sentence)
    if options.check:
        said = "Run: python -m utils.authoring (it writes lessons/ anew: what you change belongs into solutions/)"
        print(said if changed else "lessons/ is what solutions/ make of it.")
    if next_step:  # it names every place of a TODO
        print(next_step)
    else:
        for place in contract.unwritten(ROOT):
            print(f"{place}: TODO is still there; the suite refuses it.")
    return int(bool(changed) if options.check else any("has no solution" in sentence for sentence in changed))


if __name__ == "__main__":
    sys.exit(main())
