"""The part of the contract that reads the code of checks: what they use, and what they leave to chance.

Rules for utils.contract: each takes a lesson and yields (cell, complaint).
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from utils import cells

if TYPE_CHECKING:
    from utils.contract import Complaints, Lesson

# Each gives something else in every process, whatever the grader seeds.
UNSEEDED = {"urandom", "secrets", "uuid1", "uuid4", "SystemRandom", "time", "perf_counter", "hash", "id"}
# These are seeded only by their argument; the grader seeds np.random.default_rng(), random and Keras itself.
SEEDED_BY_ARGUMENT = {"Random", "RandomState", "SeedSequence", "PCG64", "Philox", "MT19937"}


def checks_import_what_they_use(lesson: Lesson) -> Complaints:
    """A check takes from the answer what it defines, and nothing else: a right answer need not import NumPy."""
    setup = next((cell.source for cell in lesson.cells if cells.is_setup(cell)), "")
    answers = lesson.answers()
    for number, (index, _) in lesson.checks().items():
        if not setup or number not in answers:  # other rules say so
            continue
        known = set(dir(builtins)) | bound(setup) | definitions(lesson.cells[answers[number]].source)
        source = lesson.cells[index].source
        if missing := sorted(used(source) - bound(source) - known):
            yield index, f"the check of exercise {number} takes {', '.join(missing)} from the answer: import it here."


def checks_are_seeded(lesson: Lesson) -> Complaints:
    """The same answer gets the same points twice: chance in a check is what the grader seeds."""
    for number, (index, _) in lesson.checks().items():
        for what in chances(lesson.cells[index].source):
            yield index, f"the check of exercise {number} has {what}, which no seed reaches: np.random.default_rng()."


def used(source: str) -> set[str]:
    """Return the names that a source reads."""
    return {node.id for node in ast.walk(ast.parse(source)) if _is_name(node, ast.Load)}


def bound(source: str) -> set[str]:
    """Return the names that a source binds, anywhere: targets, parameters, definitions, imports."""
    found = definitions(source)
    for node in ast.walk(ast.parse(source)):
        if _is_name(node, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def definitions(source: str) -> set[str]:
    """Return the names of the functions and classes that a source defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)}


def chances(source: str) -> list[str]:
    """Return what a source leaves to a chance that no seed reaches: names, calls, the order of a set."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in UNSEEDED:
            found.append(name)
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found += [f"{called}()"] if called in SEEDED_BY_ARGUMENT else []
        if isinstance(node, (ast.For, ast.comprehension)) and _is_set(node.iter):
            found.append("the order of a set")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("list", "tuple", "enumerate", "zip"):
            found += ["the order of a set" for argument in node.args if _is_set(argument)]
    return found


def _is_name(node, context):
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)


def _is_set(node):
    """Tell whether an expression is a set: a display, a comprehension, or a call of set or frozenset."""
    called = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("set", "frozenset")
    return called or isinstance(node, (ast.Set, ast.SetComp))
