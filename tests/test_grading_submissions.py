"""Files are found, and belong to the right student and lesson, as folders, flat exports and zips."""

import io
import json
import os
import zipfile

import grading_class as made
import pytest
from conftest import ROOT

from utils.grading import lessons, submissions


@pytest.fixture(scope="module")
def solutions():
    """Return the lessons that are graded."""
    return lessons.read_lessons(ROOT / "solutions")


NOTEBOOK = {number: json.dumps(made.read("lessons", number)).encode() for number in ("00", "01")}


def owners(folder, solutions, **options):
    """Return {(student, lesson's number)} of what is found in a folder or zip, without what is missing."""
    found = submissions.find([folder], solutions, **options)
    return {(one.student, one.lesson[:2]) for one in found if one.data is not None}


def fill(folder, *names, data=NOTEBOOK["01"]):
    """Write the same notebook under several names."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


@pytest.mark.parametrize(
    "name, student",
    [
        ("ann/01_recurrence.ipynb", "ann"),
        ("Ann Lee/work/01_recurrence.ipynb", "Ann Lee"),
        ("leeann_12345_678910_01_recurrence.ipynb", "leeann"),  # Canvas
        ("leeann_LATE_12345_678910_01_recurrence-2.ipynb", "leeann"),
        ("Ann Lee_4711_assignsubmission_file_/01_recurrence.ipynb", "Ann Lee"),  # Moodle
        ("Ann Lee_4711_assignsubmission_file_01_recurrence.ipynb", "Ann Lee"),
        ("01_recurrence_ann.ipynb", "ann"),
        ("ann-lee 01_recurrence (1).ipynb", "ann-lee"),
        ("ann/Copy of 01_recurrence.ipynb", "ann"),  # Colab
        ("ann/01_recurrence-Copy1.ipynb", "ann"),  # Jupyter
        ("ann/homework.ipynb", "ann"),  # recognised by the exercises inside
        ("ann/02_why_rnns_forget.ipynb", "ann"),  # the name is wrong, the exercises are not
        ("ann/01_RECURRENCE.IPYNB", "ann"),
    ],
)
def test_names(name, student, tmp_path, solutions):
    """Each layout gives the student and the lesson."""
    fill(tmp_path, name)
    assert owners(tmp_path, solutions) == {(student, "01")}


def test_what_is_passed_over(tmp_path, solutions):
    """Checkpoints, hidden files and other files are no submissions."""
    fill(
        tmp_path,
        "ann/01_recurrence.ipynb",
        "ann/.ipynb_checkpoints/01_recurrence-checkpoint.ipynb",
        "__MACOSX/ann/._01_recurrence.ipynb",
        "ann/notes.txt",
    )
    assert len(submissions.find([tmp_path], solutions)) == 1


def test_a_pattern_of_ones_own(tmp_path, solutions):
    """--student-pattern finds the student in the path."""
    fill(tmp_path, "g1/hw_s123_final.ipynb", "g2/hw_s124_final.ipynb")
    assert owners(tmp_path, solutions, pattern=r"hw_(?P<student>s\d+)_") == {("s123", "01"), ("s124", "01")}
    for pattern in ("(", r"hw_(.*)"):
        with pytest.raises(lessons.GradingError, match="--student-pattern"):
            submissions.find([tmp_path], solutions, pattern=pattern)


def test_the_latest_counts(tmp_path, solutions):
    """Of several versions the one with the highest number counts, else the newest; a remark says so."""
    fill(tmp_path, "ann_1_22_01_recurrence.ipynb", data=NOTEBOOK["00"])
    fill(tmp_path, "ann_1_33_01_recurrence-1.ipynb")
    fill(tmp_path / "x", "bob/a.ipynb", "bob/b.ipynb")
    os.utime(tmp_path / "x/bob/a.ipynb", (2e9, 2e9))
    found = {one.student: one for one in submissions.find([tmp_path / "x"], solutions)}
    assert found["bob"].label.endswith("a.ipynb") and "more than once" in found["bob"].remark
    found = [one for one in submissions.find([tmp_path], solutions) if one.student == "ann" and one.lesson[:2] == "01"]
    assert found[0].label.endswith("-1.ipynb")


def test_what_is_missing(tmp_path, solutions):
    """Who handed in one lesson of two is there for the other one, too."""
    fill(tmp_path, "ann/01_recurrence.ipynb", "bob/01_recurrence.ipynb")
    fill(tmp_path, "bob/00_start_here.ipynb", data=NOTEBOOK["00"])
    found = {(one.student, one.lesson[:2]): one.data is None for one in submissions.find([tmp_path], solutions)}
    assert found == {("ann", "00"): True, ("ann", "01"): False, ("bob", "00"): False, ("bob", "01"): False}


def zipped(files):
    """Return a zip with these files, name -> bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"ann/01_recurrence.ipynb": NOTEBOOK["01"], "bob/01_recurrence.ipynb": NOTEBOOK["01"]},
        {"class/ann/01_recurrence.ipynb": NOTEBOOK["01"], "class/bob/01_recurrence.ipynb": NOTEBOOK["01"]},
        {"ann_1_2_01_recurrence.ipynb": NOTEBOOK["01"], "bob_1_3_01_recurrence.ipynb": NOTEBOOK["01"]},
        {"class/ann_1_2_01_recurrence.ipynb": NOTEBOOK["01"], "class/bob_1_3_01_recurrence.ipynb": NOTEBOOK["01"]},
        {"ann.zip": zipped({"01_recurrence.ipynb": NOTEBOOK["01"]}), "bob/01_recurrence.ipynb": NOTEBOOK["01"]},
    ],
    ids=["folders", "wrapped", "flat", "wrapped flat", "zip in zip"],
)
def test_zips(files, tmp_path, solutions):
    """A zip is read as the folder that it holds, with or without one folder around all."""
    (tmp_path / "all.zip").write_bytes(zipped(files))
    assert owners(tmp_path / "all.zip", solutions) == {("ann", "01"), ("bob", "01")}


