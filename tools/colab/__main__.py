"""Open each lesson as Colab does: python -m tools.colab [NN ...]   (or: make test-colab)

A virtual environment with Colab's versions; ONE notebook, copied into an empty folder; UNROLLED_REPO pointing
to a clone of this course; the notebook is run to its end. Data packages are not in the environment: the Setup
cell has to fetch them, and must touch nothing else. What is committed is tested.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from utils import corpora, environment

ROOT = environment.course_root()
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
ENVIRONMENT = ROOT / ".venv-colab"
DATA_PACKAGES = tuple(dict.fromkeys(entry["package"] for entry in corpora.manifest().values()))
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            print(output["text"])
"""


def prepare():
    """Make the environment if it is missing or its requirements changed; return its Python."""
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = ENVIRONMENT / "requirements.sha256"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == wanted):
        print("Making an environment with Colab's versions ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python


def versions(python):
    """Return what is installed, without the data packages: a set of lines."""
    said = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
    return {line for line in said.splitlines() if not line.startswith(DATA_PACKAGES)}


def run(python, lesson):
    """Run one lesson alone in an empty folder; return (seconds, lines on stderr, "" or what went wrong)."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(lesson, folder)
        settings = {**os.environ, "UNROLLED_REPO": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        for name in ("PYTHONPATH", "UNROLLED_PROFILE", "UNROLLED_GRADING"):
            settings.pop(name, None)
        command = [python, "-c", RUN, copy]
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)
    return time.perf_counter() - started, len(done.stdout.splitlines()), done.stderr if done.returncode else ""


def main(numbers):
    """Run the lessons with these numbers, all by default; return the exit status."""
    python = prepare()
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", *DATA_PACKAGES], check=True)
    before, failed = versions(python), []
    for lesson in sorted((ROOT / "lessons").glob("*.ipynb")):
        if numbers and lesson.name[:2] not in numbers:
            continue
        seconds, lines, error = run(python, lesson)
        remark = f"  ({lines} lines on stderr)" if lines else ""  # TensorFlow 2.20 writes some of its own
        print(f"{lesson.stem:24} {'FAILED' if error else 'passed'} {seconds:4.0f} s{remark}", flush=True)
        if error:
            failed.append(lesson.stem)
            print(error[-3000:], file=sys.stderr)
    if changed := before ^ versions(python):
        failed.append("the environment")
        print(f"Setup changed what was installed: {', '.join(sorted(changed))}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
