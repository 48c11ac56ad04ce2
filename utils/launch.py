"""The two commands of the README. Needs nothing but Python: it makes the environment first.

    python -m utils.launch lab     install what is missing, copy new lessons to my-lessons/, open JupyterLab
    python -m utils.launch test    install what is missing, run every notebook and every unit test
    python -m utils.launch lessons install what is missing, generate lessons/ from solutions/

`make lab`, `make test` and `make lessons` call these. The environment is the folder .venv in the course's
root; it is made once, and brought up to date whenever requirements.txt changes. UNROLLED_VENV names another.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)  # the Pythons that TensorFlow and the course's tests cover
SUPPORTED = "Python 3.11 to 3.13"
FIRST_LESSON = "00_start_here.ipynb"
SETTINGS = {
    # Show the lessons in their order, and the folder of the notebook that is open.
    "@jupyterlab/filebrowser-extension:browser": {"navigateToCurrentDirectory": True},
    # Do not ask about news at the first start.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


class LaunchError(Exception):
    """What keeps the course from starting, in one sentence."""


# --- the environment -------------------------------------------------------------------------------


def environment_folder():
    """Return the folder of the virtual environment: .venv, or what UNROLLED_VENV names."""
    return pathlib.Path(os.environ.get("UNROLLED_VENV") or ROOT / ".venv")


def python_of(folder):
    """Return the path of the Python inside a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(python):
    """Return (major, minor) of a Python command, or None where it does not run."""
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        return tuple(int(part) for part in answer.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def suitable(version):
    """Tell whether the course runs on this Python version."""
    return version is not None and OLDEST <= version <= NEWEST


def find_python():
    """Return a Python that the course runs on: this one, else another on the PATH."""
    if suitable(sys.version_info[:2]):
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and suitable(version_of(found)):
            return found
    raise LaunchError(
        f"The course runs on {SUPPORTED}; this is {sys.version_info[0]}.{sys.version_info[1]}, and no other was found. "
        "Install one of them and start again with it, for example: python3.12 -m utils.launch lab"
    )


def prepare():
    """Make the environment if needed, install requirements.txt if it changed; return its Python."""
    folder = environment_folder()
    python = python_of(folder)
    version = version_of(python)
    if version is not None and not suitable(version):
        raise LaunchError(
            f"{folder} holds Python {version[0]}.{version[1]}; the course runs on {SUPPORTED}. "
            "Delete that folder and start again, or set UNROLLED_VENV to another one."
        )
    if version is None:
        if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
            raise LaunchError(f"{folder} is not a virtual environment, and is not empty; it is left as it is.")
        base = find_python()
        print(f"Making the environment {folder.name} ...", flush=True)
        run([base, "-m", "venv", "--clear", str(folder)], "The virtual environment could not be made.")
    requirements = ROOT / "requirements.txt"
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing what the course needs (the first time takes some minutes) ...", flush=True)
        run(
            [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(requirements)],
            "Not everything could be installed; is the network up? Start the same command again to go on.",
        )
        stamp.write_text(wanted)
    return python


def run(command, complaint):
    """Run a command in the course's root. Raises LaunchError with `complaint` when it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise LaunchError(complaint)


# --- the learner's copy ------------------------------------------------------------------------------


def copy_lessons(source, target):
    """Copy the lessons that are not in `target` yet; never touch one that is there.

    A lesson that the learner has is theirs, whatever came out since: beside it, a newer version is
    not written either. Returns (names copied, names where the course has changed since the copy).
    """
    target.mkdir(exist_ok=True)
    record = target / ".copied"  # name and SHA-256 of what was copied, one line each
    known = dict(line.split() for line in record.read_text().splitlines()) if record.exists() else {}
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
    record.write_text("".join(f"{name} {digest}\n" for name, digest in sorted(known.items())))
    return copied, changed


def lab(arguments):
    """Open JupyterLab on the learner's copy of the first lesson."""
    python = prepare()
    copied, changed = copy_lessons(ROOT / "lessons", ROOT / "my-lessons")
    print(f"my-lessons/ holds your copy of the lessons ({len(copied)} new).")
    for name in changed:
        print(f"There is a newer {name}: rename or delete yours, and start again, to get it.")
    write_settings(environment_folder())
    return subprocess.run(
        [str(python), "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/my-lessons/{FIRST_LESSON}", *arguments],
        cwd=ROOT,
        check=False,
    ).returncode


def write_settings(folder):
    """Give JupyterLab, in the course's environment only, the defaults in SETTINGS."""
    import json

    settings = folder / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(SETTINGS, indent=2))


def test(arguments):
    """Run the whole of pytest: unit tests, and every notebook through nbval."""
    return subprocess.run([str(prepare()), "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def lessons(arguments):
    """Generate lessons/ from solutions/ (see utils.authoring)."""
    return subprocess.run([str(prepare()), "-m", "utils.authoring", *arguments], cwd=ROOT, check=False).returncode


def main(arguments):
    """Run the command line; return the exit status."""
    commands = {"lab": lab, "test": test, "lessons": lessons}
    if not arguments or arguments[0] not in commands:
        print(f"Usage: python -m utils.launch {' | '.join(commands)}", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
