"""Files are found, and belong to the right student and lesson, as folders, flat exports and zips."""

import io
import json
import os
import random
import re
import socket
import struct
import sys
import time
import zipfile

import grading_class as made
import pytest
from conftest import ROOT

from utils.grading import archives, handed_in, lessons, report, submissions


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


def zipped(files, how=zipfile.ZIP_DEFLATED):
    """Return a zip with these files, name -> bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
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
    assert all(one.data is None or len(one.data) <= 2 * handed_in.MOST_BYTES for one in found)


def test_a_link_out_of_the_folder(tmp_path, solutions):
    """A link to the solution is not followed."""
    (tmp_path / "in" / "ann").mkdir(parents=True)
    try:
        (tmp_path / "in" / "ann" / "01_recurrence.ipynb").symlink_to(made.FILES["01"])
    except OSError:
        pytest.skip("this system makes no links")
    [found] = submissions.find([tmp_path / "in"], solutions)
    assert found.data == b"" and "link" in found.error


# --- what cannot be read is one row ---------------------------------------------------------------------------------


def rows(folder, solutions, **options):
    """Return (student, lesson's number) -> Submission."""
    return {(one.student, one.lesson[:2]): one for one in submissions.find([folder], solutions, **options)}


def damaged(data):
    """Return a zip in which the middle of each compressed file is overwritten."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        places = [(one.header_offset + 30 + len(one.filename), one.compress_size) for one in archive.infolist()]
    data = bytearray(data)
    for place, size in places:
        data[place : place + size // 2] = random.Random(1).randbytes(size // 2)
    return bytes(data)


def encrypted(data):
    """Return a zip that says of its files that they are encrypted."""
    data = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = -1
        while (place := data.find(mark, place + 1)) >= 0:
            data[place + offset] |= 1
    return bytes(data)


GOOD = {"01_recurrence.ipynb": NOTEBOOK["01"]}
BOMB = {f"{number}/01_recurrence.ipynb": bytes(30 * 2**20) for number in range(3)}
ZIPS = {
    "damaged": (damaged(zipped(GOOD)), "cannot be read \\((error|BadZipFile)"),
    "encrypted": (encrypted(zipped(GOOD)), "encrypted"),
    "no zip": (b"PK nothing", "the zip is broken"),
    "cut off": (zipped(GOOD)[:-30], "the zip is broken"),
    "damaged inside": (zipped({"hw.zip": damaged(zipped(GOOD))}), "cannot be read"),
    "encrypted inside": (zipped({"hw.zip": encrypted(zipped(GOOD))}), "encrypted"),
    "encrypted zip inside": (encrypted(zipped({"hw.zip": zipped(GOOD)})), "encrypted"),
    "no zip inside": (zipped({"hw.zip": b"nothing"}), "the zip is broken"),
    "too deep": (zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped(GOOD)})})}), "more than 3 zips"),
    "a bomb": (zipped(BOMB), "more than 100 times its size"),
    "a bomb inside": (zipped({"hw.zip": zipped(BOMB)}), "more than 100 times its size"),
}


@pytest.mark.parametrize("how", ZIPS)
def test_a_zip_that_cannot_be_read(how, tmp_path, solutions):
    """It is its student's row, with the reason; the others are found, be it in a folder or in one zip."""
    data, why = ZIPS[how]
    fill(tmp_path / "in", "ann/01_recurrence.ipynb", "zoe/01_recurrence.ipynb")
    (tmp_path / "in" / "eve.zip").write_bytes(data)
    names = {f"{name}/01_recurrence.ipynb": NOTEBOOK["01"] for name in ("ann", "zoe")}
    (tmp_path / "class.zip").write_bytes(zipped(names | {"eve.zip": data}))
    for source in ("in", "class.zip"):
        found = submissions.find([tmp_path / source], solutions)
        assert {one.student for one in found if one.data} == {"ann", "zoe"}
        eves = [one for one in found if one.student == "eve" and one.error]
        assert eves and all(one.data in (None, b"") for one in eves)
        assert any(re.search(why, one.error) for one in eves), eves


@pytest.mark.skipif(os.name != "posix", reason="this system has no such files")
def test_files_that_are_none(tmp_path, solutions, monkeypatch):
    """A pipe, a socket, a device, a folder with a notebook's name, links, a file that may not be read: one row each."""
    fill(tmp_path, "ann/01_recurrence.ipynb", "dir/01_recurrence.ipynb/notes.txt")
    name = "01_recurrence.ipynb"
    for student in ("pipe", "socket", "loop", "away", "neighbour", "nowhere", "locked", "huge", "sparse"):
        (tmp_path / student).mkdir()
    os.mkfifo(tmp_path / "pipe" / name)
    os.mkfifo(tmp_path / "piped.zip")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path / "socket")  # the address of a socket has to be short
        server.bind(name)
    (tmp_path / "loop" / name).symlink_to(name)
    (tmp_path / "away" / name).symlink_to("/dev/zero")
    (tmp_path / "neighbour" / name).symlink_to(tmp_path / "ann" / name)
    (tmp_path / "nowhere" / name).symlink_to("nothing")
    (tmp_path / "linked").symlink_to(tmp_path / "ann")
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "again").symlink_to(tmp_path)
    (tmp_path / "locked" / name).write_bytes(NOTEBOOK["01"])
    with open(tmp_path / "sparse" / name, "wb") as file:
        file.truncate(3 * 2**30)  # which takes no room
    opened = os.open

    def refuse(path, *arguments, **keywords):
        if "locked" in str(path):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(archives.os, "open", refuse)
    began = time.monotonic()
    found = rows(tmp_path, solutions)
    assert time.monotonic() - began < 10
    errors = {student: one.error for (student, _), one in found.items() if not one.data}
    assert set(errors) == {
        *("pipe", "piped", "socket", "loop", "away", "neighbour", "nowhere", "linked", "around", "dir"),
        *("locked", "huge", "sparse"),
    }
    assert "no regular file" in errors["pipe"] and "no regular file" in errors["piped"] + errors["socket"]
    assert "leads nowhere, or to itself" in errors["loop"] and "out of the folder" in errors["away"]
    assert "link to another place" in errors["neighbour"] and "link to another place" in errors["linked"]
    assert "Permission denied" in errors["locked"] and "larger than" in errors["sparse"]
    assert "notes.txt" in errors["dir"] and "empty" in errors["huge"]
    assert [key for key, one in found.items() if one.data] == [("ann", "01")]


