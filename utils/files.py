"""Write a file so that an interruption loses nothing."""

from __future__ import annotations

import os
import pathlib
import tempfile


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a UTF-8 file by way of a temporary one: either the whole new text is there, or the old.

    path: str or pathlib.Path. Lines end in a line feed on every system. Raises FileNotFoundError when
    the folder does not exist, and what the system raises when it cannot write.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a binary file by way of a temporary one; path and errors as in `write_text`."""
    path = pathlib.Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} into.")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # a temporary file is private; the finished one is not
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
