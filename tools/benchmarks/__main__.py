"""Measure speed: python -m tools.benchmarks [NAME ...]   (or: make bench)

Each benchmark prints one table, everything in it measured side by side in the same run.
"""

import importlib
import sys

BENCHMARKS = ("batches", "generation", "translation", "grading")


def main(names):
    """Run the named benchmarks, all of them by default; return the exit status."""
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"There is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        importlib.import_module(f"tools.benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
