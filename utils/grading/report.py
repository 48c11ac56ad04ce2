"""Rows of verdicts -> tables, pages of feedback, and a summary."""

import csv
import hashlib
import html
import io
import json
import pathlib
import re
import unicodedata

from utils import files
from utils.grading import batch, grade
from utils.grading.status import Status
from utils.grading.words import clean

SIGNS = {Status.DONE: "✓", Status.NOT_ATTEMPTED: "○", Status.MISSING: "○"}
BAR = 20  # characters of a bar of points
# A spreadsheet takes a cell for a formula that begins so, wide signs of East Asia included.
FORMULA = re.compile(r"^[=+\-@＝＋－＠]")
# Where ";" separates cells, as in many countries, what follows one is a cell, quoted or not.
INNER_FORMULA = re.compile(r"(;\s*)(?=[=+\-@＝＋－＠])")


def safe(text):
    """Return a text for a cell of a table: one line, nothing unseen, and no formula for a spreadsheet to run."""
    text = INNER_FORMULA.sub(r"\1'", clean(text))
    return "'" + text if FORMULA.match(text) and text != "-" else text


def comments(row):
    """Return one line on what was wrong, for the student's eyes: nothing of the hidden tests."""
    said = [row.remark] if row.remark else []
    if (
        row.verdicts
        and len({(verdict.words, verdict.public) for verdict in row.verdicts}) == 1
        and len(row.verdicts) > 1
    ):
        one = row.verdicts[0]
        if one.status is not Status.DONE:
            said.append(one.public or one.words)
        return " ".join(said)
    for verdict in row.verdicts:
        text = verdict.public if verdict.status is not Status.DONE else ""
        if verdict.status not in (Status.DONE, Status.WRONG, Status.ERROR) and not text:
            text = verdict.words
        text = f"{text} {verdict.remark}".strip()
        if text:
            said.append(f"{verdict.number}: {text}")
    return " ".join(said)


def _text(rows):
    """Return rows of cells as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([[safe(cell) for cell in row] for row in rows])
    return stream.getvalue()


def write_grades(path, rows, lessons):
    """Write grades.csv: one row a student and lesson, and a column for each exercise."""
    names = {row.lesson for row in rows}
    numbers = [one.number for lesson in lessons if lesson.name in names for one in lesson.exercises]
    table = [["student", "lesson", "score", "max_score", "status", "comments", *numbers]]
    for row in _sorted(rows):
        scores = {verdict.number: verdict.score for verdict in row.verdicts}
        fixed = [row.student, row.lesson, row.score, row.points, row.words, comments(row)]
        table.append([*fixed, *(scores.get(number, "") for number in numbers)])
    files.write_text(path, _text(table))


def write_detail(path, rows):
    """Write detail.csv: one row a student, lesson and exercise. Its messages may speak of hidden tests."""
    table = [["student", "lesson", "exercise", "score", "max_score", "status", "message", "checked"]]
    for row in _sorted(rows):
        for verdict in row.verdicts:
            message = f"{verdict.message} {verdict.remark}".strip()
            table.append(
                [
                    row.student,
                    row.lesson,
                    verdict.number,
                    verdict.score,
                    verdict.points,
                    verdict.words,
                    message,
                    verdict.how,
                ]
            )
        if not row.verdicts:
            table.append([row.student, row.lesson, "", 0, 0, row.words, row.remark, ""])
    files.write_text(path, _text(table))


def _sorted(rows):
    return sorted(rows, key=lambda row: (row.student, row.lesson, row.label))


# --- feedback --------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; background: white; color: #222 }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; vertical-align: top; padding: .4em .8em .4em 0; border-bottom: 1px solid #ddd }}
</style>
<h1>{title}</h1>
<p><b>{score} of {points} points.</b> {remark}</p>
<table><tr><th>Exercise<th>Points<th>Verdict</tr>
{rows}
</table>
</html>
"""


