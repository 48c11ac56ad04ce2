"""Run the tests that need more than requirements.txt installs: make test-extras, or python -m utils.launch extras

The environment .venv-extras holds what is in tools/extras/requirements.txt and nothing else; for the rest it looks
into the course's own environment, which stays as it is. It is made once, and again when the requirements change.
"""

import hashlib
import pathlib
import subprocess
import sys

from tests import suite
from utils import launch

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
ENVIRONMENT = suite.ROOT / ".venv-extras"
PLACES = "import sysconfig; print(sysconfig.get_path('purelib')); print(sysconfig.get_path('platlib'))"


def places(python):
    """Return the folders with the packages of a Python, without repetition: a list of str."""
    said = subprocess.run([python, "-c", PLACES], check=True, capture_output=True, text=True).stdout
    return list(dict.fromkeys(said.splitlines()))


def wanted(base):
    """Return what the environment depends on, as one checksum: what is asked for, and the environment beneath."""
    parts = [REQUIREMENTS, suite.ROOT / "requirements-nbgrader.txt", suite.ROOT / "requirements.txt"]
    content = b"\n".join([*(path.read_bytes() for path in parts), str(base).encode()])
    return hashlib.sha256(content).hexdigest()


def prepare():
    """Make the environment where it is missing or out of date; return its Python."""
    base = launch.prepare()
    python, stamp = launch.python_of(ENVIRONMENT), ENVIRONMENT / "requirements.sha256"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted(base):
        print("Making an environment with nbgrader, Dask and pyarrow ...", flush=True)
        subprocess.run([base, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        # Python reads the lines of a .pth file as folders to search after its own.
        beneath = pathlib.Path(places(python)[0]) / "beneath.pth"
        beneath.write_text("\n".join(places(base)) + "\n", encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted(base), encoding="utf-8")
    return python


def main(arguments):
    """Run the tests; return the exit status, which is that of a failure where one was skipped."""
    return launch.hand_over([str(prepare()), "-m", "pytest", "--no-skips", *suite.EXTRAS, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
