"""utils.authoring: a lesson is its solution without the answers, to the byte; bad sources are refused."""

import re

import nbformat
import pytest

from utils import authoring, cells, environment, skeleton

TITLE = """# 00 A title

[![x](https://colab.research.google.com/assets/colab-badge.svg)](y)

*Reading: about 5 minutes. Running: 60 seconds, measured on two cores.*

**The question of this lesson:** why?"""
START = "from utils import checks, environment\nenvironment.start(seed=1)"
SETUP = f"{cells.SETUP_FIRST_LINE}\n{START}"
TASK = "## Exercises\n\n### Exercise 0.1: add one (2 points)\n\nAdd one. <details><summary>Hint</summary>How?</details>"
ANSWER = '''# exercise: 0.1
def add_one(x):
    """Add one."""
    ### BEGIN SOLUTION
    return x + 1
    ### END SOLUTION'''
CHECK = """with checks.exercise("0.1", points=2) as ex:
    ex.equal("add_one(1)", add_one(1), 2)
    ### BEGIN HIDDEN TESTS
    ex.equal("add_one(7)", add_one(7), 8)
    ### END HIDDEN TESTS"""
DONE = {"text/plain": "✓ Exercise 0.1: done, 2 points.", "text/html": "<div>done</div>"}


README = """# Course

<!-- lessons: here -->
<!-- end of lessons -->

| <img one> | | |
| **00** | | |
"""


def source(changes=None):
    """Return a small solved notebook; `changes` maps a cell's number to its new source."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(TITLE),
        new.new_code_cell(SETUP, execution_count=1, outputs=[new.new_output("stream", text="ready\n")]),
        new.new_markdown_cell(TASK),
        new.new_code_cell(ANSWER, execution_count=2),
        new.new_code_cell(CHECK, execution_count=3, outputs=[new.new_output("display_data", data=DONE)]),
        new.new_markdown_cell("Why: because.", metadata={"tags": ["solution-note"]}),
        new.new_markdown_cell("On we go."),
        new.new_markdown_cell("\n\n".join([skeleton.QUESTIONNAIRE, skeleton.CLOSING])),
    ]
    for index, text in (changes or {}).items():
        cells[index].source = text
    return new.new_notebook(cells=cells)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Return (solutions, lessons), two empty folders of a course of their own."""
    solutions, lessons = tmp_path / "solutions", tmp_path / "lessons"
    solutions.mkdir()
    lessons.mkdir()
    wrong = tmp_path / "tests" / "wrong_answers" / "ex-0-1.diff"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("".join(f"# wrong: adds {n}\n- x + 1\n+ x + {n}\n\n" for n in (2, 3, 4)), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.unrolled]\nrepository = "me/mine"\n', encoding="utf-8")
    monkeypatch.setattr(authoring, "ROOT", tmp_path)
    return solutions, lessons


def build(folders, notebook, name="00_title.ipynb"):
    """Write a solution, build, and return the lesson."""
    nbformat.write(notebook, folders[0] / name)
    authoring.build(*folders)
    return nbformat.read(folders[1] / name, as_version=4)


def test_a_lesson_has_the_task_and_not_the_answer(folders):
    """Stub, visible check, stored "not attempted yet"; no solution, hidden test or note."""
    lesson = build(folders, source())
    text = (folders[1] / "00_title.ipynb").read_text(encoding="utf-8")
    assert lesson.cells[3].source == '# exercise: 0.1\ndef add_one(x):\n    """Add one."""\n' + (
        '    raise NotImplementedError("Exercise 0.1")'
    )
    assert lesson.cells[4].source == f"{cells.CHECK_FIRST_LINE}\n" + CHECK.split("\n    ###")[0]
    assert lesson.cells[4].outputs[0].data["text/plain"] == "○ Exercise 0.1: not attempted yet (2 points)."
    for secret in ("x + 1", "add_one(7)", "because", "SOLUTION", "HIDDEN", "done"):
        assert secret not in text
    assert lesson.cells[5].source == "On we go."


def test_a_check_before_setup_says_so(folders):
    """As after a restart of the kernel: a sentence that says what to do, and not that a name is not defined."""
    check = build(folders, source()).cells[4].source
    with pytest.raises(AssertionError, match=r"^Run the Setup cell first, at the top of this notebook\.$"):
        exec(check, {})


def test_outputs_of_other_cells_are_copied(folders):
    """What the solution printed, the lesson shows, with the same execution counts."""
    lesson = build(folders, source())
    assert lesson.cells[1].outputs[0].text == "ready\n"
    assert [cell.execution_count for cell in lesson.cells if cell.cell_type == "code"] == [1, 2, 3]


