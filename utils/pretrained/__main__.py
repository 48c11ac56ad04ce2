"""Train the shipped models again, and those of the shipped tables (or: make pretrained).

python -m utils.pretrained [NAME ...]
"""

import importlib
import sys

NAMES = (
    *("imdb-classifier", "shakespeare-characters", "imdb-words", "pronunciations", "spoken-words"),
    *("lstm-variants", "date-attention", "vowel-speakers", "digit-recognisers", "character-race"),
)


def main(names):
    """Train the named models, all of them by default; return the exit status."""
    if unknown := [name for name in names if name not in NAMES]:
        print(f"There is no model {unknown[0]!r}; choose from {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in names or NAMES:
        print(f"{name}:", flush=True)
        importlib.import_module(f"utils.pretrained.{name.replace('-', '_')}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
