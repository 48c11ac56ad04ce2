"""The files of a folder or zip that were handed in, each looked at before it is read, and read within bounds.

Whatever lies there becomes a File: what cannot be read is one with an error. Nothing here raises for what a student
handed in, follows a link to somebody else's file, waits for a pipe, or unpacks more than a zip can honestly hold.
"""

import dataclasses
import hashlib
import io
import os
import re
import stat
import struct
import time
import zipfile

from utils.grading import handed_in
from utils.grading.lessons import GradingError

NOTEBOOK, ZIP = ".ipynb", ".zip"
# What systems and editors leave; below a student's own folder everything hidden, too.
LITTER = re.compile(r"(^|/)(__MACOSX|__pycache__|\.ipynb_checkpoints|\.git|\.DS_Store|\._[^/]*)(/|$)|/\.")
MOST_FILES = 20_000  # in one zip, or in one folder of a student
MOST_DEPTH = 30
MOST_ZIPS = 3  # in each other: a class's, a student's, and what somebody packed twice
MOST_NAME = 255  # characters, as systems have it
MOST_DIRECTORY = 16 * 2**20  # bytes of a zip's table of contents
MOST_INNER = 128 * 2**20  # bytes of a zip in a zip, which is held in memory
MOST_RATIO = 100  # how many times its own size a zip may unpack to: text comes to 10
HONEST = 4 * 2**20  # bytes that any zip may unpack to
OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclasses.dataclass(frozen=True)
class File:
    """One file. What is no notebook has neither data nor error, and so has an empty folder or zip: path ends in "/"."""

    path: str  # inside its source; a zip stands there as a folder
    label: str  # where it lies
    written: float = 0.0  # grows with time
    data: bytes = b""  # the notebook's cells, see handed_in.reduced
    error: str = ""  # why there are none

    @property
    def is_notebook(self):
        """Tell whether it was handed in as a notebook, or as a zip that cannot be opened."""
        return bool(self.data or self.error)


def files_in(source):
    """Return a list of File for a folder, zip or notebook. Raises GradingError where there is no such thing."""
    try:
        if source.is_dir():
            return list(_Folder(source).files())
        if not source.exists():
            raise GradingError(f"there is no {source}; a folder, a zip or a notebook is expected.")
        if source.suffix.lower() == ZIP:
            with open(source, "rb") as file:
                return list(_members(file, str(source), ""))
        if source.suffix.lower() == NOTEBOOK:
            return [_read(source, source.name)]
    except handed_in.Unreadable as error:
        raise GradingError(f"{source}: {error}.") from None
    except OSError as error:  # the whole source, not one submission
        raise GradingError(f"{source} cannot be read: {error.strerror or error}.") from None
    raise GradingError(f"{source} is neither a folder nor a .zip nor an .ipynb file.")


# --- folders -----------------------------------------------------------------------------------------------------


