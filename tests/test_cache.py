"""utils.cache: what is kept comes back byte by byte or not at all, wherever it may lie."""

import hashlib
import os
import warnings

import pytest

from utils import cache


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Give the cache two folders of its own, neither of which exists, and return them."""
    folders = [tmp_path / "ours" / ".cache", tmp_path / "home" / "unrolled"]
    monkeypatch.setattr(cache, "folders", lambda: folders)
    return folders


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", bytes(range(256)) * 50], ids=len)
def test_what_is_written_is_read(content, kept):
    """Line feeds, nothing at all, all bytes; under its name only, in the first folder only."""
    assert cache.read("a.npz") is None
    cache.write("a.npz", content)
    assert cache.read("a.npz") == content and cache.read("b.npz") is None
    assert [path.name for path in kept[0].iterdir()] == ["a.npz"] and not kept[1].exists()
    raw = (kept[0] / "a.npz").read_bytes()
    assert raw == hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    cache.write("a.npz", content + b"2")
    assert cache.read("a.npz") == content + b"2"


@pytest.mark.parametrize("place", [0, 63, 64, 65, -1])
def test_a_damaged_file_is_not_used(place, kept):
    """A byte that differs anywhere, checksum included: one warning with the path, and None."""
    cache.write("a.npz", b"what was kept")
    path = kept[0] / "a.npz"
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    with pytest.warns(UserWarning, match=r"the cached file .*a\.npz is damaged; it is made again\.$") as caught:
        assert cache.read("a.npz") is None
    assert len(caught) == 1 and str(path) in str(caught[0].message)
    cache.write("a.npz", b"what was kept")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.read("a.npz") == b"what was kept"


def test_the_second_folder_is_for_a_course_that_cannot_be_written(kept):
    """Written there and read from there; where neither can be written, nothing is kept and nothing is raised."""
    kept[0].parent.mkdir()
    kept[0].write_text("in the way", encoding="utf-8")
    cache.write("a.npz", b"content")
    assert (kept[1] / "a.npz").exists() and cache.read("a.npz") == b"content"
    kept[1].parent.joinpath("unrolled", "a.npz").unlink()
    kept[1].rmdir()
    kept[1].write_text("in the way too", encoding="utf-8")
    cache.write("a.npz", b"content")
    assert cache.read("a.npz") is None


def test_where_the_cache_lies(root, tmp_path, monkeypatch):
    """In the course, where git ignores it, or in the user's own cache folder, which a user without a home lacks."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cache.pathlib.Path, "home", lambda: tmp_path)
    ours, own = cache.folders()
    assert ours == root / ".cache" and tmp_path in own.parents and own.name == "unrolled"
    assert ".cache/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache.pathlib.Path, "home", no_home)
    assert cache.folders() == [ours]


@pytest.mark.parametrize(
    "system, variables, expected",
    [
        ("linux", {}, "home/.cache/unrolled"),
        ("linux", {"XDG_CACHE_HOME": "elsewhere"}, "elsewhere/unrolled"),
        ("darwin", {"XDG_CACHE_HOME": "elsewhere"}, "home/Library/Caches/unrolled"),
        ("win32", {}, "home/AppData/Local/unrolled"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/unrolled"),
    ],
)
def test_the_users_own_folder(system, variables, expected, tmp_path, monkeypatch):
    """Each system has a place for such things."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in variables.items():
        monkeypatch.setenv(name, os.fspath(tmp_path / folder))
    monkeypatch.setattr(cache.pathlib.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(cache.sys, "platform", system)
    own = cache.folders()[1]
    monkeypatch.undo()  # pytest itself looks at sys.platform
    assert own == tmp_path / expected
