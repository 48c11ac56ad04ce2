"""Batches that are interrupted, other ways to start processes, checks that cannot be split, other engines."""

import functools
import json
import os
import signal
import subprocess
import sys

import grading_class as made
import nbformat
import pytest
from conftest import ROOT

from utils import authoring
from utils.grading import batch, grade, lessons, report, submissions, warm
from utils.grading.__main__ import main

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="without fork each answer takes seconds to start")
COMMAND = [sys.executable, "-m", "utils.grading"]


def statuses(path):
    """Return student -> status in a grades.csv."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        return {row["student"]: row["status"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def shared():
    """Return a function that makes Graders; one pair of warm parents serves them all, until the end."""
    first = grade.Grader([])

    def make(found, options=None):
        one = grade.Grader(found, options)
        one._warm = first.warm
        return one

    yield make
    first.close()


@pytest.fixture
def command(shared, monkeypatch):
    """Return the command as a function of its words, in this process and with the shared warm parents."""
    monkeypatch.setattr(batch, "grader", functools.cache(lambda settings: shared(settings.lessons, settings.options)))
    monkeypatch.setattr(batch, "close", lambda: None)
    return lambda *words: main([str(word) for word in words])


@needs_fork
def test_interrupt_and_resume(tmp_path, command):
    """Ctrl-C keeps the rows that are done and leaves nothing running; --resume does the rest."""
    before = made.running()
    folder, table = tmp_path / "in", tmp_path / "g.csv"
    made.write(folder, "a", made.solved("00"), lesson="00")
    slow = made.function("0.1", "import time\ntime.sleep(1000)")
    made.write(folder, "b", made.solved("00", e0_1=slow), lesson="00")
    made.write(folder, "c", made.solved("00"), lesson="00")
    process = subprocess.Popen(
        [*COMMAND, folder, "--csv", table, "--timeout", "900", "--jobs", "2"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    journal = report.journal_of(table)
    made.wait_until(lambda: process.poll() is not None or journal.exists() and journal.read_text().count("\n"))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130 and b"--resume" in said, said
    assert "b" not in statuses(table) and set(statuses(table).values()) == {"ok"}
    assert made.wait_until(lambda: made.running() <= before)
    # An answer that sleeps computes nothing: the clock stops it, later.
    assert command(folder, "--csv", table, "--timeout", "1", "--resume") == 0
    assert statuses(table) == {"a": "ok", "b": f"stopped after {grade.PATIENCE} s", "c": "ok"}
    assert not journal.exists()


@needs_fork
def test_lessons_that_were_not_asked_for(tmp_path, command, capsys):
    """They are left out, also where each student has a folder; none of them is taken for a file of nobody."""
    folder, table = tmp_path / "in", tmp_path / "g.csv"
    for student in "ab":
        made.write(folder, student, made.solved("00"), lesson="00")
        made.write(folder, student, made.solved("01"), lesson="01")
    assert command(folder, "--csv", table, "--lessons", "00") == 0
    assert statuses(table) == {"a": "ok", "b": "ok"}
    assert len(table.read_text(encoding="utf-8").splitlines()) == 3
    assert command(folder, "--csv", tmp_path / "h.csv", "--lessons", "05") == 2
    assert "--lessons 05: nobody handed in such a lesson" in capsys.readouterr().err


@needs_fork
def test_the_grader_killed(tmp_path):
    """kill -9 on the grader ends all that it started."""
    before = made.running()
    made.write(tmp_path, "b", made.solved("00", e0_1=made.ATTACKS["loop_in_function"][0]), lesson="00")
    process = subprocess.Popen([*COMMAND, tmp_path, "--timeout", "900"], cwd=ROOT, stderr=subprocess.DEVNULL)
    # The command, both parents with the process between them, a trusted process, a student's two.
    assert made.wait_until(lambda: len(made.running() - before) >= 7)
    process.kill()
    process.wait()
    assert made.wait_until(lambda: made.running() <= before)


HARMLESS = [
    "os_exit",
    "fork_then_right",
    "loop_in_function",
    "fake_score",
    "kills_parent",
    "memory_hog",
    "empty_folder",
]


@needs_fork
def test_without_namespaces(tmp_path):
    """Where the system isolates nothing, grading works, says so once and why, and leaves nothing behind."""
    before = made.running()
    for student in HARMLESS:
        made.write(tmp_path / "in", student, made.solved("00", e0_1=made.ATTACKS[student][0]), lesson="00")
    made.write(tmp_path / "in", "right", made.solved("00"), lesson="00")
    files = ["--csv", tmp_path / "g.csv", "--feedback", tmp_path / "f"]
    # Root may have to let others pass first, for no answer runs as root.
    command = made.passable([*COMMAND, tmp_path / "in", *files, "--timeout", "5", "--memory", "512"], user="root")
    bare = os.environ | {"UNROLLED_GRADING_BARE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Not isolated on this system") == 1
    assert "(UNROLLED_GRADING_BARE is set)" in done.stderr and "not limited" not in done.stderr
    found = statuses(tmp_path / "g.csv")
    assert (
        found["right"] == found["empty_folder"] == "ok"
        and found["fork_then_right"] == "ok"
        and found["fake_score"] == "wrong"
    )
    assert found["os_exit"] == "kernel died" and found["loop_in_function"] == "stopped after 5 s"
    assert "8 submissions" in done.stdout and (tmp_path / "f" / "right" / "00_start_here.html").exists()
    assert made.wait_until(lambda: made.running() <= before)


def test_without_fork(tmp_path):
    """Where nothing is forked, each process is started anew, and gives the same verdicts."""
    before = made.running()
    made.write(tmp_path / "in", "wrong", made.solved("00", e0_1=made.function("0.1", made.WRONG)), lesson="00")
    command = [*COMMAND, tmp_path / "in", "--csv", tmp_path / "g.csv"]
    cold = os.environ | {"UNROLLED_GRADING_COLD": "1"}
    done = subprocess.run(command, cwd=ROOT, env=cold, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert statuses(tmp_path / "g.csv") == {"wrong": "wrong"}  # and the solution was right
    assert "Not isolated" in done.stderr
    assert made.running() <= before


def lesson_with(tmp_path, answer, check):
    """Write a solutions folder with one lesson of one exercise; return (its lessons, a function for submissions)."""
    notebook = nbformat.from_dict(made.read("solutions", "00"))
    notebook.cells[made.answer_index(notebook, "0.1")].source = answer
    notebook.cells[made.check_index(notebook, "0.1")].source = check
    (tmp_path / "solutions").mkdir(exist_ok=True)
    nbformat.write(notebook, tmp_path / "solutions" / "00_start_here.ipynb")

    def handed_in(source):
        again = nbformat.from_dict(notebook)
        again.cells[made.answer_index(notebook, "0.1")].source = source
        return nbformat.writes(again).encode()

    return lessons.read_lessons(tmp_path / "solutions"), handed_in


MODEL = '''# exercise: 0.1
import keras

WORDS = ("a", "b")


def make_layer(units):
    """Return a layer."""
    ### BEGIN SOLUTION
    return keras.layers.LSTM(units)
    ### END SOLUTION


def twice(x):
    """Return 2x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
