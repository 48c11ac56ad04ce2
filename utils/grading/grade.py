"""One submission -> one verdict for each exercise."""

import dataclasses
import os
import signal
import threading
import zlib

from utils.grading import cold, handed_in, processes, sandbox, warm, wire
from utils.grading.lessons import GradingError
from utils.grading.status import ORDER, Status

APART, BESIDE = "apart", "beside the answer"
# An answer may compute for `timeout` seconds. By the clock it may take so many times that, for it may have to wait
# for a processor. Windows does not limit computing time: there the clock alone decides.
PATIENCE = 4 if os.name == "posix" else 1
GRACE = 60  # seconds that a check may take beyond what the answer's own time allows
OUT_OF_TIME = -signal.SIGXCPU if os.name == "posix" else None  # the exit status when computing time is over
# What an answer sends may be so many times as large as what the solution sends, and so many bytes in any case: a check
# computes with it, outside of the answer's limits.
MANY_TIMES, LEAST_BYTES = 8, 2**20
MOST_JOBS = 100  # of one trusted process, so that what TensorFlow keeps cannot pile up


@dataclasses.dataclass(frozen=True)
class Options:
    """How to grade. timeout in seconds of computing and memory in MB hold for each exercise."""

    timeout: float = 20.0
    memory: int = 2048
    processes: int = 64
    files: int = 256
    seed: int = 0

    def limits(self):
        """Return the limits of one student's process, in bytes where they are sizes."""
        return {
            "seconds": self.timeout,
            "memory": self.memory * sandbox.MEGABYTE,
            "processes": self.processes + 8 * (os.cpu_count() or 1),
            "files": self.files * sandbox.MEGABYTE,
        }


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one exercise of one submission got, and why."""

    number: str
    score: int
    points: int
    status: Status
    message: str = ""  # for the teacher
    public: str = ""  # for the student: nothing of the hidden tests
    remark: str = ""
    how: str = APART
    seconds: float = 0.0
    after: float | None = None  # in how many seconds it was stopped

    @property
    def words(self):
        """Return the status as tables and feedback say it."""
        return self.status.words(self.after)


def worst(verdicts):
    """Return the verdict that says most: that on the exercise that went most wrong."""
    return min(verdicts, key=lambda verdict: ORDER.index(verdict.status))


class Grader:
    """Grades submissions with warm processes. Thread-safe; close() it, or use it as a context manager.

    lessons: list of Lesson. hidden: folders that no student's process may see.
    """

    def __init__(self, lessons, options=None, hidden=()):
        processes.refuse_optimised()
        self.lessons = {lesson.name: lesson for lesson in lessons}
        self.options = options or Options()
        self.lock = threading.Lock()
        self.modes, self.idle = {}, []
        self.largest = {}  # number of an exercise -> bytes of the largest message that its solution sends
        self.hidden = tuple(hidden)
        self._warm = None

    @property
    def warm(self):
        """Return the warm parents; the first call starts them."""
        with self.lock:
            if self._warm is None:
                self._warm = warm.Warm(self.hidden) if warm.can_fork() else cold.Cold(self.hidden)
            return self._warm

    def restart(self, old):
        """Replace warm parents that have died, unless another thread has done so already."""
        with self.lock:
            if self._warm is old:
                while self.idle:
                    self.idle.pop().kill()
                old.close()
                self._warm = None

    def take_trusted(self):
        """Return a trusted process: one that has run checks before, if there is one, for it runs them faster."""
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return self.warm.trusted()

    def give_back(self, trusted):
        """Keep a trusted process for the next submission, unless it has ended or has run long."""
        with self.lock:
            if trusted.alive and trusted.jobs < MOST_JOBS and self._warm is not None:
                self.idle.append(trusted)
                return
        trusted.kill()

    def close(self):
        """End all processes."""
        with self.lock:
            while self.idle:
                self.idle.pop().kill()
            if self._warm is not None:
                self._warm.close()
                self._warm = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    # --- proving that the checks work ----------------------------------------------------------------------

    def prove(self, name):
        """Find out how each exercise of a lesson can be checked, by grading its own solution.

        Returns number -> APART or BESIDE. Raises GradingError when a solution does not pass its own check.
        """
        lesson = self.lessons[name]
        with self.lock:
            if name in self.modes:
                return self.modes[name]
        modes = {}
        with _Bench(self) as bench:
            for exercise in lesson.exercises:
                for mode in (APART, BESIDE):
                    verdict = bench.run(lesson, exercise, [["answer", exercise.answer]], mode)
                    if verdict.status is Status.DONE:
                        modes[exercise.number] = mode
                        self.largest[exercise.number] = bench.largest
                        break
                else:
                    raise GradingError(
                        f"{lesson.name}: the solution of exercise {exercise.number} does not pass its check: "
                        f"{verdict.words} {verdict.message}"
                    )
        with self.lock:
            self.modes[name] = modes
        return modes

    # --- grading ---------------------------------------------------------------------------------------------

    def grade(self, name, data):
        """Return the list of Verdict for a submission to one lesson.

        name: of the lesson, NN_slug. data: the bytes of the notebook.
        """
        lesson = self.lessons[name]
        try:
            cells = handed_in.read_cells(data)
        except handed_in.Unreadable as error:
            return nothing(lesson, Status.UNREADABLE, f"{error}.")
        modes = self.prove(name)
        with _Bench(self) as bench:
            verdicts = []
            for exercise in lesson.exercises:
                found = handed_in.find_answer(cells, exercise, lesson)
                if found.cells is None:
                    verdicts.append(_nothing(exercise, found.status, found.message))
                    continue
                verdict = bench.run(lesson, exercise, found.cells, modes[exercise.number])
                if verdict.status is Status.MISSING:  # looked at closely, none of the cells answers it
                    verdict = _nothing(exercise, found.status, found.message)
                verdicts.append(dataclasses.replace(verdict, remark=found.remark))
        return verdicts


def nothing(lesson, status, message):
    """Return the verdicts on a lesson of which there is nothing to run."""
    return [_nothing(exercise, status, message) for exercise in lesson.exercises]


def _nothing(exercise, status, message):
    """Return the verdict on an exercise where there is nothing to run."""
    return Verdict(exercise.number, 0, exercise.points, status, message, message)


class _Bench:
    """One trusted process and, for each exercise, a student's process of its own."""

    def __init__(self, grader):
        self.grader = grader
        self.trusted = None
        self.largest = 0  # bytes of the largest message of the answer that ran last

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.trusted is not None:
            self.grader.give_back(self.trusted)

    def run(self, lesson, exercise, cells, mode):
        """Run the answer that is in these cells, and its check; return the Verdict."""
        grader, options = self.grader, self.grader.options
        if self.trusted is None or not self.trusted.alive:
            self.trusted = grader.take_trusted()
        solution = grader.largest.get(exercise.number)
        most = wire.MOST_BYTES if solution is None else max(LEAST_BYTES, MANY_TIMES * solution)
        job = make_job(lesson, exercise, cells, mode, options) | {"most": most}
        limit = (PATIENCE + 1) * options.timeout + GRACE
        parents = grader.warm
        try:
            line, leash = parents.student(options.limits())
            found = self.trusted.verdict(job, line, limit)
            exit_status, why = leash.release()
            if (found is None or found["status"] == Status.KERNEL_DIED) and not parents.alive():
                raise processes.StartError("the processes that grade were ended.")
        except processes.StartError:
            grader.restart(parents)
            raise
        if found is None:
            found = self._without_verdict(limit)
        elif found["status"] == Status.KERNEL_DIED:
            status, text, public, after = _how_it_ended(exit_status, why, options)
            found |= {"status": status, "message": text, "public": public, "after": after}
        found["status"], self.largest = Status(found["status"]), found.pop("largest", 0)
        score = exercise.points if found["status"] is Status.DONE else 0
        return Verdict(exercise.number, score, exercise.points, how=mode, **found)

    def _without_verdict(self, limit):
        """Return what is said where a trusted process gave no verdict: it had to be ended, or it ended."""
        if self.trusted.late:
            message = f"the check did not end within {limit:g} seconds."
            return {"status": Status.STOPPED, "message": message, "public": message, "after": limit, "seconds": limit}
        message = f"the process that runs the check ended{sandbox.limited_from_outside()}."
        return {"status": Status.KERNEL_DIED, "message": message, "public": "the check could not be run."}


