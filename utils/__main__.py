"""Say what there is: python -m utils"""

from __future__ import annotations

import ast
import sys

from utils import environment

HERE = environment.course_root() / "utils"


def modules() -> list[tuple[str, str, bool]]:
    """Return (name, first sentence of its docstring, whether it is a command) for each module of utils."""
    found = []
    for path in sorted([*HERE.glob("*.py"), *HERE.glob("*/__init__.py")]):
        name = path.parent.name if path.name == "__init__.py" else path.stem
        if name in ("utils", "__main__"):
            continue
        source = path.read_text(encoding="utf-8")
        sentence = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].split(": python -m")[0]
        main = path.parent / "__main__.py" if path.name == "__init__.py" else path
        is_command = main.exists() and 'if __name__ == "__main__":' in main.read_text(encoding="utf-8")
        found.append((name, " ".join(sentence.split()), is_command))
    return found


def main(arguments: list[str]) -> int:
    """Print the modules, commands first; return the exit status."""
    if arguments:
        print(f"python -m utils takes no arguments; did you mean python -m utils.{arguments[0]}?", file=sys.stderr)
        return 2
    for heading, wanted in (("Commands", True), ("Modules, each usable alone: from utils import ...", False)):
        print(f"{heading}\n")
        for name, sentence, is_command in modules():
            if is_command is wanted:
                print(f"  {'python -m utils.' * wanted}{name}\n      {sentence}")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
