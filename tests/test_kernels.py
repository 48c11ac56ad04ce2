"""tests.kernels: a forked kernel is one that Jupyter would start, its libraries imported before."""

import os

import grading_class as made
import jupyter_client
import pytest

from tests import kernels

pytestmark = pytest.mark.skipif(not kernels.possible(), reason="kernels are not forked on this system")
LOOK = """
import os, sys, threading
modules = {"tensorflow", "keras", "pandas", "conftest", "pytest", "utils", "kernels"} & set(sys.modules)
print(os.getcwd(), os.environ.get("COLOUR"), os.environ.get("MPLBACKEND"), sorted(modules))
print(any(path.endswith("tests") for path in sys.path), "tests" in sys.path[0])
"""
SLEEP = """
import time
try:
    print("asleep", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.fixture(scope="module")
def parent(request):
    """Let kernels be forked: by what the suite has started, where pytest-xdist is used, else by a parent of our own."""
    if hasattr(request.config, "workerinput"):
        yield
    else:
        own = kernels.Parent()
        yield
        own.close()


@pytest.fixture
def start(parent, tmp_path):
    """Return a function of environment variables that starts a kernel in tmp_path: its manager and its client."""
    started = []

    def start(**variables):
        manager = jupyter_client.KernelManager(kernel_name=kernels.NAME)
        manager.start_kernel(cwd=str(tmp_path), env=os.environ | variables)
        client = manager.client()
        client.start_channels()
        started.append((manager, client))
        client.wait_for_ready(timeout=300)
        return manager, client

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client, code):
    """Run a cell; return what it prints, or the name of its error."""
    said = []
    reply = client.execute_interactive(
        code, timeout=300, output_hook=lambda message: said.append(message["content"].get("text", ""))
    )
    return reply["content"].get("ename") or "".join(said)


def ended(number):
    """Tell whether there is no such process any more."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_kernel_is_its_own(start, tmp_path):
    """It has its own folder and variables; what one defines or changes is in no other; only libraries are there."""
    _, one = start(COLOUR="red")
    seen = run(one, LOOK).splitlines()
    assert seen[0].split(" ", 1)[0] == str(tmp_path)
    assert "red" in seen[0] and seen[0].endswith("['keras', 'pandas', 'tensorflow']"), seen
    assert seen[1] == "False False"
    run(one, "import keras\nkeras.mark = 1\nx = 2")
    _, other = start()
    assert run(other, "import keras\nprint(hasattr(keras, 'mark'), 'x' in globals())") == "False False\n"
    assert run(other, "import os\nprint(os.environ.get('COLOUR'))") == "None\n"


def test_interrupt_and_end(start):
    """An interrupt reaches the cell that runs; a kernel ends with the process that Jupyter knows, killed or told to."""
    manager, client = start()
    number = int(run(client, "import os\nprint(os.getpid())"))
    assert number != manager.provisioner.pid
    client.execute(SLEEP)
    said = ""
    while "stopped" not in said:
        text = client.get_iopub_msg(timeout=300)["content"].get("text", "")
        said += text
        if "asleep" in text:
            manager.interrupt_kernel()
    os.kill(manager.provisioner.pid, 9)
    assert made.wait_until(lambda: ended(number))
    manager, client = start()
    number = int(run(client, "import os\nprint(os.getpid())"))
    client.shutdown()
    assert made.wait_until(lambda: ended(number)) and manager.provisioner.process.wait(30) == 0
