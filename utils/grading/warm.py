"""Warm processes: the libraries are imported once, and each process that grades is forked from there.

One parent imports TensorFlow, runs no operation of it (a child of a parent that did cannot train) and reads no
solution. It splits in two: the trusted parent, whose children run checks, and the students' parent, which enters
the sandbox and whose children run answers. Both only ever hand sockets on: no student's text passes through them.
"""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from utils.grading import link, processes, sandbox
from utils.grading.processes import ROOT, StartError

TRUSTED_MEMORY = 8 * 2**30  # bytes that a trusted process may take beyond what it has


def can_fork():
    """Tell whether processes are forked here; elsewhere each is started anew, which is slow."""
    return sys.platform == "linux" and not os.environ.get("UNROLLED_GRADING_COLD")


class Warm:
    """The warm parents of one grader. Thread-safe. Use as a context manager, or call close().

    hidden: folders that no student's process may see. Raises StartError, also where answers may not run here.
    """

    def __init__(self, hidden=()):
        self.lock = threading.Lock()
        self.folder = None  # for students' temporary folders, where they have no file system of their own
        ours, theirs = zip(socket.socketpair(), socket.socketpair(), strict=True)
        self.trusted_socket, self.student_socket = ours
        self.errors = tempfile.TemporaryFile()
        numbers = [str(one.fileno()) for one in theirs]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "utils.grading.warm", *numbers, json.dumps([str(path) for path in hidden])],
            cwd=ROOT,
            env=processes.environment(processes.home()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            pass_fds=[one.fileno() for one in theirs],
            start_new_session=True,  # Ctrl-C is for the grader alone
        )
        for one in theirs:
            one.close()
        try:
            for one in ours:
                one.settimeout(processes.START_SECONDS)
            report = json.loads(self.trusted_socket.recv(65536) and self.student_socket.recv(65536))
        except (OSError, ValueError):
            self.errors.seek(0)
            said = self.errors.read().decode("utf-8", "replace").strip().splitlines()
            self.close()
            raise StartError(f"TensorFlow could not be started: {said[-1] if said else 'no reason given'}") from None
        if "refused" in report:
            self.close()
            raise StartError(f"Nothing was graded: {report['refused']}")
        self.missing = report["missing"]  # of sandbox.PARTS: what is not isolated -> why
        if "files" in self.missing:
            self.folder = tempfile.mkdtemp(prefix="unrolled-grading-")
            os.chmod(self.folder, 0o755)
            if os.geteuid() == 0:
                os.chown(self.folder, sandbox.NOBODY, sandbox.NOBODY)  # root's answers run as nobody

    def _ask(self, parent, message, sockets):
        """Send a parent a message with sockets; return its answer."""
        with self.lock:
            try:
                if sockets:
                    socket.send_fds(parent, [message], [one.fileno() for one in sockets])
                else:
                    parent.sendall(message)
                answer = parent.recv(64)
            except (OSError, ValueError):
                answer = b""
        for one in sockets:
            one.close()
        if not answer:
            raise StartError("the processes that grade are gone.")
        return int(answer)

    def trusted(self):
        """Start a trusted process; return a Trusted."""
        ours, theirs = socket.socketpair()
        return Trusted(ours, self._ask(self.trusted_socket, b"{}", [theirs]))

    def student(self, limits):
        """Start a student's process; return (the other end of its line, a Leash)."""
        line, wire = socket.socketpair()
        ours, theirs = socket.socketpair()
        pid = self._ask(self.student_socket, json.dumps(limits | {"folder": self.folder}).encode(), [wire, theirs])
        return line, Leash(ours, pid)

    def alive(self):
        """Tell whether the students' parent still answers."""
        try:
            return self._ask(self.student_socket, b"ping", []) == 0
        except StartError:
            return False

    def close(self):
        """End both parents, and with them everything that they started."""
        for one in (self.trusted_socket, self.student_socket):
            one.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()


