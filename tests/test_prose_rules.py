"""utils.prose_rules: which numbers need evidence, what is evidence, and how many false ones are noticed."""

import pathlib
import re

import nbformat
import pytest
from conftest import ROOT, SOLUTIONS, notebook

from utils import contract, prose_rules


def read(*parts):
    """Return a lesson of a title and these cells: a str is Markdown, a tuple (code, output)."""
    made = [nbformat.v4.new_markdown_cell("# 09 Made in 83 minutes\n\n## First")]
    for part in parts:
        if isinstance(part, str):
            made.append(nbformat.v4.new_markdown_cell(part))
        else:
            outputs = [nbformat.v4.new_output("stream", text=part[1])] if part[1] else []
            made.append(nbformat.v4.new_code_cell(part[0], outputs=outputs))
    return contract.Lesson(pathlib.Path("solutions", "09_x.ipynb"), made)


def lacking(lesson):
    """Return the numbers without evidence, as they are written."""
    return [
        lesson.cells[index].source[number.start : number.end].strip()
        for index, number, _ in prose_rules.without_evidence(lesson)
    ]


@pytest.mark.parametrize(
    "text, found",
    [
        ("It took 2,527 seconds, or 0.83, or −0.25.", [2527, 0.83, -0.25]),
        ("83 % and 1.6 points, ½", [0.83, 0.016, 0.5]),
        ("thirty-two of them, twelve, four reviews in five, 95 in 100, 17 of 18", [32, 12, 0.8, 0.95, 17 / 18]),
        ("a quarter of it; nearly half; half of the twins", [0.25, 0.5, 0.5]),
        (r"$f = \sigma(1) \approx 0.73$, $0.9^{10}$, $D=30$, $10^{-15}$, $\tfrac12$", [0.73, 30]),
        ("|a|b|\n|-|-|\n|0.5|12|", [0.5, 12]),
        ("three of nine words, 1 to 9, ten starts, at step 0", [3 / 9]),
        ("Bengio (1994) and lesson 02, exercises 3.1 and 3.2, chapter 12, 32-bit floats", []),
        ("`units=64`, [Title 12](a.ipynb), <img width=20>, <!-- 30 -->\n\n```\n40\n```\n\n# 50\n\n12. first", []),
        ("Fifteen seconds, a quarter of an hour, a quarter turn, the second half of the text", []),
        ("### Exercise 3.1: one step (2 points)\n\nWithin 0.01 over 100 steps.\n\n### Then\n\n0.25", [0.25]),
    ],
)
def test_the_numbers_that_need_evidence(text, found):
    """Measurements and settings, in digits and in words; neither names nor years, code, links, tasks, waiting times."""
    assert [number.value for number in prose_rules.numbers(text)] == pytest.approx(found)


@pytest.mark.parametrize(
    "text, code, output, missing",
    [
        ("It is 0.83.", "print(x)", "[0.8312 1.]", []),
        ("It is 0.83.", "print(x)", "0.84", ["0.83"]),
        ("It is 83 %.", "print(x)", "right: 83.1 %", []),
        ("It is 83 %.", "print(x)", "right: 0.8312", []),
        ("It is 83 %.", "print(x)", "83 texts", ["83 %"]),
        ("It is −0.5.", "print(x)", "0.5", ["−0.5"]),
        ("In 1,200 runs", "print(x)", "1200", []),
        ("In 1,200 runs", "print(x)", "1200.4", ["1,200"]),
        ("On 12 words", "T = 12", "", []),
        ("It is 1.0.", "x = 1", "", ["1.0"]),
        ("It is 1.5.", "assert x > 1.5", "", []),
        ("It is 1.6.", "assert 1.5 < x < 1.7", "", []),
        ("It is 1.6.", "assert 1 < x < 3", "", ["1.6"]),
        ("It is 0.46.", "assert np.isclose(x, 0.464)", "", []),
        ("Four in five are right.", "assert 79 < x < 81", "", []),
        ("Four in five are right.", "print(x)", "0.7", ["Four in five"]),
        ("On 12 words", "x = (", "12", []),
        ("On 12 words", "plots.curves({'12 words': x})", "", []),
        ("On 12 words", '# exercise: 9.1\ndef f(x):\n    """Do it."""\n    return 12', "", ["12"]),
        ("On 12 words", 'with checks.exercise("9.1", points=1) as ex:\n    x = 12', "12", ["12"]),
    ],
)
def test_what_is_evidence(text, code, output, missing):
    """Outputs, which may have more digits; asserts and code, which may not; neither answers nor their checks."""
    assert lacking(read(text, (code, output))) == missing


def test_evidence_stands_in_the_section():
    """A heading begins another section, in the middle of a cell too; an exercise's does not."""
    task = "### Exercise 9.1: a task (1 point)\n\nWrite 99."
    assert lacking(read("Is it 12?", ("x = 12", ""), task, "It was 12.\n\n## Second\n\nNot 12.")) == ["12"]


def test_constants_are_evidence_where_they_are_named():
    """A constant, the default of a function and a lambda are numbers of each section that names them."""
    set_before = "LAG, SEEDS = 40, [11, 12]\nmake = lambda: layer(16)\n\ndef train(updates=150):\n    return updates"
    text = "## Second\n\n40, 11, 12, 150 and 16"
    assert lacking(read((set_before, ""), text, ("train(make, LAG, SEEDS)", ""))) == []
    assert lacking(read((set_before, ""), text, ("train(LAG)", ""))) == ["11", "12", "16"]


