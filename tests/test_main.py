"""python -m utils says what there is, and says it of everything."""

import re
import subprocess
import sys

from utils import __main__ as main
from utils import grading


def test_every_module_is_listed_with_a_sentence(root):
    """A new module shows up by itself; one without a docstring would show up as a name alone."""
    printed = subprocess.run([sys.executable, "-m", "utils"], cwd=root, capture_output=True, text=True, check=True)
    files = {path.stem for path in (root / "utils").glob("*.py")} - {"__init__", "__main__"}
    packages = {path.parent.name for path in (root / "utils").glob("*/__init__.py")}
    found = main.modules()
    assert {name for name, _, _ in found} == files | packages
    for name, sentence, is_command in found:
        assert len(sentence) > 20, name
        assert f"{'python -m utils.' * is_command}{name}\n      {sentence}\n" in printed.stdout
    assert {name for name, _, is_command in found if is_command} >= {"authoring", "corpora", "launch"}


def test_commands_come_first(capsys):
    """Without arguments: two headings, each module once, the commands as they are typed; status 0."""
    assert main.main([]) == 0
    printed = capsys.readouterr()
    commands, modules = printed.out.split("Modules, each usable alone: from utils import ...\n\n")
    assert commands.startswith("Commands\n\n  python -m utils.") and printed.err == ""
    assert "python -m" not in modules and "\n  text\n      From texts to batches" in f"\n{modules}"
    assert len(re.findall(r"^  \S", printed.out, re.MULTILINE)) == len(main.modules())


def test_the_grader_names_its_modules(root):
    """The table in utils.grading's docstring leaves none out."""
    named = re.findall(r"^(\w+(?:, \w+)*) {2,}\w", grading.__doc__, flags=re.MULTILINE)
    modules = {path.stem for path in (root / "utils" / "grading").glob("*.py")} - {"__init__", "__main__"}
    assert {name for names in named for name in names.split(", ")} == modules


def test_an_argument_is_not_ignored(capsys):
    """A space in place of the point is the likely slip: the sentence names the command that was meant."""
    assert main.main(["corpora"]) == 2
    assert "did you mean python -m utils.corpora?" in capsys.readouterr().err
