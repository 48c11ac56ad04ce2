"""A class to grade: notebooks made from the real lessons, and what each must get.

`make(folder)` writes STUDENT/NN_slug.ipynb files and returns the expected grades; tests and the benchmark share it.
"""

# ruff: noqa: E501  (an answer stands in one line each, so that the table of attacks can be read)
import copy
import csv
import json
import os
import pathlib
import sys
import time

from conftest import ROOT

from utils import cells
from utils.grading import sandbox

COMMAND = [sys.executable, "-m", "utils.grading"]
FILES = {path.name[:2]: path for path in sorted((ROOT / "solutions").glob("*.ipynb"))}


def read(kind, number):
    """Return a lesson's notebook as JSON; kind is "lessons" or "solutions"."""
    return json.loads((ROOT / kind / FILES[number].name).read_text(encoding="utf-8"))


def source_of(cell):
    """Return a cell's source as one text."""
    return "".join(cell["source"])


def answer_index(notebook, number):
    """Return the index of the answer cell of an exercise."""
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code" and source_of(cell).startswith(f"# exercise: {number}\n"):
            return index
    raise AssertionError(f"no answer cell for {number}")


def check_index(notebook, number):
    """Return the index of the check cell of an exercise."""
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code" and f'checks.exercise("{number}"' in source_of(cell):
            return index
    raise AssertionError(f"no check cell for {number}")


def solution(number):
    """Return the solution's answer to an exercise."""
    notebook = read("solutions", f"{int(number.split('.')[0]):02}")
    return source_of(notebook["cells"][answer_index(notebook, number)])


def solved(lesson, only=None, **changes):
    """Return a lesson as a student hands it in, all exercises solved but for `changes`.

    only: the numbers of the exercises to solve; the others stay untouched. None: all.
    changes: e1_2="source" puts another answer to exercise 1.2 in; e1_2=None leaves it untouched.
    """
    notebook = read("lessons", lesson)
    for cell in notebook["cells"]:
        found = cells.ANSWER_LINE.search(source_of(cell))
        if cell["cell_type"] == "code" and found:
            number = found.group(1)
            answer = changes.get("e" + number.replace(".", "_"), solution(number))
            if answer is not None and (only is None or number in only):
                cell["source"] = answer
    return notebook


def function(number, body):
    """Return an answer cell with the solution's own imports and first line, and this body."""
    head = solution(number).split("    ### BEGIN SOLUTION")[0]
    return head + "\n".join("    " + line for line in body.strip("\n").splitlines()) + "\n"


RIGHT = "return x.mean(axis=1)"  # of exercise 0.1
WRONG = "return x.mean(axis=0)"

