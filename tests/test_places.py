"""Where the course lies, and who starts it, makes no difference: to grading, to `make lab`, to a Setup cell."""

import csv
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import venv

import grading_class as made
import pytest
from conftest import ROOT

from utils import cells, launch
from utils.grading import processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces")
USERS = ["root", "nobody"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["myself"]
STRANGE = "a course, à moi"
# What a child may not inherit, for each of these is a place of its own below.
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("LC_", "PYTHON", "UNROLLED_")) and name not in ("LANG", "TMPDIR")
}


def possible():
    """Tell whether this system lets a process have namespaces and mount something, by asking it alone."""
    code = (
        "from utils.grading import sandbox\n"
        "sandbox._call('unshare', sandbox.NEWUSER | sandbox.NEWNS | sandbox.NEWPID | sandbox.NEWNET)\n"
        "sandbox._mount('tmpfs', '/sys', 'tmpfs')"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


whole = pytest.mark.skipif(sys.platform != "linux" or not possible(), reason="this system gives no namespaces")


@pytest.fixture(scope="module")
def base():
    """Return an empty folder below /tmp that everybody can reach, with an environment in it."""
    folder = pathlib.Path(tempfile.mkdtemp(dir="/tmp" if os.name == "posix" else None, prefix="unrolled-places-"))
    folder.chmod(0o755)
    venv.create(folder / "environment", symlinks=os.name == "posix")
    # Its packages are those of the environment that runs this test.
    inside = pathlib.Path(sysconfig.get_path("purelib", vars={"base": str(folder / "environment")}))
    inside.rmdir()
    inside.symlink_to(sysconfig.get_path("purelib"))
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere").chmod(0o777)
    yield folder
    for one in folder.glob("locked/**/"):
        one.chmod(0o755)
    shutil.rmtree(folder)


def settle(base, path):
    """Put a small copy of the course, with lesson 00 alone, at a path below base; return the path."""
    course = base / path
    course.mkdir(parents=True)
    shutil.copytree(ROOT / "utils", course / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", course / "data", ignore=shutil.ignore_patterns("pretrained", "pictures"))
    shutil.copy(ROOT / "requirements.txt", course)
    for folder in ("solutions", "lessons"):
        (course / folder).mkdir()
        shutil.copy(ROOT / folder / launch.FIRST_LESSON, course / folder)
    (course / ".venv").symlink_to(base / "environment")
    (course / "data" / "in").mkdir()
    (course / "data" / "in" / "neighbour.py").write_text("an answer")
    return course


def python_in(course):
    """Return the Python of a course's environment, by the name that the course's own path gives it."""
    return launch.python_of(course / ".venv")


def start(course, user, *words, reachable=False, **variables):
    """Run the course's Python in the course's folder as a user; return the process. A variable of None is unset.

    reachable: let everybody pass the folders on the way, also for root: without a sandbox nothing else does so.
    """
    kept = {name: value for name, value in (PLAIN | variables).items() if value is not None}
    command = [python_in(course), *words]
    if user == "nobody" or reachable:
        command = made.passable(command, user=user, places=[course, course.resolve()])
    return subprocess.run(command, cwd=course, env=kept, capture_output=True, text=True, timeout=600)


# --- the sandbox, which needs no TensorFlow: every place with every user ----------------------------------------

# Enters the sandbox and runs an answer there that tells what it can reach.
LOOK = """
import json, os, pathlib, socket, sys
from utils import environment
from utils.grading import sandbox

course = environment.course_root()
port = int(sys.argv[1])


def attempt(action):
    try:
        action()
        return "done"
    except OSError as error:
        return os.strerror(error.errno)


def answer(wire):
    import tempfile, tomllib  # modules that nothing has loaded yet
    import tqdm

    with tempfile.NamedTemporaryFile() as file:
        own = os.path.dirname(file.name) == os.getcwd()
    wire.sendall(json.dumps({
        "user": os.getuid(),
        "course": sorted(set(os.listdir(course)) - {".venv"}),
        "neighbours": os.listdir(course / "data" / "in"),
        "manifest": tomllib.loads((course / "data" / "corpora.toml").read_text("utf-8")) != {},
        "own folder": [own, os.listdir(".")],
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
        "writes": [attempt(lambda: open(place / "x", "w")) for place in (course / "utils", course / "data")],
        "network": attempt(lambda: socket.create_connection(("127.0.0.1", port), timeout=60)),
    }).encode())


place = sandbox.enter(sandbox.visible_paths(course), [course / "data" / "in"], sandbox.needed_files(course))
sandbox.rehearse(place, sandbox.REHEARSAL)
wire, far_wire = socket.socketpair()
leash, far_leash = socket.socketpair()
if os.fork() == 0:
    wire.close()
    leash.close()
    sandbox.supervise(place, far_wire, far_leash, sandbox.REHEARSAL, answer)
far_wire.close()
with wire.makefile("rb") as reader:
    print(json.dumps([place.missing, json.loads(reader.read() or b"null")]))
"""

# Name -> the course's path, the link that leads to it, and the environment's variables.
PLACES = {
    "below the temporary folder": ("plain", None, {}),
    "odd letters": (STRANGE, None, {}),
    "behind a link": ("far/away", "near", {}),
    "without HOME": ("homeless", None, {"HOME": None}),
    "in C's language": (STRANGE + " C", None, {"LANG": "C", "LC_ALL": "C"}),
    "with files elsewhere": ("plain too", None, {"TMPDIR": "elsewhere"}),
    "read-only": ("locked", None, {}),
    "in a closed folder": ("closed/inside", None, {}),
    "with data behind links": ("linked", None, {}),
    "with modules behind links": ("customized", None, {"PYTHONPATH": "modules"}),
}


def make_place(base, name):
    """Return (the course at this place, by the path that leads there, and the environment's variables)."""
    path, link, variables = PLACES[name]
    course = settle(base, path)
    if link is not None:
        (base / link).symlink_to(course)
        course = base / link
    if name == "read-only":
        for one in (course, *course.rglob("*")):
            one.is_symlink() or one.chmod(0o555 if one.is_dir() else 0o444)
    if name == "with data behind links":
        (course / "data").rename(base / "large disk")
        (base / "disk").symlink_to(base / "large disk")
        (course / "data").symlink_to("../disk")
    if name == "with modules behind links":  # as Debian's Python, whose sitecustomize.py lies in /etc
        (base / "modules").mkdir()
        (base / "etc" / "package").mkdir(parents=True)
        (base / "etc" / "package" / "__init__.py").touch()
        (base / "etc" / "customize.py").write_text("import package\n")
        (base / "modules" / "sitecustomize.py").symlink_to(base / "etc" / "customize.py")
        (base / "modules" / "package").symlink_to(base / "etc" / "package")
    if name == "in a closed folder":
        course.parent.chmod(0o700)
    folders = ("TMPDIR", "PYTHONPATH")
    return course, {key: str(base / value) if key in folders else value for key, value in variables.items()}


@pytest.fixture(scope="module")
def places(base):
    """Return name -> (course, variables) for all places."""
    return {name: make_place(base, name) for name in PLACES}


@whole
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", PLACES)
def test_isolation_is_whole(name, user, places):
    """An answer sees the helpers, the data and its own empty folder, and nothing else; it never runs as root."""
    course, variables = places[name]
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = start(course, user, "-c", LOOK, str(server.getsockname()[1]), **variables)
    assert done.returncode == 0, done.stderr
    missing, seen = json.loads(done.stdout)
    assert missing == {}
    assert seen.pop("user") == (os.geteuid() if user == "myself" else 65534)
    assert seen == {
        "course": ["data", "utils"],
        "neighbours": [],
        "manifest": True,
        "own folder": [True, []],
        "processes": ["1"],
        "writes": ["Read-only file system"] * 2,
        "network": "Network is unreachable",
    }


# --- what does not hold is said, with the reason ---------------------------------------------------------------------


@linux
def test_nothing_is_isolated(places):
    """Without namespaces, each part that is missing comes with its reason, and root still becomes nobody."""
    course, _ = places["odd letters"]
    done = start(course, USERS[0], "-c", LOOK, "1", reachable=True, UNROLLED_GRADING_BARE="1")
    assert done.returncode == 0, done.stderr
    missing, seen = json.loads(done.stdout)
    assert missing.keys() == {"network", "files", "processes", "neighbours"}
    assert all("UNROLLED_GRADING_BARE is set" in why for why in missing.values())
    assert seen["user"] == (65534 if USERS[0] == "root" else os.geteuid())


HALF = """
import errno, json, os, sys
from utils.grading import sandbox

mount, broken = sandbox._mount, sys.argv[1]


def refuse(source, target, *rest):
    if target == broken:
        raise OSError(errno.EACCES, "mount: Permission denied")
    mount(source, target, *rest)


sandbox._mount = refuse
place = sandbox.enter(sandbox.visible_paths(os.getcwd()), [])
sandbox.rehearse(place, sandbox.REHEARSAL)
print(json.dumps([place.missing, os.getuid(), "usr" in os.listdir("/sys")]))
"""


@whole
@pytest.mark.parametrize("user", USERS)
def test_half_a_root_is_taken_back(user, places):
    """Where the new root cannot be finished, the old one is whole, files and processes are named; root is nobody."""
    course, _ = places["odd letters"]
    done = start(course, user, "-c", HALF, "/sys/dev/zero", reachable=True)
    assert done.returncode == 0, done.stderr
    missing, uid, is_left = json.loads(done.stdout)
    assert missing == dict.fromkeys(("files", "processes"), "mount: Permission denied")
    assert uid == (os.geteuid() if user == "myself" else 65534) and not is_left


@whole
@pytest.mark.parametrize("user", USERS)
def test_no_namespaces_for_each_answer(user, places):
    """Where an answer gets no /tmp of its own, it runs all the same, and it is said that it is not alone."""
    course, _ = places["odd letters"]
    done = start(course, user, "-c", HALF, "/tmp")
    assert done.returncode == 0, done.stderr
    missing, _, _ = json.loads(done.stdout)
    assert missing == {
        "neighbours": "they have no namespaces of their own: Permission denied",
        "processes": "others are in sight from an answer's process",
    }


@linux
@pytest.mark.skipif(USERS[0] != "root", reason="only root becomes another user")
def test_what_nobody_can_read(places, base):
    """A file that answers need and cannot read is named before anything is graded; root does not stay root."""
    secret = base / "secret.py"
    secret.write_text("")
    secret.chmod(0o600)
    code = (
        "import os\nfrom utils.grading import sandbox\n"
        f"sandbox.enter(sandbox.visible_paths(os.getcwd()), [], [{str(secret)!r}])"
    )
    for variables in ({}, {"UNROLLED_GRADING_BARE": "1"}):
        done = start(places["odd letters"][0], "root", "-c", code, reachable=True, **variables)
        assert f"answers run as the user nobody, because you are root, and {secret} cannot be read" in done.stderr


def test_a_user_without_a_home(monkeypatch):
    """Where "~" means nothing, libraries get the folder of temporary files, not one called "~" in the course."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert processes.home() == tempfile.gettempdir()
    monkeypatch.undo()
    assert processes.home() == os.path.expanduser("~")


# --- grading, make lab and a notebook, in all places at once --------------------------------------------------------


@pytest.fixture(scope="module")
def oddest(base):
    """Return (course, variables): odd letters, behind a link, without HOME, in C's language, with files elsewhere."""
    course = settle(base, STRANGE + "/far")
    course.chmod(0o777)  # an ordinary user works in a course of their own
    (base / "Ö ö").symlink_to(course)
    return base / "Ö ö", {"HOME": None, "LANG": "C", "LC_ALL": "C", "TMPDIR": str(base / "elsewhere")}


@whole
@pytest.mark.parametrize("user", USERS[-1:])
def test_grading(user, oddest, base):
    """A right answer and a spy get what they deserve, nothing is said to be missing, and nothing is left running."""
    before = made.running()
    course, variables = oddest
    folder = base / f"handed in, {user}"
    spy = made.SPIES["by_path"].replace(str(ROOT), str(course.resolve()))
    made.write(folder, "right", made.solved("00"), lesson="00")
    made.write(folder, "spy", made.solved("00", e0_1=made.function("0.1", spy)), lesson="00")
    table = base / "elsewhere" / f"{user}.csv"
    done = start(course, user, "-m", "utils.grading", str(folder), "--csv", str(table), **variables)
    assert (done.returncode, done.stderr) == (0, "2 students, 2 notebooks to grade.\n")
    assert made.wait_until(lambda: made.running() <= before)
    with open(table, encoding="utf-8", newline="") as file:
        assert {row["student"]: row["status"] for row in csv.DictReader(file)} == {"right": "ok", "spy": "wrong"}


LAB = """
import json, sys
from utils import launch

launch.hand_over = lambda command: print(json.dumps(command))
sys.exit(launch.main(["lab", "--no-browser"]))
"""


@pytest.mark.parametrize("user", USERS)
def test_lab(user, oddest):
    """All that `make lab` does before the server starts: nothing is installed again, the lessons are copied."""
    course, variables = oddest
    stamp = (course / ".venv").resolve() / "requirements.sha256"
    stamp.write_text(launch.checksum())  # a copy's is the same
    shutil.rmtree(course / "my-lessons", ignore_errors=True)
    done = start(course, user, "-c", LAB, **variables)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    said, command = done.stdout.splitlines()
    assert said == "my-lessons/ holds your copy of the lessons (1 new)."
    place = course.resolve()
    assert json.loads(command) == [
        str(launch.python_of(place / ".venv")),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={place}",
        f"--LabApp.default_url=/lab/tree/my-lessons/{launch.FIRST_LESSON}",
        *(["--allow-root"] if user == "root" else []),
        "--no-browser",
    ]
    copy = course / "my-lessons" / launch.FIRST_LESSON
    assert copy.read_bytes() == (ROOT / "lessons" / launch.FIRST_LESSON).read_bytes()


@pytest.mark.parametrize("user", [user for user in USERS if user != "root"])
def test_lab_in_a_course_that_cannot_be_written(user, places):
    """One sentence says which folder cannot be made."""
    course, _ = places["read-only"]
    stamp = (course / ".venv").resolve() / "requirements.sha256"
    stamp.write_text(launch.checksum())  # a copy's is the same
    done = start(course, user, "-c", LAB)
    assert done.returncode == 1
    assert done.stderr == f"The course cannot start: [Errno 13] Permission denied: '{course}/my-lessons'.\n"


@pytest.mark.parametrize("user", USERS[-1:])
def test_a_setup_cell(user, oddest):
    """A notebook finds the course that it lies in, and starts."""
    course, variables = oddest
    notebook = made.read("lessons", "00")
    [setup] = [
        made.source_of(cell) for cell in notebook["cells"] if made.source_of(cell).startswith(cells.SETUP_FIRST_LINE)
    ]
    code = "import os\nos.chdir('lessons')\n" + setup + "\nprint(utils.__file__)"
    done = start(course, user, "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    said, place = done.stdout.splitlines()
    assert said.startswith("Unrolled is ready") and pathlib.Path(place).parent == course.resolve() / "utils"