class _Folder:
    """Walks through a folder. What lies directly in it, `top`, is somebody's own."""

    def __init__(self, folder):
        self.folder = folder
        self.root = os.path.realpath(folder)

    def files(self):
        """Yield a File for each file; an entry that cannot be looked at gives one with an error."""
        for entry in _sorted(os.scandir(self.folder)):
            for number, file in enumerate(self.look(entry.path, entry.name, entry.name, 1)):
                if number == MOST_FILES:
                    why = f"the folder holds more than {MOST_FILES:,} files; not all were looked at"
                    yield File(entry.name, entry.path, error=why)
                    break
                yield file

    def look(self, path, inside, top, depth):
        """Yield the Files that a path gives. inside: the path from the source; top: its first part."""
        if LITTER.search(inside):
            return
        link = False
        try:
            mode = os.lstat(path).st_mode
            if link := stat.S_ISLNK(mode):
                path, mode = self.follow(path, top)
            if stat.S_ISDIR(mode):
                yield from self.look_into(path, inside, top, depth)
            else:
                yield from self.look_at(path, inside)
        except (OSError, handed_in.Unreadable, ValueError) as error:
            harmless = link and depth > 1 and _kind(inside) not in (NOTEBOOK, ZIP)
            yield File(inside, path, error="" if harmless else _why(error))

    def follow(self, path, top):
        """Return (path, mode) of the file that a link leads to, inside the same student's own."""
        try:
            target = os.path.realpath(path, strict=True)
        except OSError as error:
            raise handed_in.Unreadable(f"the file is a link that leads nowhere, or to itself: {_why(error)}") from None
        if not _lies_in(target, self.root):
            raise handed_in.Unreadable("the file is a link that leads out of the folder")
        if not _lies_in(target, os.path.join(self.root, top)) or os.path.isdir(target):
            raise handed_in.Unreadable("the file is a link to another place, which was not handed in here")
        return target, os.lstat(target).st_mode

    def look_into(self, path, inside, top, depth):
        """Yield the Files of a folder, or one for the folder itself where it holds nothing."""
        if depth > MOST_DEPTH:
            raise handed_in.Unreadable(f"its folders are nested more than {MOST_DEPTH} deep")
        entries = _sorted(os.scandir(path))
        if not entries:
            yield File(inside + "/", path)
        for entry in entries:
            yield from self.look(entry.path, f"{inside}/{entry.name}", top, depth + 1)

    def look_at(self, path, inside):
        """Yield the Files of what is no folder."""
        kind = _kind(inside)
        if kind not in (NOTEBOOK, ZIP):
            yield File(inside, path)
        elif kind == NOTEBOOK:
            yield _read(path, inside)
        else:
            with _open(path) as file:
                yield from _members(file, path, inside[: -len(ZIP)] + "/")


def _kind(name):
    """Return the end of a file's name that says what it is."""
    return os.path.splitext(name)[1].lower()


def _sorted(entries):
    with entries:
        return sorted(entries, key=lambda entry: entry.name)


