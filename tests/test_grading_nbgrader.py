"""nbgrader takes a lesson as it is: generate, release, autograde. Needs requirements-nbgrader.txt."""

import json
import os
import shutil
import subprocess
import sys

import grading_class as made
import pytest
from conftest import ROOT

from utils import authoring

pytest.importorskip("nbgrader", reason="nbgrader is not installed: pip install -r requirements-nbgrader.txt")

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "unrolled"
c.Exchange.root = {exchange!r}
c.GenerateAssignment.preprocessors = [
    "nbconvert.preprocessors.TagRemovePreprocessor",
    *["nbgrader.preprocessors." + name for name in (
        "IncludeHeaderFooter", "ClearSolutions", "LockCells", "ComputeChecksums", "SaveCells", "CheckCellMetadata",
        "ClearOutput", "ClearHiddenTests", "ClearMarkScheme",
    )],
]
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {{"solution-note"}}
"""


def nbgrader(folder, *words):
    """Run an nbgrader command in a folder; return what it says."""
    command = [sys.executable, "-m", "nbgrader", *words]
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_a_lesson_goes_through_nbgrader(tmp_path):
    """A solution is the source as it is; the right answer scores, a wrong one and the stub do not."""
    shutil.copytree(ROOT / "utils", tmp_path / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    course = tmp_path / "course"  # inside the course's folder, so that the Setup cell finds utils
    name = made.FILES["00"].name
    (course / "source" / "lesson00").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG.format(exchange=str(tmp_path / "exchange")))
    shutil.copy(made.FILES["00"], course / "source" / "lesson00" / name)
    nbgrader(course, "generate_assignment", "lesson00", "--create")
    released = json.loads((course / "release" / "lesson00" / name).read_text(encoding="utf-8"))
    text = json.dumps(released)
    assert "SOLUTION" not in text and "HIDDEN" not in text and "solution-note" not in text
    nbgrader(course, "release_assignment", "lesson00")
    answers = {"right": made.solution("0.1"), "wrong": made.function("0.1", made.WRONG), "stub": None}
    for student, answer in answers.items():
        cell = released["cells"][made.answer_index(released, "0.1")]
        cell["source"] = answer or authoring.student_source(made._Cell(made.solution("0.1")))
        target = course / "submitted" / student / "lesson00" / name
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(released), encoding="utf-8")
    nbgrader(course, "autograde", "lesson00", "--create")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        scores = {one: book.find_submission("lesson00", one).score for one in answers}
        assert book.find_assignment("lesson00").max_score == 1
    assert scores == {"right": 1, "wrong": 0, "stub": 0}
