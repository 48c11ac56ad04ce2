"""The commands of the README. Needs nothing but Python: it makes the environment first.

    python -m utils.launch lab         install what is missing, copy new lessons to my-lessons/, open JupyterLab
    python -m utils.launch install     install what is missing, copy new lessons to my-lessons/, open nothing
    python -m utils.launch fresh 03    put your copy of lesson 03 aside, into my-lessons-kept/, and copy it anew
    python -m utils.launch progress    install what is missing, grade your own lessons: which exercises are done
    python -m utils.launch test        install what is missing, run every notebook and every unit test
    python -m utils.launch lessons     install what is missing, generate lessons/ from solutions/
    python -m utils.launch bench       install what is missing, measure speed: padding, encoding, training, writing
    python -m utils.launch pretrained  install what is missing, train the models of data/pretrained/ again
    python -m utils.launch extras      install what is missing, run the tests that need nbgrader, Dask or pyarrow
    python -m utils.launch machines    install what is missing, run what depends on arithmetic as other machines would

`make lab`, `make test` and so on call these. The environment is the folder .venv in the course's
root; it is made once, and brought up to date whenever requirements.txt or data/corpora.toml changes. UNROLLED_VENV
names another.
"""

from __future__ import annotations

import collections
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

from utils import environment

ROOT = environment.course_root()
OLDEST, NEWEST = (3, 11), (3, 13)  # the Pythons that TensorFlow and the course's tests cover
SUPPORTED = "Python 3.11 to 3.13"
# The whole suite: two processes, because one of them uses little more than one core; each file (so, each notebook)
# goes to one of them as a whole. More than two, and the measurements of speed in tests/ disturb each other.
SUITE = ["-m", "pytest", "-n", "2", "--dist", "loadfile"]
# The other commands run a module each.
MODULES = {
    "lessons": "utils.authoring",
    "bench": "tools.benchmarks",
    "pretrained": "utils.pretrained",
    "extras": "tools.extras",
    "machines": "tools.machines",
}
COMMANDS = ["lab", "install", "fresh", "progress", "test", *MODULES]
FIRST_LESSON = "00_start_here.ipynb"
INCOMPLETE = "Not everything could be installed; is the network up? Start the same command again to go on."
SETTINGS = {
    # Show the lessons in their order, and the folder of the notebook that is open.
    "@jupyterlab/filebrowser-extension:browser": {"navigateToCurrentDirectory": True},
    # Do not ask about news at the first start.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


class LaunchError(Exception):
    """What keeps the course from starting, in one sentence."""


# --- the environment -------------------------------------------------------------------------------


def environment_folder() -> pathlib.Path:
    """Return the folder of the virtual environment: .venv, or what UNROLLED_VENV names."""
    return ROOT / os.path.expanduser(os.environ.get("UNROLLED_VENV") or ".venv")


def is_our_own(folder: pathlib.Path) -> bool:
    """Tell whether an environment is the course's own .venv, which it may make again at will, and no link elsewhere."""
    return folder == ROOT / ".venv" and not folder.is_symlink()


def python_of(folder: pathlib.Path) -> pathlib.Path:
    """Return the path of the Python inside a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ask(*command: str | pathlib.Path) -> str | None:
    """Return what a command prints, or None where it does not run or fails."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def version_of(*python: str | pathlib.Path) -> tuple[int, ...] | None:
    """Return (major, minor) of a Python command, such as "python3.12" or "py", "-3.12"; None where it does not run."""
    words = (ask(*python, "-c", "import sys; print(*sys.version_info[:2])") or "").split()
    return tuple(int(word) for word in words) if words and all(word.isdigit() for word in words) else None


def has_pip(python: str | pathlib.Path) -> bool:
    """Tell whether pip works: not where making the environment was interrupted, or Debian lacks python3-venv."""
    return ask(python, "-m", "pip", "--version") is not None


def suitable(version: tuple[int, ...] | None) -> bool:
    """Tell whether the course runs on this Python version."""
    return version is not None and OLDEST <= version <= NEWEST


def commands_of(minor: int) -> list[list[str]]:
    """Return the commands that may start Python 3.minor: a list of lists of words."""
    commands = [[shutil.which(f"python3.{minor}") or f"python3.{minor}"]]
    if os.name == "nt":
        commands.append(["py", f"-3.{minor}"])  # Windows has no python3.12 on the PATH, but this
    return commands


def find_python() -> list[str]:
    """Return the command (a list) of a Python that the course runs on: this one, else another that is installed."""
    if suitable(sys.version_info[:2]):
        return [sys.executable]
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for command in commands_of(minor):
            if suitable(version_of(*command)):
                return command
    raise LaunchError(
        f"The course runs on {SUPPORTED}; this is {sys.version_info[0]}.{sys.version_info[1]}, and no other was found. "
        "Install one of them and start again with it, for example: python3.12 -m utils.launch lab"
    )


def prepare() -> pathlib.Path:
    """Make the environment if needed, install requirements.txt and the data if these changed; return its Python."""
    folder = environment_folder()
    python = python_of(folder)
    version = version_of(python)
    if version is not None and not suitable(version):
        raise LaunchError(
            f"{folder} holds Python {version[0]}.{version[1]}; the course runs on {SUPPORTED}. "
            "Delete that folder and start again, or set UNROLLED_VENV to another one."
        )
    if version is None or not has_pip(python):
        make_environment(folder)
    stamp = folder / "requirements.sha256"
    wanted = checksum()
    if not stamp.exists() or stamp.read_bytes() != wanted.encode():
        print("Installing what the course needs (the first time takes some minutes) ...", flush=True)
        install_packages(python, ROOT / "requirements.txt")
        # Data whose packages would bring along too much, or are not there for every system: with --no-deps.
        run([str(python), "-m", "utils.corpora", "install"], INCOMPLETE)
        stamp.write_text(wanted)
    return python


def checksum() -> str:
    """Return the SHA-256 of what says which packages the course needs: of requirements.txt and data/corpora.toml."""
    content = b"\n".join((ROOT / name).read_bytes() for name in ("requirements.txt", "data/corpora.toml"))
    return hashlib.sha256(content).hexdigest()


def install_packages(python: pathlib.Path, requirements: pathlib.Path) -> None:
    """Let pip install what a file asks for; of its hundreds of lines, show what is large and what takes long.

    Raises LaunchError where pip fails, after the end of what it said.
    """
    options = ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(requirements)]
    command = [str(python), "-m", "pip", "install", *options]
    said = collections.deque(maxlen=20)
    pip = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    for line in pip.stdout:
        said.append(line)
        if news := worth_saying(line):
            print(f"  {news}", flush=True)
    if pip.wait():
        print(*said, sep="", file=sys.stderr)
        raise LaunchError(INCOMPLETE)


