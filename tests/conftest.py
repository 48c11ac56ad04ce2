"""What the tests share: the course's notebooks, and a clean environment."""

import os
import pathlib

import nbformat
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
LESSONS = sorted((ROOT / "lessons").glob("*.ipynb"))

# A grader's marks must not leak into the notebooks that nbval starts from here.
for name in ("UNROLLED_GRADING", "NBGRADER_EXECUTION"):
    os.environ.pop(name, None)


def notebook(path):
    """Return the notebook in a file."""
    return nbformat.read(path, as_version=4)


@pytest.fixture
def root():
    """Return the course's root folder."""
    return ROOT
