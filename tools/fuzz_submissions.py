"""Grade submissions that nobody would hand in: python -m tools.fuzz_submissions [--count 2000]   (or: make fuzz)

Right notebooks of lesson 00 are damaged at random: as bytes, as JSON, as Python, as zips, as what else a file system
can hold. They are graded in classes of 100, among them one that is whole. No submission may end a class, take a row
from anybody or a point from the whole one, or bring a control code into a table. Runs in the course's environment;
it is no part of the suite, for it takes minutes.
"""

# ruff: noqa: E501  (a list of odd things stands in few lines)
import argparse
import csv
import io
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import warnings
import zipfile

from utils import environment
from utils.grading import batch, grade, lessons, report, submissions

ROOT = environment.course_root()
sys.path.insert(0, str(ROOT / "tests"))

import grading_class as made  # noqa: E402

CLASS = 100
NAME = "00_start_here.ipynb"
ODD = [
    None,
    True,
    -1,
    1e308,
    "",
    "\ud800",
    "\x1b[2J\u202e\x00",
    [],
    {},
    [[]],
    {"source": {}},
    "code",
    "ex-0-1",
    "x" * 9999,
]
LINES = [
    "%matplotlib inline", "!ls", "x?", "%%time", "await x", "import *", "from numpy import *", "def mean_over_time(x):",
    "    return x", "while True: pass", "\\", "'''", "(", "# exercise: 0.1", "\tx = 1", "mean_over_time = 1", "raise SystemExit",
    "from __future__ import annotations", "with checks.exercise(\"0.1\", points=1) as ex:", "x = 1; y = 2", "\x00", "\x1b[2J",
    "del mean_over_time", "@mean_over_time", "global x", "return 1", "yield", "import os; os._exit(160)", "raise ValueError('\\x1b')",
]  # fmt: skip
NAMES = [
    NAME, "a/" + NAME, "../" * 5 + NAME, "/etc/" + NAME, "C:\\x\\" + NAME, "\x1b[31m.ipynb", "_" * 5000 + ".ipynb", "a" * 300 + "/" + NAME,
    "01_recurrence.ipynb", "x.IPYNB", ".ipynb", "x.ipynb/", "con.ipynb", "é\u0301\u202e.ipynb", "00_start_here (3).ipynb", "x.zip", "x.py",
]  # fmt: skip


def damaged_bytes(data, rng):
    """Return bytes with some of them changed, taken out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 50])):
        place, length = rng.randrange(len(data) + 1), rng.choice([1, 2, 8, 1000])
        how = rng.randrange(4)
        if how == 0:
            data[place : place + length] = rng.randbytes(length)
        elif how == 1:
            del data[place : place + length]
        elif how == 2:
            data[place:place] = data[place : place + length]
        else:
            data[place : place + 1] = rng.choice([b"", b"\0", b"\xff", b"[", b"}", b'"', b"\\"])
    return bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data)


def damaged_json(notebook, rng):
    """Return a notebook's JSON in which some values are replaced by odd ones, doubled, moved or gone."""
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        place = notebook
        while isinstance(place, (dict, list)) and place:
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
            inside = place[key]
            if isinstance(inside, (dict, list)) and inside and rng.random() < 0.8:
                place = inside
                continue
            if rng.random() < 0.3:
                del place[key]
            else:
                place[key] = rng.choice(ODD)
            break
        if isinstance(notebook.get("cells"), list) and rng.random() < 0.2:
            rng.shuffle(notebook["cells"])
    return json.dumps(notebook).encode()


def damaged_python(notebook, rng):
    """Return a notebook's JSON in which the lines of some code cells are changed."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    answer = notebook["cells"][made.answer_index(notebook, "0.1")]
    for cell in [answer] * 2 + rng.sample(code, 3):
        lines = made.source_of(cell).split("\n")
        for _ in range(rng.choice([1, 1, 2, 4])):
            place = rng.randrange(len(lines) + 1)
            lines[place : place + rng.randrange(2)] = [rng.choice(LINES)] * rng.randrange(3)
        cell["source"] = "\n".join(lines)
        if rng.random() < 0.3:
            cell["metadata"] = {}
    return json.dumps(notebook).encode()


def damaged_notebook(rng):
    """Return the bytes of a notebook that was right."""
    notebook = made.solved("00")
    how = rng.randrange(4)
    if how == 0:
        return damaged_bytes(json.dumps(notebook).encode(), rng)
    return (damaged_json if how == 1 else damaged_python)(notebook, rng)


def damaged_zip(rng, depth=0):
    """Return the bytes of a zip with odd names, zips inside, links and bombs; half of them damaged."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            name = rng.choice(NAMES)
            data = damaged_notebook(rng)
            if name.endswith(".zip"):
                data = damaged_zip(rng, depth + 1) if depth < 4 else b""
            elif rng.random() < 0.05:
                data = bytes(40 * 2**20)
            member = zipfile.ZipInfo(name, (rng.randrange(1980, 2107), 1, 1, 0, 0, 0))
            member.compress_type = rng.choice([0, 8, 8, 12, 14])
            member.external_attr = rng.choice([0, 0, 0o120777, 0o40755, 0o10644]) << 16
            archive.writestr(member, data)
    data = bytearray(stream.getvalue())
    if rng.random() < 0.2:  # encrypted, it says
        for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            place = data.find(mark)
            if place >= 0:
                data[place + offset] |= 1
    return damaged_bytes(data, rng) if data and rng.random() < 0.5 else bytes(data)