def write_feedback(folder, rows, lessons):
    """Write one page for each submission into FOLDER/STUDENT/; return how many."""
    titles = {one.number: one.title for lesson in lessons for one in lesson.exercises}
    used, places = set(), folders_of({row.student for row in rows})
    for row in _sorted(rows):
        lines = []
        for verdict in row.verdicts:
            title = f"{verdict.number} {titles.get(verdict.number, '')}".strip()
            said = f"{_sign(verdict)} {verdict.words}"
            for text in (verdict.public, verdict.remark):
                said += f": {text}" if text and text == verdict.public else f" {text}" if text else ""
            cells = (title, f"{verdict.score}/{verdict.points}", said)
            lines.append("<tr>" + "".join(f"<td>{html.escape(clean(cell))}" for cell in cells) + "</tr>")
        page = PAGE.format(
            title=html.escape(clean(f"{row.student}, {row.lesson}")),
            score=row.score,
            points=row.points,
            remark=html.escape(clean(row.remark)),
            rows="\n".join(lines),
        )
        target = pathlib.Path(folder) / places[row.student] / f"{file_name(row.lesson)}.html"
        while str(target).lower() in used:
            target = target.with_name(f"{target.stem}_.html")
        used.add(str(target).lower())
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(target, page)
    return len(rows)


def file_name(text):
    """Return a text as the name of a file or folder, whatever was in it."""
    name = re.sub(r"[^\w .@+-]", "_", clean(text)).strip(" .")[:80].strip(" .")
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)  # Windows keeps these
    return f"_{name}" if reserved else name or "unknown"


def folders_of(students):
    """Return student -> name of a folder that no other has, where capitals and accents are the system's to tell."""
    alike = {}
    for student in students:
        alike.setdefault(unicodedata.normalize("NFKC", file_name(student)).casefold(), set()).add(student)
    found, used = {}, set()
    for group in alike.values():
        for student in sorted(group):
            mark = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:8]
            name = file_name(student) if len(group) == 1 else f"{file_name(student)}-{mark}"
            while name.casefold() in used:
                name += "_"
            used.add(name.casefold())
            found[student] = name
    return found


# --- whose it is -------------------------------------------------------------------------------------------------

MOST_NAMED = 10  # of those who need a look


def whose(found, passed_over=()):
    """Return the map from files to students and lessons as lines of text, and how many there are.

    found: list of Submission. passed_over: labels of files that are nobody's.
    """
    lines = []
    for one in found:
        what = f"{one.student}, {one.lesson}" + (f": {one.error or one.remark}" if one.error or one.remark else "")
        lines.append(clean(f"{one.label or '(no notebook)'} -> {what}"))
    lines += [clean(f"{label} -> nobody: passed over") for label in passed_over]
    return "\n".join([*lines, _counts(found)])


def to_look_at(found, passed_over=()):
    """Return what a teacher should see before grading: who has nothing to grade, and what was passed over; or ""."""
    students = {one.student for one in found}
    if len(students) < 2:
        return ""
    fine = {one.student for one in found if one.data}
    lines = [_counts(found)]
    if students - fine:
        lines.append(f"Nothing to grade: {_some(students - fine)}.")
    unreadable = {one.student for one in found if one.data == b""} & fine
    if unreadable:
        lines.append(f"A file is unreadable: {_some(unreadable)}.")
    if passed_over:
        lines.append(f"Passed over: {_some(passed_over)}.")
    if len(lines) > 1:
        lines.append("--dry-run says whose each file is.")
    return "\n".join(lines)


def _counts(found):
    """Return how many students and notebooks there are, as a sentence."""
    students, notebooks = len({one.student for one in found}), sum(bool(one.data) for one in found)
    return f"{students} student{'s' * (students != 1)}, {notebooks} notebook{'s' * (notebooks != 1)} to grade."


def _some(names):
    """Return names as a list in words, not too many of them."""
    names = sorted(map(clean, names))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


# --- in the terminal -------------------------------------------------------------------------------------------


def table(row):
    """Return the verdicts on one submission as lines of text."""
    remark = f" ({clean(row.remark)})" if row.remark else ""
    lines = [f"{row.lesson}: {row.score} of {row.points} points{remark}"]
    for verdict in row.verdicts:
        said = verdict.words + (f": {verdict.public}" if verdict.public else "")
        said += f" {verdict.remark}" if verdict.remark else ""
        lines.append(f"  {_sign(verdict)} {verdict.number:5} {verdict.score}/{verdict.points}  {clean(said)}")
    return "\n".join(lines)


