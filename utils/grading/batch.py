"""Many submissions -> rows. The work is spread by joblib, over threads here or over what joblib is told to use."""

import atexit
import contextlib
import dataclasses
import hashlib
import pickle
import threading

import joblib

from utils.grading import grade, processes, submissions
from utils.grading.status import Status

ATTEMPTS = 4

_graders, _lock = {}, threading.Lock()
_stopping = threading.Event()


@dataclasses.dataclass(frozen=True)
class Row:
    """One submission with its verdicts."""

    student: str
    lesson: str
    label: str
    digest: str
    remark: str
    verdicts: tuple

    @property
    def score(self):
        """Return the sum of what was scored."""
        return sum(verdict.score for verdict in self.verdicts)

    @property
    def points(self):
        """Return the sum of what can be scored."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def words(self):
        """Return the status of the exercise that went most wrong, as tables say it."""
        return grade.worst(self.verdicts).words if self.verdicts else Status.UNREADABLE.words()


@dataclasses.dataclass(frozen=True)
class Settings:
    """All that a process needs to grade, on whatever machine it runs."""

    lessons: tuple
    options: grade.Options
    hidden: tuple = ()

    def digest(self):
        """Return a short text that differs wherever the settings do."""
        return hashlib.sha256(repr((self.lessons, self.options)).encode()).hexdigest()[:16]


def grader(settings):
    """Return this process's Grader for these settings; the first call makes it."""
    key = pickle.dumps(settings)
    with _lock:
        if key not in _graders:
            _graders[key] = grade.Grader(settings.lessons, settings.options, settings.hidden)
        return _graders[key]


@atexit.register
def close():
    """End the processes of every Grader in this process."""
    with _lock:
        for one in _graders.values():
            one.close()
        _graders.clear()


def digest(submission, settings):
    """Return what tells whether a submission was graded before, with the same settings."""
    data = submission.data if submission.data is not None else b"none"
    return hashlib.sha256(data + submission.error.encode("utf-8", "replace")).hexdigest()[:16] + settings.digest()


def grade_one(submission, settings):
    """Return the Row for one submission. It never raises for what a student handed in."""
    made = lambda verdicts, remark="": Row(  # noqa: E731
        submission.student, submission.lesson, submission.label, digest(submission, settings),
        f"{submission.remark} {remark}".strip(), tuple(verdicts),
    )  # fmt: skip
    if submission.lesson == submissions.UNKNOWN:
        return made((), submission.error or "no exercise of this course is in it.")
    [lesson] = [one for one in settings.lessons if one.name == submission.lesson]
    if not submission.data:
        status = Status.MISSING if submission.data is None else Status.UNREADABLE
        return made(grade.nothing(lesson, status, submission.error or "no notebook was handed in."))
    for _ in range(ATTEMPTS):
        if _stopping.is_set():
            raise processes.StartError("stopped")
        try:
            return made(grader(settings).grade(submission.lesson, submission.data))
        except processes.StartError:
            continue  # an answer, perhaps another student's, ended the processes that grade: they are started anew
    if _stopping.is_set():
        raise processes.StartError("stopped")
    why = "the processes that grade were ended each time; see what its answers do."
    return made(grade.nothing(lesson, Status.KERNEL_DIED, why))


def prove(name, settings):
    """Check that a lesson's solutions pass their checks; return how each is checked."""
    return grader(settings).prove(name)


def grade_all(found, settings, jobs=1):
    """Yield a Row for each submission, as they are done.

    found: list of Submission. jobs: how many at a time. Which engine spreads the work is joblib's to say: threads
    on this machine, unless the caller is inside `joblib.parallel_config(backend="dask")` or another. Raises
    GradingError, before anything is graded, when a solution does not pass its own check.
    """
    names = sorted({one.lesson for one in found if one.data} - {submissions.UNKNOWN})
    _stopping.clear()
    with joblib.Parallel(
        n_jobs=jobs, prefer="threads", return_as="generator_unordered", pre_dispatch="2*n_jobs"
    ) as pool:
        for _ in pool(joblib.delayed(prove)(name, settings) for name in names):
            pass
        rows = pool(joblib.delayed(grade_one)(one, settings) for one in found)
        try:
            yield from rows
        except (KeyboardInterrupt, GeneratorExit):
            _stopping.set()
            with contextlib.suppress(Exception):
                close()
            raise
