"""Tables, feedback and summary say what happened, and give nothing away."""

import csv
import io
import re

import pytest
from conftest import ROOT

from utils.grading import batch, grade, lessons, report, submissions, words
from utils.grading.__main__ import main
from utils.grading.status import Status


@pytest.fixture(scope="module")
def solutions():
    """Return the lessons that are graded."""
    return lessons.read_lessons(ROOT / "solutions")


def row(student, *verdicts, lesson="01_recurrence", remark=""):
    """Return a Row from (number, score, points, the value of a status, message, public)."""
    made = tuple(
        grade.Verdict(number, score, points, Status(status), *rest) for number, score, points, status, *rest in verdicts
    )
    return batch.Row(student, lesson, "file", "digest", remark, made)


ROWS = [
    row("bob", ("1.1", 0, 1, "wrong", "hidden 0.12345", "other inputs"), ("1.2", 2, 2, "done")),
    row("=cmd|' /C calc'!A0", ("1.1", 0, 1, "error", "=1+1\nsecond", "=1+1\nsecond"), ("1.2", 0, 2, "not attempted")),
    row("\ud800<b>", ("1.1", 0, 1, "unreadable", "x", "x"), ("1.2", 0, 2, "unreadable", "x", "x")),
    batch.Row("../../up", "?", "file", "d", "no exercise of this course is in it.", ()),
]


