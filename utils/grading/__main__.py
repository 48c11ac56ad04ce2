"""The command line: python -m utils.grading SUBMISSIONS --csv grades.csv. What it does is in `command`."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main(arguments=None):
    """Run the command line; return the exit status: 0 when every submission got a row."""
    if sys.version_info < (3, 11):  # noqa: UP036  (it is whatever Python is called python3 here)
        print(outside("Python 3.11 or newer"), file=sys.stderr)
        return 2
    try:
        from utils.grading import command  # here, so that an interruption of these imports is none of ours, either

        return command.main(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted: nothing was written.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "utils":
            raise
        print(outside(error.name), file=sys.stderr)
        return 2


def outside(missing):
    """Return what to do where something that the course needs is missing."""
    activate = r".venv\Scripts\activate" if sys.platform == "win32" else "source .venv/bin/activate"
    first = "" if (ROOT / ".venv").exists() else "make install (python -m utils.launch install), then "
    return (
        f"{missing} is missing in {sys.executable}: this is not the course's environment. "
        f"In {ROOT}: {first}{activate}, and the same command again."
    )


if __name__ == "__main__":
    sys.exit(main())
