"""utils.files: an interruption loses nothing."""

import pytest

from utils import files


def test_the_text_arrives(tmp_path):
    """UTF-8, line feeds only, readable by others, no scrap left."""
    files.write_text(tmp_path / "file", "ä\n世界\n")
    assert (tmp_path / "file").read_bytes() == "ä\n世界\n".encode()
    files.write_text(str(tmp_path / "file"), "a str names it as well")
    assert (tmp_path / "file").read_text() == "a str names it as well"
    assert (tmp_path / "file").stat().st_mode & 0o044 == 0o044
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    """When the last step fails, the old content is there and no scrap lies about."""
    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "old"


def test_a_missing_folder_is_named(tmp_path):
    """The message says which folder is missing."""
    with pytest.raises(FileNotFoundError, match="there is no folder .*nowhere to write file into"):
        files.write_text(tmp_path / "nowhere" / "file", "text")
