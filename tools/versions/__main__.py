"""Run the whole suite with each Python and TensorFlow: python -m tools.versions [--write] [3.12-2.20 ...]

(or: make test-versions NAMES=3.12-2.20)  Each pair gets an environment of its own, .venv-3.12-2.20 for instance,
which stays for the next time. A Python that this machine lacks is left out. With --write, as make test-versions does
it, the results go into TESTING.md's table, and the exact versions of all packages into constraints/, a file for each
pair. What stands there of pairs that did not run, or did not pass, stays as it is.
"""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

from utils import environment, files, launch

ROOT = environment.course_root()
KERAS = {"2.20": "3.13", "2.21": "3.15"}
PAIRS = [(python, tensorflow) for python in ("3.11", "3.12", "3.13") for tensorflow in KERAS]
HEAD = ["| Python | TensorFlow | Keras | tests | minutes | measured |", "|---|---|---|---|---|---|"]
TABLE = re.compile(r"(<!-- versions: .*? -->\n)(.*?)(<!-- end of versions -->)", re.DOTALL)
CONSTRAINTS = ROOT / "constraints"
CONSTRAINTS_HEAD = """# Versions that the suite passed with, written {date} on {system}. To go back to them:
# python -m pip install -r requirements.txt -c constraints/{name}
# python -m utils.corpora install
"""
SAID = """import sys, tensorflow, keras
print(sys.version.split()[0], tensorflow.__version__, keras.__version__)"""


def prepare(python, tensorflow):
    """Make the environment of a pair where it is missing; return its Python, or None without such a Python."""
    folder = ROOT / f".venv-{python}-{tensorflow}"
    inside = launch.python_of(folder)
    if launch.version_of(inside) is None:
        wanted = tuple(int(number) for number in python.split("."))
        commands = [[sys.executable], *launch.commands_of(wanted[1])]
        found = next((command for command in commands if launch.version_of(*command) == wanted), None)
        if found is None:
            return None
        subprocess.run([*found, "-m", "venv", "--clear", folder], check=True)
    packages = [f"tensorflow=={tensorflow}.*", f"keras=={KERAS[tensorflow]}.*"]
    subprocess.run([inside, "-m", "pip", "install", "--quiet", "-r", ROOT / "requirements.txt", *packages], check=True)
    subprocess.run([inside, "-m", "utils.corpora", "install"], cwd=ROOT, check=True)
    return inside


def run(python):
    """Run the suite; return its row of the table, and whether all passed."""
    started, settings = time.perf_counter(), {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    suite = subprocess.Popen([python, *launch.SUITE, "-q"], cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True)
    last = ""
    for line in suite.stdout:  # shown as it comes: it takes a while
        print(line, end="", flush=True)
        last = line.strip("= \n") or last
    minutes = (time.perf_counter() - started) / 60
    versions = subprocess.run([python, "-c", SAID], check=True, capture_output=True, text=True).stdout.split()
    result = re.sub(r", \d+ warnings?| in [\d.]+s.*", "", last)
    measured = f"{datetime.date.today()}, {machine()}"
    return f"| {' | '.join(versions)} | {result} | {minutes:.0f} | {measured} |", suite.wait() == 0


def machine():
    """Return what kind of machine this is, in a few words: "2 cores of AMD EPYC"."""
    try:
        names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), flags=re.MULTILINE)
    except OSError:
        names = []
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor() or platform.machine()}"


def key(row):
    """Return what a row is about: its Python and TensorFlow without the last number."""
    return [re.match(r"\d+\.\d+", cell.strip()).group() for cell in row.split("|")[1:3]]


def write(rows):
    """Put rows into TESTING.md's table, in place of older ones about the same versions."""
    table_page = ROOT / "TESTING.md"
    page = table_page.read_text(encoding="utf-8")
    old = TABLE.search(page).group(2).splitlines()[len(HEAD) :]
    new = {tuple(key(row)): row for row in [*old, *rows]}
    table = "\n".join([*HEAD, *(new[name] for name in sorted(new))]) + "\n"
    files.write_text(table_page, TABLE.sub(lambda place: place.group(1) + table + place.group(3), page))


def constraints_name(python, tensorflow):
    """Return the name of a pair's file in constraints/."""
    return f"python{python}-tensorflow{tensorflow}.txt"


def write_constraints(pair, python):
    """Write what the environment of a pair holds, as far as requirements.txt asks for it, to constraints/."""
    listing = [python, "-m", "tools.versions.frozen"]
    pins = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    name = constraints_name(*pair)
    system = f"{platform.system()} {platform.machine()}"
    CONSTRAINTS.mkdir(exist_ok=True)
    head = CONSTRAINTS_HEAD.format(date=datetime.date.today(), system=system, name=name)
    files.write_text(CONSTRAINTS / name, head + pins)


def main(arguments):
    """Run the pairs asked for, all by default; return the exit status."""
    names = [argument for argument in arguments if argument != "--write"]
    known = {f"{python}-{tensorflow}": (python, tensorflow) for python, tensorflow in PAIRS}
    if unknown := [name for name in names if name not in known]:
        print(f"{unknown[0]!r} is no pair; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    rows, failed = [], False
    for name in names or known:
        python = prepare(*known[name])
        if python is None:
            print(f"{name}: there is no Python {known[name][0]} here.", flush=True)
            continue
        row, passed = run(python)
        rows.append(row)
        failed |= not passed
        if passed and "--write" in arguments:
            write([row])
            write_constraints(known[name], python)
    print(*HEAD, *rows, sep="\n")
    return int(failed or not rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
