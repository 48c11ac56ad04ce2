"""Find what students handed in: folders, flat files as Canvas and Moodle export them, zips of these, one notebook."""

import dataclasses
import io
import pathlib
import re
import zipfile

from utils.grading import handed_in
from utils.grading.lessons import GradingError

CANVAS = re.compile(r"(?P<student>[^_]+)_(?:late_)?\d+_\d+_(?P<file>.+)", re.IGNORECASE)
MOODLE = re.compile(r"(?P<student>.+?)_\d+_assignsubmission_file_?(?P<file>.*)")
COPY = re.compile(r"^copy of |[-_ ]*copy *\d*$|[-_ ]+\(?(?P<number>\d{1,3})\)?$|\((?P<other>\d{1,3})\)$", re.IGNORECASE)
SKIPPED = re.compile(r"(^|/)(\.|__MACOSX|__pycache__)")
MOST_IN_A_ZIP = 20_000
UNKNOWN = "?"  # the lesson of a file that does not tell


@dataclasses.dataclass(frozen=True)
class Submission:
    """One notebook of one student. data is None where nothing was handed in for the lesson."""

    student: str
    lesson: str  # NN_slug, or UNKNOWN
    label: str  # where it was found
    data: bytes | None
    remark: str = ""


@dataclasses.dataclass(frozen=True)
class _Entry:
    """A file in a folder or zip: its path in there, where it is, and when it was written."""

    path: str
    label: str
    written: float
    read: object


def find(sources, lessons, *, pattern=None):
    """Return a list of Submission, sorted by student and lesson: one for each student and lesson.

    sources: paths of folders, zips or notebooks. lessons: list of Lesson that are graded. pattern: a regular
    expression with a group named student, searched in each file's path inside its folder.
    Raises GradingError for a source that is not there, or holds no notebook.
    """
    if pattern is not None:
        try:
            pattern = re.compile(pattern)
        except re.error as error:
            raise GradingError(f"--student-pattern is no regular expression: {error}.") from None
        if "student" not in pattern.groupindex:
            raise GradingError("--student-pattern needs a group named student, such as (?P<student>[^_]+)_.*")
    found = []
    for source in map(pathlib.Path, sources):
        entries = _entries(source)
        if not entries:
            raise GradingError(f"{source} holds no notebook (.ipynb), and no zip with one.")
        found += _identify(source, entries, lessons, pattern)
    return _complete(found, lessons)


# --- files -----------------------------------------------------------------------------------------------------


def _entries(source):
    """Return the notebooks in a source as a list of _Entry."""
    if source.is_dir():
        return _in_folder(source)
    if not source.exists():
        raise GradingError(f"there is no {source}; a folder, a zip or a notebook is expected.")
    if source.suffix.lower() == ".zip":
        return _in_zip(source.read_bytes(), str(source), "")
    if source.suffix.lower() == ".ipynb":
        return [_Entry(source.name, str(source), source.stat().st_mtime, source.read_bytes)]
    raise GradingError(f"{source} is neither a folder nor a .zip nor an .ipynb file.")


def _in_folder(folder):
    found = []
    top = folder.resolve()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if SKIPPED.search(inside) or path.suffix.lower() not in (".ipynb", ".zip") or path.is_dir():
            continue
        if not path.resolve().is_relative_to(top):
            found.append(_Entry(inside, str(path), 0.0, _outside))
        elif path.suffix.lower() == ".ipynb":
            found.append(_Entry(inside, str(path), path.stat().st_mtime, path.read_bytes))
        else:
            found += _in_zip(path.read_bytes(), str(path), inside[: -len(".zip")] + "/")
    return found


def _outside():
    """Stand for a file that is a link to somewhere else."""
    raise handed_in.Unreadable("the file is a link that leads out of the folder")


