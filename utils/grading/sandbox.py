"""Limits around a student's process: what it may read, how much it may take, and that nothing of it stays.

On Linux it runs in namespaces of its own: no network, an empty /tmp, no other process in sight, and of the file
system only what Python needs. Where the system refuses one of these, the rest still holds, and `Sandbox.missing`
says what does not, and why. Code of students never runs as root. This limits damage; it is not a jail.
"""

import ctypes
import dataclasses
import functools
import json
import math
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import sys
import tempfile
import time

# From the headers of Linux: sched.h (CLONE_...), sys/mount.h, sys/prctl.h.
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 32, 4096, 8192, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
NOBODY = 65534
MOST_LINKS = 40  # as the system itself follows
TEMPORARY = "/tmp"
SPARE = "/sys"  # a folder that exists, that nobody needs here, and that other things can be mounted on meanwhile
SYSTEM = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl",
    "/etc/fonts",
]
DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]
LOCKED = {os.ST_NOSUID: MS_NOSUID, os.ST_NODEV: MS_NODEV, os.ST_NOEXEC: MS_NOEXEC} if sys.platform == "linux" else {}
MEGABYTE = 2**20
WORDS = {
    "network": "an answer can reach the network",
    "files": "it can read your files, solutions and other submissions among them, and write where its user may",
    "processes": "it can see your other processes, and end those of its user",
    "limits": "memory and processes are not limited",
    "neighbours": "answers that run at the same time can see and disturb each other",
}
PARTS = tuple(WORDS)
REHEARSAL = {"seconds": 60, "memory": 256 * MEGABYTE, "processes": 8, "files": MEGABYTE, "folder": None}


class Refused(Exception):
    """No student's code may run here; the message says why, and what helps."""


@dataclasses.dataclass
class Sandbox:
    """Where students' processes run."""

    missing: dict  # of PARTS: what is not isolated -> why
    below: tuple = ()  # what has to stay in sight below /tmp, which is emptied for each student
    apart: bool = False  # whether each student's process gets namespaces of its own


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    """Call a function of the C library; raise OSError if it fails or is not there."""
    try:
        function = getattr(_libc(), name)
    except AttributeError:
        raise OSError(f"{name} is not there") from None
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source, target, kind=None, flags=0, options=None):
    encode = lambda text: None if text is None else os.fsencode(text)  # noqa: E731
    _call("mount", encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(options))


def _map_user(uid, gid):
    """Give the new user namespace the one user that we are; there, one who is called root is nobody.

    A process called root could give its children no user namespace of their own once it has no privileges.
    """
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"{uid or NOBODY} {uid} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"{gid or NOBODY} {gid} 1")


