"""What the tests share: the course's notebooks, and a clean environment."""

import ast
import linecache
import os

import nbformat
import numpy as np
import pytest

from utils import cells, environment

pytest_plugins = ["tests.suite"]  # the order of the files, what they take, what is left out

ROOT = environment.course_root()
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
LESSONS = sorted((ROOT / "lessons").glob("*.ipynb"))

try:
    environment.check_asserts()
except RuntimeError as error:
    raise pytest.UsageError(str(error)) from None

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # as in the lessons: only what stops TensorFlow is told

if "PYTEST_XDIST_WORKER" in os.environ:  # each process of the suite has a core: more threads wait for each other
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

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


def definitions(number, *names):
    """Return what a lesson defines: its functions, and the constants in capitals, as a dictionary.

    number: "02" for solutions/02_*.ipynb. names: the functions and constants wanted; imports come along.
    So a test can run a lesson's own experiment again, with other seeds, without running the lesson.
    """
    [path] = [path for path in SOLUTIONS if path.name.startswith(number)]
    namespace, sources = {"environment": environment}, []
    for cell in notebook(path).cells:
        if cell.cell_type != "code" or cells.is_setup(cell) or cells.check_of(cell):
            continue
        for node in ast.parse(cell.source).body:
            targets = {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
            if isinstance(node, (ast.Import, ast.ImportFrom)) or ({getattr(node, "name", None)} | targets) & set(names):
                sources.append(ast.get_source_segment(cell.source, node))
    for source in sources:
        filename = f"<lesson {number}, {source.splitlines()[0][:40]}>"
        # TensorFlow's AutoGraph looks the source up again; linecache is where it finds it.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        exec(compile(source, filename, "exec"), namespace)
    missing = set(names) - namespace.keys()
    assert not missing, f"lesson {number} defines no {missing}"
    return namespace


def randomised(model, seed=0, scale=lambda weight: 0.6):
    """Give a model, or a layer that is built, weights that nobody would start with; return it.

    scale: a function of a weight, the standard deviation of its numbers. So predictions are sharp, and no bias is 0.
    """
    random = np.random.RandomState(seed)
    for weight in model.weights:
        if weight.dtype == "float32":  # others are seeds of Dropout
            value = random.normal("gamma" in weight.path, scale(weight), weight.shape)
            weight.assign(np.abs(value) + 0.1 if "variance" in weight.path else value)
    return model


@pytest.fixture(scope="module")
def compiled(model):
    """Return the module's model as one TensorFlow function: Keras reads much faster so, and says the same."""
    import tensorflow as tf

    return tf.function(model, input_signature=[tf.TensorSpec((None, None), tf.int32)])