def _lies_in(path, folder):
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _open(path):
    """Open a file for reading, if it is one: a pipe or a device would wait, or never end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise handed_in.Unreadable("it is no regular file")
    return open(os.open(path, OPEN), "rb")


def _read(path, inside):
    """Return the File of a notebook."""
    try:
        with _open(path) as file:
            facts = os.fstat(file.fileno())
            return File(inside, str(path), facts.st_mtime, _cells_of(file, facts.st_size))
    except Exception as error:  # whatever it is, it is this file's
        return File(inside, str(path), error=_why(error))


def _cells_of(file, size):
    """Return the cells of a notebook as `handed_in.reduced` has them. size: in bytes, as its folder or zip says."""
    if size > handed_in.MOST_BYTES:
        raise handed_in.Unreadable(f"the file is larger than {handed_in.MOST_BYTES // 2**20} MB")
    return handed_in.reduced(handed_in.read_cells(file.read(handed_in.MOST_BYTES + 1)))


def _why(error):
    """Return what is wrong with a file, in a few words."""
    if isinstance(error, handed_in.Unreadable):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"the file cannot be read: {error.strerror}"
    return f"the file cannot be read ({type(error).__name__}: {str(error)[:200]})"


# --- zips --------------------------------------------------------------------------------------------------------


def _members(file, label, prefix, depth=0, share=1.0):
    """Yield the Files in a zip, and in the zips inside it.

    prefix: the path of the zip as a folder, or "". depth: how many zips are around it. share: how many bytes one of
    its bytes takes in the outermost, so that zips in zips cannot unpack to more than that honestly holds.
    """
    try:
        size = file.seek(0, io.SEEK_END)
        _look_at_directory(file, size)
        archive = zipfile.ZipFile(file)
        members = sorted(archive.infolist(), key=lambda one: one.filename)
        if len(members) > MOST_FILES:
            raise handed_in.Unreadable(f"the zip holds more than {MOST_FILES:,} files")
    except Exception as error:  # zipfile lets many kinds of errors out of a damaged file
        why = str(error) if isinstance(error, handed_in.Unreadable) else f"the zip is broken ({type(error).__name__})"
        if not prefix:
            raise handed_in.Unreadable(why) from None
        yield File(prefix.rstrip("/") + ZIP, label, error=why)
        return
    left = max(0 if depth else HONEST, MOST_RATIO * size * share)
    found = False
    for member in members:
        name = _clean(member.filename)
        if name and not LITTER.search(name) and not member.is_dir():
            found = True
            try:
                data = _take_out(archive, member, left, depth)
            except Exception as error:
                yield File(prefix + name, f"{label}:{name}", _time_of(member), error=_why(error))
                continue
            left -= member.file_size if data else 0  # one that is refused takes nothing away from the others
            if _kind(name) == ZIP:
                inside = prefix + name[: -len(ZIP)] + "/"
                inner = share * member.compress_size / max(member.file_size, 1)
                yield from _members(io.BytesIO(data), f"{label}:{name}", inside, depth + 1, inner)
            else:
                yield File(prefix + name, f"{label}:{name}", _time_of(member), data)
    if not found:
        yield File(prefix, label)


def _take_out(archive, member, left, depth):
    """Return the bytes of a zip in a zip, the cells of a notebook, or nothing for another file.

    left: the bytes that may still be unpacked. depth: how many zips are around the archive. Raises Unreadable, and
    whatever zipfile raises for a damaged file: zlib.error, LZMAError, struct.error, ...
    """
    kind, size = _kind(member.filename), member.file_size
    if kind not in (NOTEBOOK, ZIP):
        return b""
    if member.flag_bits & 1:
        raise handed_in.Unreadable("the file is encrypted in its zip")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise handed_in.Unreadable("the file is a link in its zip")
    if kind == ZIP and depth >= MOST_ZIPS - 1:
        raise handed_in.Unreadable(f"more than {MOST_ZIPS} zips lie in each other; this one is not opened")
    most = MOST_INNER if kind == ZIP else handed_in.MOST_BYTES
    if size > most:
        raise handed_in.Unreadable(f"the file is larger than {most // 2**20} MB")
    if size > left or size > max(HONEST, MOST_RATIO * member.compress_size):
        raise handed_in.Unreadable(f"the zip unpacks to more than {MOST_RATIO} times its size")
    with archive.open(member) as file:
        return _cells_of(file, size) if kind == NOTEBOOK else file.read(most + 1)


def _time_of(member):
    """Return when a member was written, in seconds as files have it; 0 where its zip says nonsense."""
    try:
        return time.mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def _clean(name):
    """Return a member's name as a path that leads nowhere else, in parts that a file system could hold."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if len(parts) > MOST_DEPTH:
        parts = [*parts[: MOST_DEPTH - 1], "/".join(parts[MOST_DEPTH - 1 :])[-MOST_NAME:].replace("/", "_")]
    return "/".join(part if len(part) <= MOST_NAME else _cut(part) for part in parts)


def _cut(part):
    """Return a long name as a short one that no other name gives, with its suffix."""
    return f"{part[:40]}…{hashlib.sha256(part.encode('utf-8', 'replace')).hexdigest()[:8]}{part[-12:]}"


def _look_at_directory(file, size):
    """Refuse a zip whose table of contents is larger than any class needs, before it is read."""
    file.seek(max(0, size - 65_557))  # where the end of a zip may begin, at the earliest
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place >= 0 and len(tail) >= place + 16:
        [length] = struct.unpack("<I", tail[place + 12 : place + 16])
        if length == 2**32 - 1 and (place := tail.rfind(b"PK\6\6")) >= 0:  # zip64
            [length] = struct.unpack("<Q", tail[place + 40 : place + 48])
        if length > MOST_DIRECTORY:
            raise handed_in.Unreadable("the zip's table of contents is too long")
    file.seek(0)