class Leash:
    """What holds a student's process: closing it ends the process and all that it started."""

    def __init__(self, sock, pid):
        self.socket, self.pid = sock, pid

    def release(self):
        """End the process; return (exit status or None, why)."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(120)  # it takes a moment, on a busy machine a long one
            said = self.socket.recv(100).decode().split()
        except OSError:
            said = []
        self.socket.close()
        return (int(said[0]), said[1]) if len(said) == 2 else (None, "lost")


class Trusted(processes.Trusted):
    """A trusted process that was forked: it gets the line itself with each job."""

    def __init__(self, sock, pid):
        super().__init__(sock)
        try:
            self.handle = os.pidfd_open(pid)
        except OSError:
            self.handle = None  # it has ended already

    def pass_on(self, line, seconds):
        """Give the process the line to a student's."""
        socket.send_fds(self.socket, [b"."], [line.fileno()])

    def end(self):
        """End the process."""
        if self.handle is not None:
            try:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            except OSError:
                pass
            os.close(self.handle)


# --- in the warm parents -------------------------------------------------------------------------------------


def _parent(sock, start):
    """Fork a child for each message: start(message, sockets) runs in it. Returns when the grader is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    while True:
        message, numbers, _, _ = socket.recv_fds(sock, 4096, 4)
        if not message:
            return
        if message == b"ping":
            sock.sendall(b"0")
            continue
        sockets = [socket.socket(fileno=number) for number in numbers]
        pid = os.fork()
        if pid == 0:
            try:
                sock.close()
                start(message, sockets)
            finally:
                os._exit(1)
        for one in sockets:
            one.close()
        sock.sendall(str(pid).encode())


def _run_trusted(message, sockets):
    """Be a trusted process: answer jobs until the grader closes the line."""
    sandbox.end_with_parent()
    sandbox.limit_memory(TRUSTED_MEMORY)  # what students send is small, but a check may blow it up
    [sock] = sockets
    processes.run_checks(sock, _take_line)
    os._exit(0)


def _take_line(channel):
    """Return the line to a student's process, which comes after a job."""
    _, numbers, _, _ = socket.recv_fds(channel.socket, 1, 1)
    return socket.socket(fileno=numbers[0])


def _run_student(place, message, sockets):
    """Be the supervisor of a student's process; place: the Sandbox."""
    from utils.grading import student

    wire, leash = sockets
    wire.setblocking(True)
    sandbox.supervise(place, wire, leash, json.loads(message), lambda sock: student.serve(link.SocketLine(sock)))


def main(arguments):
    """Be the warm parents; arguments: the numbers of two sockets, and the hidden folders as JSON."""
    ours, students = (socket.socket(fileno=int(number)) for number in arguments[:2])
    processes.import_libraries()
    import gc

    gc.collect()
    gc.freeze()  # memory that the children share stays shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    child = os.fork()
    if child == 0:
        ours.close()
        os.dup2(nowhere, 2)
        os.closerange(3, students.fileno())
        os.closerange(students.fileno() + 1, 1024)
        _be_the_students_parent(students, json.loads(arguments[2]))
        os._exit(0)
    students.close()
    ours.sendall(b"{}")
    os.dup2(nowhere, 2)
    _parent(ours, _run_trusted)
    try:
        os.waitpid(child, 0)  # so that the grader, who waits for us, knows that both are gone
    except ChildProcessError:
        pass  # it is gone: children are not kept until they are waited for


def _be_the_students_parent(students, hidden):
    """Enter the sandbox, say what it lacks, and start a student's process for each message on the socket."""
    try:
        place = sandbox.enter(sandbox.visible_paths(ROOT), hidden, sandbox.needed_files(ROOT))
        sandbox.rehearse(place, sandbox.REHEARSAL, hidden)
    except (sandbox.Refused, OSError) as error:
        students.sendall(json.dumps({"refused": str(error)}).encode())
        return
    os.environ.pop("UNROLLED_GRADING")  # a check that a student copied into an answer need not raise
    processes.quiet_start()
    students.sendall(json.dumps({"missing": place.missing}).encode())
    _parent(students, functools.partial(_run_student, place))


if __name__ == "__main__":
    main(sys.argv[1:])
