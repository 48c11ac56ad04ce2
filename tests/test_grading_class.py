"""A whole class is graded: every submission gets exactly its score and status, and nothing is left running."""

import csv
import dataclasses
import json
import re
import shutil
import socket

import grading_class as made
import pytest
from conftest import ROOT

from utils import authoring
from utils.grading import batch, grade, lessons, submissions, warm
from utils.grading.__main__ import main

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="without fork each answer takes seconds to start")
# What has to end by itself gets time for a machine that is eight times slower; what never ends is stopped soon.
OPTIONS = grade.Options(timeout=60, memory=512, processes=16)
SOON = dataclasses.replace(OPTIONS, timeout=2)


@pytest.fixture(scope="module")
def solutions():
    """Return the lessons that are graded."""
    return lessons.read_lessons(ROOT / "solutions")


BEFORE = set()  # graders of other tests in this process
BESIDE = set()  # exercises whose check cannot be split from the answer; README says that there are none


@pytest.fixture(scope="module")
def settings(solutions, tmp_path_factory):
    """Return the settings of all batches here; close what they started."""
    hidden = [ROOT / name for name in ("solutions", "lessons", "tests", ".git")] + [tmp_path_factory.getbasetemp()]
    BEFORE.update(made.running())
    yield batch.Settings(tuple(solutions), OPTIONS, tuple(map(str, hidden)))
    batch.close()


@pytest.fixture
def impatient(settings):
    """Return settings that stop an answer soon; their grader shares the processes, and what is proven, of the other."""
    soon = dataclasses.replace(settings, options=SOON)
    one, other = batch.grader(settings), batch.grader(soon)
    other._warm, other.modes = one.warm, one.modes
    return soon


def graded(folder, settings, solutions, jobs=4):
    """Return student -> Row for a folder of submissions."""
    found = submissions.find([folder], solutions)
    return {row.student: row for row in batch.grade_all(found, settings, jobs)}


def fits(status, expected):
    """Tell whether a status begins as expected (a text, or several)."""
    return status.startswith(expected)


@needs_fork
def test_whole_lessons(tmp_path, solutions, settings, impatient):
    """Submissions to lesson 01, from perfect to not even a notebook."""
    expected = made.make_whole(tmp_path / "all")
    (tmp_path / "endless").mkdir()
    (tmp_path / "all" / made.ENDLESS).rename(tmp_path / "endless" / made.ENDLESS)
    rows = graded(tmp_path / "all", settings, solutions) | graded(tmp_path / "endless", impatient, solutions)
    assert rows.keys() == expected.keys()
    for student, exercises in expected.items():
        for verdict in rows[student].verdicts:
            score, status = exercises[verdict.number]
            assert verdict.score == score and fits(verdict.status, status), f"{student}: {verdict}"
            assert verdict.status and (verdict.status == "ok") == (verdict.score > 0)
        assert [verdict.number for verdict in rows[student].verdicts] == list(exercises)


@needs_fork
def test_attacks(tmp_path, solutions, settings, impatient):
    """Answers that crash, hang, flood or cheat get what they deserve, and stop nobody else."""
    whole = not {"files", "processes", "limits"} & batch.grader(settings).warm.missing.keys()
    attacks = {name: attack for name, attack in made.ATTACKS.items() if whole or name not in made.DANGEROUS}
    for student, (answer, _, _) in attacks.items():
        made.write(tmp_path / made.pace(student), student, made.solved("00", e0_1=answer), lesson="00")
    rows = graded(tmp_path / "ends", settings, solutions) | graded(tmp_path / "goes on", impatient, solutions)
    assert rows.keys() == attacks.keys()
    for student, (_, score, status) in attacks.items():
        [verdict] = rows[student].verdicts
        assert verdict.score in (score if isinstance(score, tuple) else (score,)), f"{student}: {verdict}"
        assert fits(verdict.status, status), f"{student}: {verdict}"
    assert rows["loop_in_function"].verdicts[0].message.startswith("the answer was stopped after")