def worth_saying(line: str) -> str:
    """Return what a learner wants to know of a line of pip: a large download, the last step; else ""."""
    if download := re.search(r"(?:Downloading|Using cached) (\S+?)-\d\S* \((\d+)(?:\.\d+)? MB\)", line):
        name, size = download[1].rpartition("/")[2], int(download[2])
        return f"{name}, {size} MB" if size >= 10 else ""
    if line.startswith("Installing collected packages:"):
        return f"{line.count(',') + 1} packages are put in place, which takes a minute or two"
    return ""


def make_environment(folder: pathlib.Path) -> None:
    """Make the virtual environment; replace one that does not work only where it is the course's own."""
    broken = (folder / "pyvenv.cfg").exists()
    if folder.exists() and not folder.is_dir():
        raise LaunchError(f"{folder} is a file, and the environment needs a folder there: rename or delete the file.")
    if not broken and folder.exists() and any(folder.iterdir()):
        raise LaunchError(f"{folder} is not a virtual environment, and is not empty; it is left as it is.")
    if broken and not is_our_own(folder):
        raise LaunchError(
            f"The Python or the pip in {folder} does not work, and an environment that is not the course's own is left "
            "as it is. Delete that folder and start again, or set UNROLLED_VENV to another one."
        )
    base = find_python()
    print(f"Making the environment {folder.name} ...", flush=True)
    run(
        [*base, "-m", "venv", *(["--clear"] if broken else []), str(folder)],
        f"The virtual environment could not be made: {folder.parent} must be writable, "
        "and Debian and Ubuntu need: sudo apt install python3-venv",
    )


def run(command: list[str], complaint: str) -> None:
    """Run a command in the course's root. Raises LaunchError with `complaint` when it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise LaunchError(complaint)


def hand_over(command: list[str]) -> int:
    """Run a command in the course's root until it ends by itself; return its exit status.

    Ctrl-C reaches the command as well, which asks or tidies up; subprocess.run would kill it after 0.25 s.
    """
    # A handler that does nothing, not SIG_IGN: the command would inherit that one.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.Popen(command, cwd=ROOT).wait()
    finally:
        signal.signal(signal.SIGINT, before)


# --- the learner's copy ------------------------------------------------------------------------------


def read_record(path: pathlib.Path) -> dict[str, str]:
    """Return name -> SHA-256 from a file with one pair in each line; lines that hold none are ignored."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.rpartition(" ") for line in lines)  # from the right: a name may hold spaces
    return {name: digest for name, _, digest in pairs if name and len(digest) == 64}


