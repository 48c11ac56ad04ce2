"""utils.launch: the learner's answers are never overwritten; what is wrong is said in one sentence."""

import ast
import os
import subprocess
import sys

import pytest

from utils import launch


@pytest.fixture
def folders(tmp_path):
    """Return (lessons, my-lessons); the first holds two lessons, the second does not exist yet."""
    lessons = tmp_path / "lessons"
    lessons.mkdir()
    (lessons / "00_a.ipynb").write_text("a")
    (lessons / "01_b.ipynb").write_text("b")
    return lessons, tmp_path / "my-lessons"


def test_lessons_are_copied_once(folders):
    """The first start copies all, the second none."""
    assert launch.copy_lessons(*folders) == (["00_a.ipynb", "01_b.ipynb"], [])
    assert launch.copy_lessons(*folders) == ([], [])
    assert (folders[1] / "01_b.ipynb").read_text() == "b"


def test_answers_are_never_overwritten(folders):
    """A saved answer stays; a new lesson is added; a newer version of an old one is only announced."""
    launch.copy_lessons(*folders)
    (folders[1] / "00_a.ipynb").write_text("my answer")
    (folders[0] / "00_a.ipynb").write_text("a, second edition")
    (folders[0] / "02_c.ipynb").write_text("c")
    assert launch.copy_lessons(*folders) == (["02_c.ipynb"], ["00_a.ipynb"])
    assert (folders[1] / "00_a.ipynb").read_text() == "my answer"


def test_a_deleted_copy_comes_back(folders):
    """Deleting (or renaming) one's copy and starting again gives the course's newest version."""
    launch.copy_lessons(*folders)
    (folders[0] / "00_a.ipynb").write_text("a, second edition")
    (folders[1] / "00_a.ipynb").unlink()
    assert launch.copy_lessons(*folders) == (["00_a.ipynb"], [])
    assert launch.copy_lessons(*folders) == ([], [])


def test_a_copy_without_a_record_is_kept(folders):
    """A notebook that the learner put there by hand stays as well."""
    folders[1].mkdir()
    (folders[1] / "00_a.ipynb").write_text("mine")
    assert launch.copy_lessons(*folders) == (["01_b.ipynb"], [])
    assert (folders[1] / "00_a.ipynb").read_text() == "mine"


def test_my_lessons_are_outside_of_git_and_tests(root):
    """A saved answer can break neither `make test` nor authoring --check."""
    assert "my-lessons/" in (root / ".gitignore").read_text().split()
    assert "my-lessons" not in (root / "pyproject.toml").read_text().split("testpaths")[1].split("]")[0]


@pytest.mark.parametrize(
    "version, fine", [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False), (None, False)]
)
def test_supported_versions(version, fine):
    """Python 3.11 to 3.13."""
    assert launch.suitable(version) is fine


def test_version_of_a_command():
    """The version is asked of the command itself: one that is there but does not run has none."""
    assert launch.version_of(sys.executable) == sys.version_info[:2]
    assert launch.version_of("no-such-python") is None


def test_unsupported_python_is_told_so(monkeypatch):
    """Without a suitable Python the message names the versions and what to do."""
    monkeypatch.setattr(launch, "suitable", lambda version: False)
    with pytest.raises(launch.LaunchError, match="runs on Python 3.11 to 3.13; this is .* Install one"):
        launch.find_python()


def test_a_strange_folder_is_left_alone(tmp_path, monkeypatch):
    """UNROLLED_VENV pointing at a folder with other things in it is refused, and loses nothing."""
    (tmp_path / "thesis.txt").write_text("precious")
    monkeypatch.setenv("UNROLLED_VENV", str(tmp_path))
    with pytest.raises(launch.LaunchError, match="is not a virtual environment, and is not empty"):
        launch.prepare()
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_an_environment_of_another_python_is_not_deleted(tmp_path, monkeypatch):
    """It may hold the learner's work: the message asks."""
    monkeypatch.setenv("UNROLLED_VENV", str(tmp_path))
    monkeypatch.setattr(launch, "version_of", lambda python: (3, 14))
    with pytest.raises(launch.LaunchError, match="holds Python 3.14; the course runs on Python 3.11 to 3.13"):
        launch.prepare()


def test_a_failed_installation_is_tried_again(tmp_path, monkeypatch):
    """The stamp is written only after pip succeeded, and a second start does not install again."""
    commands = []
    status = [1]

    def fake_run(command, **options):
        commands.append(command)
        return subprocess.CompletedProcess(command, status[0])

    folder = tmp_path / "env"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("")
    monkeypatch.setenv("UNROLLED_VENV", str(folder))
    monkeypatch.setattr(launch, "version_of", lambda python: (3, 12))
    monkeypatch.setattr(launch.subprocess, "run", fake_run)
    with pytest.raises(launch.LaunchError, match="is the network up"):
        launch.prepare()
    status[0] = 0
    launch.prepare()
    launch.prepare()
    assert len(commands) == 2


@pytest.mark.parametrize("arguments", [[], ["lob"]])
def test_unknown_command(arguments, root):
    """The usage is one line on stderr, exit status 2."""
    process = subprocess.run(
        [sys.executable, "-m", "utils.launch", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 2
    assert process.stderr == "Usage: python -m utils.launch lab | test | lessons\n"


def test_launch_runs_on_an_old_python(root):
    """It must start on a Python that is too old, to say so: no newer syntax, the standard library only."""
    tree = ast.parse((root / "utils" / "launch.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= sys.stdlib_module_names


def test_make_targets_call_the_readme_commands(root):
    """Makefile and README give the same lines."""
    makefile = (root / "Makefile").read_text()
    readme = (root / "README.md").read_text(encoding="utf-8")
    for command in ("lab", "test"):
        assert f"{command}:\n\t$(PYTHON) -m utils.launch {command}\n" in makefile
        assert f"make {command}" in readme
        assert f"python -m utils.launch {command}" in readme
    assert os.access(root / ".ci" / "run", os.X_OK)