def read(path):
    """Return the rows of a CSV file as dictionaries."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables(tmp_path, solutions):
    """One row each, sorted; no formula, no line break, no hidden message where students may look."""
    report.write_grades(tmp_path / "g.csv", ROWS, solutions)
    report.write_detail(tmp_path / "d.csv", ROWS)
    grades = {one["student"]: one for one in read(tmp_path / "g.csv")}
    assert len(grades) == 4
    assert grades["bob"]["1.2"] == "2" and grades["bob"]["status"] == "wrong" and grades["bob"]["max_score"] == "3"
    assert "0.12345" not in (tmp_path / "g.csv").read_text() and "0.12345" in (tmp_path / "d.csv").read_text()
    for name in ("g.csv", "d.csv"):
        for cells in csv.reader(io.StringIO((tmp_path / name).read_text())):
            assert not any(cell.startswith(("=", "+", "@", "-")) or "\n" in cell for cell in cells)
    assert grades["../../up"]["status"] == "unreadable" and "no exercise" in grades["../../up"]["comments"]
    assert all(one["status"] for one in grades.values())


def test_feedback(tmp_path, solutions):
    """One page each, inside the folder whatever the student is called; escaped; nothing hidden."""
    assert report.write_feedback(tmp_path / "f", ROWS, solutions) == 4
    pages = list((tmp_path / "f").rglob("*.html"))
    assert len(pages) == 4 and not (tmp_path / "up").exists()
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert "0.12345" not in text and "<b>," not in text and "other inputs" in text


EVIL = "\x1b[2J\x1b]0;title\x07red\r\u202egnp.exe\u2028\x9b31m\x00\ud800 end"


def test_nothing_that_a_terminal_or_spreadsheet_obeys(tmp_path, solutions):
    """Control codes of a name, a file or a message arrive nowhere; a formula does not, behind a separator either."""
    verdicts = ("1.1", 0, 1, "error", EVIL, EVIL), ("1.2", 0, 2, "error", "a; =1+1;@x", "\uff1dHYPERLINK()")
    one = row(EVIL, *verdicts, remark=f"{EVIL} counts.")
    report.write_grades(tmp_path / "g.csv", [one], solutions)
    report.write_detail(tmp_path / "d.csv", [one])
    report.write_feedback(tmp_path / "f", [one], solutions)
    [page] = (tmp_path / "f").rglob("*.html")
    found = [submissions.Submission(EVIL, EVIL, EVIL, b"", EVIL, EVIL)] * 2
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "g.csv", tmp_path / "d.csv", page)]
    texts += [
        report.table(one),
        report.whose(found, [EVIL]),
        report.to_look_at([*found, *found], [EVIL]),
        page.parent.name,
    ]
    for text in texts:
        assert all(sign.isprintable() or sign == "\n" for sign in text), ascii(text)
        assert "\u202e" not in text and "red" in text or not text
    for cells in csv.reader(io.StringIO(texts[0] + texts[1])):
        assert not any(re.match(r"[=+@-]|.*;\s*[=+@-]|\uff1d", cell) for cell in cells), cells


def test_what_a_students_code_says_is_quoted():
    """It stands in quotes that it cannot close, on one line, and is cut."""
    assert words.quote("right\n") == "“right”"
    said = words.quote("no”. Full marks.\x1b[1m " + "x" * 10_000)
    assert said.count("”") == 1 and said.endswith("…”") and len(said) < 210 and "\x1b" not in said


def test_summary(solutions):
    """Bars count every submission once, and the hardest exercise is named."""
    text = report.summary(ROWS, solutions)
    assert "3 submissions, median 0 of 3 points" in text
    assert "1.1 one step (3 of 3)" in text
    bars = [line.split() for line in text.splitlines() if line.strip()[:1].isdigit() and "submissions" not in line]
    assert sum(int(bar[-1]) for bar in bars) == 3


def test_progress_of_one_learner():
    """A line for each lesson and one for all; a bar is full only when all is done; several learners have none."""
    done = [(f"1.{n}", 1, 1, "done") for n in range(5)]
    rows = [
        row("ann", *done, lesson="03_lstm_gates"),
        row("ann", *done[:4], ("1.5", 0, 1, "wrong"), ("1.6", 0, 36, "error"), ("1.7", 0, 0, "missing")),
        row("ann", ("2.1", 0, 2, "not attempted"), lesson="02_why_rnns_forget"),
        batch.Row("ann", "?", "file", "d", "no exercise of this course is in it.", ()),
    ]
    head, *lines = [line.split() for line in report.progress(rows).splitlines()]
    assert head == ["points", "done", "wrong", "not", "attempted"]
    assert lines == [
        ["01_recurrence", "4/41", "#" + 19 * ".", "4", "2", "1"],
        ["02_why_rnns_forget", "0/2", 20 * ".", "0", "0", "1"],
        ["03_lstm_gates", "5/5", 20 * "#", "5", "0", "0"],
        ["?", "0/0", 20 * ".", "0", "0", "0"],
        ["all", "9/48", "###" + 17 * ".", "9", "2", "2"],
    ]
    assert len({len(line) for line in report.progress(rows).splitlines()}) == 1
    assert report.progress([*rows, row("bob", *done)]) == "" == report.progress(rows[:1])


def test_the_journal_keeps_rows(tmp_path):
    """A row read back from the journal is the same; a half-written line is left out."""
    path = report.journal_of(tmp_path / "g.csv")
    path.write_text("".join(map(report.as_line, ROWS)) + report.as_line(ROWS[0])[:50], encoding="utf-8")
    assert list(report.read_journal(path).values()) == ROWS


def test_a_status_in_words(tmp_path, solutions):
    """Tables say "ok", and after how many seconds an answer was stopped; a row says what went most wrong."""
    stopped = [grade.Verdict(f"1.{n}", 0, 1, Status.STOPPED, after=after) for n, after in ((1, 80.0), (2, 0.5))]
    one = batch.Row("ann", "01_recurrence", "file", "d", "", (grade.Verdict("1.3", 1, 1, Status.DONE), *stopped))
    assert [verdict.words for verdict in one.verdicts] == ["ok", "stopped after 80 s", "stopped after 0.5 s"]
    report.write_grades(tmp_path / "g.csv", [one], solutions)
    [found] = read(tmp_path / "g.csv")
    assert found["status"] == "stopped after 80 s"
    assert found["comments"] == "1.1: stopped after 80 s 1.2: stopped after 0.5 s"
    path = report.journal_of(tmp_path / "g.csv")
    path.write_text(report.as_line(one) + report.as_line(one).replace('"done"', '"ok"'), encoding="utf-8")
    assert list(report.read_journal(path).values()) == [one]  # the second line knows another vocabulary
    assert [status.words(3) for status in Status] == [
        *("unreadable", "kernel died", "stopped after 3 s", "error", "wrong", "missing", "not attempted", "ok")
    ]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nothing-here"], "there is no nothing-here"),
        (["lessons", "--lessons", "77"], "the lessons are 00, 01"),
        (["lessons", "--jobs", "0"], "--jobs is 0"),
        (["lessons", "--timeout", "nan"], "--timeout"),
        (["lessons", "--timeout", "0"], "--timeout"),
        (["lessons", "--memory", "1"], "--memory"),
        (["lessons", "--resume"], "--resume needs"),
        (["lessons", "--csv", "no-folder/g.csv"], "cannot be written"),
        (["lessons", "--feedback", "README.md"], "is a file"),
        (["lessons", "--tests", "no.ipynb"], "no.ipynb"),
        (["lessons", "--student-pattern", "("], "--student-pattern"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_errors_at_the_door(arguments, said, capsys, monkeypatch):
    """Bad options are refused at once, naming what was given."""
    monkeypatch.chdir(ROOT)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