def copy_lessons(source: pathlib.Path, target: pathlib.Path) -> tuple[list[str], list[str]]:
    """Copy the lessons that are not in `target` yet; never touch one that is there.

    A lesson that the learner has is theirs, whatever came out since: beside it, a newer version is
    not written either. Returns (names copied, names where the course has changed since the copy).
    """
    target.mkdir(exist_ok=True)
    record = target / ".copied"  # name and SHA-256 of what was copied, one line each
    known = read_record(record)
    copied, changed = [], []
    for lesson in sorted(source.glob("*.ipynb")):
        content = lesson.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        mine = target / lesson.name
        if not mine.exists():
            part = mine.with_suffix(".part")
            part.write_bytes(content)
            os.replace(part, mine)
            known[lesson.name] = digest
            copied.append(lesson.name)
        elif known.get(lesson.name, digest) != digest:
            changed.append(lesson.name)
    record.write_text("".join(f"{name} {digest}\n" for name, digest in sorted(known.items())), encoding="utf-8")
    return copied, changed


def install() -> pathlib.Path:
    """Make the environment and the learner's copies; return the environment's Python."""
    python = prepare()
    copied, changed = copy_lessons(ROOT / "lessons", ROOT / "my-lessons")
    print(f"my-lessons/ holds your copy of the lessons ({len(copied)} new).")
    for name in changed:
        print(f"There is a newer {name}: python -m utils.launch fresh {name[:2]} gets it, and keeps yours.")
    write_settings(environment_folder())
    return python


def put_aside(mine: pathlib.Path, kept: pathlib.Path, when: datetime.datetime) -> pathlib.Path | None:
    """Move the learner's copy of a lesson into the folder `kept`; return where it is now, None if there was none.

    Not inside my-lessons/, where `progress` would grade it too. The name says when, and none that is there is replaced.
    """
    if not mine.exists():
        return None
    kept.mkdir(exist_ok=True)
    target = kept / f"{mine.stem} {when:%Y-%m-%d %H%M%S}.ipynb"
    if target.exists():
        raise LaunchError(f"{target} is there already; start again in a second.")
    return pathlib.Path(shutil.move(mine, target))


def fresh(arguments: list[str]) -> int:
    """Give the learner new copies of the lessons that are named by their numbers; the old ones are kept."""
    names = {path.name[:2]: path.name for path in sorted((ROOT / "lessons").glob("*.ipynb"))}
    unknown = [number for number in arguments if number not in names]
    if unknown or not arguments:
        raise LaunchError(f"Name lessons by their numbers, {', '.join(names)}: python -m utils.launch fresh 03")
    for number in arguments:
        name = names[number]
        if kept := put_aside(ROOT / "my-lessons" / name, ROOT / "my-lessons-kept", datetime.datetime.now()):
            print(f"Yours is now {kept.relative_to(ROOT)}.")
    copied, _ = copy_lessons(ROOT / "lessons", ROOT / "my-lessons")
    print(f"my-lessons/ has new copies of {', '.join(copied)}.")
    return 0


def lab(arguments: list[str]) -> int:
    """Open JupyterLab on the learner's copy of the first lesson."""
    python = install()
    # The root is said, because a learner's own Jupyter configuration may name another.
    options = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/my-lessons/{FIRST_LESSON}"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        options.append("--allow-root")  # in containers people are root, and Jupyter would refuse to start
    return hand_over([str(python), "-m", "jupyterlab", *options, *arguments])


def progress(arguments: list[str]) -> int:
    """Print which exercises of the learner's own lessons are done: what the grader says of them."""
    python = install()
    return hand_over([str(python), "-m", "utils.grading", str(ROOT / "my-lessons"), *arguments])


def write_settings(folder: pathlib.Path) -> None:
    """Give JupyterLab the defaults in SETTINGS; in an environment that is not ours, keep those that are there."""
    overrides = folder / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    try:
        if is_our_own(folder) or not overrides.exists():
            overrides.parent.mkdir(parents=True, exist_ok=True)
            overrides.write_text(json.dumps(SETTINGS, indent=2))
    except OSError:
        pass  # a comfort only: the lessons run without


def test(arguments: list[str]) -> int:
    """Run the whole of pytest: unit tests, and every notebook through nbval."""
    return hand_over([str(prepare()), *SUITE, *arguments])


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        print(f"Usage: python -m utils.launch {' | '.join(COMMANDS)}", file=sys.stderr)
        return 2
    command, *arguments = arguments
    try:
        if command in MODULES:
            return hand_over([str(prepare()), "-m", MODULES[command], *arguments])
        if command == "install":
            install()
            return 0
        return {"lab": lab, "fresh": fresh, "progress": progress, "test": test}[command](arguments)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # a folder that cannot be written, most often
        print(f"The course cannot start: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