def test_a_zip_writes_nothing(tmp_path, solutions):
    """Names that lead out of the zip write no file, and a huge member is not read whole."""
    files = {"../../evil/01_recurrence.ipynb": NOTEBOOK["01"], "bomb/01_recurrence.ipynb": bytes(200 * 2**20)}
    (tmp_path / "all.zip").write_bytes(zipped(files))
    found = submissions.find([tmp_path / "all.zip"], solutions)
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]
    assert all(one.data is None or len(one.data) <= 2 * lessons.MOST_BYTES for one in found)


def test_a_link_out_of_the_folder(tmp_path, solutions):
    """A link to the solution is not followed."""
    (tmp_path / "in" / "ann").mkdir(parents=True)
    try:
        (tmp_path / "in" / "ann" / "01_recurrence.ipynb").symlink_to(made.FILES["01"])
    except OSError:
        pytest.skip("this system makes no links")
    [found] = submissions.find([tmp_path / "in"], solutions)
    assert found.data == b"" and "link" in found.remark


def test_errors_at_the_door(tmp_path, solutions):
    """What is no folder, zip or notebook, or holds nothing, is refused before anything runs."""
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.zip").write_text("x")
    (tmp_path / "empty").mkdir()
    for name, said in (("nothing", "there is no"), ("a.txt", "neither"), ("b.zip", "broken"), ("empty", "no notebook")):
        with pytest.raises(lessons.GradingError, match=said):
            submissions.find([tmp_path / name], solutions)


def test_private_tests(tmp_path):
    """Check cells of a notebook of one's own are added, all hidden, and their points count."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "id": "a"}
    cell["source"] = 'with checks.exercise("0.1", points=3) as ex:\n    ex.true("never", False)'
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "private.ipynb"
    path.write_text(json.dumps(notebook))
    first = lessons.read_lessons(ROOT / "solutions", [path])[0].exercises[0]
    assert first.points == 3 and [hidden for _, hidden in first.checks] == [False, True]
    cell["source"] = cell["source"].replace("0.1", "9.9")
    path.write_text(json.dumps(notebook))
    with pytest.raises(lessons.GradingError, match="9.9"):
        lessons.read_lessons(ROOT / "solutions", [path])
    cell["source"] = "1 + 1"
    path.write_text(json.dumps(notebook))
    with pytest.raises(lessons.GradingError, match="no check cell"):
        lessons.read_lessons(ROOT / "solutions", [path])
