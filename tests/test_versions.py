"""tools.versions: TESTING.md's table of versions takes new rows in place of old ones, in order."""

import os
import re
import sys

import pytest
from conftest import ROOT

from tools.versions import __main__ as versions
from tools.versions import frozen
from utils import launch

SETS = sorted(versions.CONSTRAINTS.glob("*.txt"))

PAGE = "A\n<!-- versions: x -->\n| head |\n|---|\n{}<!-- end of versions -->\nB\n"
OLD = "| 3.12.1 | 2.21.0 | 3.15.1 | 5 passed | 9 | 2026-11-20, 2 cores of a processor |"


def test_rows_replace_rows(tmp_path, monkeypatch):
    """A row takes the place of the one about the same Python and TensorFlow, whatever their last number."""
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    readme = tmp_path / "TESTING.md"
    readme.write_text(PAGE.format(OLD + "\n"), encoding="utf-8")
    first, again = (
        "| 3.11.9 | 2.20.0 | 3.13.2 | 4 passed | 8 | today, here |",
        "| 3.12.7 | 2.21.1 | 3.15.2 | 1 failed, 4 passed | 7 | today, here |",
    )
    versions.write([first])
    assert readme.read_text(encoding="utf-8").splitlines()[4:6] == [first, OLD]
    versions.write([again])
    lines = readme.read_text(encoding="utf-8").splitlines()
    assert lines[2:] == [*versions.HEAD, first, again, "<!-- end of versions -->", "B"]


def test_what_the_readme_shows():
    """Each row is about versions that the course supports, and none of them has a failure in it."""
    rows = versions.TABLE.search((ROOT / "TESTING.md").read_text(encoding="utf-8")).group(2).splitlines()
    assert rows[:2] in ([], versions.HEAD)
    assert {tuple(versions.key(row)) for row in rows[2:]} <= set(versions.PAIRS)
    assert all("passed" in row and "failed" not in row and "error" not in row for row in rows[2:])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d, \d+ cores of .+", row.split(" | ")[-1].strip(" |")) for row in rows[2:])


def test_the_machine_is_named():
    """What stands in the table's last column: cores, and a processor."""
    assert re.fullmatch(rf"{os.cpu_count()} cores of \S.*", versions.machine())


def test_a_failed_run_is_not_written(monkeypatch, capsys):
    """What did not pass is printed and gives the exit status; TESTING.md keeps what it says."""
    results = {"3.11": ("| 3.11.9 | 2.20.0 | 3.13.2 | 1 error | 0 | today, here |", False), "3.12": (OLD, True)}
    monkeypatch.setattr(versions, "prepare", lambda python, tensorflow: results.get(python))
    monkeypatch.setattr(versions, "run", lambda result: result)
    written = []
    monkeypatch.setattr(versions, "write", written.extend)
    monkeypatch.setattr(versions, "write_constraints", lambda pair, python: written.append(pair))
    assert versions.main(["--write", "3.11-2.20", "3.12-2.21", "3.13-2.21"]) == 1
    assert written == [OLD, ("3.12", "2.21")]
    said = capsys.readouterr().out
    assert "1 error" in said and "3.13-2.21: there is no Python 3.13 here." in said
    assert versions.main(["--write", "3.12-2.21"]) == 0


def pins(path):
    """Return name -> version of a file in constraints/."""
    return dict(line.split("==") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


def test_what_an_environment_holds(tmp_path, monkeypatch):
    """The file of this environment: what requirements.txt asks for, and what that needs, in order and with a head."""
    monkeypatch.setattr(versions, "CONSTRAINTS", tmp_path / "constraints")
    versions.write_constraints(("3.12", "2.21"), sys.executable)
    [path] = (tmp_path / "constraints").iterdir()
    assert path.name == "python3.12-tensorflow2.21.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.match(r"# Versions that the suite passed with, written \d{4}-\d\d-\d\d on \w+ \w+\.", lines[0])
    assert lines[1].endswith(f" -c constraints/{path.name}")
    assert list(pins(path)) == sorted(pins(path))
    assert {"numpy", "h5py", "jupyterlab", "ruff"} <= pins(path).keys()  # TensorFlow needs h5py
    assert "pip" not in pins(path)


def test_a_missing_package_is_named(tmp_path, monkeypatch, capsys):
    """An environment without something that is asked for is not written down."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# comment\nno-such-package >=1  # comment\n", encoding="utf-8")
    assert [str(one) for one in frozen.wanted(requirements)] == ["no-such-package>=1"]
    monkeypatch.setattr(frozen, "wanted", lambda: [frozen.Requirement("no-such-package")])
    assert frozen.main() == 1
    assert capsys.readouterr().err == "no-such-package is not installed: pip install -r requirements.txt\n"


def test_extras_and_markers_are_followed(monkeypatch):
    """An extra brings what it needs; what is for another system, or for an extra nobody asked for, stays away."""
    needs = {
        "a": ["b[x]", "c; python_version < '3'", "d; extra == 'y'"],
        "b": ["E_e; extra == 'x'", "f; extra == 'y'"],
        "e-e": None,
    }
    monkeypatch.setattr(frozen.importlib.metadata, "requires", needs.__getitem__)
    monkeypatch.setattr(frozen.importlib.metadata, "version", lambda name: "1")
    assert frozen.frozen([frozen.Requirement("A")]) == dict.fromkeys(["a", "b", "e-e"], "1")


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_sets_to_go_back_to(path):
    """Each is about a pair that the course supports, and has what requirements.txt asks for, in a version it takes."""
    held = pins(path)
    [pair] = [pair for pair in versions.PAIRS if versions.constraints_name(*pair) == path.name]
    assert held["tensorflow"].startswith(f"{pair[1]}.") and held["keras"].startswith(f"{versions.KERAS[pair[1]]}.")
    for requirement in frozen.wanted():
        assert requirement.specifier.contains(held[requirement.name]), requirement
    assert all(frozen.canonicalize_name(name) == name for name in held)


def test_readme_names_a_set_that_is_there():
    """TESTING.md's command works as it stands, in the environment that `make lab` makes."""
    [name] = re.findall(
        r"-m pip install -r requirements.txt -c constraints/(\S+)", (ROOT / "TESTING.md").read_text("utf-8")
    )
    assert versions.CONSTRAINTS / name in SETS and launch.suitable(tuple(map(int, re.findall(r"\d+", name)[:2])))
