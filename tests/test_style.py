"""The code, and the cells of solutions/, pass ruff: no known mistakes, and one way of laying out code."""

import re
import subprocess
import sys

from conftest import LESSONS, ROOT, SOLUTIONS


def ruff(*arguments):
    """Run ruff as pyproject.toml sets it up, on the whole course; return the process."""
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_no_known_mistakes():
    """python -m ruff check: unused names, closures over loops, unsorted imports, missing docstrings."""
    done = ruff("check", "--output-format", "concise")
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_layout():
    """python -m ruff format --check; to repair: python -m ruff format."""
    done = ruff("format", "--check", "--output-format", "concise")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_looked_at():
    """The solutions, for they are the source of the lessons, and not the lessons; all of the code."""
    found = set(ruff("check", "--show-files").stdout.splitlines())
    assert {str(path) for path in SOLUTIONS} <= found
    assert not {str(path) for path in LESSONS} & found
    for folder in ("utils", "tests", "tools"):
        assert {str(path) for path in (ROOT / folder).rglob("*.py")} <= found


def test_one_version_of_ruff():
    """requirements.txt, pre-commit and this environment agree on the minor version: others lay out code otherwise."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    [(oldest, minor, limit)] = re.findall(r"^ruff >=(0\.(\d+)\.\d+),<0\.(\d+)$", requirements, re.MULTILINE)
    assert int(limit) == int(minor) + 1
    said = subprocess.run([sys.executable, "-m", "ruff", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith(f"ruff 0.{minor}.")
    hook = r"astral-sh/ruff-pre-commit\n +rev: v([\d.]+)\n"
    assert re.findall(hook, (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")) == [oldest]
