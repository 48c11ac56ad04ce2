"""Limits around a student's process: what it may read, how much it may take, and that nothing of it stays.

On Linux it runs in namespaces of its own: no network, an empty /tmp, no other process in sight, and of the file
system only what Python needs. Where the system refuses one of these, the rest still holds, and `Isolation` says
what is missing. This limits damage; it is not a jail.
"""

import ctypes
import os
import pathlib
import select
import shutil
import signal
import sys
import tempfile
import time

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
NOBODY = 65534
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
PARTS = ("network", "files", "processes", "limits")
WORDS = {
    "network": "an answer can reach the network",
    "files": "it can read and write your files, solutions and other submissions among them",
    "processes": "it can see and end your other processes, the grader among them",
    "limits": "memory and processes are not limited",
}


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
    """Give the new user namespace the one user that we are."""
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def drop_privileges():
    """Give up every capability, for good."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def enter(visible, hidden):
    """Take this process, which must have one thread, into a sandbox that all its children share.

    visible: folders and files that stay readable; hidden: folders inside them that appear empty.
    Returns the set of what is isolated, out of PARTS. The process that returns is a child of the caller's, which
    waits for it and exits alike.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    done = set() if root or sys.platform not in ("linux", "darwin") else {"limits"}
    if sys.platform != "linux" or os.environ.get("UNROLLED_GRADING_BARE"):
        return done
    try:
        spaces = NEWNS | NEWPID | NEWIPC | NEWUTS | NEWNET
        uid, gid = os.geteuid(), os.getegid()
        _call("unshare", spaces if root else spaces | NEWUSER)
        if not root:
            _map_user(uid, gid)
    except OSError:
        return done
    child = os.fork()
    if child:
        # The first process of the new namespace is the child: when it ends, the system ends all in there.
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    done |= {"network", "processes"}
    try:
        _change_root(visible, hidden)
        done.add("files")
        if root:
            # Only here: elsewhere another user might be unable to read Python's own files.
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            done.add("limits")  # the system sets root no limit on processes
        drop_privileges()
        _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    except OSError:
        pass
    return done


def _change_root(visible, hidden):
    """Make a root of our own in memory, with only the visible paths in it, and leave the old one."""
    new = "/sys"  # any folder that exists and that nothing below needs
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755")
    bound = []
    for path in sorted({os.path.abspath(path) for path in visible}, key=lambda path: path.count("/")):
        if not os.path.lexists(path) or any(path == one or path.startswith(one + "/") for one in bound):
            continue
        target = new + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(path) and path.count("/") == 1:
            os.symlink(os.readlink(path), target)  # /lib -> usr/lib
            continue
        _bind(path, target)
        bound.append(path)
    for folder in hidden:
        target = new + os.path.abspath(folder)
        if os.path.isdir(target):
            _mount("tmpfs", target, "tmpfs", MS_RDONLY, "size=4k")
    for device in DEVICES:
        os.makedirs(new + "/dev", exist_ok=True)
        if os.path.exists(device):
            _bind(device, new + device, read_only=False)
    for folder in ("/proc", "/tmp"):
        os.mkdir(new + folder)
    try:
        _mount("proc", new + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        pass  # refused inside some containers; Python does without
    _mount("tmpfs", new + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=1777")
    os.chdir(new)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)
    _mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir("/tmp")


def _bind(source, target, read_only=True):
    """Show a file or folder at another place."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        pathlib.Path(target).touch()
    _mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        present = os.statvfs(target).f_flag
        kept = sum(flag for found, flag in LOCKED.items() if present & found)
        _mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def visible_paths(course):
    """Return what a student's process may read: the system, Python and its packages, and the course's helpers."""
    course = pathlib.Path(course)
    inside = [course / "utils", course / "data"]
    found = [*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *map(str, inside)]
    found += [os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, sys.executable)]
    for entry in sys.path:
        path = pathlib.Path(entry or ".").resolve()
        if path != course and path not in course.parents:
            found.append(str(path))
    return found


# --- one student's process --------------------------------------------------------------------------------------


def supervise(wire, leash, limits, run):
    """Start one student's process, and end it with all its descendants when the leash is closed or it ends.

    wire: the socket that the process gets; run(wire) is what it does. leash: a socket; closing its other end ends
    everything, and "exit status" or "-signal" is written to it at the end.
    Never returns.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    own_space = _own_namespaces()
    if sys.platform == "linux":
        _call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    folder = None if own_space else _temporary(limits["folder"])
    child = os.fork()
    if child == 0:
        leash.close()
        try:
            _settle(wire, folder, limits)
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


def _own_namespaces():
    """Put the next child into namespaces of its own; tell whether that worked."""
    if sys.platform != "linux" or os.environ.get("UNROLLED_GRADING_BARE"):
        return False
    try:
        _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self/uid_map cannot be written
        uid, gid = os.geteuid(), os.getegid()
        _call("unshare", NEWUSER | NEWPID | NEWNS | NEWIPC | NEWNET)
        _map_user(uid, gid)
        _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
        return True
    except OSError:
        return False


def _temporary(parent):
    """Make an empty folder for a process that has no file system of its own; return its path."""
    return tempfile.mkdtemp(dir=parent if parent and os.path.isdir(parent) else "/tmp")


def _settle(wire, folder, limits):
    """Make ready the process that will run the student's code: its files, its limits, no privileges.

    folder: where it works, or None where it has namespaces of its own, which get an empty /tmp.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    keep = wire.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, 65536)
    if folder is not None:
        os.chdir(folder)
        os.environ.update(HOME=folder, TMPDIR=folder)
    else:
        try:
            _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        except OSError:
            pass
        size = f"size={limits['files'] // MEGABYTE}m,mode=1777"
        _mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, size)  # if this fails, nothing runs
        os.chdir("/tmp")
    os.setsid()  # so that a signal to "my group" stays here
    limit(limits)
    if sys.platform == "linux":
        try:
            drop_privileges()
            _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        except OSError:
            pass


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
        "RLIMIT_CPU": int(limits["seconds"] * (os.cpu_count() or 1)) + 10,
    }
    present = _virtual_size()
    if present:
        values["RLIMIT_AS"] = present + limits["memory"] + 16 * MEGABYTE * (os.cpu_count() or 1)  # stacks of threads
    for name, value in values.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (value, value))
            except (OSError, ValueError):
                pass


def limit_memory(size):
    """Let this process take `size` bytes of address space beyond what it has, where the system has such a limit."""
    import resource

    if present := _virtual_size():
        resource.setrlimit(resource.RLIMIT_AS, (present + size, present + size))


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
    """Wait until the child ends, the leash is closed or too much memory is taken; return why."""
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
            taken = sum(max(_private_memory(pid) - start, 0) for pid in _family(child))
            if taken > limits["memory"] + 256 * MEGABYTE:
                return "memory"


def _private_memory(pid):
    """Return the memory of a process that is no file's, in bytes."""
    try:
        _, resident, shared, *_ = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


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
    end = time.monotonic() + 5
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
