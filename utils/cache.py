"""Keep what takes long to make, so that only the first call makes it: in .cache/ of the course.

    from utils import cache
    content = cache.read("digits-0123.npz")  # bytes, or None
    cache.write("digits-0123.npz", content)

A name should hold a hash of all that the content is made from: then nothing old is ever read for new.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import sys
import warnings

from utils import environment, files


def folders() -> list[pathlib.Path]:
    """Return where things may be kept, best first: one or two pathlib.Path.

    The second is the user's own folder for such things, for a course that cannot be written.
    """
    ours = environment.course_root() / ".cache"
    try:
        if sys.platform == "win32":
            home = os.environ.get("LOCALAPPDATA") or pathlib.Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            home = pathlib.Path.home() / "Library" / "Caches"
        else:
            home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    except RuntimeError:  # HOME is not set, and the system does not know this user: a number in a container, say
        return [ours]
    return [ours, pathlib.Path(home) / "unrolled"]


def read(name: str) -> bytes | None:
    """Return what is kept under a name, or None; a damaged file is reported and not used."""
    for folder in folders():
        try:
            checksum, _, content = (folder / name).read_bytes().partition(b"\n")
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest().encode() == checksum:
            return content
        warnings.warn(f"the cached file {folder / name} is damaged; it is made again.", stacklevel=4)
    return None


def write(name: str, content: bytes) -> None:
    """Keep bytes under a name, their SHA-256 in the first line; where no folder can be written, do without."""
    checksum = hashlib.sha256(content).hexdigest().encode()
    for folder in folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            files.write_bytes(folder / name, checksum + b"\n" + content)
            return
        except OSError:
            continue