def summary(rows, lessons):
    """Return the summary of a batch: for each lesson its scores as a histogram, and the hardest exercises.

    Of a lesson that one student handed in there is nothing to sum up.
    """
    lines = []
    for lesson in lessons:
        mine = [row for row in rows if row.lesson == lesson.name]
        if len(mine) < 2:
            continue
        scores = sorted(row.score for row in mine)
        points = max(row.points for row in mine)
        middle = (scores[(len(scores) - 1) // 2] + scores[len(scores) // 2]) / 2
        lines.append(f"{lesson.name}: {len(mine)} submissions, median {middle:g} of {points} points")
        lines += _histogram(scores, points)
        wrong = {}
        for row in mine:
            for verdict in row.verdicts:
                if verdict.status is not Status.DONE:
                    wrong[verdict.number] = wrong.get(verdict.number, 0) + 1
        hardest = sorted(wrong.items(), key=lambda one: (-one[1], one[0]))[:3]
        if hardest:
            titles = {one.number: one.title for one in lesson.exercises}
            said = ", ".join(f"{number} {titles.get(number, '')} ({count} of {len(mine)})" for number, count in hardest)
            lines.append(f"  not solved most often: {said}")
    return "\n".join(lines)


def progress(rows):
    """Return how far one learner is, as a table: for each lesson its points, with a bar, and how its exercises stand.

    Of several learners, or of one lesson, it says nothing: "".
    """
    if len({row.student for row in rows}) > 1 or len({row.lesson for row in rows}) < 2:
        return ""
    counted = [(clean(row.lesson), row.score, row.points, *_standing(row)) for row in _sorted(rows)]
    _, *columns = zip(*counted, strict=True)
    counted.append(("all", *map(sum, columns)))
    width = max(len(lesson) for lesson, *_ in counted)
    lines = [f"{'':{width}}  {'points':>7}  {'':{BAR}}  done  wrong  not attempted"]
    for lesson, score, points, done, wrong, rest in counted:
        bar = "#" * (BAR * score // points if points else 0)  # full only when all is done
        lines.append(f"{lesson:{width}}  {score:>3}/{points:<3}  {bar:.<{BAR}}  {done:>4}  {wrong:>5}  {rest:>13}")
    return "\n".join(lines)


def _standing(row):
    """Return how many exercises of a row are done, wrong (or stopped by an error), and not attempted."""
    signs = [_sign(verdict) for verdict in row.verdicts]
    return tuple(map(signs.count, "✓✗○"))


def _sign(verdict):
    """Return how an exercise ended as one sign: done, wrong (or stopped by an error), or not attempted."""
    return SIGNS.get(verdict.status, "✗")


def _histogram(scores, points):
    """Return scores as bars of text, at most eleven of them."""
    width = max(1, -(-(points + 1) // 11))
    bins = [0] * (points // width + 1)
    for score in scores:
        bins[score // width] += 1
    most = max(bins)
    lines = []
    for index, count in enumerate(bins):
        low, high = index * width, min(index * width + width - 1, points)
        label = f"{low}" if low == high else f"{low}-{high}"
        lines.append(f"  {label:>7} {'#' * -(-count * 40 // most)}{' ' if count else ''}{count}")
    return lines


# --- keeping what is done --------------------------------------------------------------------------------------


def journal_of(path):
    """Return the file that keeps the rows done until a batch is complete."""
    return path.with_name(f".{path.name}.unfinished")


def as_line(row):
    """Return a row as one line of JSON."""
    fields = {name: getattr(row, name) for name in ("student", "lesson", "label", "digest", "remark")}
    return json.dumps(fields | {"verdicts": [vars(verdict) for verdict in row.verdicts]}) + "\n"


def read_journal(path):
    """Return digest and student and lesson -> Row, from a journal; a half-written last line is left out."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            fields = json.loads(line)
            verdicts = tuple(grade.Verdict(**one | {"status": Status(one["status"])}) for one in fields.pop("verdicts"))
            row = batch.Row(**fields, verdicts=verdicts)
        except (ValueError, TypeError, KeyError):
            continue
        found[row.student, row.lesson, row.label, row.digest] = row
    return found
