"""utils.environment: the profile, the budget, and one quiet line at the start."""

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
    monkeypatch.setenv("UNROLLED_PROFILE", "full")
    assert environment.budget(laptop=2, full=20) == 20


def test_unknown_profile_is_refused(monkeypatch):
    """UNROLLED_PROFILE=huge gets one sentence with what is accepted."""
    monkeypatch.setenv("UNROLLED_PROFILE", "huge")
    with pytest.raises(ValueError, match="'huge'; it can be 'laptop' .* or 'full'"):
        environment.budget(laptop=2, full=20)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_bad_seed_is_refused(seed):
    """A seed is an integer, 0 or larger."""
    with pytest.raises(ValueError, match="must be an integer"):
        environment.start(seed=seed)


def test_start_prints_one_line_and_nothing_else(root):
    """A fresh process: one line on stdout, not a word on stderr, and seeded numbers."""
    code = "from utils import environment; environment.start(seed=3)\nimport numpy; print(numpy.random.rand() < 0.6)"
    process = run_python(code, root)
    assert process.stdout == "Unrolled is ready: seed 3, laptop profile.\nTrue\n"
    assert process.stderr == ""


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