@needs_fork
@pytest.mark.parametrize("how", made.SPIES)
def test_spies(how, tmp_path, solutions, settings):
    """No answer finds the solution, another submission, another process or the network."""
    missing = batch.grader(settings).warm.missing
    needed = {"by_process": "processes", "by_network": "network"}.get(how, "files")
    if needed in missing and how != "by_gc":
        pytest.skip(f"this system does not isolate {needed}: {missing[needed]}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        body = made.SPIES[how].replace("PORT", str(server.getsockname()[1])).replace("FOLDER", str(tmp_path))
        made.write(tmp_path, "spy", made.solved("00", e0_1=made.function("0.1", body)), lesson="00")
        made.write(tmp_path, "neighbour", made.solved("00"), lesson="00")
        rows = graded(tmp_path, settings, solutions)
    assert rows["neighbour"].score == 1
    assert rows["spy"].verdicts[0].status == "wrong", rows["spy"]


@needs_fork
def test_same_grades_twice(tmp_path, solutions, settings):
    """The same submissions get the same rows, with any number of jobs."""
    made.make_whole(tmp_path)
    for student in set(path.name for path in tmp_path.iterdir()) - {"wrong", "in_place", "empty"}:
        shutil.rmtree(tmp_path / student)
    made.write(tmp_path, "gone", made.solved("00", e0_1=made.ATTACKS["os_exit_at_cell"][0]), lesson="00")
    texts = set()
    for jobs in (1, 3):
        found = submissions.find([tmp_path], solutions)
        rows = sorted(batch.grade_all(found, settings, jobs), key=lambda row: (row.student, row.lesson))
        texts.add(repr([[row.student, row.remark, *(vars(v) | {"seconds": 0} for v in row.verdicts)] for row in rows]))
    assert len(texts) == 1


@needs_fork
def test_every_exercise(solutions, settings):
    """Every check works with stand-ins: the solution passes, the first wrong answer does not."""
    grader, beside = batch.grader(settings), set()
    for lesson in solutions:
        modes = grader.prove(lesson.name)
        beside |= {number for number, mode in modes.items() if mode != grade.APART}
        answers = {}
        for exercise in lesson.exercises:
            text = (ROOT / "tests" / "wrong_answers" / f"{authoring.grade_id(exercise.number)}.py").read_text("utf-8")
            first = re.split(r"^# wrong.*$", text, flags=re.MULTILINE)[1]
            answers["e" + exercise.number.replace(".", "_")] = first.strip()
        data = json.dumps(made.solved(lesson.number, **answers)).encode()
        for verdict in grader.grade(lesson.name, data):
            assert verdict.status in ("wrong", "error") and verdict.message, verdict
    assert beside == BESIDE


@needs_fork
def test_the_command(tmp_path, settings, monkeypatch, capsys):
    """The command writes grades, detail and feedback, and ends with 0."""
    monkeypatch.setattr(batch, "grader", lambda found, one=batch.grader(settings): one)  # it has started already
    monkeypatch.setattr(batch, "close", lambda: None)
    folder = tmp_path / "in"
    made.write(folder, "ann", made.solved("00"), lesson="00")
    made.write(folder, "bob", made.solved("00", e0_1=made.function("0.1", made.WRONG)), lesson="00")
    made.write(folder, "bob", made.read("lessons", "01"))
    files = [["--csv", tmp_path / "g.csv"], ["--detail", tmp_path / "d.csv"], ["--feedback", tmp_path / "f"]]
    assert main([str(word) for word in [folder, *sum(files, [])]]) == 0
    with open(tmp_path / "g.csv", encoding="utf-8", newline="") as file:
        grades = list(csv.DictReader(file))
    assert [(row["student"], row["lesson"][:2], row["score"], row["status"]) for row in grades] == [
        ("ann", "00", "1", "ok"),
        ("ann", "01", "0", "missing"),
        ("bob", "00", "0", "wrong"),
        ("bob", "01", "0", "not attempted"),
    ]
    with open(tmp_path / "d.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    page = (tmp_path / "f" / "bob" / "00_start_here.html").read_text(encoding="utf-8")
    assert "shape" in page and "random batch" not in page
    assert not list(tmp_path.glob(".*")) and "submissions" in capsys.readouterr().out


@needs_fork
def test_nothing_is_left(settings):
    """When a grader is closed, none of its processes is left."""
    assert made.running() - BEFORE
    batch.close()
    assert made.wait_until(lambda: made.running() <= BEFORE)
