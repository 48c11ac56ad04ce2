"""The student's process: find and run one answer cell, then answer calls of its functions until the line closes.

What runs here is trusted with nothing. It reads one job from its line, and whatever it sends back is data
that the other side compares; a verdict cannot be sent from here.
"""

import __future__

import ast
import contextlib
import os
import traceback

from utils.grading import link, prelude, running, wire

FUTURE = __future__.annotations.compiler_flag  # in a notebook it holds for the cells that follow, too


class StudentLink(link.Link):
    """The student's end of the line: its errors name the learner's own line."""

    filename = "<answer>"

    def describe(self, error):
        """Return what crosses of an exception, with the line of the answer that raised it."""
        return link.describe(error, _own_line(error, self.filename))


def serve(line):
    """Run the job that comes first over the line; then answer calls until the line closes."""
    us = StudentLink(line)
    with contextlib.suppress(link.LinkBroken):
        (_, job), _ = us.receive()
        us.filename = f"<answer {job['number']}>"
        namespace, reply = run(job, us)
        if reply is None:
            reply = ("names", _names(us, job["names"], namespace))
        us.send(reply)
        while True:
            message, objects = us.receive()
            us.answer(message, objects)


def run(job, us):
    """Run Setup's own lines, what the answer leans on, and the answer; return (namespace, reply or None).

    job: number, setup (source), cells (list of [kind, source]), names, check (the source of a check that has to run
    here, or None). The reply is None where the answer ran, and ("nothing",) where no cell answers the exercise.
    """
    namespace = {"__name__": "__main__", "display": _ignore, "get_ipython": prelude.Shell, "input": _no_input}
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def execute(source, filename, tree=None):
        nonlocal flags
        flags |= running.execute(source, namespace, filename, tree=tree, flags=flags) & FUTURE

    try:
        notebook = prelude.Notebook(job["cells"], job["number"], job["names"])
        chosen = notebook.answer()
        if chosen is None:
            return namespace, ("nothing",)
        execute(job["setup"], "<setup>")
        cell = notebook.cells[chosen]
        if cell.tree is None:
            compile(cell.python, us.filename, "exec")  # raises what is wrong with it
        before, after = notebook.around(chosen, namespace)
        _lean_on(before, execute)
        execute(cell.python, us.filename, cell.tree)
        _lean_on(after, execute)
        if job["check"] is not None:
            return namespace, ("verdict", _check(job, namespace, us))
    except link.LinkBroken:
        raise
    except BaseException as error:
        return namespace, ("raise", us.describe(error), None)
    return namespace, None


def _lean_on(pieces, execute):
    """Run what an answer leans on. Errors are passed over: if it needs what failed, it will say so itself."""
    for number, piece in enumerate(pieces):
        try:
            execute(piece.text, f"<cell {number}>")
        except Exception:  # noqa: S110
            pass


def _names(us, names, namespace):
    """Return name -> ("value", plain value or function) or ("unreadable", why), for those that are there."""
    found = {}
    for name in names:
        if name in namespace:
            try:
                us.encode(namespace[name])
                found[name] = ("value", namespace[name])
            except wire.WireError as error:
                found[name] = ("unreadable", str(error))
    return found


def _check(job, namespace, us):
    """Run a check beside the answer, for what cannot cross the line; return (status, message)."""
    from utils import checks

    os.environ["UNROLLED_GRADING"] = "1"
    try:
        running.execute(job["check"], namespace, f"<check {job['number']}>")
    except checks.CheckFailed as error:
        return checks.WRONG, str(error)
    except NotImplementedError as error:
        if checks.is_stub(error, job["number"]):
            return checks.NOT_ATTEMPTED, ""
        return checks.ERROR, f"the code stopped with {checks.name_error(error)}"
    except Exception as error:
        return checks.ERROR, f"the code stopped with {checks.name_error(error)}"
    return checks.DONE, ""


def _own_line(error, filename):
    """Return the last line of the answer that an exception went through, or "" if there is none."""
    try:
        if isinstance(error, SyntaxError) and error.filename == filename:
            return (error.text or "").strip()
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
        return (own[-1].line or "").strip() if own else ""
    except Exception:
        return ""


def _ignore(*arguments, **keywords):
    """Show nothing: there is nobody to look."""


def _no_input(prompt=""):
    """Stand in for input()."""
    raise RuntimeError("input() cannot be answered while grading")
