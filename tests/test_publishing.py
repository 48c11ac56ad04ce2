"""What a stranger's tools read: the repository named once, CI on each Python, and what a release consists of."""

import json
import os
import re
import subprocess
import zipfile

import pytest
from conftest import ROOT

from utils import authoring, launch

CHANGELOG = "# Changes\n\n## Unreleased\n\n- Later.\n\n## 1.1.0 (2026-12-01)\n\n- New.\n\n## 1.1\n\n- Old.\n"


def workflow(name):
    """Return the text of a workflow."""
    return (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")


def test_the_citation_names_the_repository():
    """CITATION.cff points where pyproject.toml does: after a change of the repository, change it there as well."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nrepository-code: https://github.com/{authoring.repository()}\n" in citation


def test_workflows_run_each_supported_python():
    """The matrix is what utils.launch accepts, and what runs is .ci/run."""
    versions = re.search(r"python: \[(.*)\]", workflow("test"))[1].replace('"', "").split(", ")
    assert versions == [f"3.{minor}" for minor in range(launch.OLDEST[1], launch.NEWEST[1] + 1)]
    assert "run: bash .ci/run\n" in workflow("test")
    assert "uses: ./.github/workflows/test.yml\n" in workflow("publish")


@pytest.mark.parametrize("name", ["test", "publish"])
def test_workflows_may_do_little(name):
    """They read the code; writing is for the jobs that make the release and the pages; actions have a version."""
    text = workflow(name)
    assert "\npermissions:\n  contents: read\n" in text
    written = re.findall(r"(\S+): write", text)
    assert written == (["contents", "pages", "id-token"] if name == "publish" else [])
    assert all(re.fullmatch(r"\./\S+|\S+@v\d+", action) for action in re.findall(r"uses: (\S+)", text))


@pytest.fixture
def tagged(tmp_path):
    """Return a git repository with .ci/release, a change log, and the tags v1.1.0 and v1.2.0."""
    folder = tmp_path / "course"
    (folder / ".ci").mkdir(parents=True)
    (folder / ".ci" / "release").write_bytes((ROOT / ".ci" / "release").read_bytes())
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    commands = [["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "all"]]
    for arguments in [*commands, ["tag", "v1.1.0"], ["tag", "v1.2.0"]]:
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    (folder / "answer.ipynb").write_text("not committed", encoding="utf-8")
    return folder


@pytest.mark.skipif(os.name == "nt", reason="releases are made on Linux")
def test_a_release(tagged):
    """The course at the tag, in a folder of its own, and its section of the change log."""
    subprocess.run(["bash", ".ci/release", "v1.1.0", "out"], cwd=tagged, check=True)
    assert (tagged / "out" / "notes.md").read_text(encoding="utf-8").split("\n") == ["", "- New.", ""]
    with zipfile.ZipFile(tagged / "out" / "unrolled-1.1.0.zip") as archive:
        files = {name for name in archive.namelist() if not name.endswith("/")}
    assert files == {"unrolled-1.1.0/.ci/release", "unrolled-1.1.0/CHANGELOG.md"}


@pytest.mark.skipif(os.name == "nt", reason="releases are made on Linux")
def test_a_release_that_the_change_log_does_not_know(tagged):
    """It is refused, and nothing is made."""
    done = subprocess.run(
        ["bash", ".ci/release", "v1.2.0", "out"], cwd=tagged, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, 'CHANGELOG.md has no section "## 1.2.0" at v1.2.0.\n')
    assert list((tagged / "out").iterdir()) == []


def test_the_container():
    """It has a Python that the course runs on, and is prepared by a command that there is."""
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    version = settings["image"].partition(":")[2].split(".")
    assert launch.suitable(tuple(int(number) for number in version))
    command = settings["postCreateCommand"].removeprefix("python3 -m utils.launch ")
    assert command in launch.COMMANDS
