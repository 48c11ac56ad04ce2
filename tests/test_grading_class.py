"""A whole class is graded: every submission gets exactly its score and status, and nothing is left running.

The tests share one pair of warm parents, for to start one takes longer than most of the tests.
"""

import csv
import dataclasses
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import grading_class as made
import grading_variants as variants
import nbformat
import pytest
from conftest import ROOT

from utils import authoring, mistakes
from utils.grading import batch, grade, lessons, report, submissions, warm
from utils.grading.__main__ import main
from utils.grading.status import Status

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="without fork each answer takes seconds to start")
# What has to end by itself gets time for a machine that is eight times slower; what never ends is stopped soon.
OPTIONS = grade.Options(timeout=60, memory=512, processes=16)
SOON = dataclasses.replace(OPTIONS, timeout=0.5)


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
            assert verdict.score == score and verdict.words.startswith(status), f"{student}: {verdict}"
            assert (verdict.words == "ok") == (verdict.score > 0)
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
        assert verdict.words.startswith(status), f"{student}: {verdict}"
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
    assert rows["spy"].verdicts[0].status is Status.WRONG, rows["spy"]


@needs_fork
@pytest.mark.parametrize("table, score", [(variants.RIGHT, 1), (variants.WRONGS, 0)], ids=["right", "wrong"])
def test_ways_to_hand_in_one_answer(table, score, tmp_path, solutions, settings):
    """What works in a learner's notebook scores, wherever it stands there; what does not, does not."""
    assert len(table) >= 40
    for number, how in enumerate(table.values()):
        made.write(tmp_path, str(number), variants.notebook(**how), lesson="00")
    rows = graded(tmp_path, settings, solutions)
    found = {name: rows[str(number)].verdicts for number, name in enumerate(table)}
    assert not {name: verdicts for name, verdicts in found.items() if [one.score for one in verdicts] != [score]}


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
            first = mistakes.of_exercise(exercise.number)[0]
            answers["e" + exercise.number.replace(".", "_")] = first.answer(exercise.answer)
        data = json.dumps(made.solved(lesson.number, **answers)).encode()
        for verdict in grader.grade(lesson.name, data):
            assert verdict.status in (Status.WRONG, Status.ERROR) and verdict.message, verdict
    assert beside == BESIDE


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(settings):
    """Return a function that makes Graders: the warm parents that are there already serve them all."""
    started = batch.grader(settings).warm

    def make(found, options=None):
        one = grade.Grader(found, options)
        one._warm = started
        return one

    return make


@pytest.fixture
def command(shared, monkeypatch):
    """Return the command as a function of its words, in this process and with the shared warm parents."""
    made_once = functools.cache(lambda settings: shared(settings.lessons, settings.options))
    monkeypatch.setattr(batch, "grader", made_once)
    monkeypatch.setattr(batch, "close", lambda: None)
    return lambda *words: main([str(word) for word in words])