def test_the_author_writes_no_metadata(folders):
    """Ids, nbgrader's marks, badge and Setup cell are filled in, in both notebooks."""
    lesson = build(folders, source())
    solution = nbformat.read(folders[0] / "00_title.ipynb", as_version=4)
    for notebook, folder in ((lesson, "lessons"), (solution, "solutions")):
        assert f"github/me/mine/blob/main/{folder}/00_title.ipynb" in notebook.cells[0].source
        assert "https://github.com/me/mine" in notebook.cells[1].source
        assert notebook.cells[1].source.endswith(START)
        answer, check = (notebook.cells[i].metadata["nbgrader"] for i in (3, 4))
        assert (answer["grade_id"], answer["solution"], answer["grade"]) == ("ex-0-1", True, False)
        assert (check["grade_id"], check["points"], check["locked"]) == ("ex-0-1-check", 2, True)


def test_what_a_page_folds(folders):
    """Setup, checks, cells that only assert, and those tagged `fold`; nothing that computes or shows something."""
    notebook, new = source(), nbformat.v4.new_code_cell
    sources = [
        "assert 1 < 2",
        "# so\nfor x in [1]:\n    assert x\nassert x > 0",
        "x = 1",
        "x = 1\nassert x",
        "y = 2",
        "1 < 2",
    ]
    notebook.cells[6:6] = [new(text, execution_count=place) for place, text in enumerate(sources, start=4)]
    notebook.cells[10].metadata["tags"] = ["fold"]
    built = build(folders, notebook).cells
    folds = [place for place, cell in enumerate(built) if cell.metadata.get("cellView") == "form"]
    assert folds == [1, 4, 5, 6, 9]  # the note on the solution, cell 5, is not in lessons/
    assert all(built[place].metadata["jupyter"]["source_hidden"] for place in folds)


def test_lessons_lead_to_their_neighbours(folders):
    """Below each title, links to the lesson before and the lesson after; a new neighbour replaces an old one."""
    name = TITLE.splitlines()[0].removeprefix("# 00 ")
    tidied = [(folders[0] / name, source()) for name in ("00_title.ipynb", "01_b.ipynb", "02_c.ipynb")]
    for number, (_, notebook) in enumerate(tidied):
        notebook.cells[0].source = TITLE.replace("# 00", f"# {number:02}", 1)
    authoring.add_navigation(tidied[:2])
    authoring.add_navigation(tidied)
    lines = [notebook.cells[0].source.splitlines()[2] for _, notebook in tidied]
    assert lines[0] == f"[01 {name} →](01_b.ipynb)"
    assert lines[1] == f"[← 00 {name}](00_title.ipynb) · [02 {name} →](02_c.ipynb)"
    assert lines[2] == f"[← 01 {name}](01_b.ipynb)"
    assert all(notebook.cells[0].source.count("←") <= 1 for _, notebook in tidied)


def test_built_twice_is_the_same_to_the_byte(folders):
    """A second build changes nothing, and --check is satisfied."""
    build(folders, source())
    before = {path: path.read_bytes() for folder in folders for path in folder.iterdir()}
    assert authoring.build(*folders) == []
    assert authoring.build(*folders, check=True) == []
    assert {path: path.read_bytes() for folder in folders for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "old, new", [("On we go", "On we went"), ("Exercise 0.1", "Exercise 0.2"), ("ready", "steady")]
)
def test_an_edited_lesson_fails_the_check(folders, old, new):
    """Any edit of lessons/ is found; --check writes nothing; a build repairs it."""
    build(folders, source())
    path = folders[1] / "00_title.ipynb"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    assert authoring.build(*folders, check=True) == ["lessons/00_title.ipynb is not what solutions/ make of it."]
    assert path.read_text(encoding="utf-8") != good
    assert authoring.main(["--check"]) == 1
    authoring.build(*folders)
    assert path.read_text(encoding="utf-8") == good
    assert authoring.main(["--check"]) == 0


def test_a_lesson_without_solution_fails_the_check(folders):
    """A notebook that nobody generates is named."""
    build(folders, source())
    (folders[1] / "01_orphan.ipynb").write_bytes((folders[1] / "00_title.ipynb").read_bytes())
    assert authoring.build(*folders, check=True) == ["lessons/01_orphan.ipynb has no solution."]


