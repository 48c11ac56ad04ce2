"""Run what depends on arithmetic as other machines would: python -m tools.machines [02 test_generation ...]

(or: make test-machines)  All notebooks of solutions/, and every test that trains or compares floats, run under
variants that change the kernels of oneDNN, XLA and NumPy, with one thread and two, and with other seeds. What a
notebook stores must come out in each variant (not with other seeds). What its asserts compare is written down in
each, and tests/claims.csv gets the distance of each bound from its value, in units of the spread.

Names choose some files: a lesson's number, or a test's name. Runs that are done are kept in .cache/machines, and
taken from there until the file or utils/ changes. Exit status 1: something failed, or stands too near its bound.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

from tools.machines import table, variants
from utils import environment, files

ROOT = environment.course_root()
KEPT = ROOT / ".cache" / "machines"
ARITHMETIC = re.compile(r"\b(keras|tensorflow|tf|definitions)\b")
NOT_HERE = ("test_grading", "test_launch", "test_environment", "test_versions", "test_machines")
# The kernel runs this when it starts; the lesson's cells see nothing of it.
STARTUP = 'get_ipython().run_line_magic("load_ext", "tools.machines.recording")\n'
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
PLUGIN = ["-p", "tools.machines.recording"]  # of a notebook, the kernel records


def tests():
    """Return the test modules that compute with floats, as paths."""
    found = sorted((ROOT / "tests").glob("test_*.py"))
    return [
        path
        for path in found
        if not path.name.startswith(NOT_HERE) and ARITHMETIC.search(path.read_text(encoding="utf-8"))
    ]


def jobs(names=()):
    """Return (path, variant, shift) for each run: every variant with the lessons' seeds, and the other seeds."""
    claiming = table.places()
    paths = [*claiming, *(path for path in tests() if path not in claiming)]
    chosen = [path for path in paths if not names or path.stem in names or path.stem[:2] in names]
    found = [(path, variant, 0) for path in chosen for variant in variants.VARIANTS]
    return found + [(path, "as it is", shift) for path in chosen if path in claiming for shift in variants.SHIFTS[1:]]


def key(path, variant, shift):
    """Return the name under which a run is kept: another one as soon as the file, utils/ or the recording changes."""
    parts = ("utils/*.py", "utils/pretrained/*.py", "tools/machines/re*.py")
    sources = [path, *(source for part in parts for source in sorted(ROOT.glob(part)))]
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    return f"{path.stem} {variant} {shift} {digest}.json"


def run(path, variant, shift, folder):
    """Run a notebook or a test module; return {"records": [...], "failed": [...], "seconds": ...}."""
    kept = KEPT / key(path, variant, shift)
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        records, report = os.path.join(temporary, "records"), os.path.join(temporary, "report.xml")
        settings = variants.environment(variant, shift) | {
            "UNROLLED_CLAIMS": records,
            "IPYTHONDIR": folder,
            "PYTHONPATH": str(ROOT),
        }
        started = time.perf_counter()
        command = [*PYTEST, *(PLUGIN if path.suffix == ".py" else []), f"--junitxml={report}", str(path)]
        done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        lines = open(records, encoding="utf-8").read().splitlines() if os.path.exists(records) else []
        ended = os.path.exists(report)
        failed = failures(report) if ended else [done.stdout[-2000:] + done.stderr[-2000:]]
    lines = [json.loads(line) for line in lines]
    result = {
        "records": [line for line in lines if "claim" in line],
        "failed": failed + [f"assert {line['failed']} {line['test']}" for line in lines if "failed" in line],
        "seconds": seconds,
    }
    if ended:  # what was killed is tried again the next time
        KEPT.mkdir(parents=True, exist_ok=True)
        files.write_text(kept, json.dumps(result))
    return result


