"""What warm and cold processes have in common: their environment, their libraries, and how a check is asked for."""

import importlib
import os
import sys
import tempfile

from utils import environment as course
from utils.grading import link

ROOT = course.course_root()
MODULES = ["keras", "tensorflow", "numpy", "matplotlib", "matplotlib.pyplot", "pandas"]
COURSE = ["checks", "environment", "plots", "diagrams", "data", "text", "corpora", "generation", "pretrained"]
PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "UNROLLED_PROFILE",
    "UNROLLED_GRADING_BARE",
)
START_SECONDS = 300


class StartError(Exception):
    """The processes that grade cannot be started; the message says what Python said."""


def refuse_optimised():
    """Raise StartError where Python leaves out asserts: checks and answers hold them."""
    if sys.flags.optimize:
        how = "PYTHONOPTIMIZE is set" if os.environ.get("PYTHONOPTIMIZE") else "Python was started with -O"
        raise StartError(f"{how}, so that Python leaves out every assert: nothing can be graded like this.")


def home():
    """Return the user's own folder, or that of temporary files for a user who has none: libraries want to know one."""
    found = os.path.expanduser("~")
    return found if os.path.isabs(found) else tempfile.gettempdir()


def environment(home):
    """Return the environment of all processes that grade: nothing of the teacher's that they do not need."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "UNROLLED_GRADING": "1",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",  # exact comparisons hold on the CPU, and a GPU cannot be shared by forking
        "MPLBACKEND": "agg",
        "MALLOC_ARENA_MAX": "2",  # each arena takes 64 MB of address space, which is what the limit on memory counts
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # large pages: forking copies fewer entries
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "HOME": home,
    }


class Trusted:
    """A trusted process, as the grader holds it: it runs one check after the other.

    A subclass says how the process gets the line to a student's (`pass_on`), and how it ends (`end`).
    """

    start_seconds = 0  # what a verdict may take longer, because a student's process has to be started first

    def __init__(self, sock):
        self.socket = sock
        self.jobs = 0
        self.alive = True
        self.late = False  # whether it had to be ended, because a verdict took too long

    def verdict(self, job, line, seconds):
        """Return the verdict on one job; None if there is none within `seconds`, or the process ended: it is gone."""
        channel = link.SocketLine(self.socket)
        self.jobs += 1
        try:
            channel.send_json(job, seconds)
            self.pass_on(line, seconds)
            return channel.receive_json(self.start_seconds + seconds)
        except (OSError, EOFError, ValueError) as error:
            self.late = isinstance(error, TimeoutError)
            self.kill()
            return None
        finally:
            line.close()

    def kill(self):
        """End the process, unless it was ended before."""
        if self.alive:
            self.alive = False
            self.socket.close()
            self.end()


# --- in the processes ------------------------------------------------------------------------------------------------


def import_libraries():
    """Import what every check and answer needs, without running any of it."""
    with course.collector_paused():
        for name in MODULES:
            importlib.import_module(name)
        for name in COURSE:
            try:
                importlib.import_module(f"utils.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"utils.{name}":
                    raise
        for name in ("trusted", "student"):
            importlib.import_module(f"utils.grading.{name}")


def quiet_start():
    """Let Setup's environment.start leave out TensorFlow's first operation: answers seldom need any, and it is slow."""
    import keras
    import tensorflow

    course.import_quietly = lambda: (tensorflow, keras)


def run_checks(sock, take_line):
    """Be a trusted process: answer jobs until the grader closes the socket.

    take_line(channel): returns the socket of the line to the student's process of a job, once the job has come.
    """
    from utils.grading import trusted

    grader = trusted.Grader(ROOT)
    channel = link.SocketLine(sock)
    while True:
        try:
            job = channel.receive_json()
        except (OSError, EOFError):
            return
        line = link.SocketLine(take_line(channel))
        channel.send_json(grader.verdict(job, line))
        line.close()
