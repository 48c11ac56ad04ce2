"""Who handed in what: each file of a folder or zip, as Canvas and Moodle export them too -> student and lesson.

The map is total: whoever has a folder or a file there has a row, whatever is in it. And it keeps people apart: two of
one name with different ids stay two.
"""

import dataclasses
import pathlib
import re
import unicodedata

from utils.grading import archives, handed_in
from utils.grading.lessons import GradingError
from utils.grading.words import clean

CANVAS = re.compile(r"(?P<student>[^_]+)_(?:late_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.IGNORECASE)
MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
COPY_OF = re.compile(r"copy of ", re.IGNORECASE)
COPY = re.compile(r"[-_ ]*copy *\d*$|[-_ ]+\(?(?P<number>\d{1,3})\)?$|\((?P<other>\d{1,3})\)$", re.IGNORECASE)
LONGEST_MARK = 24  # characters at the end of a name in which the mark of a copy is looked for
# Files beside the folders of students that may be somebody's work, though they are no notebooks.
WORK = {".py", ".txt", ".json", ".html", ".pdf", ".docx", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
UNKNOWN = "?"  # the lesson of a file that does not tell


@dataclasses.dataclass(frozen=True)
class Submission:
    """One notebook of one student. data is None where none was handed in for the lesson, b"" where it is unreadable."""

    student: str
    lesson: str  # NN_slug, or UNKNOWN
    label: str  # where it was found
    data: bytes | None
    remark: str = ""
    error: str = ""  # why there is nothing to grade


@dataclasses.dataclass(frozen=True)
class Owner:
    """Whom a file belongs to, as its path says."""

    name: str
    id: str = ""  # of Canvas or Moodle
    source: int = 0  # which of the folders and zips it came with


@dataclasses.dataclass(frozen=True)
class _Found:
    """A file with its owner; order: a larger one is a later version."""

    owner: Owner
    lesson: str
    file: archives.File
    order: tuple


def find(sources, lessons, *, pattern=None, passed_over=None):
    """Return a list of Submission, sorted by student and lesson: one for each student and lesson.

    sources: paths of folders, zips or notebooks. lessons: list of Lesson that are graded. pattern: a regular
    expression with a group named student, searched in each file's path inside its folder. passed_over: a list that
    gets the labels of files that are nobody's. Raises GradingError for a source that is not there, or holds nothing
    that could be somebody's.
    """
    if pattern is not None:
        try:
            pattern = re.compile(pattern)
        except re.error as error:
            raise GradingError(f"--student-pattern is no regular expression: {error}.") from None
        if "student" not in pattern.groupindex:
            raise GradingError("--student-pattern needs a group named student, such as (?P<student>[^_]+)_.*")
    found, skipped = [], []
    for number, source in enumerate(map(pathlib.Path, sources)):
        mine = _identify(source, number, lessons, pattern, skipped)
        if not mine:
            raise GradingError(f"{source} holds no notebook (.ipynb), and no zip with one.")
        found += mine
    if passed_over is not None:
        passed_over += skipped
    return _complete(found, lessons, sources)


# --- whose, and which lesson -----------------------------------------------------------------------------------


def _identify(source, number, lessons, pattern, skipped):
    """Return a list of _Found: all notebooks, and one more for each owner of other files who handed in none."""
    names = [lesson.name for lesson in lessons]
    files = archives.files_in(source)
    wrapper = _wrapper([file for file in files if file.is_notebook], names, source.is_file())
    found, others = [], []
    for file in files:
        parts = pathlib.PurePosixPath(file.path).parts
        parts = parts[1:] if parts[0] == wrapper and len(parts) > 1 else parts
        if not file.is_notebook:
            others.append((parts, file))
            continue
        name, known, rest, hint = _owner(parts, names, pattern, file.path)
        lesson, copy = _lesson_of(rest, hint, file.data, lessons)
        name = name or (source.resolve().name if source.is_dir() else source.stem if len(files) > 1 else "-")
        found.append(_Found(Owner(name, known, number), lesson, file, (not file.error, copy, file.written, file.path)))
    # Where most notebooks have no owner but the folder itself, all of it is one person's.
    unowned = [one for one in found if one.owner.name == source.resolve().name and "/" not in one.file.path]
    one_person = bool(unowned) and 2 * len(unowned) >= len(found)
    owners = {one.owner for one in found}
    for parts, file in others:
        owner = None if one_person else _owner_of_other(parts, file, names, pattern, number)
        if owner is None:
            skipped.append(file.label)
        elif owner not in owners:
            found.append(_Found(owner, "", file, (False, 0, 0.0, file.path)))
    return found


def _owner_of_other(parts, file, names, pattern, number):
    """Return the Owner of a file that is no notebook, or None where it may be the teacher's."""
    name, known, rest, hint = _owner(parts, names, pattern, file.path)
    folder = len(parts) > (2 if hint else 1) or file.path.endswith("/")
    theirs = folder or known or pathlib.PurePosixPath(rest).suffix.lower() in WORK
    return Owner(name, known, number) if name and theirs else None


def _wrapper(files, names, is_zip):
    """Return the folder in which all notebooks of a source lie, where it is no student's; else ""."""
    parts = [pathlib.PurePosixPath(file.path).parts for file in files]
    if len({one[0] for one in parts}) != 1 or any(len(one) < 2 for one in parts) or len(parts) < 2:
        return ""
    exported = all(MOODLE.fullmatch(one[1]) or CANVAS.fullmatch(one[1]) for one in parts)
    folders = {one[1] for one in parts if len(one) > 2 and not _lesson_folder(one[1], names)}
    if is_zip:
        several = all(len(one) > 2 for one in parts) or not all(_rest(_stem(one[-1]), names) == "" for one in parts)
    else:
        several = all(len(one) > 2 for one in parts) and len(folders) > 1
    return parts[0][0] if several or exported else ""


def _stem(name):
    """Return a file's name without what says that it is a notebook, a zip or another kind of work."""
    while (suffix := pathlib.PurePosixPath(name).suffix).lower() in {".ipynb", ".zip", *WORK}:
        name = name[: -len(suffix)]
    return name


def _owner(parts, names, pattern, path):
    """Return (student, id, file name, name of a lesson that a folder gives or "") for the parts of a path."""
    if pattern is not None:
        found = pattern.search(path)
        return ((found.group("student") or "").strip() if found else path), "", parts[-1], ""
    hint = ""
    if len(parts) > 1 and (hint := _lesson_folder(parts[0], names)):
        parts = parts[1:]  # LESSON/STUDENT.ipynb, LESSON/STUDENT/...
    for known in (MOODLE, CANVAS):
        if found := known.fullmatch(parts[0] if len(parts) > 1 else _stem(parts[0])):
            rest = parts[-1] if len(parts) > 1 else found.group("file")
            return found.group("student").strip(), found.group("id"), rest, hint
    if len(parts) > 1:
        return parts[0].strip(), "", parts[-1], hint
    return _rest(_stem(parts[0]), names), "", parts[0], hint


def _lesson_folder(name, names):
    """Return the lesson whose folder this is, by its name alone, or ""."""
    found = next((lesson for lesson in names if lesson in name.lower()), "")
    if not found and (said := re.fullmatch(r"lesson[-_ ]*0*(\d{1,2})", name.strip(), re.IGNORECASE)):
        return next((lesson for lesson in names if lesson[:2] == said.group(1).zfill(2)), "")
    return found if found and not _rest(name, names) else ""


def _copy(stem):
    """Return the match of what a system puts at the end of a copy's name, or None."""
    return COPY.search(stem, max(0, len(stem) - LONGEST_MARK))


def _without_copy(stem):
    found = _copy(stem)
    stem = stem[: found.start()] if found else stem
    return stem[len("copy of ") :] if COPY_OF.match(stem) else stem


def _rest(stem, names):
    """Return what is left of a file's name without the lesson's and without marks of copies."""
    stem = _without_copy(stem)
    for name in names:
        place = stem.lower().find(name)
        if place >= 0:
            stem = stem[:place] + stem[place + len(name) :]
            break
    return _without_copy(stem.strip(" _-.")).strip(" _-.")


def _lesson_of(file, hint, data, lessons):
    """Return (lesson's name or UNKNOWN, number of the copy): by the file's name, its folder's, the exercises inside."""
    stem = _stem(file)
    copy = _copy(stem)
    number = int((copy and (copy.group("number") or copy.group("other"))) or 0)
    named = next((lesson.name for lesson in lessons if lesson.name in stem.lower()), hint)
    inside = handed_in.exercises_in(handed_in.read_cells(data), lessons) if data else set()
    counts = {lesson.name: len(inside & {one.number for one in lesson.exercises}) for lesson in lessons}
    if named and (counts[named] or not any(counts.values())):
        return named, number
    best = max(counts, key=counts.get)
    return (best, number) if counts[best] else (UNKNOWN, number)


# --- one row for each student and lesson -----------------------------------------------------------------------


def _complete(found, lessons, sources):
    """Return the Submissions: the latest version of each, and what is missing."""
    seen = {one.lesson for one in found} - {UNKNOWN}
    mine = {}
    for one in sorted(found, key=lambda one: one.order):
        mine.setdefault(one.owner, []).append(one)
    rows = []
    for student, versions in _named(_merged(mine), sources).items():
        latest = {}
        for one in versions:
            if one.file.is_notebook:
                key = one.lesson if one.lesson != UNKNOWN else one.file.label
                latest[key] = _submission(student, one, latest.get(key))
        handed = {one.lesson for one in latest.values()}
        why = "" if latest else _instead(versions)
        rows += latest.values()
        for lesson in lessons:
            if lesson.name in seen - handed:
                rows.append(Submission(student, lesson.name, "", None, error=why))
        if not latest and not seen:
            rows.append(Submission(student, UNKNOWN, versions[0].file.label, None, error=why))
    return sorted(rows, key=lambda one: (one.student, one.lesson, one.label))


def _submission(student, one, before):
    """Return the Submission of a notebook; before: that of an earlier version, or None."""
    file, remark = one.file, ""
    if before is not None:
        remark = f"handed in more than once; {pathlib.PurePosixPath(file.path).name} counts."
        if before.error:
            remark += f" {pathlib.PurePath(before.label).name} is unreadable: {before.error}"
    return Submission(student, one.lesson, file.label, file.data, remark, f"{file.error}." if file.error else "")


def _instead(versions):
    """Return what somebody handed in who handed in no notebook."""
    names = [pathlib.PurePosixPath(one.file.path).name for one in versions if not one.file.path.endswith("/")]
    if not names:
        return "no notebook (.ipynb) was handed in: the folder is empty."
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"no notebook (.ipynb) was handed in, but {', '.join(sorted(names)[:3])}{more}."


def _merged(mine):
    """Return Owner -> list of _Found, in which those of one name in several sources are one owner.

    They are kept apart where two of them handed in the same lesson: they are two people then.
    """
    merged = {}
    for owner, found in mine.items():
        handed = {one.lesson for one in found if one.file.is_notebook}
        for other in merged:
            theirs = {one.lesson for one in merged[other]}
            if (other.name, other.id) == (owner.name, owner.id) and not handed & theirs:
                merged[other] = sorted(merged[other] + found, key=lambda one: one.order)
                break
        else:
            merged[owner] = found
    return merged


def _named(owners, sources):
    """Return student -> list of _Found: each owner by a name that no other has, also where names look alike."""
    alike = {}
    for owner in owners:
        alike.setdefault(_looks(owner.name), []).append(owner)
    named = {}
    for owner, found in owners.items():
        others = [one for one in alike[_looks(owner.name)] if one != owner]
        name = owner.name
        if any(one.id != owner.id for one in others):
            name += f" ({owner.id or 'no id'})"
        if any(one.source != owner.source for one in others):
            name += f" ({pathlib.Path(sources[owner.source]).name})"
        count = 1
        while (unique := name if count == 1 else f"{name} [{count}]") in named:
            count += 1
        named[unique] = found
    return named


def _looks(name):
    """Return a name as a reader sees it."""
    return unicodedata.normalize("NFC", clean(name))
