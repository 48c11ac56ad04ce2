"""utils.launch: the learner's answers are never overwritten; what is wrong is said in one sentence."""

import ast
import datetime
import json
import os
import re
import signal
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


def test_a_fresh_copy_keeps_the_old_one(tmp_path, monkeypatch, capsys):
    """The answer lies in a folder of its own, under its time; the lesson is the course's again; twice is two."""
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "03_gates.ipynb").write_text("new")
    (tmp_path / "lessons" / "04_text.ipynb").write_text("text")
    launch.copy_lessons(tmp_path / "lessons", tmp_path / "my-lessons")
    mine, kept = tmp_path / "my-lessons" / "03_gates.ipynb", tmp_path / "my-lessons-kept"
    mine.write_text("my answer")
    (tmp_path / "my-lessons" / "04_text.ipynb").write_text("another answer")
    assert launch.main(["fresh", "03"]) == 0
    [old] = kept.iterdir()
    assert old.read_text() == "my answer" and old.name.startswith("03_gates 20") and mine.read_text() == "new"
    assert str(old.relative_to(tmp_path)) in capsys.readouterr().out
    assert (tmp_path / "my-lessons" / "04_text.ipynb").read_text() == "another answer"
    mine.write_text("my second answer")
    when = datetime.datetime(2030, 1, 2, 3, 4, 5)
    assert launch.put_aside(mine, kept, when).name == "03_gates 2030-01-02 030405.ipynb"
    assert launch.put_aside(mine, kept, when) is None
    mine.write_text("my third answer")
    with pytest.raises(launch.LaunchError, match="is there already"):
        launch.put_aside(mine, kept, when)
    assert mine.read_text() == "my third answer" and len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("arguments", [[], ["3"], ["03", "77"]])
def test_fresh_names_the_lessons(arguments, capsys):
    """A number that no lesson has moves nothing."""
    assert launch.main(["fresh", *arguments]) == 1
    assert "by their numbers, 00, 01" in capsys.readouterr().err


def test_a_copy_without_a_record_is_kept(folders):
    """A notebook that the learner put there by hand stays as well."""
    folders[1].mkdir()
    (folders[1] / "00_a.ipynb").write_text("mine")
    assert launch.copy_lessons(*folders) == (["01_b.ipynb"], [])
    assert (folders[1] / "00_a.ipynb").read_text() == "mine"


def test_a_record_that_cannot_be_read_is_ignored(folders):
    """A damaged .copied announces nothing and loses nothing; a name may hold spaces."""
    (folders[0] / "02 with spaces.ipynb").write_text("c")
    launch.copy_lessons(*folders)
    (folders[0] / "02 with spaces.ipynb").write_text("c, second edition")
    assert launch.copy_lessons(*folders) == ([], ["02 with spaces.ipynb"])
    (folders[1] / ".copied").write_bytes(b"\xff\xfe\n\n00_a.ipynb\n01_b.ipynb abc\na b c d\n")
    assert launch.copy_lessons(*folders) == ([], [])


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


