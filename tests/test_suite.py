"""tests.suite and tools.extras: the order of the files, the seconds that are kept, and that nothing is lost."""

import ast
import os
import subprocess
import sys

import pytest
from conftest import LESSONS, ROOT, SOLUTIONS

from tests import suite
from tools.extras import __main__ as extras

TABLE = "file,seconds\ntests/test_a.py,1.5\ntests/test_gone.py,9.0\n"


@pytest.fixture
def table(tmp_path):
    """Return the path of a small table in a course that has tests/test_a.py and tests/test_b.py."""
    (tmp_path / "tests").mkdir()
    for name in ("a", "b"):
        (tmp_path / "tests" / f"test_{name}.py").write_text("", encoding="utf-8")
    path = tmp_path / "tests" / "durations.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_measured_files_replace_rows(table):
    """A new row comes in, an old one stays, and that of a file that is gone goes."""
    suite.write_durations({"tests/test_b.py": 0.26}, table, table.parent.parent)
    assert suite.read_durations(table) == {"tests/test_a.py": "1.5", "tests/test_b.py": "0.3"}
    assert suite.read_durations(table.with_name("absent.csv")) == {}


def test_the_longest_file_comes_first(table):
    """A file that was never measured comes before all; the tests of one file stay together."""
    names = ["tests/test_a.py::x", "tests/test_gone.py::x[1::2]", "tests/test_new.py::x", "tests/test_a.py::y"]
    durations = suite.read_durations(table)
    names.sort(key=lambda name: suite.place_of(name, durations))
    assert [name.rpartition("/")[2] for name in names] == [
        "test_new.py::x",
        "test_gone.py::x[1::2]",
        "test_a.py::x",
        "test_a.py::y",
    ]


SLOW = """import time
def test_it():
    end = time.process_time() + {}
    while time.process_time() < end: pass
"""
SKIPS = "import pytest\ndef test_no(): pytest.skip('no reason')\n"


def test_the_plug_in(tmp_path):
    """A process of pytest-xdist gets the files in the table's order; what they took is written; a skip fails.

    The table of this small course says the opposite of what is measured, and of how many tests there are. Its EXTRAS
    need a package that is nowhere, so a file and a test are left out, which would fail.
    """
    (tmp_path / "tests").mkdir()
    source = (ROOT / "tests" / "suite.py").read_text(encoding="utf-8")
    for package in suite.EXTRAS.values():
        source = source.replace(f'"{package}"', '"no_such_package"')
    (tmp_path / "tests" / "suite.py").write_text(source, encoding="utf-8")
    for name in suite.EXTRAS:
        file, _, test = name.partition("::")
        content = f"def {test}(): assert False\n" if test else "assert False\n"
        (tmp_path / file).write_text(content, encoding="utf-8")
    here = "from utils import environment\nenvironment.course_root = lambda: pathlib.Path(__file__).parent\n"
    conftest = f"import pathlib\n{here}pytest_plugins = ['tests.suite']\n"
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    for name, content in (("short", SLOW.format(0)), ("long", SKIPS + SLOW.format(0.4))):
        (tmp_path / "tests" / f"test_{name}.py").write_text(content, encoding="utf-8")
    table = tmp_path / "tests" / "durations.csv"
    table.write_text("file,seconds\ntests/test_short.py,9\ntests/test_long.py,1\n", encoding="utf-8")
    no_other_plug_ins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # nbval takes a second to import
    options = ["-p", "xdist.plugin", "-v", "-n", "1", "--dist", "loadfile", "--write-durations", "--no-skips"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), **no_other_plug_ins},
        capture_output=True,
        text=True,
        check=False,
    )
    order = [line.split()[-1] for line in done.stdout.splitlines() if "PASSED" in line or "SKIPPED" in line]
    assert order == ["tests/test_short.py::test_it", "tests/test_long.py::test_no", "tests/test_long.py::test_it"]
    assert done.returncode == 1 and "= 2 passed, 1 skipped in" in done.stdout, done.stdout + done.stderr
    measured = {file: float(seconds) for file, seconds in suite.read_durations(table).items()}
    assert measured["tests/test_short.py"] < 0.4 <= measured["tests/test_long.py"]


def test_what_is_measured_is_there():
    """Each notebook has a row in tests/durations.csv, and no row is about a file that is gone."""
    measured = suite.read_durations()
    assert {path.relative_to(ROOT).as_posix() for path in LESSONS + SOLUTIONS} <= measured.keys()
    assert all((ROOT / file).exists() for file in measured)


def test_what_needs_a_package_is_in_extras():
    """Whatever asks for a package by importorskip is what `make test-extras` runs, and nothing else is."""
    found = {}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = f"tests/{path.name}" + (f"::{node.name}" if isinstance(node, ast.FunctionDef) else "")
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.importorskip":
                    found[name] = call.args[0].value
    assert found == suite.EXTRAS


def test_what_is_left_out_is_said(monkeypatch):
    """Where a package is missing, its tests are left out, and one line names it and the command that runs them."""
    monkeypatch.setattr(suite, "EXTRAS", {"tests/test_a.py::test_b": "no_such_package", "tests/test_c.py": "pytest"})
    assert suite.missing_extra("tests/test_a.py::test_b[1]") == "no_such_package"
    assert suite.missing_extra("tests/test_a.py::test_c") is None and suite.missing_extra("tests/test_c.py") is None
    line = suite.left_out()
    assert line.startswith("Left out: what needs no_such_package (make test-extras), ") and "\n" not in line
    monkeypatch.setattr(suite, "EXTRAS", {})
    assert "extras" not in suite.left_out()


def test_the_environment_of_extras(tmp_path, monkeypatch):
    """It is made once, on top of the course's own, and again when the requirements change."""
    commands, base = [], tmp_path / "base" / "python"

    def run(command, **options):
        commands.append([str(word) for word in command])
        folder = tmp_path / ("base" if command[0] == base else "inside")
        folder.mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, 0, stdout=f"{folder}\n{folder}\n")

    requirements = tmp_path / "requirements.txt"
    requirements.write_text("dask", encoding="utf-8")
    monkeypatch.setattr(extras, "REQUIREMENTS", requirements)
    monkeypatch.setattr(extras, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(extras.launch, "prepare", lambda: base)
    monkeypatch.setattr(extras.subprocess, "run", run)
    handed = []
    monkeypatch.setattr(extras.launch, "hand_over", lambda command: handed.append(command) or 3)
    for content, count in (("dask", 1), ("dask", 1), ("dask >=2", 2)):
        requirements.write_text(content, encoding="utf-8")
        assert extras.main(["-x"]) == 3
        assert [sum(word in command for command in commands) for word in ("venv", "install")] == [count, count]
    assert (tmp_path / "inside" / "beneath.pth").read_text(encoding="utf-8") == f"{tmp_path / 'base'}\n"
    inside = str(extras.launch.python_of(tmp_path))
    assert handed[-1] == [inside, "-m", "pytest", "--no-skips", *suite.EXTRAS, "-x"]


def test_ci_runs_all(root):
    """.ci/run runs what `make test` leaves out, and `make test`; the Makefile knows each."""
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    targets = {"test-extras": "utils.launch extras", "test-site": "tools.site --check", "test": "utils.launch test"}
    for target, command in targets.items():
        assert f"make {target} || status=1\n" in script
        assert f"{target}:\n\t$(PYTHON) -m {command}\n" in (root / "Makefile").read_text(encoding="utf-8")