def test_a_folder_that_may_not_be_read(tmp_path, solutions, monkeypatch):
    """It is its student's row."""
    fill(tmp_path, "ann/01_recurrence.ipynb", "locked/01_recurrence.ipynb")
    look = os.scandir

    def refuse(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(archives.os, "scandir", refuse)
    found = submissions.find([tmp_path], solutions)
    assert {one.student for one in found if one.data} == {"ann"}
    assert any("Permission denied" in one.error for one in found if one.student == "locked")


# --- everybody has a row, and nobody another's ----------------------------------------------------------------------


def test_who_handed_in_no_notebook(tmp_path, solutions):
    """Other files, or nothing, are a row that says so; what may be the teacher's is passed over, and said."""
    fill(tmp_path, "ann/01_recurrence.ipynb", "bob/01_recurrence.ipynb.txt", "carol/01_recurrence.py", "erin/hw.7z")
    fill(tmp_path, "dan/01_recurrence.ipynb.json", "fay.7z", "guy_01_recurrence.py", "hal_1_2_hw.docx", "grades.csv")
    fill(tmp_path, "Leo_5_assignsubmission_onlinetext_/onlinetext.html", "Leo_5_assignsubmission_file_/hw.ipynb")
    (tmp_path / "ivy").mkdir()
    (tmp_path / "jon.zip").write_bytes(zipped({"hw/01_recurrence.py": b"", "hw/plot.png": b""}))
    (tmp_path / "kim.zip").write_bytes(zipped({}))
    passed_over = []
    found = submissions.find([tmp_path], solutions, passed_over=passed_over)
    assert {one.student for one in found if one.data} == {"ann", "Leo"}
    assert {one.lesson for one in found} == {"01_recurrence"}
    errors = {one.student: one.error for one in found if one.data is None}
    assert list(errors) == ["bob", "carol", "dan", "erin", "fay", "guy", "hal", "ivy", "jon", "kim"]
    assert "but 01_recurrence.ipynb.txt." in errors["bob"] and "but hw.7z." in errors["erin"]
    assert "but 01_recurrence.py, plot.png." in errors["jon"] and "empty" in errors["ivy"] and "empty" in errors["kim"]
    assert [os.path.basename(label) for label in passed_over] == ["grades.csv"]


def test_one_persons_folder(tmp_path, solutions):
    """Where notebooks are nobody's by their names, all is one learner's: other files and folders are no students."""
    fill(tmp_path, "01_recurrence.ipynb", "notes.txt", "try.py", "data/a.csv")
    assert owners(tmp_path, solutions) == {(tmp_path.name, "01")}
    assert len(submissions.find([tmp_path], solutions)) == 1


@pytest.mark.parametrize(
    "names, students",
    [
        (
            ("smithjohn_111_222_01_recurrence.ipynb", "smithjohn_333_444_01_recurrence.ipynb"),
            {"smithjohn (111)", "smithjohn (333)"},
        ),
        (
            ("J Smith_11_assignsubmission_file_/01_recurrence.ipynb", "J Smith_12_assignsubmission_file_/hw.ipynb"),
            {"J Smith (11)", "J Smith (12)"},
        ),
        (("01_recurrence/ann.ipynb", "01_recurrence/bob.ipynb"), {"ann", "bob"}),
        (("01_recurrence/ann/hw.ipynb", "01_recurrence/bob/hw.ipynb"), {"ann", "bob"}),
        (("Lesson 1/ann.ipynb", "lesson01/bob_01_recurrence.ipynb"), {"ann", "bob"}),
        (("class/ann/01_recurrence.ipynb", "class/bob/01_recurrence.ipynb"), {"ann", "bob"}),
        (("class/ann_1_2_01_recurrence.ipynb", "class/bob_3_4_01_recurrence.ipynb"), {"ann", "bob"}),
        (("ann/old/01_recurrence.ipynb", "ann/01_recurrence.ipynb"), {"ann"}),
        (("ann/01_recurrence.ipynb", "Ann/01_recurrence.ipynb"), {"ann", "Ann"}),
        (("ann:1/01_recurrence.ipynb", "ann*1/01_recurrence.ipynb"), {"ann:1", "ann*1"}),
        (("jose\N{COMBINING ACUTE ACCENT}/01_recurrence.ipynb", "jos\xe9/01_recurrence.ipynb"), 2),
        (("a\x1b[31m/01_recurrence.ipynb", "a\x1b[32m/01_recurrence.ipynb"), 2),
    ],
    ids=lambda value: "" if isinstance(value, (set, int)) else value[0],
)
def test_people_are_kept_apart(names, students, tmp_path, solutions):
    """Each file is somebody's; no two people share a name or a folder of feedback."""
    try:
        fill(tmp_path, *names)
    except OSError:
        pytest.skip("this system has no such names")
    found = submissions.find([tmp_path], solutions)
    mine = {one.student for one in found}
    assert mine == students if isinstance(students, set) else len(mine) == students
    assert {one.lesson[:2] for one in found} == {"01"}
    folders = report.folders_of(mine)
    assert len({name.casefold() for name in folders.values()}) == len(mine)
    assert all(name == report.file_name(name) for name in folders.values())


def test_two_folders_of_one_name(tmp_path, solutions):
    """The same name in two sources is one person with several lessons, or two people with the same."""
    fill(tmp_path, "first/ann/01_recurrence.ipynb", "second/ann/01_recurrence.ipynb", "first/bob/01_recurrence.ipynb")
    fill(tmp_path, "second/bob/00_start_here.ipynb", data=NOTEBOOK["00"])
    found = submissions.find([tmp_path / "first", tmp_path / "second"], solutions)
    assert {(one.student, one.lesson[:2]) for one in found if one.data} == {
        *(("ann (first)", "01"), ("ann (second)", "01"), ("bob", "00"), ("bob", "01")),
    }


def test_without_marks_and_names(tmp_path, solutions):
    """A notebook that lost its name, its metadata and its first lines is recognised by the functions in it."""
    notebook = made.solved("01")
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell["source"] = made.source_of(cell).replace("# exercise: ", "# my ")
    fill(tmp_path, "ann/homework.ipynb", data=json.dumps(notebook).encode())
    assert owners(tmp_path, solutions) == {("ann", "01")}


def test_an_unreadable_version_takes_no_readable_one_away(tmp_path, solutions):
    """The latest that can be read counts, and the row says which cannot."""
    fill(tmp_path, "ann/01_recurrence.ipynb")
    fill(tmp_path, "ann/01_recurrence (2).ipynb", data=b"{")
    [one] = submissions.find([tmp_path], solutions)
    assert one.data and "01_recurrence.ipynb counts" in one.remark and "(2).ipynb is unreadable" in one.remark


# --- bounds ------------------------------------------------------------------------------------------------------


def many_lists(count):
    """Return JSON that takes twenty times its size in memory."""
    return b'{"cells": [' + b"[]," * count + b"[]]}"


GREEDY = {
    "a long name": ("_" * 60_000 + ".ipynb", NOTEBOOK["01"]),
    "a name with many numbers": ("_1" * 30_000 + "_assignsubmission_file_.ipynb", NOTEBOOK["01"]),
    "deep folders": ("a/" * 30_000 + "01_recurrence.ipynb", NOTEBOOK["01"]),
    "many values": ("eve/01_recurrence.ipynb", many_lists(8_000_000)),
    "many digits": ("eve/01_recurrence.ipynb", b'{"cells": [' + b"1" * 5_000_000 + b"]}"),
    "many decimals": ("eve/01_recurrence.ipynb", b'{"cells": [0.' + b"1" * 5_000_000 + b"]}"),
    "deep values": ("eve/01_recurrence.ipynb", b'{"cells": ' + b"[" * 500_000),
    "a long source": (
        "eve/01_recurrence.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": "x = 1\n" * 1_000_000}]}).encode(),
    ),
    "a long mark": (
        "eve/01_recurrence.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": "#" * 2_000_000 + "\n" + "# " * 1_000_000}]}).encode(),
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no module resource, which measures memory")
@pytest.mark.parametrize("how", GREEDY)
def test_what_would_take_much(how, tmp_path, solutions):
    """No name, no size and no depth takes the grader's own time or memory."""
    import resource

    name, data = GREEDY[how]
    files = {"ann/01_recurrence.ipynb": NOTEBOOK["01"], name: data}
    (tmp_path / "class.zip").write_bytes(zipped(files, zipfile.ZIP_STORED))  # packed, it would be taken for a bomb
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = submissions.find([tmp_path / "class.zip"], solutions)
    assert time.process_time() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024 or sys.platform == "darwin"
    assert len({one.student for one in found}) == 2 and len(found) <= 3
    for one in found:
        cells = handed_in.read_cells(one.data) if one.data else []
        handed_in.find_answer(cells, solutions[1].exercises[0], solutions[1])
    assert time.process_time() - began < 5


def test_a_table_of_contents_that_is_too_long(tmp_path):
    """A zip that claims millions of files is refused before its table is read."""
    data = bytearray(zipped({"a.ipynb": b"{}"}))
    place = data.rfind(b"PK\5\6")
    data[place + 12 : place + 16] = struct.pack("<I", 2**30)
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(lessons.GradingError, match="table of contents is too long"):
        archives.files_in(tmp_path / "a.zip")


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
