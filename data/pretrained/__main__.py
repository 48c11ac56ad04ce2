"""The command that cards of earlier trainings name. The programs are in utils/pretrained/ now."""

import sys

from utils.pretrained.__main__ import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
