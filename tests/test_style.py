"""The code, and the cells of solutions/, pass ruff: no known mistakes, and one way of laying out code."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import LESSONS, ROOT, SOLUTIONS

# Modules whose public functions have no annotations yet.
BARE = {"authoring", "cells", "contract", "decoding", "generation", "mistakes", "skeleton", "stepping"}
MODULES = [path for path in sorted((ROOT / "utils").glob("*.py")) if path.stem not in BARE]


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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_public_signatures_are_annotated(path):
    """Each argument of a public function or method has a type, and so has what it returns."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for function in [node for one in [tree, *classes] for node in one.body if isinstance(node, ast.FunctionDef)]:
        if function.name.startswith("_") and function.name != "__init__":
            continue
        given = function.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        bare = [one.arg for one in named if one and one.arg not in ("self", "cls") and not one.annotation]
        assert not bare, f"{function.name}: no type for {', '.join(bare)}"
        assert function.returns or function.name == "__init__", f"{function.name}: no type for what it returns"