@needs_fork
def test_the_command(tmp_path, command, capsys):
    """The command writes grades, detail and feedback, and ends with 0."""
    folder = tmp_path / "in"
    made.write(folder, "ann", made.solved("00"), lesson="00")
    made.write(folder, "bob", made.solved("00", e0_1=made.function("0.1", made.WRONG)), lesson="00")
    made.write(folder, "bob", made.read("lessons", "01"))
    files = [["--csv", tmp_path / "g.csv"], ["--detail", tmp_path / "d.csv"], ["--feedback", tmp_path / "f"]]
    assert command(folder, *sum(files, [])) == 0
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
def test_interrupt_and_resume(tmp_path, command):
    """Ctrl-C keeps the rows that are done and leaves nothing running; --resume does the rest."""
    before = made.running()
    folder, table = tmp_path / "in", tmp_path / "g.csv"
    made.write(folder, "a", made.solved("00"), lesson="00")
    slow = made.function("0.1", "import time\ntime.sleep(1000)")
    made.write(folder, "b", made.solved("00", e0_1=slow), lesson="00")
    made.write(folder, "c", made.solved("00"), lesson="00")
    process = subprocess.Popen(
        [*made.COMMAND, folder, "--csv", table, "--timeout", "900", "--jobs", "2"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    journal = report.journal_of(table)
    made.wait_until(lambda: process.poll() is not None or journal.exists() and journal.read_text().count("\n"))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130 and b"--resume" in said, said
    assert "b" not in made.statuses(table) and set(made.statuses(table).values()) == {"ok"}
    assert made.wait_until(lambda: made.running() <= before)
    # An answer that sleeps computes nothing: the clock stops it, later.
    assert command(folder, "--csv", table, "--timeout", "0.5", "--resume") == 0
    assert made.statuses(table) == {"a": "ok", "b": f"stopped after {grade.PATIENCE / 2:g} s", "c": "ok"}
    assert not journal.exists()


@needs_fork
def test_lessons_that_were_not_asked_for(tmp_path, command, capsys):
    """They are left out, also where each student has a folder; none of them is taken for a file of nobody."""
    folder, table = tmp_path / "in", tmp_path / "g.csv"
    for student in "ab":
        made.write(folder, student, made.solved("00"), lesson="00")
        made.write(folder, student, made.solved("01"), lesson="01")
    assert command(folder, "--csv", table, "--lessons", "00") == 0
    assert made.statuses(table) == {"a": "ok", "b": "ok"}
    assert len(table.read_text(encoding="utf-8").splitlines()) == 3
    assert command(folder, "--csv", tmp_path / "h.csv", "--lessons", "05") == 2
    assert "--lessons 05: nobody handed in such a lesson" in capsys.readouterr().err


TELLS = {
    "exit": "import os\nos._exit(int(abs(x.flat[0]) * 1000) % 200 + 20) if REMEMBERED else None",
    "signal": "import os\nos.kill(os.getpid(), int(abs(x.flat[0]) * 1000) % 20 + 40) if REMEMBERED else None",
    "kind": "if REMEMBERED:\n    raise [KeyError, IndexError, OSError][int(abs(x.flat[0]) * 1000) % 3]",
    "text": "if REMEMBERED:\n    raise ValueError(str(x.tolist()))",
    "type": "if REMEMBERED:\n    return type(str(x.flat[0])[:40], (), {})()",
    "bytes": (
        "import os\nif REMEMBERED:\n    for fd in range(3, 64):\n        try:\n"
        "            os.write(fd, bytes([3, 0, 0, 0, 0, 0, 0, 0]) + bytes([int(abs(x.flat[0]) * 1000) % 256] * 3))\n"
        "        except OSError:\n            pass"
    ),
}


@needs_fork
@pytest.mark.parametrize("how", TELLS)
def test_feedback_tells_no_hidden_inputs(how, shared, solutions):
    """Whatever an answer does with a hidden input, what the student reads of it is the same for another input."""
    said = set()
    for seed in (1, 2, 3):
        body = f"{TELLS[how].replace('REMEMBERED', 'x.shape != (2, 4, 3) or x.flat[1] != 1')}\nreturn x.mean(axis=1)"
        data = json.dumps(made.solved("00", e0_1=made.function("0.1", body))).encode()
        grader = shared(solutions, dataclasses.replace(OPTIONS, seed=seed))
        [verdict] = grader.grade(solutions[0].name, data)
        assert verdict.score == 0 or how == "signal", verdict  # the first process of a namespace gets no signals
        said.add((verdict.status, verdict.words, verdict.public, verdict.remark))
    assert len(said) == 1, said


@needs_fork
def test_what_is_larger_than_the_exercise_asks_for(shared, solutions):
    """It is refused before the check computes with it: the eigenvalues of such a matrix take a minute."""
    grader = shared(solutions, OPTIONS)
    body = "import numpy as np\nreturn np.random.default_rng(0).normal(size=(2800, 2800))"
    answers = {"e2_3": made.function("2.3", body)}
    [lesson] = [one for one in solutions if one.number == "02"]
    began = time.monotonic()
    grader.prove(lesson.name)
    proved = time.monotonic()
    data = json.dumps(made.solved("02", only=("2.3",), **answers)).encode()
    [verdict] = [one for one in grader.grade(lesson.name, data) if one.number == "2.3"]
    assert verdict.status is Status.WRONG and "much more than the exercise asks for" in verdict.message
    assert time.monotonic() - proved < 10 + (proved - began)


@needs_fork
def test_time_is_what_an_answer_computes(shared, solutions):
    """Waiting is not counted, as long as the clock allows: a machine that does other things is unfair to nobody."""
    grader = shared(solutions, grade.Options(timeout=1))
    waits = made.solution("0.1") + "\nimport time\ntime.sleep(1.5)"
    [verdict] = grader.grade(solutions[0].name, json.dumps(made.solved("00", e0_1=waits)).encode())
    assert verdict.status is Status.DONE and verdict.seconds > 1.5
    computes = made.function("0.1", f"for _ in range(10**12):\n    pass\n{made.RIGHT}")
    [verdict] = grader.grade(solutions[0].name, json.dumps(made.solved("00", e0_1=computes)).encode())
    assert verdict.status is Status.STOPPED and verdict.after in (1, grade.PATIENCE)
    assert verdict.message == verdict.public and "seconds" in verdict.message


# --- checks of other kinds -------------------------------------------------------------------------------------------


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
        (MODEL, Status.DONE),
        (MODEL.replace("LSTM(units)", "LSTM(3)"), Status.WRONG),
        (MODEL.replace("return keras.layers.LSTM(units)", "1 / 0"), Status.ERROR),
        (authoring.student_source(made._Cell(MODEL)), Status.NOT_ATTEMPTED),
        (MODEL + "\nimport os\nos._exit(0)", Status.KERNEL_DIED),
    ):
        [verdict] = grader.grade(name, handed_in(source))
        assert verdict.status == status, verdict
        assert verdict.how == (grade.BESIDE if status is not Status.NOT_ATTEMPTED else grade.APART)


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
    assert grader.grade(found[0].name, handed_in(bad))[0].status is Status.WRONG
    gone = answer.replace("WORDS", "OTHER")
    [verdict] = grader.grade(found[0].name, handed_in(gone))
    assert verdict.status is Status.ERROR and "does not define WORDS" in verdict.message


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
    assert (verdict.score, verdict.points, verdict.status) == (0, 2, Status.WRONG)
    assert "secret" in verdict.message and "secret" not in verdict.public
    leak = made.function(
        "0.1", "if x.max() > 9999:\n    raise type(str(x.max())[:80], (Exception,), {})(x.max())\nreturn x.mean(axis=1)"
    )
    [verdict] = grader.grade(name, json.dumps(made.solved("00", e0_1=leak)).encode())
    assert verdict.status is Status.ERROR and "12345" not in verdict.public


# --- the end, for it ends the processes that the tests above share ----------------------------------------------------


@needs_fork
def test_the_grader_killed(solutions, settings):
    """kill -9 on the grader ends all that it started."""
    grader = batch.grader(settings)
    grader.prove(solutions[0].name)
    idle = made.running()
    answer = made.ATTACKS["loop_in_function"][0]
    data = json.dumps(made.solved("00", e0_1=answer)).encode()
    child = os.fork()  # takes the grader over, as a process of its own that can be killed
    if child == 0:
        try:
            grader.grade(solutions[0].name, data)
        finally:
            os._exit(1)
    for held in (grader.warm.trusted_socket, grader.warm.student_socket, *[one.socket for one in grader.idle]):
        held.close()
    assert made.wait_until(lambda: len(made.running() - idle) >= 2)  # a student's process and what watches it
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert made.wait_until(lambda: made.running() <= BEFORE)
