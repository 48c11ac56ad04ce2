"""README's Python examples run, and its links lead somewhere."""

import re

import pytest
from conftest import ROOT, SOLUTIONS

READMES = [ROOT / "README.md", ROOT / "data" / "README.md", ROOT / "utils" / "grading" / "README.md"]


def test_the_examples_run(monkeypatch):
    """Every ```python block of README runs in the course's folder, one after the other."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", READMES[0].read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)
    assert namespace["matrix"].shape == (10_000, 50)


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)
def test_links_lead_somewhere(path):
    """Relative links and named folders exist."""
    text = path.read_text(encoding="utf-8")
    targets = (
        re.findall(r"\]\(([^)\s]+)\)", text)
        + re.findall(r'src="([^"]+)"', text)
        + re.findall(r"`((?:lessons|solutions|utils|data|tests)/)`", text)
    )
    for target in targets:
        if "://" not in target:
            folder = ROOT if target.endswith("/") else path.parent
            assert (folder / target).exists(), target


def test_each_lesson_has_a_picture():
    """README shows a figure of each lesson from 01 on, with words for those who cannot see it."""
    shown = dict(
        re.findall(r'<img src="data/pictures/(\d\d)_\w+\.png"[^>]* alt="([^"]+)"', READMES[0].read_text("utf-8"))
    )
    assert list(shown) == [path.name[:2] for path in SOLUTIONS[1:]]
    assert all(len(words) > 40 for words in shown.values())