def failures(report):
    """Return what failed in a report of pytest: name and first lines."""
    found = []
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        for child in case:
            if child.tag in ("failure", "error"):
                text = re.sub(r"\x1b\[[0-9;]*m", "", child.get("message") or child.text or "")
                found.append(f"{case.get('name')}: {text[:600]}")
    return found


def kernel_folder(folder):
    """Make an IPython folder whose kernels record their asserts."""
    startup = os.path.join(folder, "profile_default", "startup")
    os.makedirs(startup)
    with open(os.path.join(startup, "claims.py"), "w", encoding="utf-8") as file:
        file.write(STARTUP)


def run_all(wanted, processes):
    """Run the jobs, some at a time, with a line for each; return job -> result."""
    results, started = {}, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(processes) as pool:
        kernel_folder(folder)
        waiting = {pool.submit(run, *job, folder): job for job in wanted}
        try:
            for done in concurrent.futures.as_completed(waiting):
                path, variant, shift = job = waiting[done]
                results[job] = result = done.result()
                seeds = f", seeds + {shift}" if shift else ""
                fails = f", {len(result['failed'])} failed" if result["failed"] and not shift else ""
                minutes = (time.perf_counter() - started) / 60
                print(
                    f"{len(results):4} of {len(wanted)}, {minutes:3.0f} min: {table.name_of(path)}, {variant}{seeds}: "
                    f"{result['seconds']:.0f} s{fails}",
                    flush=True,
                )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def rows_of(results):
    """Return the rows of the files that ran, one for each claim in them."""
    records = collections.defaultdict(list)
    for (path, variant, shift), result in results.items():
        for record in result["records"]:
            records[path, record["claim"]].append(record | {"variant": variant, "shift": shift})
    paths = [path for path in table.places() if any(path == job[0] for job in results)]
    return [
        table.row(table.name_of(path), claim, records[path, claim]) for path in paths for claim in table.claims_of(path)
    ]


def main(arguments):
    """Run what is asked for, all by default; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.machines", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="a lesson's number (02) or a test's name (test_generation)")
    parser.add_argument("--processes", type=int, default=2, help="how many run at once (2)")
    options = parser.parse_args(arguments)
    wanted = jobs(options.names)
    if unknown := [name for name in options.names if not jobs([name])]:
        print(f"{unknown[0]!r} is neither a lesson nor a test that computes with floats.", file=sys.stderr)
        return 2
    print("Finding out which variants round otherwise on this machine ...", flush=True)
    changes = variants.changes()
    for variant, changed in changes.items():
        print(f"{variant:17}", ", ".join(changed) or "nothing: left out", flush=True)
    wanted = [(path, variant, shift) for path, variant, shift in wanted if changes.get(variant, True)]
    results = run_all(wanted, options.processes)
    new = rows_of(results)
    ran = {entry["where"] for entry in new}
    old = table.read() if table.PATH.exists() else []
    order = [table.name_of(path) for path in table.places()]
    old = [row for row in old if row["where"] not in ran and row["where"] in order]
    rows = sorted(old + new, key=lambda row: order.index(row["where"]))
    table.write(rows)
    measured = sorted((entry for entry in new if entry.get("distance")), key=lambda entry: float(entry["distance"]))
    for entry in measured[:10]:
        print(f"{entry['distance']:>8} spreads: {entry['where']}: {entry['claim']}: {entry['value']}, {entry['bound']}")
    broken = [
        f"{table.name_of(path)}, {variant}{f', seeds + {shift}' if shift else ''}: {line}"
        for (path, variant, shift), result in results.items()
        for line in result["failed"]
        if not shift or "caused an exception" in line  # other seeds print other numbers, but they break nothing
    ]
    print(*broken, sep="\n")
    near = [entry for entry in measured if not float(entry["distance"]) >= table.LEAST]
    print(f"{len(measured)} claims measured, {len(near)} nearer than {table.LEAST} spreads; {len(broken)} failures.")
    return int(bool(broken or near))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
