"""The frame of the suite, a plug-in of pytest: the longest files first, what each took, what was left out.

    python -m pytest -n 2 --dist loadfile --write-durations

measures, and writes tests/durations.csv: the seconds of each file of tests and each notebook.
Rows of files that did not run stay. By these rows the files are handed to the processes of
`make test` from the longest to the shortest, so that all processes end at about the same time.
"""

import csv
import gc
import importlib.util
import io

import pytest

from tests import kernels
from utils import environment, files

ROOT = environment.course_root()
DURATIONS = ROOT / "tests" / "durations.csv"
COLUMNS = ["file", "seconds"]
# Tests that need a package which requirements.txt does not install. Without it `make test` leaves them out;
# `make test-extras` runs them in an environment that has it.
EXTRAS = {
    "tests/test_grading_nbgrader.py": "nbgrader",
    "tests/test_grading_command.py::test_another_engine": "distributed",
    "tests/test_data.py::test_glove_beside_pyarrow": "pyarrow",
}


# --- what each file took -----------------------------------------------------------------------------


def read_durations(path=DURATIONS):
    """Return file -> seconds as the table has them, a str; nothing where there is no such table."""
    if not path.exists():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        return {row["file"]: row["seconds"] for row in csv.DictReader(file)}


def write_durations(measured, path=DURATIONS, root=ROOT):
    """Put measured rows, file -> seconds, into the table; drop those of files that are gone."""
    new = {file: f"{seconds:.1f}" for file, seconds in measured.items()}
    rows = {file: seconds for file, seconds in {**read_durations(path), **new}.items() if (root / file).exists()}
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([COLUMNS, *sorted(rows.items())])
    files.write_text(path, table.getvalue())


def file_of(name):
    """Return the file of a test: tests/test_x.py for tests/test_x.py::test_y."""
    return name.split("::")[0]


def place_of(name, durations):
    """Return what to sort a test by: files in order of their seconds; one that was never measured comes first."""
    return -float(durations.get(file_of(name), "inf")), file_of(name)


# --- what is left out --------------------------------------------------------------------------------


def missing_extra(name):
    """Return the package that a test needs and this environment lacks, or None."""
    for beginning, package in EXTRAS.items():
        if name.startswith(beginning) and importlib.util.find_spec(package) is None:
            return package
    return None


def left_out():
    """Say in one line what `make test` does not run, and what does."""
    lacking = [package for name, package in EXTRAS.items() if missing_extra(name)]
    extras = f"what needs {' or '.join(lacking)} (make test-extras), " if lacking else ""
    return f"Left out: {extras}lesson 00 in a browser (make test-browser), the lessons as on Colab (make test-colab)."


# --- the plug-in -------------------------------------------------------------------------------------


def pytest_addoption(parser):
    """Add the options of the suite."""
    group = parser.getgroup("unrolled")
    group.addoption("--write-durations", action="store_true", help="write what each file took to tests/durations.csv")
    group.addoption("--no-skips", action="store_true", help="fail if a test is skipped")


def pytest_configure(config):
    """Keep the order that the processes agree on: pytest-xdist would sort by the number of tests."""
    config.option.loadscopereorder = False
    config.pluginmanager.register(Frame(config), "unrolled-frame")


class Frame:
    """What has to remember something during a run. measured: file -> seconds."""

    def __init__(self, config):
        self.config, self.measured = config, {}
        self.kernels = None  # a kernels.Parent, in the main process

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self):
        """Let nbval's kernels be forked, all from one process, where pytest-xdist runs several notebooks."""
        if not self.config.pluginmanager.hasplugin("nbval") or not kernels.possible():
            return
        if hasattr(self.config, "workerinput"):
            self.config.option.nbval_current_env, self.config.option.nbval_kernel_name = False, kernels.NAME
        elif self.config.pluginmanager.hasplugin("dsession"):
            self.kernels = kernels.Parent()

    def pytest_ignore_collect(self, collection_path):
        """Leave out a file whose package is missing; named on the command line it is collected all the same."""
        if collection_path.is_relative_to(ROOT) and missing_extra(collection_path.relative_to(ROOT).as_posix()):
            return True
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self):
        """Import and collect without looking for garbage, and never look through all that again: that takes seconds."""
        with environment.collector_paused():
            result = yield
        gc.freeze()
        return result

    def pytest_collection_modifyitems(self, items):
        """Leave out single tests whose package is missing; in a process of pytest-xdist, put the longest first."""
        lacking = [item for item in items if missing_extra(item.nodeid)]
        if lacking:
            self.config.hook.pytest_deselected(items=lacking)
            items[:] = [item for item in items if item not in lacking]
        if hasattr(self.config, "workerinput"):
            durations = read_durations()
            items.sort(key=lambda item: place_of(item.nodeid, durations))  # stable: a file's tests keep their order

    def pytest_runtest_logreport(self, report):
        """Add up what a file takes, its kernel and its fixtures included."""
        file = file_of(report.nodeid)
        self.measured[file] = self.measured.get(file, 0.0) + report.duration

    def pytest_sessionfinish(self, session):
        """End what was started; write the table, where asked to; fail where a test was skipped that may not be."""
        if self.kernels is not None:
            self.kernels.close()
        if hasattr(self.config, "workerinput"):
            return
        if self.config.option.write_durations:
            write_durations(self.measured)
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.config.option.no_skips and reporter.stats.get("skipped"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        """End a run of everything with one line about what was not in it."""
        if self.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
            terminalreporter.write_line(left_out())
