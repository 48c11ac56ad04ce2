"""Processes for systems that do not fork (macOS, Windows): each is started anew, and imports its libraries first.

The same interface as warm.Warm, slower, and with hardly any isolation: what there is, is that the student's code
and the check run in different processes, and that time is limited. Processes meet over sockets of this machine,
and prove with a token that they are the ones expected.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from utils.grading import link, processes, sandbox


class Cold:
    """Starts processes. hidden is ignored: nothing can be hidden here."""

    missing = dict.fromkeys(sandbox.PARTS, "nothing is forked here")

    def __init__(self, hidden=()):
        self.folder = tempfile.mkdtemp(prefix="unrolled-grading-")

    def trusted(self):
        """Start a trusted process; return it. It connects when its libraries are imported."""
        return Trusted()

    def student(self, limits):
        """Return (line, leash) for a student's process; it starts when the trusted process waits for it."""
        one = Student(limits, self.folder)
        return one, one

    def alive(self):
        """Tell whether processes can be started: always."""
        return True

    def close(self):
        """Remove what is left."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _start(kind, place, **options):
    """Start one of our processes and tell it, over its standard input, where to connect."""
    process = subprocess.Popen(
        [sys.executable, "-m", "utils.grading.cold", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name != "nt",
        **options,
    )
    process.stdin.write(json.dumps(place).encode() + b"\n")
    process.stdin.close()
    return process


class _Meeting:
    """A socket that waits for one process with the right token."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.token = secrets.token_hex(16)

    @property
    def place(self):
        """Return where to connect, as plain data."""
        return {"port": self.listener.getsockname()[1], "token": self.token}

    def wait(self, seconds):
        """Return the connected socket. Raises TimeoutError."""
        end = time.monotonic() + seconds
        with self.listener:
            while True:
                self.listener.settimeout(max(end - time.monotonic(), 0.001))
                found, _ = self.listener.accept()
                try:
                    said = link.SocketLine(found).receive(len(self.token), 60)
                except (OSError, EOFError):
                    said = b""
                if secrets.compare_digest(said, self.token.encode()):
                    found.settimeout(None)
                    return found
                found.close()


def _meet(place):
    """Connect to a meeting; return the socket."""
    found = socket.create_connection(("127.0.0.1", int(place["port"])))
    found.sendall(str(place["token"]).encode())
    return found


class Trusted(processes.Trusted):
    """A trusted process that was started anew: the student's process comes to it."""

    start_seconds = processes.START_SECONDS

    def __init__(self):
        meeting = _Meeting()
        environment = processes.environment(processes.home())
        self.process = _start("trusted", meeting.place, cwd=processes.ROOT, env=environment)
        try:
            super().__init__(meeting.wait(self.start_seconds))
        except OSError:
            self.end()
            raise processes.StartError("TensorFlow could not be started within five minutes.") from None

    def pass_on(self, line, seconds):
        """Start the student's process; it goes where the trusted one waits for it."""
        line.start(link.SocketLine(self.socket).receive_json(seconds))

    def end(self):
        """End the process."""
        self.process.kill()
        self.process.wait()


class Student:
    """A student's process: the line and the leash of warm.Warm in one."""

    def __init__(self, limits, folder):
        self.limits, self.parent = limits, folder
        self.process = self.folder = None

    def start(self, place):
        """Start the process; it will connect to `place`."""
        self.folder = tempfile.mkdtemp(dir=self.parent)
        environment = processes.environment(self.folder) | {"PYTHONPATH": str(processes.ROOT), "TMPDIR": self.folder}
        environment.pop("UNROLLED_GRADING")
        self.process = _start("student", place | {"limits": self.limits}, cwd=self.folder, env=environment)

    def close(self):
        """Close nothing: the line itself is in the two processes."""

    def release(self):
        """End the process and its group; return (exit status or None, why)."""
        if self.process is None:
            return None, "lost"
        ended = self.process.poll()
        if os.name == "nt":
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(self.process.pid)], capture_output=True, check=False)
        else:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except OSError:
                pass
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return (ended, "ended") if ended is not None else (self.process.returncode, "leash")


# --- in the processes --------------------------------------------------------------------------------------------


def _run_trusted(place):
    """Be a trusted process: answer jobs until the grader closes the line."""
    processes.import_libraries()
    processes.run_checks(_meet(place), _wait_for_student)


def _wait_for_student(channel):
    """Tell the grader where the student's process is to connect; return the socket when it has."""
    meeting = _Meeting()
    channel.send_json(meeting.place)
    return meeting.wait(processes.START_SECONDS)


def _run_student(place):
    """Be a student's process: import, set limits, then run the answer."""
    processes.import_libraries()
    processes.quiet_start()
    from utils.grading import student

    if os.name != "nt":
        sandbox.limit(place["limits"])
    student.serve(link.SocketLine(_meet(place)))
    os._exit(0)


if __name__ == "__main__":
    sys.path.insert(0, str(processes.ROOT))
    where = json.loads(sys.stdin.readline())
    {"trusted": _run_trusted, "student": _run_student}[sys.argv[1]](where)