def end_with_parent():
    """Have the system end this process when its parent ends."""
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def drop_privileges():
    """Give up every capability, for good."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def enter(visible, hidden, needed=()):
    """Take this process, which must have one thread, into a sandbox that all its children share.

    visible: folders and files that stay readable; hidden: folders inside them that appear empty; needed: files
    without which no answer can run. Returns a Sandbox. The process that returns may be a child of the caller's,
    which waits for it and exits alike. Raises Refused where an answer would run as root, or could not run at all.
    """
    os.umask(0o022)  # a folder that is made on the way to a visible one has to let everybody pass
    visible = _sorted(visible)
    needed = [path for path in needed if os.path.exists(path)]
    root = _is_root()
    missing = {}
    try:
        _leave_namespaces(root)
    except OSError as error:
        missing = dict.fromkeys(("network", "files", "processes"), _why(error))
    else:
        _be_the_first_process()
        try:
            _build_root(SPARE, visible, hidden)
        except OSError as error:
            # The old /proc is part of the old root: it shows every process.
            missing = dict.fromkeys(("files", "processes"), _why(error))
        else:
            _move_into(SPARE)
    try:
        if root:
            _become_nobody()
        drop_privileges()
        _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    except OSError as error:
        raise Refused(f"answers would keep the rights of {'root' if root else 'your user'}: {_why(error)}.") from None
    unreadable = [path for path in needed if not os.access(path, os.R_OK)]
    if unreadable:
        user = "the user nobody, because you are root" if root else "you, in a sandbox"
        folder = os.path.commonpath([*map(os.path.dirname, unreadable)])
        raise Refused(
            f"answers run as {user}, and {unreadable[0]} cannot be read there; {len(unreadable)} of {len(needed)} "
            f"files that they need cannot. Let everybody read them and pass their folders (chmod -R a+rX '{folder}'; "
            "a clone made under umask 077 needs it), or grade as an ordinary user who can."
        )
    return Sandbox(missing, tuple(path for path in visible if path.startswith(TEMPORARY + "/")))


def _sorted(visible):
    """Return absolute paths that are there, outer ones first, and none that lies inside another."""
    kept = []
    for path in sorted({os.path.abspath(path) for path in visible}, key=lambda path: (path.count("/"), path)):
        if os.path.exists(path) and not _lies_in(path, kept):
            kept.append(path)
    return kept


def _lies_in(path, folders):
    """Tell whether a path is one of these, or lies below one."""
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _why(error):
    """Return what the system said, without the number of the error."""
    return f"{error.strerror or error}{f', {error.filename}' if error.filename else ''}"


def _is_root():
    """Tell whether this is root, who can become another user: in some containers "root" is the only user."""
    if os.geteuid() != 0:
        return False
    try:
        ranges = [list(map(int, line.split())) for line in pathlib.Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return True
    return any(first <= NOBODY < first + count for first, _, count in ranges)


def _become_nobody():
    """Become a user to whom nothing belongs. Also, the system sets root no limit on processes."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _leave_namespaces(root):
    """Leave the namespaces that all processes share. Raises OSError where the system refuses."""
    if os.environ.get("UNROLLED_GRADING_BARE"):
        raise OSError("UNROLLED_GRADING_BARE is set")
    spaces = NEWNS | NEWPID | NEWIPC | NEWUTS | NEWNET
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", spaces if root else spaces | NEWUSER)
    if not root:
        _map_user(uid, gid)


def _be_the_first_process():
    """Return in a child, the first process of the new namespace: when it ends, the system ends all in there."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    end_with_parent()


def _build_root(new, visible, hidden):
    """Make a root in memory, mounted on the folder `new`, with only the visible paths in it.

    Raises OSError, and leaves nothing mounted there, where a part of it cannot be made.
    """
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755")
    try:
        for folder in ("/proc", TEMPORARY, SPARE, "/dev"):
            os.mkdir(new + folder)
        # Before the visible paths: one of them may lie below /tmp.
        _mount("tmpfs", new + TEMPORARY, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=1777")
        try:
            _mount("proc", new + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        except OSError:
            pass  # refused inside some containers: then there is none, and `rehearse` says what that costs
        for path in visible:
            target = new + path
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if os.path.islink(path) and path.count("/") == 1:
                os.symlink(os.readlink(path), target)  # /lib -> usr/lib
            else:
                _bind(path, target)
        for device in DEVICES:
            if os.path.exists(device):
                _bind(device, new + device, read_only=False)
        for folder in _places_of(hidden, visible):
            if os.path.isdir(new + folder):
                _mount("tmpfs", new + folder, "tmpfs", MS_RDONLY, "size=4k")
        os.chdir(new)
        _call("pivot_root", b".", b".")
    except OSError:
        os.chdir("/")
        _call("umount2", os.fsencode(new), MNT_DETACH)
        raise


def _places_of(hidden, visible):
    """Return where hidden folders are in sight: in visible ones, each of which may show them by another name.

    A hidden folder around a visible one is not among them: nothing else of it is there.
    """
    pairs = [(path, os.path.realpath(path), os.path.realpath(folder)) for path in visible for folder in hidden]
    return [path + folder.removeprefix(own) for path, own, folder in pairs if _lies_in(folder, [own])]


def _move_into(new):
    """Leave the old root, which pivot_root put on top of the new one. Raises Refused where it would stay in sight."""
    try:
        _call("umount2", b".", MNT_DETACH)
        _mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
        os.chdir(TEMPORARY)
    except OSError as error:
        raise Refused(f"the file system cannot be left for an empty one: {_why(error)}.") from None


def _bind(source, target, read_only=True):
    """Show a file or folder, with all that is mounted inside, at another place."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        pathlib.Path(target).touch()
    _mount(source, target, None, MS_BIND | MS_REC)
    for place in _mounts_in(target) if read_only else ():
        present = os.statvfs(place).f_flag
        kept = sum(flag for found, flag in LOCKED.items() if present & found)
        _mount(None, place, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _mounts_in(target):
    """Return where something is mounted, at a path and below it."""
    lines = pathlib.Path("/proc/self/mountinfo").read_bytes().splitlines()
    places = [re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), line.split()[4]) for line in lines]
    return {place for place in map(os.fsdecode, places) if _lies_in(place, [target])}


