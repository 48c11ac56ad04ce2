"""Do in a browser what a learner does in lesson 00: python -m tools.browser   (or: make test-browser)

    --screenshots DIR   keep a picture of the page after each of the three stages, and of a failure
    --browser PATH      the Chrome or Chromium to use, where it is not found by itself

This file needs nothing but Python. It looks for a browser, brings the environment up to date as `make lab` does,
adds Selenium to it, and hands over to tools.browser.learner, which is the test.
"""

import argparse
import os
import pathlib
import shutil
import sys

from utils import launch

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELSEWHERE = (  # macOS and Windows do not put a browser on the PATH
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
)
NO_BROWSER = """This test needs Chrome or Chromium, and found neither. Install one, and start again:

    Debian        sudo apt install chromium chromium-driver
    Fedora        sudo dnf install chromium chromedriver
    others        https://www.google.com/chrome

Where it is installed and not found, name it: python -m tools.browser --browser PATH"""


def find_browser():
    """Return the path of an installed Chrome or Chromium, or None."""
    found = [shutil.which(name) for name in (*NAMES, *map(os.path.expandvars, ELSEWHERE))]
    return next(filter(None, found), None)


def main(arguments):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.browser", description="Do lesson 00 in a browser.")
    parser.add_argument("--screenshots", metavar="DIR", help="keep a picture of each stage in this folder")
    parser.add_argument("--browser", metavar="PATH", help="the Chrome or Chromium to use")
    options = parser.parse_args(arguments)
    browser = shutil.which(options.browser) if options.browser else find_browser()
    if browser is None:
        print(NO_BROWSER, file=sys.stderr)
        return 2
    try:
        python = launch.prepare()
        launch.write_settings(launch.environment_folder())  # as `make lab` does; the test starts from a copy
        # Quick where it is there already, and then needs no network.
        launch.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)],
            "Selenium, which drives the browser, could not be installed; is the network up?",
        )
    except launch.LaunchError as error:
        print(error, file=sys.stderr)
        return 2
    screenshots = [os.path.abspath(options.screenshots)] if options.screenshots else []
    return launch.hand_over([str(python), "-m", "tools.browser.learner", browser, *screenshots])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