def test_readme_table_follows(folders):
    """The table of lessons is written from the notebooks; an edit of it fails the check."""
    readme = folders[0].parent / "README.md"
    readme.write_text("# Course\n\n<!-- lessons: written by x -->\n<!-- end of lessons -->\n\nEnd.\n", encoding="utf-8")
    build(folders, source())
    text = readme.read_text(encoding="utf-8")
    assert "| [00 A title](lessons/00_title.ipynb) | why? |" in text
    assert "| 1 (2 points) |" in text and "blob/main/lessons/00_title.ipynb" in text and text.endswith("End.\n")
    readme.write_text(text.replace("2 points", "9 points"), encoding="utf-8")
    assert authoring.build(*folders, check=True) == ["README.md is not what solutions/ make of it."]


@pytest.mark.parametrize("text", ["", "not JSON", "[]", '{"cells": 3}', "\x00"])
def test_not_a_notebook(folders, text, capsys):
    """A file that is no notebook is one sentence, and exit status 1."""
    (folders[0] / "00_title.ipynb").write_text(text, encoding="utf-8")
    assert authoring.main([]) == 1
    assert "00_title.ipynb is not a notebook" in capsys.readouterr().err


def test_repository_goes_everywhere(folders):
    """--repository rewrites pyproject.toml, CITATION.cff, badges and Setup cells; a malformed name changes nothing."""
    build(folders, source())
    citation = folders[0].parent / "CITATION.cff"
    citation.write_text("license: MIT\nrepository-code: https://github.com/me/mine\n", encoding="utf-8")
    readme = folders[0].parent / "README.md"
    readme.write_text(f"{README}\n    git clone https://github.com/OWNER/REPO unrolled\n", encoding="utf-8")
    assert authoring.main(["--repository", "you/yours"]) == 0
    assert "\n    git clone https://github.com/you/yours unrolled\n" in readme.read_text(encoding="utf-8")
    for folder in folders:
        text = (folder / "00_title.ipynb").read_text(encoding="utf-8")
        assert "me/mine" not in text
        assert text.count("you/yours") == 2
    for arguments in (["--repository", "nonsense"], ["--check", "--repository", "a/b"], ["--check", "--run", "00"]):
        with pytest.raises(SystemExit):
            authoring.main(arguments)
    assert authoring.repository() == "you/yours"
    assert citation.read_text(encoding="utf-8") == "license: MIT\nrepository-code: https://github.com/you/yours\n"


