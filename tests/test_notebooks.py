"""The contract of the notebooks: the course keeps it, and each rule refuses a notebook that breaks only this rule."""

import shutil

import nbformat
import pytest
from conftest import LESSONS, ROOT, SOLUTIONS, notebook

from utils import authoring, cells, checks, contract, skeleton

COURSE = contract.Course(ROOT, [contract.Lesson(path, notebook(path).cells) for path in SOLUTIONS])
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="  # a PNG


# --- the course -----------------------------------------------------------------------------------------


def test_lessons_are_what_solutions_make_of_them():
    """There are lessons, each of them made of a solution: `python -m utils.authoring --check` is clean."""
    assert len(SOLUTIONS) >= 2
    assert [path.name for path in LESSONS] == [path.name for path in SOLUTIONS]
    assert authoring.build(ROOT / "solutions", ROOT / "lessons", check=True) == []


@pytest.mark.parametrize("rule", contract.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.path.stem)
def test_every_lesson_keeps_the_contract(lesson, rule):
    """Each rule finds nothing in each notebook."""
    assert list(rule(lesson)) == []


@pytest.mark.parametrize("rule", contract.COURSE_RULES, ids=lambda rule: rule.__name__)
def test_the_course_keeps_the_contract(rule):
    """Each rule about all lessons finds nothing."""
    assert list(rule(COURSE)) == []


def test_nothing_is_left_to_write(tmp_path):
    """No TODO of a new lesson is left, in a notebook, in README or in a wrong answer."""
    assert contract.unwritten(ROOT) == []
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "07_new.ipynb").write_text("## TODO: an idea", encoding="utf-8")
    (tmp_path / "README.md").write_text('alt="TODO: what one sees"', encoding="utf-8")
    assert contract.unwritten(tmp_path) == ["README.md", "solutions/07_new.ipynb"]


