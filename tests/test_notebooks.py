"""What every notebook must look like: the contract that lets nbval, graders and learners rely on it."""

import ast
import json
import re
import statistics

import pytest
from conftest import LESSONS, ROOT, SOLUTIONS, notebook

from utils import authoring

NOTEBOOKS = LESSONS + SOLUTIONS
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|work|Users|mnt|var|usr)/\w+|\b[A-Z]:\\+\w")
STABLE = {
    "doi.org",
    "arxiv.org",
    "aclanthology.org",
    "proceedings.mlr.press",
    "www.jmlr.org",
    "people.idsia.ch",
    "karpathy.github.io",
    "jupyterlab.readthedocs.io",
    "www.manning.com",
    "colab.research.google.com",
}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
every_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def code_cells(path):
    """Return the code cells of a notebook."""
    return [cell for cell in notebook(path).cells if cell.cell_type == "code"]


def code_lines(cell):
    """Count the lines of code in a cell: neither blank nor comment."""
    return sum(1 for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def test_there_are_lessons():
    """The course has the same notebooks in lessons/ and solutions/, numbered from 00."""
    names = [path.name for path in SOLUTIONS]
    assert len(names) >= 2
    assert [path.name for path in LESSONS] == names
    assert [int(name[:2]) for name in names] == list(range(len(names)))
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", name) for name in names)


def test_lessons_are_what_solutions_make_of_them():
    """python -m utils.authoring --check is clean."""
    assert authoring.build(ROOT / "solutions", ROOT / "lessons", check=True) == []


@every_notebook
def test_title_headings_and_badge(path):
    """One H1 with the lesson's number, no skipped level, a badge that points to this file."""
    cells = [cell.source for cell in notebook(path).cells if cell.cell_type == "markdown"]
    headings = re.findall(
        r"^(#{1,6}) (.*)$", re.sub(r"```.*?```", "", "\n\n".join(cells), flags=re.DOTALL), re.MULTILINE
    )
    levels = [len(marks) for marks, _ in headings]
    assert levels.count(1) == 1 and levels[0] == 1
    assert headings[0][1].startswith(path.name[:2] + " ")
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert authoring.badge(path, authoring.repository()) in cells[0]


@every_notebook
def test_every_executed_cell_is_compared(path):
    """nbval silently skips cells without a count: each code cell has one, in order."""
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type != "error" and output.get("name") != "stderr" for output in cell.outputs)


@every_notebook
def test_running_time_is_within_the_budget(path):
    """At most 60 s on two cores, as utils.authoring --run measured; what takes longer is cut, or trained before."""
    [line] = authoring.TIME_LINE.findall(notebook(path).cells[0].source)
    assert int(re.search(r"Running: (\d+) seconds, measured on two cores", line)[1]) <= 60


@every_notebook
def test_setup_cell_is_the_same_everywhere(path):
    """The first code cell is Setup, word for word; only the imports and the start line are the lesson's."""
    setup = code_cells(path)[0].source
    assert authoring.is_setup(code_cells(path)[0])
    common = authoring.SETUP.format(repository=authoring.repository())
    assert setup.startswith(common)
    assert re.fullmatch(
        r"from utils import checks, environment[\w, ]*\nenvironment\.start\(seed=\d+(, data=\[[\"\w, ]+\])?\)",
        setup.removeprefix(common),
    )


@every_notebook
def test_few_outputs_are_ignored(path):
    """At most a quarter of the code cells carry nbval-ignore-output, and an assert follows each soon."""
    cells = code_cells(path)
    ignored = [index for index, cell in enumerate(cells) if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert len(ignored) <= len(cells) / 4
    for index in ignored:
        assert any("assert " in cell.source for cell in cells[index : index + 4]), (
            f"code cell {index}: nothing asserted"
        )


@every_notebook
def test_cells_are_short(path):
    """Median at most 6 lines, nine in ten at most 20, none above 40."""
    lengths = sorted(code_lines(cell) for cell in code_cells(path))
    assert statistics.median(lengths) <= 6
    assert lengths[int(0.9 * len(lengths))] <= 20
    assert lengths[-1] <= 40


@every_notebook
def test_figures_are_described(path):
    """Each figure has alt text, and a Markdown cell follows that says what it shows."""
    cells = notebook(path).cells
    for index, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                assert output.data["text/plain"] == f"Figure: {alt}"
                assert cells[index + 1].cell_type == "markdown"


@every_notebook
def test_size_and_paths(path):
    """At most 2 MB, and no path of the machine it ran on."""
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 2e6
    cells = json.loads(text)["cells"]
    for cell in cells:
        images_aside = [
            {**output, "data": {k: v for k, v in output.get("data", {}).items() if k != "image/png"}}
            for output in cell.get("outputs", [])
        ]
        assert not ABSOLUTE_PATH.search("".join(cell["source"]) + json.dumps(images_aside))


@every_notebook
def test_links_lead_somewhere(path):
    """Relative links point to files of the course, others to publishers and projects that keep theirs."""
    for cell in notebook(path).cells:
        if cell.cell_type == "markdown":
            for target in LINK.findall(cell.source):
                if "://" in target:
                    scheme, _, host = target.split("/")[:3]
                    assert scheme == "https:" and host in STABLE, target
                elif not target.startswith("#"):
                    assert (path.parent / target.split("#")[0]).exists(), target


@every_notebook
def test_further_reading_can_be_opened(path):
    """Each entry has a link."""
    text = "\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")
    entries = re.findall(r"^- .*", text.split("## Further reading")[1].split("\n## ")[0], flags=re.MULTILINE)
    assert entries and all(LINK.search(entry) for entry in entries), entries


@every_solution
def test_exercises_are_complete(path):
    """Each exercise has a heading, a docstring, a hint, a check with hidden tests, and a note."""
    cells = notebook(path).cells
    found = authoring.exercises(notebook(path))
    assert [number.split(".")[0] for number in found] == [str(int(path.name[:2]))] * len(found)
    assert [int(number.split(".")[1]) for number in found] == list(range(1, len(found) + 1))
    assert len(found) >= (1 if path.name.startswith("00") else 4)
    for number, exercise in found.items():
        assert 1 <= exercise["points"] <= 4
        functions = [node for node in ast.parse(exercise["answer"].source).body if isinstance(node, ast.FunctionDef)]
        assert functions and all(ast.get_docstring(function) for function in functions), number
        assert authoring.HIDDEN.search(exercise["check"].source), number
        index = next(
            i for i, cell in enumerate(cells) if authoring.check_of(cell) and authoring.check_of(cell)[0] == number
        )
        assert "solution-note" in cells[index + 1].metadata.get("tags", []), number
        task = next(cell.source for cell in cells if f"### Exercise {number}:" in cell.source)
        assert "<summary>Hint</summary>" in task, number


@every_solution
def test_a_questionnaire_with_answers(path):
    """Every lesson ends with questions, each with its answer folded away."""
    text = "\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")
    questionnaire = text.split("## Questionnaire")[1].split("\n## ")[0]
    questions = len(re.findall(r"^\d+\. ", questionnaire, flags=re.MULTILINE))
    assert questions >= 4
    assert questionnaire.count("<summary>Answer</summary>") == questions
    for heading in ("## Summary", "## Pitfalls", "## Further reading", "## Next"):
        assert heading in text