def _how_it_ended(exit_status, why, options):
    """Return (status, message, public message, seconds or None) for a student's process that ended before its check.

    The answer chooses its exit status and signal, and may know hidden inputs: these are for the teacher alone.
    """
    if why == "time" or exit_status == OUT_OF_TIME:
        text = f"the answer was stopped after {options.timeout:g} seconds of computing."
        return Status.STOPPED, text, text, options.timeout
    text, public = "the answer ended its own process.", "the answer's process ended before its check did."
    if why == "memory":
        text = public = f"the answer took more than {options.memory} MB of memory, and was ended."
    elif exit_status is not None and exit_status < 0:
        text = f"the answer's process was ended by signal {-exit_status}."
    elif exit_status:  # 0 is also what a leash that is let go in time gives
        text = f"the answer ended its own process, with exit status {exit_status}."
    return Status.KERNEL_DIED, text, public, None


def make_job(lesson, exercise, cells, mode, options):
    """Return what the trusted process needs for one exercise, as plain data."""
    beside = mode == BESIDE
    return {
        "number": exercise.number,
        "setup": lesson.setup,
        "imports": exercise.imports,
        "names": list(exercise.names),
        "checks": [{"source": source, "hidden": hidden} for source, hidden in exercise.checks],
        "timeout": PATIENCE * options.timeout,
        "seed": zlib.crc32(f"{options.seed} {exercise.number}".encode()),
        "student": {
            "number": exercise.number,
            "setup": student_setup(lesson.setup),
            "cells": cells,
            "names": list(exercise.names),
            "check": "\n\n".join(source for source, _ in exercise.checks) if beside else None,
        },
    }


def student_setup(source):
    """Return the lines of a Setup cell that the student's process runs: all but finding the course, which it has."""
    lines = source.splitlines()
    wanted = [line for line in lines if line.startswith(("from utils import", "environment.start("))]
    return "\n".join(["import os, pathlib, subprocess, sys", "import utils", *wanted])