def test_the_glossary_has_terms():
    """The rule about terms finds some to look at."""
    rows = (ROOT / "data" / "glossary.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "term,chinese,meaning,lesson" and len(rows) > 40


def test_every_rule_has_a_reason():
    """Each rule is in one of the two lists, once, with a docstring; and each has a breakage below."""
    rules = [*contract.RULES, *contract.COURSE_RULES]
    names = [rule.__name__ for rule in rules]
    assert len(set(names)) == len(names) and all(len(rule.__doc__) > 60 for rule in rules)
    takes = {"lesson", "course"}
    assert {name for name, value in vars(contract).items() if _is_rule(value, takes)} == set(names)
    assert {rule for rule, *_ in [*BREAKAGES, *COURSE_BREAKAGES]} == set(names)


def _is_rule(value, takes):
    """Tell whether something in the module is a rule: a generator of one argument, a lesson or the course."""
    code = getattr(value, "__code__", None)
    return code is not None and bool(code.co_flags & 0x20) and set(code.co_varnames[: code.co_argcount]) <= takes


# --- a small course that keeps the contract ---------------------------------------------------------------


def run(notebook):
    """Give a notebook the counts and outputs that running it would give."""
    new, count = nbformat.v4.new_output, 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count, cell.outputs = count, []
        if cells.is_setup(cell):
            cell.outputs = [new("stream", text="Unrolled is ready: seed 1, laptop profile.\n")]
        elif check := cells.check_of(cell):
            cell.outputs = [new("display_data", data=checks.verdict_data(*check, checks.DONE))]
        elif "plots." in cell.source:
            cell.outputs = [new("display_data", data={"text/plain": "Figure", "image/png": DOT})]
    return notebook


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a course of two lessons, 00 and 01, as `--new` writes them; return its folder."""
    root = tmp_path_factory.mktemp("course")
    (root / "pyproject.toml").write_text('[tool.unrolled]\nrepository = "me/mine"\n', encoding="utf-8")
    (root / "data").mkdir()
    terms = "term,lesson,chinese,meaning\nsetup,00,设置,The first cell.\nhint,01,提示,What helps.\n"
    (root / "data" / "glossary.csv").write_text(terms, encoding="utf-8")
    readme = "<!-- lessons: here -->\n<!-- end of lessons -->\n\n| <img none> | | |\n| none | | |\n"
    (root / "README.md").write_text(readme, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authoring, "ROOT", root)
        for number, title in (("00", "First"), ("01", "Second")):
            for path, text in skeleton.contents(number, title, root).items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            path = root / "solutions" / f"{number}_{title.lower()}.ipynb"
            nbformat.write(run(notebook(path)), path)
        assert authoring.main([]) == 0
    return root


@pytest.fixture
def small(made, tmp_path, monkeypatch):
    """Return the folder of a copy of the small course; utils.authoring works on it."""
    shutil.copytree(made, tmp_path / "course")
    monkeypatch.setattr(authoring, "ROOT", tmp_path / "course")
    return tmp_path / "course"


def at(lesson, text):
    """Return the index of the first cell whose source has this text."""
    return next(index for index, cell in enumerate(lesson.cells) if text in cell.source)


def both(*edits):
    """Return one edit that does all of these."""
    return lambda lesson: [edit(lesson) for edit in edits]


def replaced(old, new, *, once=False):
    """Return an edit that replaces a text wherever it stands, or in the first cell that has it; all is run again."""

    def edit(lesson):
        start = at(lesson, old)
        for cell in lesson.cells[start : start + 1 if once else None]:
            cell.source = cell.source.replace(old, new)
        run(lesson)

    return edit


def inserted(before, source, *, kind="code", tags=(), copies=1):
    """Return an edit that inserts cells before the one with a text; all is run again."""

    def edit(lesson):
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        index = at(lesson, before)
        lesson.cells[index:index] = [make(source, metadata={"tags": list(tags)}) for _ in range(copies)]
        run(lesson)

    return edit


def moved(text, before=None):
    """Return an edit that moves the cell with a text to before another one, or takes it away; all is run again."""

    def edit(lesson):
        cell = lesson.cells.pop(at(lesson, text))
        if before:
            lesson.cells.insert(at(lesson, before), cell)
        run(lesson)

    return edit


def changed(text, change):
    """Return an edit that calls `change(cell)` for the cell with a text; nothing is run again."""
    return lambda lesson: change(lesson.cells[at(lesson, text)])


def printed(place, **output):
    """Return an edit that adds an output to the cell with a text."""
    return changed(place, lambda cell: cell.outputs.append(nbformat.v4.new_output(**output)))


def added(text, more):
    """Return an edit that adds lines to the source of the cell with a text; nothing is run again."""
    return changed(text, lambda cell: cell.update(source=cell.source + more))


def verdict(*data):
    """Return an edit that stores another verdict below the check of exercise 1.1."""
    return changed(CHECK, lambda cell: cell.outputs[0].data.update(checks.verdict_data("1.1", *data)))


def long(lines):
    """Return a source of so many lines."""
    return "\n".join(f"x{number} = {number}" for number in range(1, lines + 1))


# A text in a cell of lesson 01 that no cell before it has.
FIRST, SETUP, IMPORT, FIGURE, READ, ASSERT = (
    "# 01",
    "# Setup: find",
    "import numpy",
    "plots.curves",
    "TODO: what the figure shows",
    "assert y",
)
TASK, ANSWER, CHECK, NOTE = "### Exercise 1.1", "# exercise: 1.1", 'checks.exercise("1.1"', "**Why it works"
LAST_ANSWER, LAST_CHECK, QUESTIONS, CLOSING = (
    "# exercise: 1.4",
    'checks.exercise("1.4"',
    "## Questionnaire",
    "## Summary",
)
BODY = "### BEGIN SOLUTION\n    return x.mean(axis=1)\n    ### END SOLUTION"
DOCSTRING = '"""Return the mean of each row: x (rows, columns) -> (rows,)."""'
SECOND_ANSWER = f'{ANSWER}\ndef f(x):\n    """Do it."""\n    {BODY}'
IGNORED = ["nbval-ignore-output"]
SHARE = "It is right in 83 % of all cases."

# Of each: the rule; an edit of lesson 01; the cell that is named then, by its text, or as the one
# before it; the complaint.
BREAKAGES = [
    ("first_cell", replaced("# 01 Second", "Second"), "Second", "the first cell has no title"),
    ("first_cell", replaced("[![Open", "[[Open"), FIRST, "the first cell has no Colab badge"),
    ("first_cell", replaced("*Reading:", "*Writing:"), FIRST, "the first cell has no line *Reading"),
    ("first_cell", replaced("**The question", "**A question"), FIRST, "the first cell has no line **The question of"),
    ("title_number", replaced("# 01 Second", "# 07 Second"), "# 07", "its title has the number 07"),
    ("running_time", replaced("Running: 5 s", "Running: 65 s"), FIRST, "it runs longer than 60 seconds"),
    ("running_time", replaced("5 seconds, measured", "5 seconds, said"), FIRST, "or was not measured"),
    ("headings", replaced("## Setup", "### Setup"), "### Setup", "a heading of level 3 follows one of level 1"),
    ("headings", replaced("## Setup", "# Setup"), "# Setup", "there is a second heading of the first level"),
    ("headings", replaced("**Why it works.**", "#### Why"), "#### Why", "a note on a solution has no heading"),
    ("setup_cell", moved(SETUP), IMPORT, "this is no Setup cell"),
    ("setup_cell", moved(SETUP, "x = np.arange"), IMPORT, "this is no Setup cell"),
    ("setup_cell", replaced("environment.start", "LIMIT = 3\nenvironment.start"), SETUP, "Setup cell: 'LIMIT = 3'"),
    ("setup_cell", replaced("start(seed=1)", "start()"), SETUP, "and not with 'environment.start()'"),
    ("setup_cell", inserted(QUESTIONS, cells.SETUP_FIRST_LINE), f"before {QUESTIONS}", "Setup stands once"),
    ("markers", replaced("BEGIN HIDDEN TESTS", "BEGIN HIDDEN TEST", once=True), CHECK, "a ### BEGIN or ### END is"),
    ("markers", replaced("### BEGIN HIDDEN", "###BEGIN HIDDEN", once=True), CHECK, "a ### BEGIN or ### END is"),
    ("markers", replaced("BEGIN HIDDEN TESTS", "Begin hidden tests", once=True), CHECK, "a ### BEGIN or ### END is"),
    ("markers", replaced("    ### END SOLUTION", "", once=True), ANSWER, "a ### BEGIN or ### END is misspelt"),
    ("markers", inserted(QUESTIONS, BODY, kind="text"), f"before {QUESTIONS}", "or stands in the wrong cell"),
    ("exercise_parts", moved(CHECK), ANSWER, "exercise 1.1 has no check"),
    ("exercise_parts", moved(LAST_ANSWER), LAST_CHECK, "the check of exercise 1.4 has no answer cell"),
    ("exercise_parts", replaced(f"{TASK}:", TASK), ANSWER, "exercise 1.1 has no heading"),
    ("exercise_parts", replaced("mean of each row (1 point)", "mean (3 points)"), TASK, "gives 3 points, its check 1"),
    ("exercise_parts", moved(ANSWER, "### Exercise 1.2"), CHECK, "the check of exercise 1.1 stands before its answer"),
    ("exercise_parts", moved(TASK, "### Exercise 1.2"), TASK, "the heading of exercise 1.1 stands after its answer"),
    ("exercise_parts", both(moved(LAST_ANSWER), moved(LAST_CHECK)), "### Exercise 1.4", "a heading and no answer cell"),
    ("nothing_twice", inserted(QUESTIONS, SECOND_ANSWER), f"before {QUESTIONS}", "grade_id ex-1-1 is there twice"),
    ("nothing_twice", inserted(QUESTIONS, f"{TASK}: x (1 point)", kind="text"), f"before {QUESTIONS}",
     "exercise 1.1 has a second heading"),
    ("nothing_twice", replaced(ANSWER, f"{ANSWER}\n# exercise: 1.2"), ANSWER, "there are two answers in one cell"),
    ("nothing_twice", added(CHECK, f"\n{CHECK}, points=1)"), CHECK, "there are two checks in one cell"),
    ("points", both(replaced("points=1", "points=5"), replaced("(1 point)", "(5 points)")), CHECK, "worth 5 points"),
    ("solution", replaced(BODY, "return x.mean(axis=1)"), ANSWER, "exercise 1.1 has no ### BEGIN SOLUTION"),
    ("solution", added(ANSWER, "\n### BEGIN SOLUTION\n1\n### END SOLUTION"), ANSWER, "must stand inside a function"),
    ("docstring", replaced(f"{DOCSTRING}\n    ", ""), ANSWER, "no function, or a function without docstring"),
    ("hint", replaced("<summary>Hint</summary>", "Hint", once=True), TASK, "exercise 1.1 has no hint"),
    ("hidden_tests", changed(CHECK, lambda cell: cell.update(source=cells.HIDDEN.sub("", cell.source))), CHECK,
     "the check of exercise 1.1 has no ### BEGIN HIDDEN TESTS"),
    ("solution_note", moved(NOTE), CHECK, "comes no Markdown cell tagged solution-note"),
    ("solution_note", inserted(NOTE, "More.", kind="text"), CHECK, "comes no Markdown cell tagged solution-note"),
    ("silent_answers", printed(ANSWER, output_type="stream", text="2"), ANSWER, "exercise 1.1 prints something"),
    ("solution_passes", verdict(1, checks.WRONG, "no"), CHECK, "the solution does not pass the check of exercise 1.1"),
    ("solution_passes", verdict(3, checks.DONE), CHECK, "the solution does not pass the check of exercise 1.1"),
    ("learners_code_parses", replaced("y.shape == (5,)", "y.shape == (5,"), ASSERT, "does not parse"),
    ("known_tags", inserted(ASSERT, "z = 1", tags=["nbval-skip"]), "z = 1", "the tag ['nbval-skip'] is not used"),
    ("known_tags", inserted(ASSERT, "z = 1", tags=["solution-note"]), "z = 1", "only a Markdown cell can be a"),
    ("known_tags", inserted(FIGURE, "z = 1", tags=["picture"]), "z = 1", "README's picture of this lesson, and has no"),
    ("executed", changed(ASSERT, lambda cell: cell.update(execution_count=None)), ASSERT, "not executed in order"),
    ("executed", changed(ASSERT, lambda cell: cell.update(execution_count=99)), ASSERT, "not executed in order"),
    ("clean_outputs", printed(ASSERT, output_type="error", ename="KeyError", evalue="", traceback=[]), ASSERT,
     "its stored output is an error, KeyError"),
    ("clean_outputs", printed(ASSERT, output_type="stream", name="stderr", text="W"), ASSERT, "messages on stderr"),
    ("clean_outputs", printed(ASSERT, output_type="stream", text="WARNING:tensorflow:x"), ASSERT, "library's warning"),
    ("few_outputs_ignored", inserted(ASSERT, "z = 1\nassert z", tags=IGNORED, copies=5), f"before {ASSERT}",
     "5 of 18 code cells are tagged nbval-ignore-output"),
    ("ignored_outputs_are_asserted", inserted(TASK, "print(1)", tags=IGNORED), "print(1)", "no assert follows within"),
    ("an_evening", added(READ, " word" * 3600), "## Next", "words of Markdown; at most 3,600 are allowed"),
    ("an_evening", inserted(ASSERT, long(1), copies=120), "## Next", "cells; at most 130 are allowed"),
    ("narrow_code", inserted(ASSERT, "x = " + "1 + " * 30 + "1"), "1 + 1", "a line of 125 characters; at most 88"),
    ("checks_are_seeded", replaced("np.random.default_rng()", "np.random.RandomState()"), CHECK, "has RandomState()"),
    ("checks_import_what_they_use", replaced("    import numpy as np\n\n", ""), CHECK, "takes np from the answer"),
    ("short_cells", inserted(ASSERT, long(41)), "x41 = 41", "it has 41 lines of code; at most 40 are allowed"),
    ("short_cells", inserted(ASSERT, long(21), copies=2), "x21 = 21", "one code cell in ten may have more than 20"),
    ("short_cells", inserted(ASSERT, long(14), copies=13), f"before {ASSERT}", "the median of the code cells is 14"),
    ("described_figures", replaced(f"{READ}, for those", "So. Then"), FIGURE, "no description"),
    ("described_figures", moved(READ), FIGURE, "no description"),
    ("described_figures", replaced(READ, "### A heading that is long enough"), FIGURE, "no description"),
    ("no_absolute_paths", replaced(READ, "See /home/me/x"), "/home/me", "it has a path of this machine: /home/me"),
    ("no_absolute_paths", printed(ASSERT, output_type="stream", text="/tmp/x"), ASSERT, "of this machine: /tmp/x"),
    ("no_absolute_paths", printed(ASSERT, output_type="stream", text="in\n/home/me"), ASSERT, "this machine: /home/me"),
    ("size", printed(ASSERT, output_type="stream", text="x" * 2_000_000), ASSERT, "the notebook is larger than 2 MB"),
    ("links", inserted(SETUP, "[x](no.ipynb)", kind="text"), "no.ipynb", "its link leads nowhere: no.ipynb"),
    ("links", inserted(SETUP, "[x](https://a.com/)", kind="text"), "a.com", "this page may not stay: https://a.com/"),
    ("links", inserted(SETUP, "[x](http://doi.org/1)", kind="text"), "http:", "may not stay: http://doi.org/1"),
    ("closing_sections", replaced("## Pitfalls", "## Traps"), CLOSING, "there was no heading ## Pitfalls"),
    ("closing_sections", replaced(QUESTIONS, "## Quiz"), CLOSING, "there was no heading ## Questionnaire"),
    ("questionnaire", replaced("4. TODO", "TODO"), QUESTIONS, "has 3 questions (at least 4) and 4 answers"),
    ("questionnaire", replaced("<summary>Answer</summary>", "Answer"), QUESTIONS, "has 4 questions (at least 4) and 0"),
    ("further_reading", replaced("[*Title*](https://doi.org/)", "*Title*"), CLOSING, "reading has no link: - TODO"),
    ("further_reading", replaced("- TODO: author", "TODO: author"), CLOSING, "the further reading has no entry"),
    ("pictures", changed(FIGURE, lambda cell: cell.metadata.pop("tags")), CLOSING, "no cell with a figure was tagged"),
    ("numbers_in_prose", inserted(QUESTIONS, SHARE, kind="text"), SHARE, "'83 %' in '... It is right in 83 % of all"),
]  # fmt: skip


def file_edited(name, old, new):
    """Return an edit of another file of the course: a text is replaced, or added where there is no old one."""

    def edit(root):
        path = root / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")

    return edit


def edited(change):
    """Return an edit of the course that edits the notebook of lesson 01."""

    def edit(root):
        path = root / "solutions" / "01_second.ipynb"
        lesson = notebook(path)
        change(lesson)
        nbformat.write(lesson, path)

    return edit


def renamed(root):
    """Give lesson 01 a file name with a capital letter, in README as well."""
    path = root / "solutions" / "01_second.ipynb"
    path.rename(path.with_name("01_Second.ipynb"))
    file_edited("README.md", "01_second.png", "01_Second.png")(root)


def shorter(root):
    """Take exercise 1.4 out of lesson 01, with its wrong answers."""
    edited(lambda lesson: [moved(text)(lesson) for text in ("### Exercise 1.4", LAST_ANSWER, LAST_CHECK)])(root)
    (root / "tests" / "wrong_answers" / "ex-1-4.diff").unlink()


def numbered(root):
    """Let the last exercise of lesson 01 be 1.5."""
    edited(both(replaced("Exercise 1.4", "Exercise 1.5"), replaced(": 1.4", ": 1.5"), replaced('"1.4"', '"1.5"')))(root)
    folder = root / "tests" / "wrong_answers"
    (folder / "ex-1-4.diff").rename(folder / "ex-1-5.diff")


def swapped(root):
    """Show the picture of lesson 01 before that of lesson 00."""
    text = (root / "README.md").read_text(encoding="utf-8")
    for old, new in (
        ("00_first.png", "x"),
        ("01_second.png", "00_first.png"),
        ("pictures/x", "pictures/01_second.png"),
    ):
        text = text.replace(old, new)
    (root / "README.md").write_text(text, encoding="utf-8")


def excused(*rows):
    """Return an edit that lets lesson 01 claim a number, and gives tests/prose_numbers.csv these rows."""

    def edit(root):
        edited(inserted(QUESTIONS, SHARE, kind="text"))(root)
        (root / NUMBERS).write_text("\n".join(["lesson,number,why", *rows]), encoding="utf-8")

    return edit


NUMBERS = "tests/prose_numbers.csv"
GLOSSARY, DIFF = "data/glossary.csv", "tests/wrong_answers/ex-1-1.diff"
LESSON = "01_second.ipynb, cell"
# Of each: the rule; an edit of the course, of other files too; the beginning of the line; the complaint.
COURSE_BREAKAGES = [
    ("exercise_numbers", numbered, LESSON, "exercise 1.5 stands where 1.4 is expected"),
    ("enough_exercises", shorter, LESSON, "the notebook has 3 exercises; at least 4 are asked for"),
    ("file_names", renamed, "01_Second.ipynb, cell 0", "its file name must be 01_slug.ipynb, in small letters"),
    ("pictures", file_edited("README.md", "01_second.png", "01_third.png"), LESSON, "does not show its picture"),
    ("pictures", file_edited("README.md", skeleton.PICTURE.format(stem="01_second", alt=skeleton.ALT),
                             skeleton.PICTURE.format(stem="01_second", alt="x")), LESSON, "in 40 letters or less"),
    ("pictures", file_edited("README.md", "", '<img src="data/pictures/02_a.png" alt="x">'), "README.md", "no lesson"),
    ("pictures", swapped, "README.md", "its pictures are not in the order of the lessons"),
    ("wrong_answers", file_edited(DIFF, "# wrong: one number for all rows", "# wrong: goes down the columns"), LESSON,
     "ex-1-1.diff has 2 wrong answers; at least 3 are asked for"),
    ("wrong_answers", file_edited(DIFF, "- axis=1", "- axis=7"), LESSON, "must occur once in the answer cell"),
    ("wrong_answers", file_edited("tests/wrong_answers/ex-99-1.diff", "", "# wrong: x\n"),
     "tests/wrong_answers/ex-99-1.diff", "there is no such exercise"),
    ("glossary", file_edited(GLOSSARY, "hint,", "gradient,"), "01_second.ipynb, cell 0", "uses the term 'gradient'"),
    ("glossary", file_edited(GLOSSARY, "提示", "hint"), f"{GLOSSARY}, line 3", "needs a Chinese name"),
    ("glossary", file_edited(GLOSSARY, "hint,", "setup,"), f"{GLOSSARY}, line 3", "'setup' is there twice"),
    ("glossary", file_edited(GLOSSARY, "hint,01", "hint,07"), f"{GLOSSARY}, line 3", "there is no lesson '07'"),
    ("glossary", file_edited(GLOSSARY, "setup,00,", "hint,01,提示,It.\nsetup,00,"),
     f"{GLOSSARY}, line 3", "lesson 00 comes after lesson 01"),
    ("prose_exceptions", excused("01,in 83 %,example: x", "07,in 83 %,example: x"), f"{NUMBERS}, line 3",
     "there is no lesson '07'"),
    ("prose_exceptions", excused("01,in 83 %,example: x", "01,in 84 %,example: x"), f"{NUMBERS}, line 3",
     "lesson 01 does not say 'in 84 %' any more"),
    ("prose_exceptions", excused("01,in 83 %,example: x", "01,It is,example: x"), f"{NUMBERS}, line 3",
     "'It is' has evidence, or no number"),
    ("prose_exceptions", excused(*["01,in 83 %,example: x"] * 2), f"{NUMBERS}, line 3", "'in 83 %' is there twice"),
    ("prose_exceptions", excused("01,in 83 %,"), f"{NUMBERS}, line 2", "'in 83 %' has no reason"),
    ("prose_exceptions", excused("01,in 83 %,example: "), f"{NUMBERS}, line 2", "'in 83 %' has no reason"),
    ("prose_exceptions", excused("01,in 83 %,everybody knows"), f"{NUMBERS}, line 2", "'in 83 %' has no reason"),
    ("prose_exceptions", excused("01,in 83 %,computed: 4 / 6"), f"{NUMBERS}, line 2", "is not what 4 / 6 gives"),
]  # fmt: skip


def place_of(lesson, text):
    """Return "01_second.ipynb, cell 7" for the cell with a text, or for the one before it ("before ...")."""
    index = at(lesson, text.removeprefix("before ")) - text.startswith("before ")
    return f"{LESSON} {index}:"


def refused(capsys, rule, place, complaint):
    """Assert that --check refuses the small course: every line by this rule, one with place and complaint."""
    assert authoring.main(["--check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines and all(line.endswith(f"[{rule}]") for line in lines), lines
    assert any(line.startswith(place) and complaint in line for line in lines), lines


@pytest.mark.parametrize("rule, edit, cell, complaint", BREAKAGES, ids=[f"{row[0]}-{row[3]}"[:60] for row in BREAKAGES])
def test_a_broken_notebook_is_refused(small, capsys, rule, edit, cell, complaint):
    """Each breakage is refused by its rule alone, naming notebook and cell."""
    edited(edit)(small)
    refused(capsys, rule, place_of(notebook(small / "solutions" / "01_second.ipynb"), cell), complaint)


@pytest.mark.parametrize(
    "rule, edit, place, complaint", COURSE_BREAKAGES, ids=[f"{row[0]}-{row[3]}"[:60] for row in COURSE_BREAKAGES]
)
def test_a_broken_course_is_refused(small, capsys, rule, edit, place, complaint):
    """What takes other files to break, or to break alone."""
    edit(small)
    refused(capsys, rule, place, complaint)


@pytest.mark.parametrize("name", ["00_empty.ipynb", "notes.ipynb"])
@pytest.mark.parametrize("kinds", ["", "raw", "markdown", "code", "code code raw"])
def test_anything_is_refused_with_a_sentence(tmp_path, name, kinds):
    """A notebook that is nothing like a lesson gets complaints, and no rule stumbles over it."""
    odd = [getattr(nbformat.v4, f"new_{kind}_cell")("# exercise: 1.1\nx = (") for kind in kinds.split()]
    lesson = contract.Lesson(tmp_path / name, odd)
    found = contract.complaints(contract.Course(tmp_path, [lesson]))
    assert len(found) > 3 and all(line.startswith(f"{name}, cell ") for line in found)


def test_the_small_course_is_accepted(small):
    """What the breakages start from breaks no rule."""
    assert authoring.main(["--check"]) == 0