MODEL_CHECK = """with checks.exercise("0.1", points=1) as ex:
    ex.equal("units", make_layer(3).units, 3)
    ### BEGIN HIDDEN TESTS
    ex.equal("units", make_layer(5).units, 5)
    ### END HIDDEN TESTS
"""


@needs_fork
def test_a_layer_is_checked_beside_the_answer(tmp_path, shared):
    """What cannot cross is checked in the student's process, and the detail says so."""
    found, handed_in = lesson_with(tmp_path, MODEL, MODEL_CHECK)
    grader = shared(found)
    name = found[0].name
    for source, status in (
        (MODEL, "ok"),
        (MODEL.replace("LSTM(units)", "LSTM(3)"), "wrong"),
        (MODEL.replace("return keras.layers.LSTM(units)", "1 / 0"), "error"),
        (authoring.student_source(made._Cell(MODEL)), "not attempted"),
        (MODEL + "\nimport os\nos._exit(0)", "kernel died"),
    ):
        [verdict] = grader.grade(name, handed_in(source))
        assert verdict.status == status, verdict
        assert verdict.how == (grade.BESIDE if status != "not attempted" else grade.APART)


@needs_fork
def test_several_names_and_constants(tmp_path, shared):
    """An answer may define several functions and constants; the check sees each."""
    check = """with checks.exercise("0.1", points=1) as ex:
    ex.equal("WORDS", WORDS, ("a", "b"))
    ex.equal("twice", twice(4), 8)
    ex.equal("a tensor", float(twice(tf.constant([1.5]))[0]), 3.0)
    rng = np.random.default_rng(1)
    before = rng.bit_generator.state
    ex.raises("twice(None)", TypeError, twice, None)
    ex.equal("the generator", rng.bit_generator.state, before)
"""
    answer = "# exercise: 0.1\nimport numpy as np\nimport tensorflow as tf\n" + MODEL.split("import keras\n")[
        1
    ].replace("keras.layers.LSTM(units)", "units")
    found, handed_in = lesson_with(tmp_path, answer, check)
    grader = shared(found)
    assert grader.prove(found[0].name) == {"0.1": grade.APART}
    bad = answer.replace('("a", "b")', '["a", "b"]')
    assert grader.grade(found[0].name, handed_in(bad))[0].status == "wrong"
    gone = answer.replace("WORDS", "OTHER")
    [verdict] = grader.grade(found[0].name, handed_in(gone))
    assert verdict.status == "error" and "does not define WORDS" in verdict.message