def hand_in(folder, student, rng):
    """Write what one student hands in."""
    how, mine = rng.randrange(16), folder / student
    if how == 0:
        (folder / f"{student}.zip").write_bytes(damaged_zip(rng))
        return
    mine.mkdir()
    if how == 1:
        (mine / "hw.zip").write_bytes(damaged_zip(rng))
    elif how == 2 and hasattr(os, "mkfifo"):
        os.mkfifo(mine / rng.choice([NAME, "x.zip", "x"]))
    elif how == 3:
        target = rng.choice([NAME, ".", "..", "/dev/zero", "/etc", f"../whole/{NAME}", "nothing", "x" * 200])
        (mine / rng.choice([NAME, "hw.zip", "x"])).symlink_to(target)
    elif how == 4:
        (mine / NAME / rng.choice(["", "a", NAME])).mkdir(parents=True)
    elif how == 5:
        (mine / rng.choice(["x.py", "x.7z", NAME + ".txt", "x.ipynb~"])).write_bytes(damaged_notebook(rng))
    elif how == 6:
        pass  # nothing
    else:
        for _ in range(rng.choice([1, 1, 1, 2])):
            (mine / rng.choice([NAME, NAME, "hw.ipynb", "00_start_here-Copy1.ipynb"])).write_bytes(
                damaged_notebook(rng)
            )


def grade_class(folder, students, settings, jobs):
    """Grade one class; return what went wrong, as a list of sentences."""
    wrong = []
    found = submissions.find([folder / "in"], settings.lessons)
    rows = list(batch.grade_all(found, settings, jobs))
    if len(rows) != len(found):
        wrong.append(f"{len(found)} submissions have {len(rows)} rows")
    lost = {*students, "whole"} - {row.student for row in rows}
    if lost:
        wrong.append(f"no row for {', '.join(sorted(lost))}")
    if [row.score for row in rows if row.student == "whole" and row.lesson.startswith("00")] != [1]:
        wrong.append("the whole notebook did not score")
    report.write_grades(folder / "g.csv", rows, settings.lessons)
    report.write_detail(folder / "d.csv", rows)
    report.write_feedback(folder / "f", rows, settings.lessons)
    for name in ("g.csv", "d.csv"):
        with open(folder / name, encoding="utf-8", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        wrong += [f"{name} holds {cell!r}" for cell in cells if not cell.isprintable() or cell[:1] in tuple("=+@")]
    return wrong


def main(arguments=None):
    """Grade classes until there were enough; return 1 where something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=2000, help="of submissions (2000)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", "Duplicate name")
    every = lessons.read_lessons(ROOT / "solutions")
    settings = batch.Settings(tuple(every[:2]), grade.Options(timeout=1, memory=512))
    began, wrong, statuses = time.monotonic(), [], {}
    for first in range(0, options.count, CLASS):
        rng = random.Random(f"{options.seed} {first}")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="unrolled-fuzz-"))
        students = [f"s{number:05}" for number in range(first, min(first + CLASS, options.count))]
        try:
            (folder / "in").mkdir()
            made.write(folder / "in", "whole", made.solved("00"), lesson="00")
            for student in students:
                hand_in(folder / "in", student, rng)
            try:
                wrong += [
                    f"class of {students[0]}: {said}" for said in grade_class(folder, students, settings, options.jobs)
                ]
            except Exception as error:
                wrong.append(f"class of {students[0]} ended with {type(error).__name__}: {error}")
            for line in csv.reader(open(folder / "g.csv", encoding="utf-8", newline="")):
                statuses[line[4]] = statuses.get(line[4], 0) + 1
        finally:
            shutil.rmtree(folder)
        print(
            f"{first + len(students)} submissions, {time.monotonic() - began:.0f} s, {len(wrong)} mistakes", flush=True
        )
    statuses.pop("status", None)
    print(", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print("\n".join(wrong) or "None ended a class, and nobody was lost.")
    batch.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