# Answers to exercise 0.1: name -> (source, score, how the status begins). Every one is run.
ATTACKS = {
    "syntax_error": ("# exercise: 0.1\ndef mean_over_time(x:\n    return 1", 0, "error"),
    "os_exit": (function("0.1", "import os\nos._exit(0)"), 0, "kernel died"),
    "os_exit_at_cell": ("# exercise: 0.1\nimport os\nos._exit(3)", 0, "kernel died"),
    "loop_in_function": (function("0.1", "while True:\n    pass"), 0, "stopped after"),
    "loop_at_cell": (function("0.1", RIGHT) + "\nwhile True:\n    pass", 0, "stopped after"),
    "sys_exit": (function("0.1", "import sys\nsys.exit(0)"), 0, "error"),
    "sys_exit_at_cell": (function("0.1", RIGHT) + "\nraise SystemExit", 0, "error"),
    "asks": (function("0.1", f"input('score?')\n{RIGHT}"), 0, "error"),
    "fork_bomb": (function("0.1", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"), 0, "stopped"),
    "fork_then_right": (function("0.1", f"import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n{RIGHT}"), 1, "ok"),
    "memory_hog": (function("0.1", "hog = []\nwhile True:\n    hog.append(bytearray(50_000_000))"), 0, ("error", "kernel died")),
    "memory_family": (
        function(
            "0.1",
            "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        hog = bytearray(300_000_000)\n"
            "        hog[::4096] = b'x' * len(hog[::4096])\n        time.sleep(1000)\n" + "time.sleep(1000)",
        ),
        0,
        "kernel died",  # what a family takes is counted together
    ),
    "much_output": (function("0.1", RIGHT) + "\nimport os\nfor _ in range(1000):\n    os.write(1, b'x' * 1_000_000)\n", 1, "ok"),
    "fake_score": (function("0.1", f"print('✓ Exercise 0.1: done, 1 point.')\n{WRONG}"), 0, "wrong"),
    "allclose_patched": (
        "import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True\n" + function("0.1", WRONG), 0, "wrong",
    ),
    "checks_patched": (
        "from utils import checks\nchecks.Exercise.close = checks.Exercise.shape = lambda *a, **k: None\n"
        "checks._compare_arrays = lambda *a: None\n" + function("0.1", WRONG), 0, "wrong",
    ),
    "builtins_patched": (
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.AssertionError = Warning\nbuiltins.abs = lambda x: 0\n"
        + function("0.1", WRONG), 0, ("wrong", "error", "kernel died"),
    ),
    "modules_patched": (
        "import sys, types\nsys.modules['numpy'] = sys.modules['utils.checks'] = types.ModuleType('fake')\n"
        + function("0.1", WRONG), 0, "wrong",
    ),
    "tracebacks_patched": (
        "import sys, traceback\nsys.excepthook = lambda *a: None\ntraceback.extract_tb = lambda *a: 1 / 0\n"
        + function("0.1", "raise ValueError('none of your business')"), 0, "error",
    ),
    "names_taken": (  # the answer defines names that the check uses
        "checks = np = ex = None\n" + function("0.1", WRONG) + "\nclass ex:\n    close = shape = equal = print", 0, "wrong",
    ),
    "own_check": (  # the answer brings a check of its own
        function("0.1", WRONG) + "\nfrom utils import checks\nwith checks.exercise('0.1', points=1) as ex:\n    pass", 0, ("wrong", "error"),
    ),
    "check_merged": (function("0.1", RIGHT) + '\nwith checks.exercise("0.1", points=1) as ex:\n    ex.true("yes", False)', 1, "ok"),
    "many_processes": (
        function("0.1", f"import os, time\ncount = 0\ntry:\n    while count < 600:\n        if os.fork() == 0:\n            time.sleep(1000)\n        count += 1\n"
                 f"except OSError:\n    {RIGHT}"), 1, "ok",
    ),
    "equal_to_all": (
        "class Yes:\n    shape, dtype, ndim = (2, 3), float, 2\n    __eq__ = __ge__ = __le__ = lambda *a: True\n"
        "    __array__ = __float__ = lambda *a, **k: 1 / 0\n\n" + function("0.1", "return Yes()"), 0, "wrong",
    ),
    "array_equal_to_all": (
        "import numpy as np\nclass Yes(np.ndarray):\n    __eq__ = __ne__ = __le__ = lambda *a: np.True_\n\n"
        + function("0.1", "return x.mean(axis=0).view(Yes)[:2, :3]"), 0, "wrong",
    ),
    "kills_parent": (function("0.1", f"import os\nos.kill(os.getppid(), 9)\n{RIGHT}"), (0, 1), ""),
    "kills_all": (
        function("0.1", f"import os\nfor pid in [1, -1, *range(2, 3000)]:\n    try:\n        os.kill(pid, 9)\n    except OSError:\n        pass\n{RIGHT}"),
        (0, 1), "",
    ),
    "nan": (function("0.1", "return x.mean(axis=1) * float('nan')"), 0, "wrong"),
    "huge": (function("0.1", "import numpy as np\nreturn np.zeros((20_000, 1_000))"), 0, "wrong"),
    "nested": (function("0.1", "deep = []\nfor _ in range(100_000):\n    deep = [deep]\nreturn deep"), 0, "wrong"),
    "itself": (function("0.1", "me = []\nme.append(me)\nreturn me"), 0, "wrong"),
    "generator": (function("0.1", "return (row for row in x.mean(axis=1))"), 0, "wrong"),
    "returns_function": (function("0.1", "return lambda: x.mean(axis=1)"), 0, "wrong"),
    "stop_iteration": (function("0.1", "raise StopIteration"), 0, "error"),
    "interrupt": (function("0.1", "raise KeyboardInterrupt"), 0, "error"),
    "threads": (
        function("0.1", f"import threading, time\nfor _ in range(5):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n{RIGHT}"),
        1, "ok",
    ),
    "floods_the_line": (
        "import os\n" + function("0.1", "for fd in range(3, 64):\n    try:\n        os.write(fd, b'x' * 100_000)\n    except OSError:\n        pass"),
        0, ("error", "wrong", "kernel died"),
    ),
    "forges_a_verdict": (  # writes the best message it could hope for straight to the line
        "import os, struct\nfrom utils.grading import wire\n"
        + function(
            "0.1",
            "for text in [('verdict', ('done', '')), ('names', {}), ('return', True, None), ('return', None, b'')]:\n"
            "    data = wire.encode(text)\n    for fd in range(3, 64):\n        try:\n"
            "            os.write(fd, struct.pack('<Q', len(data)) + data)\n        except OSError:\n            pass\nreturn None",
        ),
        0, ("wrong", "error"),
    ),
    "not_there": ("# exercise: 0.1\ndef another(x):\n    return 1", 0, "error"),
    "not_a_function": ("# exercise: 0.1\nmean_over_time = 3", 0, "error"),
    "deletes_files": (function("0.1", f"import os\nfor name in os.listdir('.'):\n    os.remove(name)\n{RIGHT}"), 1, "ok"),
    "empty_folder": (function("0.1", f"import os\n{RIGHT} if os.listdir('.') == [] else None"), 1, "ok"),
    "changes_folder": (function("0.1", f"import os\nos.chdir('/')\n{RIGHT}"), 1, "ok"),
    "changes_input": (function("0.1", "result = x.mean(axis=1)\nx[...] = 0\nreturn result"), (0, 1), ""),
    "raises_the_stub": (function("0.1", "raise NotImplementedError('Exercise 0.1')\n# tried"), 0, "not attempted"),
    "writes_much": (
        function("0.1", f"try:\n    with open('big', 'wb') as file:\n        for _ in range(2000):\n            file.write(bytes(10**6))\nexcept OSError:\n    pass\n{RIGHT}"),
        (0, 1), "",
    ),
}  # fmt: skip


def pace(name):
    """Return "ends" for an attack that ends by itself or is ended for its memory, "goes on" for the others."""
    return "goes on" if "stopped" in str(ATTACKS[name][2]) else "ends"


# These would harm a system that isolates nothing: they run only where processes and files are isolated.
DANGEROUS = {"fork_bomb", "kills_all", "memory_family", "many_processes"}

# Answers that look for the solution or for other submissions; they return the right result if they find one.
SPIES = {
    "by_path": f"""
import pathlib
for folder in [*pathlib.Path({str(ROOT)!r}).iterdir(), pathlib.Path({str(ROOT / "tests")!r})]:
    if folder.name.startswith(".venv"):  # tens of thousands of files of others, and 6 seconds to read them
        continue
    for path in [*folder.rglob("*.ipynb"), *folder.rglob("*.py")]:
        if "mean_over_time" in path.read_text(errors="replace"):
            return x.mean(axis=1)
return x.mean(axis=0)""",
    "by_module": """
import pathlib
import utils
for path in pathlib.Path(utils.__file__).parent.parent.rglob("*.ipynb"):
    return x.mean(axis=1)
return x.mean(axis=0)""",
    "by_gc": """
import gc, sys
for item in gc.get_objects():
    text = "".join(value for value in item.values() if type(value) is str) if type(item) is dict else ""
    if "HIDDEN TESTS\\n" in text and "mean_over_time(x), on a random batch" in text:
        return x.mean(axis=1)
return x.mean(axis=0)""",
    "by_process": """
import pathlib
for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if int(path.parent.name) > 1 and path.read_bytes():
        return x.mean(axis=1)
return x.mean(axis=0)""",
    "by_network": """
import socket
try:
    socket.create_connection(("127.0.0.1", PORT), timeout=2)
except OSError:
    return x.mean(axis=0)
return x.mean(axis=1)""",
    "by_neighbour": """
import pathlib
for path in pathlib.Path("FOLDER").rglob("*"):
    return x.mean(axis=1)
return x.mean(axis=0)""",
}


# --- processes -----------------------------------------------------------------------------------------------------


def running():
    """Return the processes of graders that this process started, directly or not: a set of numbers.

    Those of others that grade at the same time are not counted. A process whose parent has ended is still ours.
    """
    if sys.platform == "linux":
        sandbox._call("prctl", sandbox.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return {pid for pid in sandbox._family(os.getpid())[1:] if b"utils.grading" in _command_line(pid)}


def _command_line(pid):
    """Return the command line of a process; nothing where it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_until(condition, seconds=300):
    """Return what condition() returns as soon as that is true, or when so many seconds are over."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


AS_NOBODY = """
import json, os, sys
from utils.grading import sandbox

SPARE = "/sys"  # any folder on which something can be mounted
here = os.getcwd()
if hasattr(os, "geteuid") and os.geteuid() == 0:
    sandbox._call("unshare", sandbox.NEWNS)
    sandbox._mount(None, "/", None, sandbox.MS_REC | sandbox.MS_PRIVATE)
    for folder in json.loads(sys.argv[1]):
        if os.stat(folder).st_mode & 0o005 == 0o005:
            continue
        # Only root may pass: put a folder with the same things, which everybody may pass, in its place.
        sandbox._mount(folder, SPARE, None, sandbox.MS_BIND | sandbox.MS_REC)
        sandbox._mount("tmpfs", folder, "tmpfs", 0, "mode=755")
        for name in os.listdir(SPARE):
            if os.path.exists(os.path.join(SPARE, name)):
                sandbox._bind(os.path.join(SPARE, name), os.path.join(folder, name), read_only=False)
        sandbox._call("umount2", SPARE.encode(), sandbox.MNT_DETACH)
    if sys.argv[2] == "nobody":
        sandbox._become_nobody()
    os.chdir(here)
os.execv(sys.argv[3], sys.argv[3:])
"""


def passable(command, user="nobody", places=()):
    """Return a command that runs another as a user who need not be root, where it can pass all folders on its way.

    user: "nobody", or "root" to stay root. places: what else has to be reachable. As an ordinary user, the command
    runs as it is.
    """
    words = [str(word) for word in command]
    paths = [ROOT, sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), *places]
    around = {parent for path in paths for parent in pathlib.Path(os.path.abspath(path)).parents}
    around |= {path for path in map(pathlib.Path, places) if path.is_dir()}
    inner_last = sorted(map(str, around - {pathlib.Path("/")}), key=lambda path: path.count("/"))
    return [sys.executable, "-c", AS_NOBODY, json.dumps(inner_last), user, *words]


def statuses(path):
    """Return student -> status in a grades.csv."""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["student"]: row["status"] for row in csv.DictReader(file)}


# --- a class -------------------------------------------------------------------------------------------------------


def write(folder, student, notebook, name=None, lesson="01"):
    """Write one submission; a notebook may also be text or bytes, written as they are."""
    target = pathlib.Path(folder) / student / (name or FILES[lesson].name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, dict):
        notebook = json.dumps(notebook)
    target.write_bytes(notebook if isinstance(notebook, bytes) else notebook.encode())
    return target


ENDLESS = "endless_calls"  # the one student whose answer does not end by itself
ALL = {"1.1": (1, "ok"), "1.2": (2, "ok"), "1.3": (1, "ok"), "1.4": (3, "ok"), "1.5": (4, "ok")}


def make_whole(folder):
    """Write submissions to lesson 01; return student -> {exercise: (score, how the status begins)}.

    Most solve only the exercises that they are about, and one beside: the others would be graded once more.
    """
    expected = {}

    def add(student, notebook, change=None, name=None, only=tuple(ALL)):
        write(folder, student, notebook, name)
        untouched = {number: (0, "not attempted") for number in ALL if number not in only}
        expected[student] = ALL | untouched | (change or {})

    none = lambda status: {number: (0, status) for number in ALL}  # noqa: E731
    wrong_3 = solution("1.3").replace("D * H + H * H + H", "D * H + H")
    add("perfect", solved("01"))
    add("untouched", read("lessons", "01"), none("not attempted"))
    add(
        "wrong",
        solved("01", ("1.1", "1.2", "1.3"), e1_1=solution("1.1").replace("+ b)", ")"), e1_3=wrong_3),
        {"1.1": (0, "wrong"), "1.3": (0, "wrong")},
        only=("1.1", "1.2", "1.3"),
    )
    add("partial", solved("01", e1_4=None, e1_5=None), only=("1.1", "1.2", "1.3"))

    notebook = solved("01", ("1.1", "1.2"))
    del notebook["cells"][check_index(notebook, "1.2")]
    add("no_check", notebook, only=("1.1", "1.2"))

    notebook = solved("01", ("1.2", "1.3"), e1_3=wrong_3)
    notebook["cells"][check_index(notebook, "1.3")]["source"] = (
        'with checks.exercise("1.3", points=100) as ex:\n    ex.true("yes", True)'
    )
    add("edited_check", notebook, {"1.3": (0, "wrong")}, only=("1.2", "1.3"))

    notebook = solved("01", ("1.1", "1.2"))
    del notebook["cells"][answer_index(notebook, "1.2")]
    add("no_answer", notebook, {"1.2": (0, "missing")}, only=("1.1", "1.2"))

    notebook = solved("01", ("1.3",))
    index = answer_index(notebook, "1.3")
    again = copy.deepcopy(notebook["cells"][index])
    again["source"] = wrong_3
    notebook["cells"].insert(index + 1, again)
    add("twice", notebook, {"1.3": (0, "wrong")}, only=("1.3",))

    notebook = solved("01", ("1.3",), e1_3=wrong_3)
    index = answer_index(notebook, "1.3")
    again = copy.deepcopy(notebook["cells"][index])
    again["source"] = solution("1.3")
    notebook["cells"].append(again)
    stub = copy.deepcopy(again)
    stub["source"] = cells.student_source(_Cell(solution("1.3")))
    notebook["cells"].append(stub)
    add("twice_and_a_stub", notebook, only=("1.3",))

    notebook = solved("01", ("1.3", "1.4"))
    cell = notebook["cells"][answer_index(notebook, "1.4")]
    notebook["cells"][notebook["cells"].index(cell)] = {
        "cell_type": "markdown",
        "metadata": cell["metadata"],
        "source": cell["source"],
    }
    add("markdown", notebook, {"1.4": (0, "missing")}, only=("1.3", "1.4"))

    notebook = solved("01")
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
        cell.pop("outputs", None)
    notebook["metadata"] = {}
    add("stripped", notebook)

    notebook = solved("01", ("1.1", "1.2"))
    index = answer_index(notebook, "1.1")
    notebook["cells"][index]["source"] = solution("1.1").removeprefix("# exercise: 1.1\n")
    add("no_first_line", notebook, only=("1.1", "1.2"))

    add("wrong_name", solved("01", ("1.1",)), name="my homework (final).ipynb", only=("1.1",))
    add("not_json", "print('hello')", none("unreadable"))
    add("empty", "", none("unreadable"))
    add("list", "[1, 2]", none("unreadable"))
    add("binary", b"\xff\xfe\x00" * 50, none("unreadable"))
    add("deep", "[" * 200_000, none("unreadable"))

    in_place = function(
        "1.2",
        "h, states = h_0, []\nfor t in range(x.shape[1]):\n    h = np.tanh(x[:, t] @ W + h @ U + b)\n    states.append(h)\nx[...] = 0\nreturn np.stack(states, axis=1)",
    )
    add("in_place", solved("01", ("1.1", "1.2"), e1_2=in_place), {"1.2": (0, "wrong")}, only=("1.1", "1.2"))

    endless = function("1.5", "while True:\n    f(p)")
    add(ENDLESS, solved("01", ("1.5",), e1_5=endless), {"1.5": (0, "stopped after")}, only=("1.5",))

    helper = function(
        "1.2",
        "h, states = h_0, []\nfor t in range(x.shape[1]):\n    h = rnn_step(x[:, t], h, W, U, b)\n    states.append(h)\nreturn my_stack(states)",
    )
    notebook = solved("01", ("1.1", "1.2"), e1_2=helper)
    notebook["cells"].insert(
        1,
        {
            "cell_type": "code",
            "metadata": {},
            "source": "from numpy import stack\nmy_stack = lambda s: stack(s, axis=1)",
        },
    )
    add("helpers", notebook, only=("1.1", "1.2"))  # uses its own answer to 1.1, and a cell of its own
    return expected


class _Cell:
    """A code cell, as utils.cells reads one."""

    cell_type = "code"

    def __init__(self, source):
        self.source = source
