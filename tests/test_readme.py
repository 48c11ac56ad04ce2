"""README's Python examples run; its links, and those of the other pages, lead somewhere."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

READMES = [
    ROOT / name
    for name in (
        *("README.md", "CONTRIBUTING.md", "TEACHING.md", "TESTING.md"),
        *("data/README.md", "utils/grading/README.md"),
    )
]


# Three batches instead of two epochs; the rest of the example runs as it stands.
SHORT = """import keras
fit = keras.Model.fit
keras.Model.fit = lambda self, batches, epochs, **options: fit(self, batches.take(3), epochs=1, **options)"""


def test_the_examples_run(tmp_path):
    """Every ```python block of README runs, and a model loads, in a project that has a package `data` of its own."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "__init__.py").write_text("MINE = True\n", encoding="utf-8")
    asserts = (
        "assert matrix.shape == (10_000, 50) and logits.shape == (100, 1)",
        "assert own.MINE and pretrained.load('imdb-classifier').model",
    )
    program = "\n".join(["import data as own", SHORT, *examples(), *asserts])
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ROMEO:" in done.stdout


def examples():
    """Return the ```python blocks of README: a list of str."""
    blocks = re.findall(r"```python\n(.*?)```", READMES[0].read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 3
    return blocks


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    """Relative links and named folders exist."""
    text = path.read_text(encoding="utf-8")
    targets = (
        re.findall(r"\]\(([^)\s]+)\)", text)
        + re.findall(r'src="([^"]+)"', text)
        + re.findall(r"`((?:lessons|solutions|utils|data|tests|tools)/)`", text)
    )
    for target in targets:
        if "://" not in target:
            folder = ROOT if target.endswith("/") else path.parent
            assert (folder / target.partition("#")[0]).exists(), target
