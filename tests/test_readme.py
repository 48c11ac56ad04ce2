"""README's Python examples run, and its links lead somewhere."""

import re

import pytest
from conftest import ROOT

READMES = [ROOT / "README.md", ROOT / "data" / "README.md", ROOT / "utils" / "grading" / "README.md"]


def test_the_examples_run():
    """Every ```python block of README runs, one after the other."""
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
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"`((?:lessons|solutions|utils|data|tests)/)`", text)
    for target in targets:
        if "://" not in target:
            folder = ROOT if target.endswith("/") else path.parent
            assert (folder / target).exists(), target
