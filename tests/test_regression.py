"""That the regression test can fail: a changed digit, a stopped cell, a lost assert are all noticed."""

import json
import subprocess
import sys

import pytest
from conftest import LESSONS, ROOT


def run_nbval(path):
    """Run strict nbval on one notebook, the way `make test` does; return the process."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(path),
            "--rootdir",
            str(ROOT),
            "-c",
            str(ROOT / "pyproject.toml"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a function that writes lesson 00 with one text replaced, and gives its path."""
    folder = tmp_path_factory.mktemp("lesson")
    for name in ("utils", "data"):
        (folder / name).symlink_to(ROOT / name)

    def write(old, new):
        text = LESSONS[0].read_text(encoding="utf-8")
        assert old in text
        path = folder / "00_copy.ipynb"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_an_untouched_copy_passes(small):
    """And nbval collects every code cell."""
    process = run_nbval(small("", ""))
    count = sum(cell["cell_type"] == "code" for cell in json.loads(LESSONS[0].read_text(encoding="utf-8"))["cells"])
    assert process.returncode == 0, process.stdout
    assert f"{count} passed" in process.stdout


def test_a_changed_digit_fails(small):
    """One digit in one stored output: that cell fails, and no other."""
    process = run_nbval(small('"x has shape (4, 6, 3)\\n"', '"x has shape (4, 6, 2)\\n"'))
    assert process.returncode == 1
    assert "1 failed" in process.stdout


def test_a_changed_claim_fails(small):
    """One digit in one assert: that cell fails."""
    process = run_nbval(small("assert last.shape == (4, 2)", "assert last.shape == (4, 3)"))
    assert process.returncode == 1
    assert "AssertionError" in process.stdout
