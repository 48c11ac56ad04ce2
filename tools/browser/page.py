"""A notebook in JupyterLab's page: what a learner sees there, and does. The class names are JupyterLab 4's."""

import contextlib
import os
import shutil
import sys
import time

from selenium import webdriver
from selenium.common import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PATIENCE = 300  # seconds: the kernel imports TensorFlow, perhaps on a busy machine
FLAGS = (
    "--headless=new",
    "--window-size=1280,1000",
    "--no-sandbox",  # without it Chromium refuses to start as root, which one is in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ACCELERATOR = Keys.COMMAND if sys.platform == "darwin" else Keys.CONTROL


def wait(what, condition, seconds=PATIENCE):
    """Ask `condition` until it says something true, and return that; after `seconds` fail, and name what is missing."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(StaleElementReferenceException):  # the page drew that part anew: look again
            if answer := condition():
                return answer
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)


@contextlib.contextmanager
def chromium(browser, folder, environment, logs=None):
    """Start a browser with a profile of its own inside `folder`; give Selenium's driver; close it in every case.

    logs: which of its logs it keeps, such as {"performance": "ALL"}.
    """
    options = webdriver.ChromeOptions()
    if logs:
        options.set_capability("goog:loggingPrefs", logs)
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    # The driver that is installed; without one, Selenium fetches it, into `folder`.
    os.environ |= {"SE_CACHE_PATH": str(folder / "selenium"), "SE_AVOID_STATS": "true"}
    installed = shutil.which("chromedriver")
    # In a session of its own, so that Ctrl-C leaves the closing to us.
    service = webdriver.ChromeService(installed, env=environment, popen_kw={"start_new_session": True})
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


class Notebook:
    """The notebook that is open in the page."""

    def __init__(self, driver):
        self.driver = driver

    def find(self, selector, within=None):
        """Return the elements that a CSS selector names, in the page or within one of its elements."""
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def press(self, *keys, together=None):
        """Press keys one after the other, while another one, `together`, is held down."""
        actions = webdriver.ActionChains(self.driver)
        if together:
            actions.key_down(together)
        actions.send_keys(*keys)
        if together:
            actions.key_up(together)
        actions.perform()

    def open(self, address, cells):
        """Open an address that leads to a notebook; wait until it has so many cells, and a kernel that is ready."""
        self.driver.get(address)
        wait(f"{cells} cells in the page", lambda: len(self.find(".jp-Notebook .jp-Cell")) == cells)
        wait("a kernel that is ready", self.is_idle)

    def is_idle(self):
        """Tell whether the kernel has nothing to do: the little circle at the top right of the notebook."""
        return bool(self.find('.jp-Notebook-ExecutionIndicator[data-status="idle"]'))

    def choose(self, menu, entry):
        """Choose from the menu bar, by the words that stand there."""
        for level, words in ((".lm-MenuBar-item", menu), (".lm-Menu-item", entry)):

            def labelled(level=level, words=words):
                shown = [item for item in self.find(level) if item.is_displayed()]
                return [item for item in shown if item.text.splitlines()[:1] == [words]]

            wait(f"{words!r} in the menu", labelled, seconds=60)[0].click()

    def numbers(self):
        """Return what stands in the brackets beside each code cell: "3" where it was the third to run, "*" before."""
        script = "return [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
        return [text.strip("[]: ") for text in self.driver.execute_script(script)]

    def run_all(self):
        """Choose Run > Run All Cells, and wait for the end."""
        stored = self.numbers()  # of the author's run: they stand there before anything has run
        self.choose("Run", "Run All Cells")
        wait("a cell that runs", lambda: self.numbers() != stored, seconds=60)
        wait("the end of the run", lambda: "*" not in self.numbers() and self.is_idle())

    def cell(self, index):
        """Return a cell, code or text, counted from 0, scrolled to the middle of the page."""
        cell = self.find(".jp-Notebook .jp-Cell")[index]
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", cell)
        return cell

    def run(self, index):
        """Click into a code cell (on its output if it is folded), press Shift + Enter; return what stands below it."""
        count = max(int(number) for number in self.numbers() if number.isdigit())
        cell = self.cell(index)
        lines = [line for line in self.find(".cm-line", cell) if line.is_displayed()]
        (lines or self.find(".jp-OutputArea-output", cell))[0].click()
        self.press(Keys.ENTER, together=Keys.SHIFT)
        wait(f"the end of cell {index}", lambda: str(count + 1) in self.numbers() and self.is_idle())
        return self.output(index)

    def output(self, index):
        """Return the text that is visible below a code cell."""
        return "\n".join(area.text for area in self.find(".jp-OutputArea-output", self.cell(index)))

    def replace_last_line(self, index, line):
        """Click on the last line of a code cell, and type another one in its place; the indentation stays."""
        self.find(".cm-line", self.cell(index))[-1].click()
        self.press(Keys.END)
        self.press(Keys.HOME, together=Keys.SHIFT)
        self.press(line)

    def questions(self):
        """Return the text of every dialog and notification that lies over the page."""
        return [box.text for box in self.find(".jp-Dialog, .Toastify__toast")]

    def red_boxes(self):
        """Return the text of every red box below a cell: an error, or what was written to stderr."""
        return [box.text for box in self.find('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')]

    def errors(self):
        """Return the text of every error: a red box in which Python says in what cell it stopped."""
        return [text for text in self.red_boxes() if "Cell In[" in text]

    def count_figures(self):
        """Return how many pictures are drawn below the cells; one that could not be drawn has no width."""
        pictures = self.find(".jp-OutputArea-output img")
        return sum(int(picture.get_property("naturalWidth")) > 0 for picture in pictures)

    def save(self):
        """Press Ctrl + S (on a Mac, Command + S)."""
        self.press("s", together=ACCELERATOR)