def _in_zip(data, label, prefix, depth=0):
    """Return the notebooks in a zip, and in the zips inside it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        if prefix:
            return [_Entry(prefix.rstrip("/") + ".ipynb", label, 0.0, _broken_zip)]
        raise GradingError(f"{label} is no zip, or a broken one.") from None
    if len(members) > MOST_IN_A_ZIP:
        raise GradingError(f"{label} holds more than {MOST_IN_A_ZIP:,} files.")
    found = []
    for member in sorted(members, key=lambda one: one.filename):
        name = member.filename.replace("\\", "/")
        if member.is_dir() or SKIPPED.search(name):
            continue
        written = float("".join(f"{part:02}" for part in member.date_time))
        if name.lower().endswith(".ipynb"):
            found.append(_Entry(prefix + name, f"{label}:{name}", written, _Member(archive, member)))
        elif name.lower().endswith(".zip") and depth == 0 and member.file_size < 2 * handed_in.MOST_BYTES:
            found += _in_zip(_Member(archive, member)(), f"{label}:{name}", prefix + name[: -len(".zip")] + "/", 1)
    return found


def _broken_zip():
    raise handed_in.Unreadable("the file is a broken zip")


class _Member:
    """Reads one member of a zip, and no more of it than a notebook may be long."""

    def __init__(self, archive, member):
        self.archive, self.member = archive, member

    def __call__(self):
        try:
            with self.archive.open(self.member) as file:
                return file.read(2 * handed_in.MOST_BYTES)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
            raise handed_in.Unreadable(f"the file cannot be taken out of its zip: {error}") from None


# --- whose, and which lesson -----------------------------------------------------------------------------------


def _identify(source, entries, lessons, pattern):
    """Return a list of (Submission, order), where a larger order is a later version."""
    names = [lesson.name for lesson in lessons]
    wrapped = source.is_file() and _wrapper(entries, names)
    found = []
    for entry in entries:
        path = pathlib.PurePosixPath(entry.path)
        parts = path.parts[1:] if wrapped else path.parts
        student, file = _owner(parts, names, pattern, entry.path)
        try:
            data, remark = entry.read(), ""
        except (handed_in.Unreadable, OSError) as error:
            data, remark = b"", f"{error}."
        lesson, number = _lesson_of(file, data, lessons)
        if not student:
            student = source.resolve().name if source.is_dir() else source.stem if len(entries) > 1 else "-"
        found.append((Submission(student, lesson, entry.label, data, remark), (number, entry.written, entry.path)))
    return found


def _wrapper(entries, names):
    """Tell whether a zip's files all lie in one folder that is no student's."""
    parts = [pathlib.PurePosixPath(entry.path).parts for entry in entries]
    if len({one[0] for one in parts}) > 1 or any(len(one) < 2 for one in parts) or len(parts) < 2:
        return False
    return all(len(one) > 2 for one in parts) or not all(_rest(_stem(one[-1]), names) == "" for one in parts)


def _stem(name):
    return name[: -len(".ipynb")] if name.lower().endswith(".ipynb") else name


def _owner(parts, names, pattern, path):
    """Return (student, file name) for the parts of a path."""
    if pattern is not None:
        found = pattern.search(path)
        return (found.group("student").strip() if found else path), parts[-1]
    if len(parts) > 1:
        found = MOODLE.fullmatch(parts[0]) or CANVAS.fullmatch(parts[0])
        return (found.group("student") if found else parts[0]).strip(), parts[-1]
    stem = _stem(parts[0])
    for known in (MOODLE, CANVAS):
        if found := known.fullmatch(stem):
            return found.group("student").strip(), found.group("file")
    return _rest(stem, names), parts[0]


def _rest(stem, names):
    """Return what is left of a file's name without the lesson's and without marks of copies."""
    stem = COPY.sub("", stem)
    for name in names:
        place = stem.lower().find(name)
        if place >= 0:
            stem = stem[:place] + stem[place + len(name) :]
            break
    return COPY.sub("", stem.strip(" _-.")).strip(" _-.")


def _lesson_of(file, data, lessons):
    """Return (lesson's name or UNKNOWN, number of the copy): by the file's name, else by the exercises inside."""
    stem = _stem(file)
    copy = COPY.search(stem)
    number = int((copy and (copy.group("number") or copy.group("other"))) or 0)
    named = next((lesson for lesson in lessons if lesson.name in stem.lower()), None)
    try:
        inside = handed_in.exercises_in(handed_in.read_cells(data), lessons)
    except handed_in.Unreadable:
        inside = set()
    counts = {lesson.name: len(inside & {one.number for one in lesson.exercises}) for lesson in lessons}
    if named is not None and (counts[named.name] or not any(counts.values())):
        return named.name, number
    best = max(counts, key=counts.get)
    return (best, number) if counts[best] else (UNKNOWN, number)


def _complete(found, lessons):
    """Keep the latest version of each, and add what is missing."""
    latest, students = {}, {}
    for submission, _ in sorted(found, key=lambda one: one[1]):
        key = (submission.student, submission.lesson)
        if submission.lesson == UNKNOWN:
            key += (submission.label,)
        if key in latest:
            remark = f"handed in more than once; {pathlib.PurePath(submission.label).name} counts."
            submission = dataclasses.replace(submission, remark=f"{submission.remark} {remark}".strip())
        latest[key] = submission
        students[submission.student] = True
    seen = {submission.lesson for submission in latest.values()} - {UNKNOWN}
    for student in students:
        for lesson in lessons:
            if lesson.name in seen and (student, lesson.name) not in latest:
                latest[student, lesson.name] = Submission(student, lesson.name, "", None)
    return sorted(latest.values(), key=lambda one: (one.student, one.lesson, one.label))