def needed_files(course):
    """Return the files that an answer may load when the sandbox is shut: the course's, and those of all modules."""
    course = pathlib.Path(course)
    own = [path for pattern in ("utils/**/*.py", "data/*.*", "data/pretrained/*.*") for path in course.glob(pattern)]
    return [*map(str, own), *_module_files()]


def _module_files():
    """Return the files of all modules that are loaded, sorted."""
    files = [vars(module).get("__file__") for module in list(sys.modules.values())]
    return sorted(file for file in files if isinstance(file, str))


def visible_paths(course):
    """Return what a student's process may read: the system, Python and its packages, and the course's helpers."""
    course = pathlib.Path(course)
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, *(entry or "." for entry in sys.path)]
    files = _module_files()
    # Debian's sitecustomize.py leads to /etc, and a package may be a link to its folder.
    folders = {os.path.dirname(file) for file in files}
    linked = [*filter(os.path.islink, files), *(path for path in folders if os.path.realpath(path) != path)]
    paths = [*python, *linked, course / "utils", course / "data"]
    found = [name for path in paths for name in _names_on_the_way(path)]
    around = {str(course), *map(str, course.parents)}  # "" in sys.path is the course itself
    return [*SYSTEM, *(path for path in found if path not in around)]


def _names_on_the_way(path):
    """Return a path, and what it becomes as its links are followed, one after the other: all have to be there."""
    names = [os.path.abspath(path)]
    while len(names) < MOST_LINKS:
        parts = pathlib.Path(names[-1]).parts
        fronts = (os.path.join(*parts[:count]) for count in range(1, len(parts) + 1))
        link = next((front for front in fronts if os.path.islink(front)), None)
        if link is None:
            break
        target = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        names.append(target + names[-1].removeprefix(link))
    return names


# --- one student's process --------------------------------------------------------------------------------------


def rehearse(sandbox, limits, hidden=()):
    """Start one process as a student's, and add to `sandbox.missing` what does not hold in it.

    hidden: folders that have to look empty there. Sets sandbox.apart. Raises Refused where no such process can be
    started.
    """
    reasons = []
    for apart in (False,) if os.environ.get("UNROLLED_GRADING_BARE") else (True, False):
        sandbox.apart = apart
        facts, why = _try_a_student(sandbox, limits, hidden)
        if facts is not None:
            break
        reasons.append(why)
    else:
        raise Refused(f"the process of an answer cannot be started: {'; then '.join(reasons)}.")
    if not apart:
        why = reasons[0] if reasons else "UNROLLED_GRADING_BARE is set"
        sandbox.missing.setdefault("neighbours", f"they have no namespaces of their own: {why}")
    for part, why in facts.items():
        sandbox.missing.setdefault(part, why)


def _try_a_student(sandbox, limits, hidden):
    """Return (what a student's process finds missing, "") or (None, why there is no such process)."""
    wire, far_wire = socket.socketpair()
    leash, far_leash = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        wire.close()
        leash.close()
        supervise(sandbox, far_wire, far_leash, limits, functools.partial(_look, hidden))
    far_wire.close()
    far_leash.close()
    with wire, leash, wire.makefile("rb") as reader:
        said = reader.read()
        leash.shutdown(socket.SHUT_WR)
        status = leash.recv(100).split()
    os.waitpid(pid, 0)
    if said:
        return json.loads(said), ""
    number = int(status[0]) if status else 0
    return None, os.strerror(number) if number > 0 else "it ended without a word"