def test_the_end_of_a_lesson_repeats_its_text():
    """From the questionnaire on, a number is one that the lesson gave before; being printed is not enough."""
    end = "## Questionnaire\n\nWhy 12? And 13?\n\n## Summary\n\n12 and 14."
    assert lacking(read("It is 12.", ("x = 12", "14"), end)) == ["13", "14"]


@pytest.mark.parametrize(
    "expression, found, agrees",
    [
        ("2527 / 60", "42 minutes", True),
        ("2527 / 60", "43 minutes", False),
        ("1 / (1 + exp(-5))", "0.993", True),
        ("exp(5) > 100", "more than 100", True),
        ("exp(4) > 100", "more than 100", False),
        ("6 + 6, 1 / 4", "12 and 0.25", True),
        ("6 + 6", "12 and 0.25", False),
        ("open('x')", "12", False),
        ("6 +", "12", False),
    ],
)
def test_computed_exceptions_are_computed(tmp_path, expression, found, agrees):
    """Arithmetic that does not give the number in the text, rounded as it is there, is no reason."""
    (tmp_path / "tests").mkdir()
    rows = f'lesson,number,why\n09,{found},"computed: {expression}"\n'
    (tmp_path / prose_rules.EXCEPTIONS).write_text(rows, encoding="utf-8")
    course = contract.Course(tmp_path, [read(f"It is {found}.")])
    said = [text for _, text in prose_rules.prose_exceptions(course)]
    assert said == ([] if agrees else [f"{found!r} is not what {expression} gives."])


def test_an_exception_holds_for_its_words(tmp_path):
    """The words are found across the end of a line, and excuse this number and no other of the same value."""
    (tmp_path / "tests").mkdir()
    (tmp_path / prose_rules.EXCEPTIONS).write_text("lesson,number,why\n09,of 12 words,example: x\n", encoding="utf-8")
    lesson = read("Sentences of\n12 words, and 12 more.")._replace(path=tmp_path / "solutions" / "09_x.ipynb")
    [(index, complaint)] = prose_rules.numbers_in_prose(lesson)
    assert index == 1 and "'12' in '... Sentences of 12 words, and 12 more. ...'" in complaint
    assert "below 'First'" in complaint and prose_rules.EXCEPTIONS in complaint


# --- how sharp the rule is ---------------------------------------------------------------------------------------


def falsified(written):
    """Return two false versions of a number in digits: one more in its last digit, and 1.3 times as much; else none."""
    found = re.search(r"\d[\d,]*(\.\d+)?", written)
    if not found or re.search(r" (in|of) ", written):
        return []
    digits, decimals = found.group(), len((found[1] or ".")[1:])
    value = float(digits.replace(",", ""))
    last = 10.0**-decimals
    while not decimals and value % (10 * last) == 0 < value:  # of 20,000 the 2
        last *= 10
    texts = (f"{wrong:,.{decimals}f}" for wrong in (value + last, 1.3 * value))
    texts = [text if "," in digits else text.replace(",", "") for text in texts]
    return [written.replace(digits, text, 1) for text in texts if text != digits]


def noticed(lesson):
    """Return (how many false numbers the rules notice, of how many), one number of the lesson false at a time."""
    rows = [row for row in prose_rules.exceptions(ROOT) if row.lesson == lesson.path.name[:2]]
    rows = [row for row in rows if sum(len(row.places(cell.source)) for cell in lesson.cells) == 1]
    seen, of, said, closing = 0, 0, set(), False
    for section in prose_rules.sections(lesson):
        closing = closing or section.title == prose_rules.FIRST_WITHOUT_CODE
        for index, number in section.claims:
            source = lesson.cells[index].source
            excused = any(number in row.excused(source) for row in rows)  # else its row is out of date, and refused
            for text in falsified(source[number.start : number.end]):
                changed = source[: number.start] + text + source[number.end :]
                [false] = [one for one in prose_rules.numbers(changed) if one.start == number.start]
                of += 1
                seen += excused or not (false[2:] in said if closing else section.has(false))
        said |= set() if closing else {number[2:] for _, number in section.claims}
    return seen, of


def test_false_numbers_are_noticed_in_a_small_lesson():
    """All ten of five numbers, each bound to an output, an assert or a constant of its section."""
    lesson = read(
        "On 1,200 texts it is right in 83 %, at a loss of 0.42.",
        ("print(x)", "1200 texts: 0.8312, loss 0.4187"),
        "The other one stays below 75 %, and needs 30 updates.",
        ("assert x < 0.75\nUPDATES = 30", ""),
    )
    assert lacking(lesson) == []
    assert noticed(lesson) == (10, 10)


@pytest.mark.parametrize("number", ["03", "05"])
def test_false_numbers_are_noticed_in_the_course(number):
    """Of the numbers of a real lesson, at least four in five false ones."""
    [path] = [path for path in SOLUTIONS if path.name.startswith(number)]
    seen, of = noticed(contract.Lesson(path, notebook(path).cells))
    assert of > 40 and seen >= 0.8 * of
