"""utils.check_rules: what a check may use, and what it may leave to chance."""

import pathlib

import nbformat
import pytest

from utils import cells, check_rules, contract

SETUP = f"{cells.SETUP_FIRST_LINE}\nfrom utils import checks, environment, text\nenvironment.start(seed=1)"
ANSWER = "# exercise: 9.1\nimport numpy as np\n\n\ndef double(x):\n    return 2 * np.asarray(x)"
WITH = 'with checks.exercise("9.1", points=1) as ex:\n'


def complaints(rule, check):
    """Return what a rule says of a lesson with one exercise."""
    sources = [SETUP, ANSWER, WITH + check]
    made = [nbformat.v4.new_code_cell(source) for source in sources]
    return [text for _, text in rule(contract.Lesson(pathlib.Path("09_x.ipynb"), made))]


@pytest.mark.parametrize(
    "check, missing",
    [
        ('    ex.close("double", double(np.ones(3)), 2 * np.ones(3))', "np"),
        ('    ex.equal("double", double(math.pi).item(), pd.Series([1])[0])', "math, pd"),
        ('    import numpy as np\n\n    ex.close("double", double(np.ones(3)), 2 * np.ones(3))', ""),
        ("    for n in range(3):\n        ex.equal(f'double({n})', int(double(n)), 2 * n)", ""),
        ("    f = lambda a: text.pad(a)\n    ex.equal('x', [f(b) for b in ([1],)], double(1))", ""),
        ("    try:\n        double(1)\n    except ValueError as error:\n        ex.true(str(error), False)", ""),
    ],
)
def test_a_check_imports_what_it_uses(check, missing):
    """Setup, the answer's functions and the check's own names are there; the answer's imports may not be."""
    found = complaints(check_rules.checks_import_what_they_use, check)
    assert found == ([f"the check of exercise 9.1 takes {missing} from the answer: import it here."] if missing else [])


@pytest.mark.parametrize(
    "check, what",
    [
        ("    import random\n\n    n = random.Random().random()", "Random()"),
        ("    import numpy as np\n\n    n = np.random.RandomState().rand()", "RandomState()"),
        ("    import time\n\n    n = int(1e6 * time.time())", "time"),
        ("    import os\n\n    n = os.urandom(1)[0]", "urandom"),
        ("    n = hash('x')", "hash"),
        ("    for n in {1, 2}:\n        double(n)", "the order of a set"),
        ("    words = list(set('abc'))", "the order of a set"),
        ("    import numpy as np\n\n    n = np.random.default_rng().integers(9)", ""),
        ("    import numpy as np\n\n    n = np.random.RandomState(3).rand()", ""),
        ("    words = sorted(set('abc'))\n    double(len({1, 2}))", ""),
    ],
)
def test_chance_is_what_the_grader_seeds(check, what):
    """What no seed reaches gives the same answer other points."""
    found = complaints(check_rules.checks_are_seeded, check)
    expected = f"the check of exercise 9.1 has {what}, which no seed reaches: np.random.default_rng()."
    assert set(found) == ({expected} if what else set())