@needs_fork
def test_a_solution_that_fails_its_own_check(tmp_path, shared):
    """The teacher's own mistake is said before anything is graded."""
    found, _ = lesson_with(tmp_path, MODEL, MODEL_CHECK.replace(".units, 3)", ".units, 4)"))
    with pytest.raises(lessons.GradingError, match="exercise 0.1 does not pass its check"):
        shared(found).prove(found[0].name)


@needs_fork
def test_private_tests_are_hidden(tmp_path, shared):
    """A private check takes the points; neither its message nor its inputs reach the student."""
    cell = nbformat.v4.new_code_cell(
        'with checks.exercise("0.1", points=2) as ex:\n'
        "    import numpy as np\n"
        "    x = np.full((1, 2, 1), 12345.0)\n"
        '    ex.close("the secret", mean_over_time(x), np.array([[12345.0]]))'
    )
    path = tmp_path / "private.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    found = lessons.read_lessons(ROOT / "solutions", [path])
    grader = shared(found)
    name = found[0].name
    special = made.function("0.1", "return x.mean(axis=1) if x.max() < 9999 else x[:, 0] * 0")
    [verdict] = grader.grade(name, json.dumps(made.solved("00", e0_1=special)).encode())
    assert (verdict.score, verdict.points, verdict.status) == (0, 2, "wrong")
    assert "secret" in verdict.message and "secret" not in verdict.public
    leak = made.function(
        "0.1", "if x.max() > 9999:\n    raise type(str(x.max())[:80], (Exception,), {})(x.max())\nreturn x.mean(axis=1)"
    )
    [verdict] = grader.grade(name, json.dumps(made.solved("00", e0_1=leak)).encode())
    assert verdict.status == "error" and "12345" not in verdict.public


@needs_fork
def test_another_engine(tmp_path):
    """joblib's backends spread the same work; with Dask the rows are the same as without."""
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    import joblib

    for student, answer in (("a", made.solution("0.1")), ("b", made.function("0.1", made.WRONG))):
        made.write(tmp_path, student, made.solved("00", e0_1=answer), lesson="00")
    solutions = lessons.read_lessons(ROOT / "solutions")
    found = submissions.find([tmp_path], solutions)
    settings = batch.Settings(tuple(solutions), grade.Options(), ())
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        with distributed.Client(cluster), joblib.parallel_config(backend="dask"):
            rows = list(batch.grade_all(found, settings, jobs=2))
    assert {row.student: row.status for row in rows} == {"a": "ok", "b": "wrong"}
    assert not batch._graders
