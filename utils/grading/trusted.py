"""The trusted process: run a check, in which the learner's functions are stand-ins.

The student's code never enters here. What an answer defines stands in the check's namespace as a function that
sends its arguments to the student's process and brings back plain data; so whatever is patched over there, the
comparison here is the real one.
"""

import os
import pathlib
import time

import numpy as np

from utils import checks
from utils.cells import HIDDEN
from utils.grading import link, wire
from utils.grading.running import execute
from utils.grading.status import OF_CHECKS, Status
from utils.grading.words import quote

HIDDEN_WRONG = "it passes the check in the notebook, but not the hidden tests: other inputs give a wrong result."
UNREADABLE = f"it returns what the check cannot read; it can read {wire.ACCEPTED}."
BESIDE_FAILED = "the check fails. Run it in the notebook; if it passes there, a hidden test fails."
HIDDEN_ERROR = "it passes the check in the notebook, but stops with an error at the hidden tests, on other inputs."


_default_rng = np.random.default_rng  # NumPy's own: `_seed` puts another in its place


class TrustedLink(link.Link):
    """The grader's end of the line: a result that is no plain data is a wrong answer."""

    def unreadable(self, reason):
        """End the check: what the answer returned cannot be compared."""
        self.break_off(Status.WRONG, f"it returns what the check cannot read: {quote(str(reason))}.")

    def start(self, job):
        """Send the student's process its job; return ("names", ...), ("verdict", ...) or ("raise", ...)."""
        began = time.monotonic()
        if self.left is not None:
            self.end = began + self.left
        try:
            self.send(("job", job))
            return self.receive()[0]
        finally:
            if self.left is not None:
                self.left = max(self.left - (time.monotonic() - began), 0)
                self.end = None


class Grader:
    """Runs checks, one after the other, each in a fresh copy of its lesson's namespace."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.namespaces = {}  # Setup cell -> what it defines

    def verdict(self, job, line):
        """Return {"status", "message", "public", "after", "seconds"} for one exercise, as a Verdict has them.

        "largest" is beside them: the bytes of the answer's largest message.
        job: number, setup, imports, names, checks (list of {"source", "hidden"}), timeout, seed, most (bytes of one
            message that the answer may send: looked at before anything is computed with it), and
            student: the job of the student's process.
        line: the line to the student's process. message is for the teacher, public for the student: it gives away
        nothing of the hidden tests.
        """
        namespace = self.prepare(job)
        us, after = TrustedLink(line, job["timeout"]), None
        us.most = job["most"]
        try:
            status, message, public = self._grade(job, namespace, us)
        except link.LinkBroken as error:
            status, message, after = error.status, error.message, error.after
            # The message of some speaks of a type, or of bytes, that the answer chose.
            public = error.public or (UNREADABLE if status in (Status.WRONG, Status.ERROR) else message)
        seconds = job["timeout"] - us.left if us.left is not None else 0.0
        said = {"status": status, "message": message, "public": public, "after": after}
        return said | {"seconds": round(seconds, 3), "largest": us.largest}

    def prepare(self, job):
        """Run the lesson's Setup cell, once; return a copy of its namespace, with the answer's imports; seed."""
        if job["setup"] not in self.namespaces:
            namespace = {"__name__": "__main__"}
            os.chdir(self.root / "solutions" if (self.root / "solutions").is_dir() else self.root)
            execute(job["setup"], namespace, "<setup>")
            self.namespaces[job["setup"]] = namespace
        namespace = dict(self.namespaces[job["setup"]])
        execute(job["imports"], namespace, "<imports>")
        _seed(job["seed"])
        return namespace

    def _grade(self, job, namespace, us):
        """Start the answer, then run the checks; return (status, message, public message)."""
        reply = us.start(job["student"])
        if reply[0] == "nothing":
            return Status.MISSING, "", ""
        if reply[0] == "raise" and len(reply) == 3:
            error = link.as_exception(reply[1])
            return _judge(error, job, hidden=False)
        if reply[0] == "verdict" and job["student"]["check"] is not None:
            return _beside(reply)
        if reply[0] != "names" or len(reply) != 2 or type(reply[1]) is not dict:
            us.break_off(Status.ERROR, "the answer sent back what cannot be read: an unknown message.")
        unreadable = {}
        for name in job["names"]:
            found = reply[1].get(name)
            if type(found) is tuple and len(found) == 2 and found[0] == "value":
                namespace[name] = found[1]
            elif type(found) is tuple and len(found) == 2:
                unreadable[name] = quote(str(found[1]))
        for number, check in enumerate(job["checks"]):
            filename = f"<check {job['number']}{f', {number + 1}' if number else ''}>"
            before = dict(namespace)
            try:
                execute(check["source"], before, filename)
            except Exception as error:
                if us.broken is not None:
                    raise us.broken from None
                hidden = check["hidden"] or _in_hidden_part(error, filename, check["source"])
                return _judge(error, job, hidden, unreadable)
            if us.broken is not None:
                raise us.broken
        return Status.DONE, "", ""


def _seed(seed):
    """Seed every generator, also those that a check makes itself: the same answer gets the same verdict twice."""
    import keras

    keras.utils.set_random_seed(seed % 2**32)
    made = iter(range(2**32))

    def default_rng(own=None):
        return _default_rng([seed, next(made)] if own is None else own)

    np.random.default_rng = default_rng


def _judge(error, job, hidden, unreadable=None):
    """Return (status, message, public message) for the exception that ended an answer or a check."""
    number = job["number"]
    if checks.is_stub(error, number):
        return Status.NOT_ATTEMPTED, "", ""
    if isinstance(error, checks.CheckFailed):
        message = str(error)
        return Status.WRONG, message, HIDDEN_WRONG if hidden else message
    if isinstance(error, NameError) and getattr(error, "name", None) in job["names"]:
        name = error.name
        why = (unreadable or {}).get(name)
        message = f"{name} cannot be read by the check: {why}." if why else f"the answer does not define {name}."
        return Status.ERROR, message, message
    line = getattr(error, "learner_line", "")
    kind = getattr(error, "learner_kind", "") or type(error).__name__
    detail = checks.text_of(error).replace(f"<answer {number}>, ", "")
    if type(error) is RuntimeError and detail.startswith(f"{kind}: "):
        detail = detail.removeprefix(f"{kind}: ")
    said = f": {quote(detail)}" if detail else ""
    message = f"the code stopped with {kind}{said}{f' in the line: {quote(line)}' if line else ''}"
    return Status.ERROR, message, HIDDEN_ERROR if hidden else message


def _beside(reply):
    """Read the verdict of a check that had to run in the student's process."""
    found = reply[1] if len(reply) == 2 else None
    if type(found) is not tuple or list(map(type, found)) != [str, str] or found[0] not in OF_CHECKS:
        return Status.ERROR, "the check, run beside the answer, gave no verdict.", "the check gave no verdict."
    status = Status(found[0])
    return status, quote(found[1], 1000), BESIDE_FAILED if status in (Status.WRONG, Status.ERROR) else ""


def _in_hidden_part(error, filename, source):
    """Tell whether an exception left a check from its hidden part, or below it: there an answer knows hidden inputs."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    if trace is None:
        return True
    block = HIDDEN.search(source)
    return block is not None and trace.tb_lineno > source.count("\n", 0, block.start())