@pytest.mark.parametrize("arguments", [[], ["lob"]])
def test_unknown_command(arguments, root):
    """The usage is one line on stderr, exit status 2."""
    process = subprocess.run(
        [sys.executable, "-m", "utils.launch", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 2
    commands = "lab | install | fresh | progress | test | lessons | bench | pretrained | extras | machines"
    assert process.stderr == f"Usage: python -m utils.launch {commands}\n"


@pytest.mark.parametrize("name, ours", [("launch", {"utils.environment"}), ("environment", set())])
def test_launch_runs_on_an_old_python(root, name, ours):
    """It must start on a Python that is too old, to say so: no newer syntax, and when it starts nothing newer."""
    tree = ast.parse((root / "utils" / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    sources = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    imported |= {f"{node.module}.{alias.name}" for node in sources for alias in node.names}
    assert imported - sys.stdlib_module_names == ours
    assert "tomllib" not in imported  # of Python 3.11


class FakeCommands:
    """Stands for subprocess.run and Popen: keeps the commands, runs none; those with a word in `failing` fail."""

    def __init__(self):
        self.commands, self.failing, self.status, self.said = [], set(), 5, []

    def run(self, command, check=False, **options):
        """Like subprocess.run; `-m venv` leaves the folder that it would."""
        self.commands.append(command)
        if "venv" in command:
            os.makedirs(command[-1], exist_ok=True)
        failed = bool(self.failing & set(command))
        if failed and check:
            raise subprocess.CalledProcessError(1, command)
        return subprocess.CompletedProcess(command, int(failed), stdout="3 12\n")

    def Popen(self, command, cwd, **options):  # noqa: N802
        """Like subprocess.Popen, as far as hand_over and install_packages use it."""
        assert cwd == launch.ROOT
        self.commands.append(command)
        self.stdout = self.said
        self.wait = lambda: int(bool(self.failing & set(command))) if "pip" in command else self.status
        return self

    def with_word(self, word):
        """Return the commands that have this word."""
        return [command for command in self.commands if word in command]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Let launch.ROOT be a small course without an environment, where nothing is really run."""
    for folder, content in (("lessons", "a lesson"), ("solutions", "a solution")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / launch.FIRST_LESSON).write_text(content)
    (tmp_path / "requirements.txt").write_text("numpy")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "corpora.toml").write_text("[imdb]")
    fake = FakeCommands()
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.delenv("UNROLLED_VENV", raising=False)
    monkeypatch.setattr(launch.subprocess, "run", fake.run)
    monkeypatch.setattr(launch.subprocess, "Popen", fake.Popen)
    return fake


def working_environment(fake):
    """Make the folders of an environment in which Python runs; return its folder."""
    folder = launch.environment_folder()
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("")
    return folder


def test_lab_opens_the_learners_first_lesson(course, monkeypatch):
    """The whole of `lab`: lessons (no solutions) copied, settings written, JupyterLab's command line and status."""
    monkeypatch.setattr(launch.os, "geteuid", lambda: 1000, raising=False)
    folder = working_environment(course)
    assert launch.main(["lab", "--no-browser"]) == 5
    assert course.commands[-1] == [
        str(launch.python_of(folder)),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={launch.ROOT}",
        "--LabApp.default_url=/lab/tree/my-lessons/00_start_here.ipynb",
        "--no-browser",
    ]
    assert (launch.ROOT / "my-lessons" / "00_start_here.ipynb").read_text() == "a lesson"
    overrides = folder / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert json.loads(overrides.read_text()) == launch.SETTINGS


def test_install_opens_nothing(course):
    """Environment, lessons and settings as for `lab`, and no JupyterLab: for whoever opens the lessons otherwise."""
    folder = working_environment(course)
    assert launch.main(["install"]) == 0
    assert course.with_word("install") and not course.with_word("jupyterlab")
    assert (launch.ROOT / "my-lessons" / "00_start_here.ipynb").read_text() == "a lesson"
    assert (folder / "share" / "jupyter" / "lab" / "settings" / "overrides.json").exists()


def test_lab_announces_a_newer_lesson(course, capsys):
    """It is said what to do to get it."""
    working_environment(course)
    launch.main(["lab"])
    (launch.ROOT / "lessons" / launch.FIRST_LESSON).write_text("second edition")
    launch.main(["lab"])
    assert "There is a newer 00_start_here.ipynb: python -m utils.launch fresh 00" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command, words",
    [
        ("test", ["-m", "pytest", "-n", "2", "--dist", "loadfile"]),
        ("lessons", ["-m", "utils.authoring"]),
        ("bench", ["-m", "tools.benchmarks"]),
        ("pretrained", ["-m", "utils.pretrained"]),
        ("extras", ["-m", "tools.extras"]),
        ("machines", ["-m", "tools.machines"]),
    ],
)
def test_the_other_commands(course, command, words):
    """`test` is pytest in two processes, the others run a module, with the arguments; the status is passed on."""
    python = launch.python_of(working_environment(course))
    assert launch.main([command, "-x"]) == 5
    assert course.commands[-1] == [str(python), *words, "-x"]


def test_the_environment_is_made_once(course, monkeypatch):
    """With the Python that find_python found; what is installed is requirements.txt, and then the data."""
    monkeypatch.setattr(launch, "find_python", lambda: ["another-python"])
    monkeypatch.setattr(launch, "version_of", lambda *python: None)
    python = launch.prepare()
    folder = launch.ROOT / ".venv"
    assert course.commands == [
        ["another-python", "-m", "venv", str(folder)],
        [
            *(str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"),
            *("-r", f"{launch.ROOT}/requirements.txt"),
        ],
        [str(python), "-m", "utils.corpora", "install"],
    ]


def test_a_failed_installation_is_tried_again(course, capsys):
    """Its last lines are shown; the stamp is written only after pip succeeded, and then nothing is installed again."""
    working_environment(course)
    course.failing, course.said = {"pip"}, ["Collecting numpy\n", "ERROR: no matching distribution\n"]
    with pytest.raises(launch.LaunchError, match="is the network up"):
        launch.prepare()
    assert "ERROR: no matching distribution" in capsys.readouterr().err
    assert not course.with_word("utils.corpora")
    course.failing = set()
    launch.prepare()
    launch.prepare()
    assert len(course.with_word("-r")) == 2 and len(course.with_word("utils.corpora")) == 1


def test_data_that_cannot_be_installed_are_tried_again(course, capsys):
    """The same sentence, exit status 1 and no stamp: the next start tries again."""
    folder = working_environment(course)
    course.failing = {"utils.corpora"}
    assert launch.main(["install"]) == 1
    assert capsys.readouterr().err == f"{launch.INCOMPLETE}\n" and not (folder / "requirements.sha256").exists()
    course.failing = set()
    assert launch.main(["install"]) == 0 and launch.main(["install"]) == 0
    assert len(course.with_word("utils.corpora")) == 2


def test_an_installation_is_quiet_and_alive(course, capsys):
    """Large downloads and the last, long step are told; the hundred small ones are not."""
    working_environment(course)
    course.said = [
        "Collecting tensorflow~=2.20 (from -r requirements.txt (line 4))\n",
        "  Downloading https://example.org/a/tensorflow-2.21.0-cp311-x86_64.whl (644.9 MB)\n",
        "Downloading idna-3.10-py3-none-any.whl (70 kB)\n",
        "Using cached keras-3.15.1-py3-none-any.whl (1.4 MB)\n",
        "Installing collected packages: a, b, c\n",
        "Successfully installed a-1 b-2 c-3\n",
    ]
    launch.prepare()
    shown = capsys.readouterr().out.splitlines()
    assert shown[1:] == ["  tensorflow, 644 MB", "  3 packages are put in place, which takes a minute or two"]


def test_progress_grades_the_learners_own_lessons(course):
    """Which exercises of my-lessons/ are done, as the grader says."""
    python = launch.python_of(working_environment(course))
    assert launch.main(["progress", "--lessons", "01"]) == 5
    grading = [str(python), "-m", "utils.grading", str(launch.ROOT / "my-lessons"), "--lessons", "01"]
    assert course.commands[-1] == grading


@pytest.mark.parametrize("user, allowed", [(0, True), (1000, False)])
def test_root_may_open_the_lab(course, monkeypatch, user, allowed):
    """JupyterLab refuses root, who is the user in many containers; nobody else needs the option."""
    monkeypatch.setattr(launch.os, "geteuid", lambda: user, raising=False)
    working_environment(course)
    launch.main(["lab"])
    assert ("--allow-root" in course.commands[-1]) == allowed


def test_other_requirements_are_installed_again(course):
    """The stamp follows the content of requirements.txt and of the data's manifest, not their dates."""
    folder = working_environment(course)
    changes = [("requirements.txt", "numpy"), ("requirements.txt", "numpy"), ("requirements.txt", "numpy\npandas")]
    changes += [("requirements.txt", "numpy"), ("data/corpora.toml", "[glove]"), ("data/corpora.toml", "[glove]")]
    for (name, content), count in zip(changes, (1, 1, 2, 3, 4, 4), strict=True):
        (launch.ROOT / name).write_text(content)
        launch.prepare()
        assert len(course.with_word("-r")) == len(course.with_word("utils.corpora")) == count
    (folder / "requirements.sha256").write_bytes(b"\xff")
    launch.prepare()
    assert len(course.with_word("-r")) == 5


def test_an_environment_without_pip_is_made_again(course, monkeypatch):
    """An interrupted start, or Debian without python3-venv: the course's own .venv is cleared and made again."""
    folder = working_environment(course)
    course.failing = {"--version"}
    monkeypatch.setattr(launch, "find_python", lambda: ["python3.12"])
    launch.prepare()
    assert course.with_word("venv") == [["python3.12", "-m", "venv", "--clear", str(folder)]]


def test_a_named_environment_without_pip_is_kept(course, monkeypatch):
    """What UNROLLED_VENV names may hold the learner's own packages (uv makes environments without pip)."""
    monkeypatch.setenv("UNROLLED_VENV", str(launch.ROOT / "mine"))
    working_environment(course)
    course.failing = {"--version"}
    with pytest.raises(launch.LaunchError, match="the pip in .*mine does not work"):
        launch.prepare()
    assert course.with_word("venv") == []


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")
def test_an_environment_behind_a_link_is_kept(course, capsys):
    """What .venv links to may be somebody else's environment: it is neither cleared nor given our settings."""
    mine = launch.ROOT / "mine"
    (mine / "share" / "jupyter" / "lab" / "settings").mkdir(parents=True)
    (mine / "share" / "jupyter" / "lab" / "settings" / "overrides.json").write_text("{}")
    (mine / "pyvenv.cfg").write_text("")
    (launch.ROOT / ".venv").symlink_to(mine)
    launch.write_settings(launch.environment_folder())
    assert (mine / "share" / "jupyter" / "lab" / "settings" / "overrides.json").read_text() == "{}"
    course.failing = {"--version"}
    assert launch.main(["lab"]) == 1
    assert "does not work, and an environment that is not the course's own is left as it is" in capsys.readouterr().err
    assert course.with_word("venv") == []


def test_failing_venv_names_the_debian_package(course, capsys):
    """One sentence with the command that helps."""
    course.failing = {"venv", "-c"}
    assert launch.main(["test"]) == 1
    assert capsys.readouterr().err.endswith("Debian and Ubuntu need: sudo apt install python3-venv\n")


def test_a_file_called_venv(course, capsys):
    """One sentence, no traceback, and the file stays."""
    (launch.ROOT / ".venv").write_text("mine")
    course.failing = {"-c"}
    assert launch.main(["lab"]) == 1
    assert ".venv is a file, and the environment needs a folder there" in capsys.readouterr().err
    assert (launch.ROOT / ".venv").read_text() == "mine"


def test_a_folder_that_cannot_be_written(course, capsys, monkeypatch):
    """A read-only course is one sentence as well."""
    working_environment(course)

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied", "my-lessons")

    monkeypatch.setattr(launch, "copy_lessons", refuse)
    assert launch.main(["lab"]) == 1
    assert capsys.readouterr().err == "The course cannot start: [Errno 13] Permission denied: 'my-lessons'.\n"


def test_settings_are_a_comfort_only(course, monkeypatch):
    """Where they cannot be written they are skipped; a learner's own, in another environment, stay."""
    (launch.ROOT / "env" / "share").mkdir(parents=True)
    (launch.ROOT / "env" / "share" / "jupyter").write_text("a file")
    launch.write_settings(launch.ROOT / "env")
    for name, kept in (("mine", True), (".venv", False)):
        overrides = launch.ROOT / name / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
        launch.write_settings(launch.ROOT / name)
        assert json.loads(overrides.read_text()) == launch.SETTINGS
        overrides.write_text("{}")
        launch.write_settings(launch.ROOT / name)
        assert (overrides.read_text() == "{}") is kept


@pytest.mark.parametrize("named, folder", [("~/env", "home/env"), ("env", "env"), ("", ".venv")])
def test_where_the_environment_is(course, monkeypatch, named, folder):
    """UNROLLED_VENV may start with ~; a relative one counts from the course's root."""
    monkeypatch.setenv("HOME", str(launch.ROOT / "home"))
    monkeypatch.setenv("USERPROFILE", str(launch.ROOT / "home"))
    monkeypatch.setenv("UNROLLED_VENV", named)
    assert launch.environment_folder() == launch.ROOT / folder


@pytest.mark.parametrize("system, found", [("posix", ["python3.11"]), ("nt", ["py", "-3.12"])])
def test_another_python_is_found(monkeypatch, system, found):
    """Where this Python is unsuitable: the newest that runs; on Windows, `py` is asked as well."""
    installed = {("python3.11",): (3, 11), ("py", "-3.12"): (3, 12)}
    monkeypatch.setattr(launch.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(launch.shutil, "which", lambda name: None)
    monkeypatch.setattr(launch, "version_of", lambda *python: installed.get(python))
    monkeypatch.setattr(launch.os, "name", system)
    command = launch.find_python()
    monkeypatch.undo()  # pytest itself looks at os.name
    assert command == found


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a process group")
def test_ctrl_c_lets_the_command_end_by_itself(root):
    """The command gets the one Ctrl-C, takes its time, and its status is passed on."""
    child = (
        "import sys, time\ntry: print('up', flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt: time.sleep(0.6); print('tidied'); sys.exit(7)"
    )
    code = (
        "import signal, sys\nfrom utils import launch\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"status = launch.hand_over([sys.executable, '-c', {child!r}])\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\nsys.exit(status)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "up\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=300)[0] == "tidied\n"
    assert process.returncode == 7


def test_make_targets_call_the_readme_commands(root):
    """Makefile and README give the same lines."""
    makefile = (root / "Makefile").read_text()
    readme = (root / "README.md").read_text(encoding="utf-8")
    for command in ("lab", "test"):
        assert f"{command}:\n\t$(PYTHON) -m utils.launch {command}\n" in makefile
        assert f"make {command}" in readme
        assert f"python -m utils.launch {command}" in readme
    assert os.access(root / ".ci" / "run", os.X_OK)


def test_every_command_has_a_module(root):
    """What Makefile and utils.launch start is there."""
    makefile = re.findall(r"\$\(PYTHON\) -m ([\w.]+)", (root / "Makefile").read_text())
    for name in {*makefile, *launch.MODULES.values()}:
        path = root.joinpath(*name.split("."))
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), name
