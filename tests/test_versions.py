"""tools.versions: README's table of versions takes new rows in place of old ones, in order."""

import os
import re

from conftest import ROOT

from tools.versions import __main__ as versions

PAGE = "A\n<!-- versions: x -->\n| head |\n|---|\n{}<!-- end of versions -->\nB\n"
OLD = "| 3.12.1 | 2.21.0 | 3.15.1 | 5 passed | 9 | 2026-11-20, 2 cores of a processor |"


def test_rows_replace_rows(tmp_path, monkeypatch):
    """A row takes the place of the one about the same Python and TensorFlow, whatever their last number."""
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    readme = tmp_path / "README.md"
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
    rows = versions.TABLE.search((ROOT / "README.md").read_text(encoding="utf-8")).group(2).splitlines()
    assert rows[:2] in ([], versions.HEAD)
    assert {tuple(versions.key(row)) for row in rows[2:]} <= set(versions.PAIRS)
    assert all("passed" in row and "failed" not in row and "error" not in row for row in rows[2:])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d, \d+ cores of .+", row.split(" | ")[-1].strip(" |")) for row in rows[2:])


def test_the_machine_is_named():
    """What stands in the table's last column: cores, and a processor."""
    assert re.fullmatch(rf"{os.cpu_count()} cores of \S.*", versions.machine())


def test_a_failed_run_is_not_written(monkeypatch, capsys):
    """What did not pass is printed and gives the exit status; README keeps what it says."""
    results = {"3.11": ("| 3.11.9 | 2.20.0 | 3.13.2 | 1 error | 0 | today, here |", False), "3.12": (OLD, True)}
    monkeypatch.setattr(versions, "prepare", lambda python, tensorflow: results.get(python))
    monkeypatch.setattr(versions, "run", lambda result: result)
    written = []
    monkeypatch.setattr(versions, "write", written.extend)
    assert versions.main(["--write", "3.11-2.20", "3.12-2.21", "3.13-2.21"]) == 1
    assert written == [OLD]
    said = capsys.readouterr().out
    assert "1 error" in said and "3.13-2.21: there is no Python 3.13 here." in said
    assert versions.main(["--write", "3.12-2.21"]) == 0
