"""Kernels for nbval, forked from one process that has the libraries imported: each notebook would import them for 3 s.

The suite (tests/suite.py) starts the process, on Linux and where pytest-xdist is used; anywhere else, and where one
notebook runs alone, nbval starts its kernels as Jupyter does. A kernel still reads its own environment, runs in its
own folder and sets up its own devices: what is shared is modules as they are after their import, and nothing more.

Jupyter starts `python kernels.py SOCKET CONNECTION_FILE` in place of a kernel. That process asks the one at the
socket for a kernel, and lives as long as the kernel does; the kernel lives as long as it.
"""

import contextlib
import gc
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

NAME = "unrolled-forked"  # of the kernel, for nbval


def possible():
    """Tell whether kernels can be forked here. (macOS can fork, but not a process that has used its frameworks.)"""
    return sys.platform == "linux"


class Parent:
    """The process that kernels are forked from; Jupyter finds their description, here and in what we start.

    folder: where its socket and the description are.
    """

    def __init__(self):
        long = len(tempfile.gettempdir()) > 60  # the path of a socket has at most 107 bytes
        self.folder = folder = pathlib.Path(tempfile.mkdtemp(prefix="unrolled-", dir="/tmp" if long else None))
        self.path = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = os.pathsep.join([str(folder), *filter(None, [self.path])])
        place = folder / "socket"
        description = folder / "kernels" / NAME / "kernel.json"
        description.parent.mkdir(parents=True)
        command = [sys.executable, "-IS", __file__, str(place), "{connection_file}"]
        description.write_text(json.dumps({"argv": command, "display_name": NAME, "language": "python"}))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place))
            listener.listen()
            self.process = subprocess.Popen(
                [sys.executable, __file__, str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ
                | {"KERAS_BACKEND": "tensorflow", "MPLBACKEND": "module://matplotlib_inline.backend_inline"},
            )

    def close(self):
        """End the process, after its kernels, and remove the folder."""
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder)
        os.environ.pop("JUPYTER_PATH") if self.path is None else os.environ.update(JUPYTER_PATH=self.path)


# --- in the process that forks ---------------------------------------------------------------------------------------


def serve(listener):
    """Fork a kernel for each process that connects, until our standard input ends."""
    gc.disable()  # not by utils.environment: whether a notebook finds the course is for its Setup cell to show
    import ipykernel.kernelapp  # noqa: F401
    import keras  # noqa: F401
    import pandas  # noqa: F401
    import tensorflow  # noqa: F401

    gc.enable()
    gc.freeze()
    ready = []
    while sys.stdin not in ready:
        ready, _, _ = select.select([listener, sys.stdin], [], [], 1)
        collect_ended()
        if listener not in ready:
            continue
        asking, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            become_kernel(asking)
        asking.close()
    collect_ended(wait=True)


def collect_ended(wait=False):
    """Let kernels that have ended go, and their CPU time count as ours; wait: until all have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG) != (0, 0):
            pass


def become_kernel(asking):
    """Be the kernel that is asked for, until it is told to end, or those who asked are gone."""
    message, streams, _, _ = socket.recv_fds(asking, 2**20, 2)
    asked = json.loads(message)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
    os.setsid()
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path.remove(str(pathlib.Path(__file__).parent))
    asking.sendall(b"%d" % os.getpid())
    threading.Thread(target=end_with, args=[asking], daemon=True).start()

    from ipykernel import kernelapp

    sys.argv = ["ipykernel_launcher", "-f", asked["connection"]]
    kernelapp.launch_new_instance()
    os._exit(0)


def end_with(asking):
    """End this process when the other end of a socket is closed."""
    with contextlib.suppress(OSError):
        asking.recv(1)
    os._exit(1)


# --- in the process that Jupyter starts ------------------------------------------------------------------------------


def ask(place, connection):
    """Ask for a kernel, hand signals on to it, and wait for its end."""
    kernel = socket.socket(socket.AF_UNIX)
    kernel.connect(place)
    environment = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
    asked = {"folder": os.getcwd(), "environment": environment, "connection": connection}
    socket.send_fds(kernel, [json.dumps(asked).encode()], [1, 2])
    number = int(kernel.recv(20))
    signal.signal(signal.SIGINT, lambda *_: os.kill(number, signal.SIGINT))
    kernel.recv(1)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        serve(socket.socket(fileno=int(sys.argv[1])))
    else:
        ask(*sys.argv[1:])
