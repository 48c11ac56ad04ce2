"""tools.browser, as far as it needs no browser: it is found, or asked for before anything starts."""

import pytest

from tools.browser import __main__ as browser
from utils import launch


@pytest.fixture
def started(monkeypatch):
    """Return the commands that would be started, and start none."""
    commands = []
    monkeypatch.setattr(launch, "prepare", lambda: "python")
    monkeypatch.setattr(launch, "write_settings", lambda folder: None)
    monkeypatch.setattr(launch, "run", lambda command, complaint: commands.append(command))
    monkeypatch.setattr(launch, "hand_over", lambda command: commands.append(command) or 5)
    return commands


@pytest.mark.parametrize("arguments", [[], ["--browser", "no-such-browser"]])
def test_no_browser(started, monkeypatch, capsys, arguments):
    """It is said what is missing and how to install it; nothing was started."""
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    assert browser.main(arguments) == 2
    assert "needs Chrome or Chromium" in capsys.readouterr().err
    assert started == []


def test_a_browser_is_found(started, monkeypatch, tmp_path):
    """The first name that is there; the folder for screenshots may be relative; the status is passed on."""
    monkeypatch.setattr(browser.shutil, "which", {"google-chrome": "/bin/google-chrome"}.get)
    monkeypatch.chdir(tmp_path)
    assert browser.main(["--screenshots", "pictures"]) == 5
    assert started[0][-2:] == ["-r", str(browser.REQUIREMENTS)]
    assert started[1] == ["python", "-m", "tools.browser.learner", "/bin/google-chrome", str(tmp_path / "pictures")]
