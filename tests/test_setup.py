"""The Setup cell finds the course, or fetches it; what it cannot do, it says in one sentence."""

import os
import subprocess
import sys

import pytest

from utils import cells

SETUP = cells.setup_source("me/mine") + "\nprint(os.path.abspath(utils.__file__))"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a git repository that looks like the course to the Setup cell."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "utils").mkdir()
    (folder / "lessons").mkdir()
    for name in ("__init__.py", "authoring.py"):
        (folder / "utils" / name).write_text("", encoding="utf-8")
    (folder / "lessons" / "lesson.txt").write_text("", encoding="utf-8")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def run_setup(folder, course, before="", times=1, **variables):
    """Run the Setup cell in a fresh process in `folder`; return the process."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    code = before + "\n" + "\n".join([SETUP] * times)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**clean, "UNROLLED_REPO": str(course), **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def last_line(process):
    """Return the last line that a failed process wrote."""
    assert process.returncode == 1
    return process.stderr.strip().splitlines()[-1]


def test_inside_the_course(course):
    """A lesson in its folder finds the course above it; nothing is fetched."""
    process = run_setup(course / "lessons", "no such repository", times=2)
    assert process.stdout.splitlines() == [str(course / "utils" / "__init__.py")] * 2
    assert not (course / "lessons" / "unrolled").exists()


@pytest.mark.parametrize("name", ["alone", "with spaces é", "unrolled"])
def test_alone(course, tmp_path, name):
    """A lesson in an empty folder fetches the course once, quietly."""
    folder = tmp_path / name
    folder.mkdir()
    process = run_setup(folder, course)
    assert process.stdout.strip() == str(folder / "unrolled" / "utils" / "__init__.py")
    assert process.stderr == ""
    assert run_setup(folder, "no such repository").returncode == 0


@pytest.mark.parametrize("variables", [{}, {"PATH": "/nowhere"}])
def test_no_network_or_no_git(tmp_path, variables):
    """One sentence with the address; nothing half-written."""
    process = run_setup(tmp_path, "/no/such/repository", **variables)
    assert last_line(process) == "RuntimeError: Cannot fetch /no/such/repository: are git and the network there?"
    assert list(tmp_path.iterdir()) == []


def test_a_course_without_an_address(tmp_path):
    """Alone, from a course that is published nowhere: it says where the notebook belongs."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "UNROLLED_REPO")}
    code = cells.setup_source(cells.UNPUBLISHED)
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert last_line(process) == "RuntimeError: This course is not published: open it in its own folder."


def test_half_a_copy(course, tmp_path):
    """What an interrupted fetch left is named, and left alone."""
    (tmp_path / "unrolled" / ".git").mkdir(parents=True)
    assert "unrolled is only a part of the course: delete it" in last_line(run_setup(tmp_path, course))
    assert (tmp_path / "unrolled" / ".git").exists()


@pytest.mark.parametrize("other", ["utils/__init__.py", "unrolled-old/utils/__init__.py", "utils.py"])
def test_another_utils_is_already_imported(course, tmp_path, other):
    """It cannot be replaced in a running kernel: say which it is."""
    path = tmp_path / other
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    place = tmp_path / other.split("utils")[0]
    process = run_setup(tmp_path, course, before=f"import sys; sys.path.insert(0, {str(place)!r}); import utils")
    assert f"{path} hides our utils: restart the kernel." in last_line(process)


def test_a_folder_utils_that_is_no_package(course, tmp_path):
    """It can be imported all the same, and has no file to be named by."""
    (tmp_path / "utils").mkdir()
    process = run_setup(tmp_path, course, before=f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import utils")
    assert f"{tmp_path / 'utils'} hides our utils: restart the kernel." in last_line(process)


def test_a_utils_that_is_not_imported_yet_does_not_hide_ours(course, tmp_path):
    """The course comes first on the path."""
    (tmp_path / "utils.py").write_text("raise SystemExit('the wrong one')", encoding="utf-8")
    assert run_setup(tmp_path, course).returncode == 0