def test_a_slow_machine_may_write(folders):
    """A running time above the budget is refused by --check, but does not keep --run from writing lessons/."""
    build(folders, source())
    path = folders[0] / "00_title.ipynb"
    text, count = re.subn(r"Running: \d+ seconds", "Running: 90 seconds", path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
    assert "lessons/00_title.ipynb is rewritten." in authoring.build(*folders)
    with pytest.raises(authoring.AuthoringError, match=r"\[running_time\]$"):
        authoring.build(*folders, check=True)


def test_a_refused_build_leaves_the_repository(folders, capsys):
    """--repository with a faulty solution changes nothing."""
    build(folders, source())
    nbformat.write(source({2: "No heading."}), folders[0] / "00_title.ipynb")
    assert authoring.main(["--repository", "you/yours"]) == 1
    assert authoring.repository() == "me/mine"


def test_another_table_of_pyproject_is_left_alone(folders, capsys):
    """Only [tool.unrolled] is meant, whatever stands around it; without it, one sentence."""
    build(folders, source())
    path = folders[0].parent / "pyproject.toml"
    other = '[project.urls]\nrepository = "x"\n'
    path.write_text(f"[tool.unrolled]\n# where\nrepository = 'a/b'  # ours\n{other}", encoding="utf-8")
    assert authoring.main(["--repository", "you/yours"]) == 0
    assert path.read_text(encoding="utf-8") == f'[tool.unrolled]\n# where\nrepository = "you/yours"\n{other}'
    path.write_text("[project]\n", encoding="utf-8")
    assert authoring.main([]) == 1
    assert "no [tool.unrolled]" in capsys.readouterr().err


def test_a_refused_course_is_not_written(folders):
    """One complaint keeps all files as they were (tests/test_notebooks.py has each complaint)."""
    nbformat.write(source({4: CHECK.replace("HIDDEN TESTS", "HIDDEN TEST")}), folders[0] / "00_title.ipynb")
    with pytest.raises(authoring.AuthoringError, match=r"^00_title.ipynb, cell 4: a ### BEGIN .* \[markers\]$"):
        authoring.build(*folders)
    assert list(folders[1].iterdir()) == []


def test_a_new_lesson(folders, monkeypatch, capsys):
    """--new writes what --check accepts, run with the default profile and measured; --exercise tries its answers."""
    root = folders[0].parent
    (root / "utils").symlink_to(environment.course_root() / "utils")
    readme = root / "README.md"
    readme.write_text(README, encoding="utf-8")
    build(folders, source())
    monkeypatch.setenv("UNROLLED_PROFILE", "full")
    assert authoring.main(["--new", "01", "Next: a `title`!"]) == 0
    assert "python -m utils.authoring --exercise 1.1" in capsys.readouterr().out
    solution = nbformat.read(folders[0] / "01_next_a_title.ipynb", as_version=4)
    assert "laptop profile" in solution.cells[2].outputs[0].text
    head = solution.cells[0].source
    assert head.startswith("# 01 Next: a `title`!") and "[lesson 00](00_title.ipynb)" in head
    assert '| <img one> | <img src="data/pictures/01_next_a_title.png" width="280" alt="' in readme.read_text("utf-8")
    assert authoring.main(["--check"]) == 0
    monkeypatch.delenv("UNROLLED_PROFILE")
    capsys.readouterr()
    for number in ("1.1", "1.2", "1.3", "1.4"):
        assert authoring.main(["--exercise", number]) == 0
        assert f"Exercise {number}: 6 tried, 0 not as it should be." in capsys.readouterr().out
    wrong = root / "tests" / "wrong_answers" / "ex-1-1.diff"
    wrong.write_text(wrong.read_text("utf-8") + "\n# wrong: from the end\n- axis=1\n+ axis=-1\n", encoding="utf-8")
    assert authoring.main(["--exercise", "1.1"]) == 1
    assert "FAIL  wrong answer, from the end: done (this wrong answer passes)\n" in capsys.readouterr().out
    wrong.unlink()
    assert authoring.main(["--exercise", "1.1"]) == 1
    assert "no wrong answer to exercise 1.1: write three in tests/wrong_answers/ex-1-1.diff." in capsys.readouterr().err
    path = next((root / "solutions").glob("01_*"))
    path.write_text(path.read_text("utf-8").replace("x.mean(axis=1)", "x.mean(axis=0)"), encoding="utf-8")
    assert authoring.main(["--exercise", "1.1"]) == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 1 and said.out.startswith("FAIL  solution: ")
    assert "the check refuses the solution" in said.err


def test_run(folders, monkeypatch):
    """--run executes the notebooks with this number, and then builds; a number without a notebook is refused."""
    nbformat.write(source(), folders[0] / "00_title.ipynb")
    ran = []
    monkeypatch.setattr(authoring, "execute", ran.append)
    assert authoring.main(["--run", "00"]) == 0
    assert ran == [folders[0] / "00_title.ipynb"] and (folders[1] / "00_title.ipynb").exists()
    assert authoring.main(["--run", "77"]) == 1


@pytest.mark.parametrize(
    "number, title, complaint",
    [
        ("00", "Again", "--new 00: solutions/00_title.ipynb is there already; the next number is 01."),
        ("02", "Later", "--new 02: numbers have two digits and leave no gap; the next number is 01."),
        ("1", "Short", "the next number is 01."),
        ("01", "？", "has no letters a to z for a file name"),
        ("01", "No place", "README.md has no table of pictures"),
    ],
)
def test_a_new_lesson_is_refused(folders, capsys, number, title, complaint):
    """A number that is taken or leaves a gap, a title without letters, a README without a place: nothing is written."""
    nbformat.write(source(), folders[0] / "00_title.ipynb")
    (folders[0].parent / "README.md").write_text("# Course\n", encoding="utf-8")
    before = sorted(folders[0].parent.rglob("*"))
    assert authoring.main(["--new", number, title]) == 1
    assert complaint in capsys.readouterr().err
    assert sorted(folders[0].parent.rglob("*")) == before


@pytest.mark.parametrize("full, place", [(True, "| **00** | **01** | **02** |\n| NEW | | |\n"), (False, "| NEW | |\n")])
def test_the_place_of_a_picture(full, place):
    """A new lesson's picture goes to the first empty place, or begins a new row."""
    rows = (
        "| <img a> | <img b> | <img c> |\n| **00** | **01** | **02** |\n"
        if full
        else "| <img a> | | |\n| **00** | | |\n"
    )
    new = skeleton.with_picture(f"| | | |\n|---|---|---|\n{rows}\nText | x |\n", "03", "03_x")
    assert place in new.replace(skeleton.PICTURE.format(stem="03_x", alt=skeleton.ALT), "NEW")
    assert new.count("03_x.png") == new.count("**03**") == 1 and new.endswith("\n\nText | x |\n")


@pytest.mark.parametrize(
    "number, complaint",
    [("7.1", "no lesson in solutions/ has an exercise 7.1."), ("0.2", "00_title.ipynb: there is no exercise 0.2")],
)
def test_no_such_exercise(folders, capsys, number, complaint):
    """One sentence, exit status 1; a malformed number is told before anything is read."""
    nbformat.write(source(), folders[0] / "00_title.ipynb")
    assert authoring.main(["--exercise", number]) == 1
    assert complaint in capsys.readouterr().err
    with pytest.raises(SystemExit):
        authoring.main(["--exercise", "ex-1-2"])


@pytest.mark.parametrize("seconds, shown", [(0.2, 5), (5, 5), (5.1, 10), (61, 65)])
def test_running_time_is_rounded_up(seconds, shown):
    """To five seconds, so that it changes seldom and promises nothing."""
    expected = f"*Reading: about 5 minutes. Running: {shown} seconds, measured on two cores.*"
    assert authoring.time_line(source(), seconds) == expected


def test_two_hidden_blocks_and_two_solutions(folders):
    """Each block is cut on its own: what stands between two of them stays."""
    answer = f"{ANSWER}\n\n\n" + "\n    ".join(
        ["def add_two(x):", "'Add two.'", "### BEGIN SOLUTION", "return x + 2", "### END SOLUTION"]
    )
    check = (
        CHECK
        + '\n    ex.equal("add_two(1)", add_two(1), 3)\n'
        + "    ### BEGIN HIDDEN TESTS\n    secret = 1\n    ### END HIDDEN TESTS"
    )
    lesson = build(folders, source({3: answer, 4: check}))
    assert lesson.cells[3].source.count("raise NotImplementedError") == 2 and "def add_two(x)" in lesson.cells[3].source
    assert "add_two(1)" in lesson.cells[4].source
    assert "secret" not in lesson.cells[4].source and "add_one(7)" not in lesson.cells[4].source


def test_what_an_author_may_do(folders):
    """Magics, percent signs over two lines, docstrings that mention a marker, pictures pasted in, empty cells."""
    notebook = source({6: "![x](attachment:x.png)"})
    notebook.cells[6].attachments = {"x.png": {"image/png": "aGk="}}
    notebook.cells.insert(2, nbformat.v4.new_code_cell("%matplotlib inline\ny = (5\n% 3)", execution_count=2))
    notebook.cells.append(nbformat.v4.new_markdown_cell(" "))
    notebook.cells[4].source = ANSWER.replace("Add one.", "Add one (not before ### BEGIN SOLUTION).")
    for cell, count in ((notebook.cells[4], 3), (notebook.cells[5], 4)):
        cell.execution_count = count
    lesson = build(folders, notebook)
    assert lesson.cells[-2].attachments == {"x.png": {"image/png": "aGk="}}
    assert len({cell.id for cell in lesson.cells}) == len(lesson.cells)


def test_same_text_twice_gets_two_ids(folders):
    """Cells are named by their text; a second cell with the same text needs a name of its own."""
    notebook = source()
    notebook.cells.append(nbformat.v4.new_markdown_cell("On we go."))
    lesson = build(folders, notebook)
    assert len({cell.id for cell in lesson.cells}) == len(lesson.cells)


def test_line_ends_count(folders):
    """A lesson with carriage returns is not the lesson."""
    build(folders, source())
    path = folders[1] / "00_title.ipynb"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert authoring.build(*folders, check=True) == ["lessons/00_title.ipynb is not what solutions/ make of it."]


def test_nothing_to_build_from(folders, capsys):
    """No solution, or a README without a place for the table: one sentence, exit status 1."""
    assert authoring.main(["--check"]) == 1
    assert "there is no notebook in solutions/" in capsys.readouterr().err
    (folders[0].parent / "README.md").write_text("# Course\n", encoding="utf-8")
    nbformat.write(source(), folders[0] / "00_title.ipynb")
    assert authoring.main([]) == 1
    assert "README.md has no place for the table" in capsys.readouterr().err


def test_the_picture_of_a_lesson(folders):
    """The figure of the cell tagged `picture` is written for README."""
    notebook = source()
    notebook.cells[1].metadata["tags"] = ["picture"]
    data = {"image/png": "iVBORw0K", "text/plain": "Figure"}
    notebook.cells[1].outputs.append(nbformat.v4.new_output("display_data", data=data))
    notebook.cells.insert(2, nbformat.v4.new_markdown_cell("A small blue picture of nothing at all."))
    build(folders, notebook)
    picture = folders[0].parent / "data" / "pictures" / "00_title.png"
    assert picture.read_bytes() == b"\x89PNG\r\n"
    picture.write_bytes(b"another")
    assert authoring.build(*folders, check=True) == ["data/pictures/00_title.png is not what solutions/ make of it."]
