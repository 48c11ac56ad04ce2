"""How long 100 submissions of lesson 01 take, and how long nbgrader takes for some of the same.

    python -m tools.benchmarks.grading [--count 100] [--jobs 2] [--nbgrader 10]

nbgrader runs if it is installed (requirements-nbgrader.txt), on fewer submissions: its time for one does not
depend on their number.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from utils import environment

ROOT = environment.course_root()
sys.path.insert(0, str(ROOT / "tests"))

import grading_class as made  # noqa: E402

WRONG = {
    "e1_1": made.solution("1.1").replace("+ b)", ")"),
    "e1_2": made.solution("1.2").replace("axis=1", "axis=0"),
    "e1_3": made.solution("1.3").replace("D * H + H * H + H", "D * H + H"),
    "e1_4": None,
    "e1_5": made.solution("1.5").replace("(2 * epsilon)", "epsilon"),
}


def write_class(folder, count):
    """Write submissions of lesson 01: each exercise is wrong, or not attempted, in one of five."""
    for index in range(count):
        changes = {key: answer for place, (key, answer) in enumerate(WRONG.items()) if (index + place) % 5 == 0}
        made.write(folder, f"student{index:03}", made.solved("01", **changes))


def time_ours(folder, table, jobs):
    """Return the seconds that our grader takes, with its start."""
    command = [sys.executable, "-m", "utils.grading", folder, "--csv", table, "--jobs", str(jobs)]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def time_nbgrader(folder, work, count):
    """Return the seconds that nbgrader takes for `count` of the submissions, or None where it is not installed."""
    try:
        import nbgrader  # noqa: F401
    except ImportError:
        return None
    shutil.copytree(ROOT / "utils", work / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    course = work / "course"
    (course / "source" / "lesson01").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "unrolled"\n')
    shutil.copy(made.FILES["01"], course / "source" / "lesson01")
    for student in sorted(folder.iterdir())[:count]:
        (course / "submitted" / student.name).mkdir(parents=True)
        shutil.copytree(student, course / "submitted" / student.name / "lesson01")
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    run = lambda *words: subprocess.run(  # noqa: E731
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course,
        check=True,
        capture_output=True,
        env=os.environ | {"PATH": path},
    )
    run("generate_assignment", "lesson01", "--create")
    began = time.perf_counter()
    run("autograde", "lesson01", "--create")
    return time.perf_counter() - began


def main(arguments=()):
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--nbgrader", type=int, default=10, metavar="N", help="submissions for nbgrader (0: none)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        write_class(work / "in", options.count)
        cores = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else ""
        ours = time_ours(work / "in", work / "grades.csv", options.jobs)
        print(f"utils.grading: {options.count} submissions in {ours:.1f} s, {ours / options.count:.2f} s each; {cores}")
        theirs = time_nbgrader(work / "in", work, options.nbgrader) if options.nbgrader else None
        if theirs is None:
            print("nbgrader: not run")
        else:
            each = theirs / options.nbgrader
            print(f"nbgrader: {options.nbgrader} submissions in {theirs:.1f} s, {each:.2f} s each")
            print(f"ratio: {each / (ours / options.count):.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
