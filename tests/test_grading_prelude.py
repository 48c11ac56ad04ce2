"""What an answer may lean on: IPython's own lines, and other cells of its notebook."""

import pytest

from utils.grading import pieces, student

ANSWER = "# exercise: 0.1\ndef double(x):\n    return 2 * x\n"
HELPED = "# exercise: 0.1\ndef double(x):\n    return helper(x)\n"
HELPER = "helper = lambda x: 2 * x\n"


def double(answer, *cells):
    """Run an answer as a student's process does, with these other cells; return what its function makes of 4."""
    us = student.StudentLink(None)
    kept = [*(["own", cell] for cell in cells), ["answer", answer]]
    job = {"number": "0.1", "setup": "", "cells": kept, "names": ["double"], "check": None}
    namespace, reply = student.run(job, us)
    return namespace["double"](4) if reply is None else reply


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        ANSWER + "%matplotlib inline\n",
        "%matplotlib inline\n" + ANSWER,
        "%pip install nothing\n" + ANSWER,
        ANSWER + "!ls \\\n  -l\n",
        "files = !ls\n" + ANSWER,
        "took = %timeit -o 1\n" + ANSWER,
        ANSWER + "double?\n",
        ANSWER + "?double\n",
        ANSWER + "%time double(3)\n",
        "%%time\n" + ANSWER,
        "\n%%capture out\n" + ANSWER + "%matplotlib inline\n",
        "/print 1\n" + ANSWER,
        ANSWER.replace("return", "%matplotlib inline\n    return"),
        ANSWER.replace("return", "text = '''\n!no\n%s?\n'''\n    return") + "!ls\nassert double(1) == 2\n",
        ANSWER.replace("return", '"""Is it doubled?\n\n    Is it?\n    """\n    return') + "%matplotlib inline\n",
        "".join(f">>> {line}\n" for line in ANSWER.splitlines()),
        "".join(f"    {line}\n" for line in ANSWER.splitlines()),
    ],
)
def test_lines_of_ipython_do_nothing(answer):
    """What runs in a notebook runs here; magics and commands have no effect."""
    assert double(answer) == 8


def test_plain_python_stays_as_it_is():
    """Where a source parses, IPython is not asked; a syntax error is left for the answer's own message."""
    for source in (ANSWER, "a = (7\n % 4)\n", "def double(x:\n    return 1\n"):
        assert pieces.readable(source) == source
    assert pieces.readable("%%bash\nls\n") == ""


@pytest.mark.parametrize(
    "cell", [HELPER, "%matplotlib inline\n" + HELPER, "files = !ls\n" + HELPER, "%%time\n" + HELPER]
)
def test_helpers_of_other_cells(cell):
    """A definition is found in its cell, among IPython's own lines too."""
    assert double(HELPED, "%%bash\necho\n", "def broken(:\n", cell) == 8


def test_cells_that_define_nothing_here(monkeypatch):
    """A cell in another language, one that does not parse and one that IPython gives up on are passed over."""

    def give_up(self, cell):
        raise RuntimeError("Input transformation still changing")

    for cell in ("%%bash\n" + HELPER, "(\n" + HELPER):
        assert pieces.Cell("own", cell).pieces == []
    monkeypatch.setattr(pieces.TransformerManager, "transform_cell", give_up)
    assert double(HELPED, HELPER, "!ls\nhelper = None\n") == 8


@pytest.mark.parametrize(
    "source, binds, changes, needs",
    [
        ("a, (b, *c) = d", "abc", "", "d"),
        ("a += b", "a", "", "ab"),
        ("a[b].c = d", "", "a", "abd"),
        ("a.b(c)", "", "a", "ac"),
        ("del a[b]", "", "a", "ab"),
        ("@a.b(c)\nclass d(e):\n    f = g", "d", "a", "aceg"),
        ("def a(b=c):\n    global d\n    d = e + a(b)\n    def f():\n        return g", "a", "", "ceg"),
        ("try:\n    import a.b as c\nexcept d as e:\n    f: g = 1", "cef", "", "dg"),
        ("with a as b, c:\n    d = [e for e in f if (g := e)]", "bdg", "", "acf"),
        ("a = {b: [c for c in b] for b in d} | {e for f in d if (e := f)}", "ae", "", "de"),
        ("for a.b in c:\n    d[e] = 1", "", "ad", "acde"),
        ("await a(b)", "", "", "ab"),
        ("from a import *", "", "", ""),
    ],
)
def test_what_a_statement_does(source, binds, changes, needs):
    """Names are told apart by Python's own rules: defined, changed in place, needed."""
    [piece] = pieces.Cell("own", source).pieces
    assert ("".join(sorted(piece.binds)), "".join(sorted(piece.changes))) == (binds, changes)
    assert "".join(sorted(piece.needs - {"int"})) == needs
