"""Build the course as a site, to be read without installing anything: python -m tools.site   (or: make site)

    --output DIR       where it goes (site/ in the course's folder); what a site left there before is replaced
    --check            then open each page in headless Chromium, and say what is wrong (or: make test-site)
    --screenshots DIR  with --check: keep pictures of some pages, wide and narrow, light and dark
    --browser PATH     with --check: the Chrome or Chromium to use, where it is not found by itself

This file needs nothing but Python. It makes the environment .venv-site, which holds Sphinx and what it needs and no
TensorFlow, and hands over to tools.site.build: nothing is executed, the pages show the outputs that are stored.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import sys

from tools.browser.__main__ import NO_BROWSER, find_browser
from utils import launch

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
FOLDER = launch.ROOT / ".venv-site"


def prepare():
    """Make the environment if needed, install requirements.txt where it changed; return the path of its Python."""
    python = launch.python_of(FOLDER)
    if not launch.suitable(launch.version_of(python)) or not launch.has_pip(python):
        launch.run(
            [*launch.find_python(), "-m", "venv", "--clear", str(FOLDER)],
            "The virtual environment could not be made; Debian and Ubuntu need: sudo apt install python3-venv",
        )
    stamp, wanted = FOLDER / "requirements.sha256", hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing Sphinx (the first time takes a minute) ...", flush=True)
        launch.install_packages(python, REQUIREMENTS)
        stamp.write_text(wanted)
    return python


def main(arguments):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description="Build the course as a site.")
    parser.add_argument("--output", metavar="DIR", default=str(launch.ROOT / "site"), help="where it goes (site/)")
    parser.add_argument("--check", action="store_true", help="then open each page in a browser")
    parser.add_argument("--screenshots", metavar="DIR", help="with --check: keep pictures of some pages here")
    parser.add_argument("--browser", metavar="PATH", help="with --check: the Chrome or Chromium to use")
    options = parser.parse_args(arguments)
    browser = shutil.which(options.browser) if options.browser else find_browser()
    if options.check and browser is None:
        print(NO_BROWSER, file=sys.stderr)
        return 2
    try:
        python = prepare()
    except launch.LaunchError as error:
        print(error, file=sys.stderr)
        return 2
    output = os.path.abspath(options.output)
    status = launch.hand_over([str(python), "-m", "tools.site.build", output])
    if status or not options.check:
        return status
    screenshots = [os.path.abspath(options.screenshots)] if options.screenshots else []
    return launch.hand_over([str(python), "-m", "tools.site.check", output, browser, *screenshots])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