def _look(hidden, wire):
    """Send, from inside a student's process, which parts of PARTS do not hold here, and why: each is tried."""
    import resource

    found = {}
    if any(name != "lo" for _, name in socket.if_nameindex()):
        found["network"] = "the network is in sight from an answer's process"
    if any(map(_names_in, hidden)):
        found["files"] = "folders that should be hidden are in sight from an answer's process"
    if any(name.isdigit() and int(name) not in (1, os.getpid()) for name in _names_in("/proc")):
        found["processes"] = "others are in sight from an answer's process"
    free = [name for name in ("AS", "CPU", "FSIZE", "NOFILE") if _is_unlimited(getattr(resource, f"RLIMIT_{name}"))]
    if free:
        found["limits"] = f"the system sets no limit for {', '.join(free)}"
    if _virtual_size() == 0:
        found["limits"] = "there is no /proc to measure memory with"
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        if os.fork() == 0:
            os._exit(0)
        found["limits"] = "the system sets this user no limit on processes"
    except OSError:
        pass
    wire.sendall(json.dumps(found).encode())


def _names_in(folder):
    """Return the names in a folder; none where it cannot be looked into."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _is_unlimited(kind):
    """Tell whether this process has no limit of a kind."""
    import resource

    return resource.getrlimit(kind)[0] == resource.RLIM_INFINITY


def supervise(sandbox, wire, leash, limits, run):
    """Start one student's process, and end it with all its descendants when the leash is closed or it ends.

    wire: the socket that the process gets; run(wire) is what it does. leash: a socket; closing its other end ends
    everything, and two words are written to it at the end: the exit status (negative for a signal, or the number
    of the system's error where the process could not be started), and why it ended.
    Never returns.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    folder = None
    try:
        if sandbox.apart:
            _leave_for_own_namespaces()
        else:
            folder = _temporary(limits["folder"])
    except OSError as error:
        leash.sendall(f"{error.errno} start".encode())
        os._exit(0)
    if sys.platform == "linux":
        _call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        end_with_parent()
    child = os.fork()
    if child == 0:
        leash.close()
        try:
            try:
                _settle(sandbox, wire, folder, limits)
            except OSError as error:
                os._exit(error.errno or 1)
            run(wire)
        finally:
            os._exit(0)
    wire.close()
    why = _watch(child, leash, limits)
    status = _end(child)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        leash.sendall(f"{status} {why}".encode())
    except OSError:
        pass
    os._exit(0)


def _leave_for_own_namespaces():
    """Put the next child into namespaces of its own. Raises OSError where the system refuses."""
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self/uid_map cannot be written
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", NEWUSER | NEWPID | NEWIPC | NEWNET)
    _map_user(uid, gid)
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


def _temporary(parent):
    """Make an empty folder for a process that has no /tmp of its own; return its path."""
    return tempfile.mkdtemp(dir=parent if parent and os.access(parent, os.W_OK) else TEMPORARY)


def _settle(sandbox, wire, folder, limits):
    """Make ready the process that will run the student's code: its files, its limits, no privileges.

    folder: where it works, or None where it has namespaces of its own, and so an empty /tmp.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    keep = wire.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, 65536)
    if folder is None:
        _call("unshare", NEWNS)  # only here: the supervisor keeps its /proc, in which it sees what we take
        try:
            _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        except OSError:
            pass  # as in `_build_root`
        folder = _empty_temporary(sandbox.below, limits["files"])
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    tempfile.tempdir = None  # it may remember another
    os.setsid()  # so that a signal to "my group" stays here
    limit(limits)
    if sys.platform == "linux":
        drop_privileges()
        end_with_parent()


def _empty_temporary(below, size):
    """Replace /tmp by an empty one with only these paths in it; return an empty folder there to work in."""
    # Made ready elsewhere, then moved: the old /tmp has to be in sight while its parts are shown in the new one.
    _mount("tmpfs", SPARE, "tmpfs", MS_NOSUID | MS_NODEV, f"size={max(size // MEGABYTE, 1)}m,mode=1777")
    for path in below:
        target = SPARE + path.removeprefix(TEMPORARY)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _bind(path, target, read_only=False)  # a copy of a mount that can only be read can only be read
    _mount(SPARE, TEMPORARY, None, MS_MOVE)
    folder = TEMPORARY + "/answer-to-an-exercise"  # not /tmp itself, which need not be empty
    os.mkdir(folder)
    return folder


def limit(limits):
    """Set what this process may take. Does nothing where the system has no such limits."""
    try:
        import resource
    except ImportError:
        return
    values = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": limits["files"],
        "RLIMIT_NOFILE": 256,
        "RLIMIT_NPROC": limits["processes"] + _tasks_of_user(),
    }
    present = _virtual_size()
    if present:
        values["RLIMIT_AS"] = present + limits["memory"] + 16 * MEGABYTE * (os.cpu_count() or 1)  # stacks of threads
    pairs = {name: (value, value) for name, value in values.items()}
    # The first limit ends the process with a signal that says so, the second even a process that ignores it.
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + limits["seconds"])
    pairs["RLIMIT_CPU"] = (seconds, seconds + 1)
    for name, pair in pairs.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            try:
                resource.setrlimit(kind, pair)
            except (OSError, ValueError):
                pass  # macOS knows some of these limits by name only


def limit_memory(size):
    """Let this process take `size` bytes of address space beyond what it has, where the system has such a limit."""
    import resource

    if present := _virtual_size():
        _, outer = resource.getrlimit(resource.RLIMIT_AS)  # one set from outside can only be made smaller
        size = present + size if outer == resource.RLIM_INFINITY else min(present + size, outer)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def limited_from_outside():
    """Return words on limits that this process was started with, for a message on one that ended; or ""."""
    try:
        import resource
    except ImportError:
        return ""
    said = []
    for name, option in (("RLIMIT_AS", "-v"), ("RLIMIT_DATA", "-d"), ("RLIMIT_CPU", "-t"), ("RLIMIT_FSIZE", "-f")):
        limit, _ = resource.getrlimit(getattr(resource, name))
        if limit != resource.RLIM_INFINITY:
            said.append(f"ulimit {option} is {limit if option == '-t' else limit // 1024}")
    return f"; limits are set from outside: {', '.join(said)}" if said else ""


def _virtual_size():
    """Return the size of this process's address space in bytes, 0 where it cannot be told."""
    try:
        return int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _tasks_of_user():
    """Count the threads of this user that can be seen here: the limit on processes counts them all."""
    count = 0
    uid = os.getuid()
    for entry in os.scandir("/proc") if os.path.isdir("/proc") else ():
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
            except OSError:
                pass
    return count


def _watch(child, leash, limits):
    """Wait until the child ends, the leash is closed, or too much memory or time is taken; return why.

    Time is what the child and its descendants computed: a busy machine takes nothing away from an answer.
    """
    try:
        handle = os.pidfd_open(child)
    except (OSError, AttributeError):
        handle = None
    start = _private_memory(child)
    while True:
        waiting = [leash] if handle is None else [leash, handle]
        ready, _, _ = select.select(waiting, [], [], 0.25 if handle is not None else 0.02)
        if leash in ready:
            return "leash"
        if handle in ready or (handle is None and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
            return "ended"
        if not ready:
            family = _family(child)
            if sum(max(_private_memory(pid) - start, 0) for pid in family) > limits["memory"] + 256 * MEGABYTE:
                return "memory"
            if sum(map(_computing_time, family)) >= limits["seconds"]:
                return "time"


def _private_memory(pid):
    """Return the memory of a process that is no file's, in bytes."""
    try:
        _, resident, shared, *_ = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _computing_time(pid):
    """Return how many seconds a process has computed, with its children that have ended."""
    try:
        said = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return 0.0
    # After the name, which may hold anything: state is the 3rd field; utime, stime, cutime, cstime the 14th to 17th.
    return sum(map(int, said.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")


def _family(pid):
    """Return a process and its descendants, as numbers."""
    found, pending = [], [pid]
    while pending and len(found) < 1000:
        one = pending.pop()
        found.append(one)
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                pending += map(int, pathlib.Path(f"/proc/{one}/task/{task}/children").read_text().split())
        except (OSError, ValueError):
            pass
    return found


def _end(child):
    """End a process and all it started; return its exit status, negative for a signal."""
    for pid in (-child, child):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    _, status = os.waitpid(child, 0)
    end = time.monotonic() + 60
    while time.monotonic() < end:  # what had left its group is ours now, for we are the subreaper
        left = _family(os.getpid())[1:]
        if not left:
            break
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except OSError:
            break
    return os.waitstatus_to_exitcode(status)
