"""What a learner does in lesson 00, in a real page: run it, answer wrongly, then rightly, save.

Started by tools.browser, with the path of the browser and, perhaps, a folder for screenshots.
"""

import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium.common import WebDriverException

from tools.browser import page
from utils import launch

ROOT = launch.ROOT
LESSON = launch.FIRST_LESSON
PARTS = ("data", "lessons", "utils")  # what `make lab` and a lesson need of the course
# The answer that lesson 00 itself proposes to try, and what its check has to say about it.
WRONG = "return x.mean(axis=0)"
COMPLAINT, DONE = "has shape (4, 3); expected (2, 3)", "done, 1 point"
ANSWER, CHECK = "# exercise:", "with checks.exercise("  # how the two cells of an exercise start


# --- the course, in a temporary folder -------------------------------------------------------------


def copy_course(folder):
    """Copy the course to folder/course, so that nothing is written to this one; return the copy."""
    course = folder / "course"
    for part in PARTS:
        shutil.copytree(ROOT / part, course / part, ignore=shutil.ignore_patterns("__pycache__", "*.part"))
    shutil.copy(ROOT / "requirements.txt", course)
    return course


def private_environment(folder):
    """Return environment variables under which every program keeps its files inside `folder`, and has no settings."""
    ours = ("UNROLLED_", "JUPYTER", "IPYTHON", "XDG_", "PYTHONPATH", "MPLCONFIGDIR", "KERAS_HOME")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = folder / "home"
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Every cell is in the page, also those that one has to scroll to. That is all that differs from a learner's.
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    return environment | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(folder),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "UNROLLED_VENV": sys.prefix,
    }


# --- the server ------------------------------------------------------------------------------------


def free_port():
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def make_lab(course, environment, log):
    """Run `make lab` in a copy of the course, without opening a browser; give the address that it would open."""
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "utils.launch", "lab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    command += ["--allow-root"]  # in a container one is root
    with open(log, "w") as output:
        process = subprocess.Popen(
            command, cwd=course, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"

    def ask(path, method="GET"):
        """Tell whether the server answers."""
        request = urllib.request.Request(address + path, method=method, headers={"Authorization": f"token {token}"})
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(request, timeout=10).status == 200

    def is_up():
        """Tell whether the server is up; fail where it has ended already."""
        assert process.poll() is None, "JupyterLab ended before it was up"
        return ask("/api/status")

    try:
        page.wait("an answer from JupyterLab", is_up)
        yield f"{address}/?token={token}"
    finally:
        ask("/api/shutdown", "POST")  # takes the kernel along
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()


# --- the story -------------------------------------------------------------------------------------


def read(path):
    """Return the cells of a notebook file, each with its source as one text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def place_of(cells, start):
    """Return the index of the first cell that starts with these words."""
    return next(index for index, cell in enumerate(cells) if cell["source"].startswith(start))


def right_answer():
    """Return the answer from solutions/: one line, without its indentation."""
    cells = read(ROOT / "solutions" / LESSON)
    source = cells[place_of(cells, ANSWER)]["source"]
    [line] = re.search("### BEGIN SOLUTION\n(.*)\n *### END SOLUTION", source, re.DOTALL)[1].splitlines()
    return line.strip()


def run_everything(notebook, cells):
    """Run All Cells: each has run, none failed, every figure is drawn, and the exercise is not attempted yet."""
    notebook.run_all()
    assert not notebook.questions(), f"the page asks: {notebook.questions()}"
    assert not notebook.errors(), "\n".join(["a cell stopped", *notebook.errors()])
    codes, numbers = [cell for cell in cells if cell["cell_type"] == "code"], notebook.numbers()
    assert numbers == [str(1 + place) for place in range(len(codes))], f"the cells ran in this order: {numbers}"
    stored = [output for cell in codes for output in cell["outputs"] if "image/png" in output.get("data", {})]
    drawn = notebook.count_figures()
    assert drawn == len(stored) > 0, f"{drawn} figures are drawn; the lesson has {len(stored)}"
    feedback = notebook.output(place_of(cells, CHECK))
    assert "not attempted yet" in feedback, f"the check of an exercise that nobody did says: {feedback}"


def answer(notebook, cells, line):
    """Type an answer, run it, and run its check; return what the check says."""
    place = place_of(cells, ANSWER)
    notebook.replace_last_line(place, line)
    said = notebook.run(place)
    assert not said, f"the answer cell says: {said}"
    return notebook.run(place_of(cells, CHECK))


def is_saved(lesson, line):
    """Tell whether the file holds the answer, and, below its check, the word done."""
    cells = read(lesson)
    outputs = json.dumps(cells[place_of(cells, CHECK)]["outputs"], ensure_ascii=False)
    return line in cells[place_of(cells, ANSWER)]["source"] and DONE in outputs


def study(notebook, lesson, address, tell, look):
    """Do the whole lesson. tell(what) prints how long it took so far, look(name) keeps a picture."""
    cells, right = read(lesson), right_answer()
    notebook.open(address, len(cells))
    tell("lesson open, kernel ready")

    run_everything(notebook, cells)
    tell(f"lesson run to its end ({len(notebook.red_boxes())} red boxes)")
    look("1-not-attempted")

    feedback = answer(notebook, cells, WRONG)
    assert COMPLAINT in feedback, f"the check of a wrong answer says: {feedback}"
    tell("wrong answer explained")
    look("2-wrong-answer")

    feedback = answer(notebook, cells, right)
    assert DONE in feedback, f"the check of the right answer says: {feedback}"
    tell("right answer done")
    look("3-right-answer")

    notebook.save()
    page.wait("the answer in the file on disk", lambda: is_saved(lesson, right), seconds=60)
    tell("answer saved")


def attempt(browser, folder, log, screenshots):
    """Start the server and the browser, with all their files inside `folder`, and study; fail with what went wrong."""
    course, environment = copy_course(folder), private_environment(folder)
    started = time.perf_counter()

    def tell(what):
        """Print what was reached, and when."""
        print(f"{what:48} after {time.perf_counter() - started:4.0f} s", flush=True)

    with make_lab(course, environment, log) as address:
        tell("server up")
        with page.chromium(browser, folder, environment) as driver:
            tell("browser up")

            def look(name):
                """Keep a picture of the page, where that is wanted."""
                if screenshots:
                    os.makedirs(screenshots, exist_ok=True)
                    driver.save_screenshot(os.path.join(screenshots, f"{name}.png"))

            try:
                study(page.Notebook(driver), course / "my-lessons" / LESSON, address, tell, look)
            except (AssertionError, WebDriverException):
                look("failed")
                raise


def main(browser, screenshots=None):
    """Run the test in a temporary folder; return the exit status."""
    # Told to end, we still close the server and the browser; and we talk to this machine without a proxy.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["no_proxy"] = "127.0.0.1,localhost"
    with tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True) as folder:
        log = pathlib.Path(folder, "jupyterlab.log")
        try:
            attempt(browser, pathlib.Path(folder), log, screenshots)
        except (AssertionError, WebDriverException) as error:
            print(f"FAILED: {str(error).partition('Stacktrace:')[0]}", file=sys.stderr)
            last = log.read_text(errors="replace").splitlines()[-10:]
            print("JupyterLab said at the end:", *last, sep="\n    ", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
