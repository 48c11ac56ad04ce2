"""That the regression test can fail: a changed digit, a stopped cell, a lost assert are all noticed."""

import re
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT

# A cell's source, the text that is stored as its output, its tags, and whether nbval should find fault with it.
# The outputs are what the cells would print, but for one digit in those that are to fail.
CELLS = {
    "as it was": ("shape = (4, 6, 3)\nprint('x has shape', shape)", "x has shape (4, 6, 3)\n", [], False),
    "a changed digit": ("print('x has shape', shape)", "x has shape (4, 6, 2)\n", [], True),
    "a claim that holds": ("assert shape[-1] == 3", None, [], False),
    "a changed claim": ("assert shape[-1] == 2", None, [], True),
    "an output that is gone": ("print(7)", None, [], True),
    "an output that is new": ("pass", "7\n", [], True),
    "an error": ("print(1)\nraise RuntimeError('stopped')", "1\n", [], True),
    "ignored": ("import time\nprint(time.time())", "1.0\n", ["nbval-ignore-output"], False),
    "an error in what is ignored": ("print(no_such_name)", "1.0\n", ["nbval-ignore-output"], True),
    "another profile": ("print('seed 3, laptop profile.')", "seed 3, full profile.\n", [], False),
    "another address": ("print('<f at 0x7f3a9c0b1d40>')", "<f at 0x000001F2A9C0B1D0>\n", [], False),
    "as it was, after errors": ("print(shape)", "(4, 6, 3)\n", [], False),
}


def run_nbval(path):
    """Run strict nbval on one notebook, with the settings of `make test`; return the process."""
    settings = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *settings, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Return what a run of the notebook of CELLS says of each: name -> PASSED or FAILED. One run for all of them."""
    new = nbformat.v4
    cells = []
    for number, (source, text, tags, _) in enumerate(CELLS.values(), start=1):
        outputs = [new.new_output("stream", text=text)] if text else []
        cells.append(new.new_code_cell(source, execution_count=number, outputs=outputs, metadata={"tags": tags}))
    path = tmp_path_factory.mktemp("notebook") / "00_cells.ipynb"
    nbformat.write(new.new_notebook(cells=cells), path)
    process = run_nbval(path)
    assert process.returncode == 1, process.stdout + process.stderr
    found = re.findall(r"::Cell (\d+) (PASSED|FAILED)", process.stdout)
    assert [int(number) for number, _ in found] == list(range(len(CELLS))), process.stdout  # every cell is collected
    return dict(zip(CELLS, (outcome for _, outcome in found), strict=True))


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_fails_where_it_should(outcomes, name):
    """That cell fails, and no other; what may differ, and what stands after an error, passes."""
    assert outcomes[name] == ("FAILED" if CELLS[name][-1] else "PASSED")
