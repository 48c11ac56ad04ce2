"""Other ways to start processes, and other engines."""

import os
import subprocess

import grading_class as made
import pytest
from conftest import ROOT

from utils.grading import batch, grade, lessons, submissions, warm

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
    assert found["os_exit"] == "kernel died" and found["loop_in_function"] == "stopped after 1 s"
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
