"""Other ways to start processes, and other engines."""

import json
import os
import subprocess
import sys

import grading_class as made
import pytest
from conftest import ROOT

from utils import files
from utils.grading import batch, command, grade, lessons, sandbox, submissions, warm
from utils.grading.__main__ import main

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="without fork each answer takes seconds to start")


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
    command = made.passable([*made.COMMAND, tmp_path / "in", *files, "--timeout", "1", "--memory", "512"], user="root")
    bare = os.environ | {"UNROLLED_GRADING_BARE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Not isolated on this system") == 1
    assert "(UNROLLED_GRADING_BARE is set)" in done.stderr and "not limited" not in done.stderr
    found = made.statuses(tmp_path / "g.csv")
    assert (
        found["right"] == found["empty_folder"] == "ok"
        and found["fork_then_right"] == "ok"
        and found["fake_score"] == "wrong"
    )
    assert found["os_exit"] == "kernel died"
    assert found["loop_in_function"] in ("stopped after 1 s", f"stopped after {grade.PATIENCE} s")  # on a busy machine
    assert "8 submissions" in done.stdout and (tmp_path / "f" / "right" / "00_start_here.html").exists()
    assert made.wait_until(lambda: made.running() <= before)


def test_without_fork(tmp_path):
    """Where nothing is forked, each process is started anew, and gives the same verdicts."""
    before = made.running()
    made.write(tmp_path / "in", "wrong", made.solved("00", e0_1=made.function("0.1", made.WRONG)), lesson="00")
    command = [*made.COMMAND, tmp_path / "in", "--csv", tmp_path / "g.csv", "--jobs", "1"]
    cold = os.environ | {"UNROLLED_GRADING_COLD": "1"}
    done = subprocess.run(command, cwd=ROOT, env=cold, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert made.statuses(tmp_path / "g.csv") == {"wrong": "wrong"}  # and the solution was right
    assert "Not isolated" in done.stderr
    assert made.running() <= before


def run(*words, **environment):
    """Run Python with these words in the course's folder; return the process."""
    words = [sys.executable, *map(str, words)]
    return subprocess.run(
        words, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_another_python():
    """Without the course's packages the command says how to activate the environment that has them."""
    done = run("-S", "-m", "utils.grading", "lessons")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "joblib is missing in" in done.stderr and "activate" in done.stderr


def test_asserts_that_are_left_out():
    """PYTHONOPTIMIZE and -O are refused: checks and answers hold asserts."""
    for done in (
        run("-m", "utils.grading", "lessons", PYTHONOPTIMIZE="1"),
        run("-O", "-m", "utils.grading", "lessons"),
    ):
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "assert" in done.stderr


def test_interrupted_while_it_starts():
    """Ctrl-C while libraries are loaded is one line, no traceback."""
    code = """
import runpy, sys

class Stop:
    def find_spec(self, name, *rest):
        if name == "joblib":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Stop())
sys.argv[1:] = ["lessons"]
runpy.run_module("utils.grading", run_name="__main__")
"""
    done = run("-c", code)
    assert done.returncode == 130 and done.stderr.strip() == "Interrupted: nothing was written."


def test_dry_run(tmp_path, capsys):
    """It prints whose each file is, and grades nothing."""
    made.write(tmp_path, "ann", made.solved("00"), lesson="00")
    made.write(tmp_path, "bob", b"", name="answers.py")
    assert main([str(tmp_path), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{tmp_path / 'ann' / '00_start_here.ipynb'} -> ann, 00_start_here",
        "(no notebook) -> bob, 00_start_here: no notebook (.ipynb) was handed in, but answers.py.",
        "2 students, 1 notebook to grade.",
    ]
    assert not batch._graders


def test_nobody_knows_the_seed_beforehand(tmp_path, monkeypatch):
    """It comes from all that was handed in: the same for the same files in any order, another for any other batch."""
    given = [submissions.Submission(name, "00_start_here", name, name.encode()) for name in ("ann", "bob")]
    missing = submissions.Submission("eve", "00_start_here", "", None)
    assert command.seed_of(given) == command.seed_of([*given[::-1], missing]) != command.seed_of(given[:1])
    made.write(tmp_path / "in", "ann", made.solved("00"), lesson="00")
    seeds, run = [], command.grade_rest
    monkeypatch.setattr(
        command,
        "grade_rest",
        lambda found, settings, *rest: seeds.append(settings.options.seed) or run(found, settings, *rest),
    )
    assert main([str(tmp_path / "in")]) == main([str(tmp_path / "in"), "--seed", "7"]) == 0
    [one] = submissions.find([tmp_path / "in"], lessons.read_lessons(ROOT / "solutions"))
    assert seeds == [command.seed_of([one]), 7]


def test_what_is_said_before_grading(tmp_path, capsys):
    """Who has nothing to grade is named before anything runs; nothing is started where nothing can be graded."""
    made.write(tmp_path, "ann", b"no notebook", lesson="00")
    made.write(tmp_path, "bob", b"", name="answers.py")
    assert main([str(tmp_path), "--csv", str(tmp_path / "g.csv")]) == 0
    said = capsys.readouterr().err
    assert "2 students, 0 notebooks to grade.\nNothing to grade: ann, bob.\n" in said
    assert made.statuses(tmp_path / "g.csv") == {"ann": "unreadable", "bob": "missing"}
    assert not batch._graders


def test_a_full_disk(tmp_path, capsys, monkeypatch):
    """The error names the file that could not be written."""
    made.write(tmp_path / "in", "ann", b"no notebook", lesson="00")

    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_text", full)
    for option, place in (("--csv", "g.csv"), ("--detail", "d.csv"), ("--feedback", "f")):
        assert main([str(tmp_path / "in"), option, str(tmp_path / place)]) == 2
        assert f"{tmp_path / place} cannot be written: No space left on device." in capsys.readouterr().err


@needs_fork
def test_a_limit_on_memory_from_outside():
    """What `ulimit -v` allows is used, and named where it was too little: it cannot be raised."""
    code = """
import resource
from utils.grading import sandbox, trusted
limit = sandbox._virtual_size() + 2**30
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sandbox.limit_memory(8 * 2**30)
assert resource.getrlimit(resource.RLIMIT_AS)[0] == limit
print(sandbox.limited_from_outside())
"""
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert "limits are set from outside: ulimit -v is " in done.stdout


@needs_fork
def test_a_check_that_ends(monkeypatch):
    """It is said that the process of the check ended, not that it took too long."""

    class Ended:
        alive, late, jobs = True, False, 0

        def verdict(self, job, line, seconds):
            line.close()

        def kill(self):
            pass

    solutions = lessons.read_lessons(ROOT / "solutions")[:1]
    monkeypatch.setattr(sandbox, "limited_from_outside", lambda: "; limits are set from outside: ulimit -v is 1")
    with grade.Grader(solutions) as grader:
        monkeypatch.setattr(grader, "take_trusted", Ended)
        with pytest.raises(lessons.GradingError, match="the process that runs the check ended; limits are set"):
            grader.prove(solutions[0].name)
        grader.modes[solutions[0].name] = {"0.1": grade.APART}
        [verdict] = grader.grade(solutions[0].name, json.dumps(made.solved("00")).encode())
    assert verdict.words == "kernel died" and "ulimit" not in verdict.public


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
    assert {row.student: row.words for row in rows} == {"a": "ok", "b": "wrong"}
    assert not batch._graders
