"""The code, and the cells of solutions/, pass ruff: no known mistakes, and one way of laying out code."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import LESSONS, ROOT, SOLUTIONS

MODULES = sorted((ROOT / "utils").glob("*.py"))


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


# --- what a module keeps to itself ---------------------------------------------------------------------------------


def private(name):
    """Tell whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__")


def own_names(tree):
    """Return the underscore names that the classes of a module give their objects: methods, attributes of self."""
    found = set()
    for one in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        for node in ast.walk(one):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                if isinstance(node.value, ast.Name) and node.value.id == "self":
                    found.add(node.attr)
    return set(filter(private, found))


def borrowed_names(tree, everyones):
    """Return the underscore names of other modules of utils/ that a module takes: `module._name`, `object._name`.

    everyones: what `own_names` finds in all modules of utils/. Python's own (os._exit) are not among them.
    """
    own, found = own_names(tree), set()
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    imports = [node for node in imports if node.module.split(".")[0] == "utils"]
    modules = {alias.asname or alias.name for node in imports for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr):
            of_module = isinstance(node.value, ast.Name) and node.value.id in modules
            if of_module or (node.attr in everyones and node.attr not in own):
                found.add(node.attr)
    return found | {alias.name for node in imports for alias in node.names if private(alias.name)}


def test_underscore_names_stay_in_their_module():
    """No module of utils/ takes an underscore name of another: what others need has a name without one."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "utils").rglob("*.py")}
    everyones = set().union(*map(own_names, trees.values()))
    found = {path.relative_to(ROOT): borrowed_names(tree, everyones) for path, tree in trees.items()}
    assert not {str(path): sorted(names) for path, names in found.items() if names}


@pytest.mark.parametrize(
    "source, names",
    [
        ("from utils import checks\nchecks._cut('', 1)", {"_cut"}),
        ("from utils import checks as other\nother._new = 1", {"_new"}),
        ("from utils.checks import _cut", {"_cut"}),
        ("def f(link):\n    link._known()", {"_known"}),
        ("class A:\n    def __init__(self, other):\n        self._known = other._known", set()),
        ("import os\nos._exit(0)", set()),
    ],
)
def test_borrowed_names_are_seen(source, names):
    """The test above sees each way of taking one, and lets pass what is a module's own or Python's."""
    assert borrowed_names(ast.parse(source), {"_known"}) == names
