"""/proc as far as programs commonly look: made up at each reading, from the task as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.services.content import Content
from systui.services.nodes import PROC_DEVICE, S_IFDIR, S_IFLNK, S_IFREG, Node, split
from systui.services.signals import SIG_IGN, bit

if TYPE_CHECKING:
    from collections.abc import Callable

    from systui.services.system import System
    from systui.services.task import Task

LIMITS = (
    ("Max cpu time", "seconds"),
    ("Max file size", "bytes"),
    ("Max data size", "bytes"),
    ("Max stack size", "bytes"),
    ("Max core file size", "bytes"),
    ("Max resident set", "bytes"),
    ("Max processes", "processes"),
    ("Max open files", "files"),
    ("Max locked memory", "bytes"),
    ("Max address space", "bytes"),
    ("Max file locks", "locks"),
    ("Max pending signals", "signals"),
    ("Max msgqueue size", "bytes"),
    ("Max nice priority", ""),
    ("Max realtime priority", ""),
    ("Max realtime timeout", "us"),
)
INFINITY = (1 << 64) - 1
RELEASE = "6.12.0-systui"
VERSION = "#1 SMP PREEMPT_DYNAMIC"
MOUNTS = "none / rootfs rw 0 0\nproc /proc proc rw 0 0\nnone /dev devtmpfs rw 0 0\n"


def maps(task: Task) -> str:
    """/proc/self/maps."""
    lines = []
    for area in task.memory.areas:
        letters = "".join(
            letter if area.prot & mask else "-"
            for letter, mask in zip("rwx", (1, 2, 4), strict=True)
        )
        named = area.content is not None
        device = "08:01" if named else "00:00"
        place = f"{area.offset if named else 0:08x} {device} {_ino(task, area.node)}"
        span = f"{area.start:08x}-{area.end:08x}"
        line = f"{span} {letters}{'s' if area.shared else 'p'} {place} "
        lines.append(line.ljust(73) + area.name if area.name else line)
    return "".join(line + "\n" for line in lines)


def _ino(task: Task, key: str | int | None) -> int:
    if key is None:
        return 0
    node = task.system.files.nodes.get(key)
    return node.ino if node is not None else task.system.files.get(key).ino


def cmdline(task: Task) -> str:
    """/proc/self/cmdline."""
    options = task.system.options
    return "".join(f"{word}\0" for word in options.arguments)


def environ(task: Task) -> str:
    """/proc/self/environ."""
    return "".join(f"{word}\0" for word in task.system.options.environment)


def comm(task: Task) -> str:
    """/proc/self/comm."""
    return task.comm + "\n"


def status(task: Task) -> str:
    """/proc/self/status, the lines that do not depend on a machine's accounting."""
    signals = task.signals
    handled = {number: action.handler for number, action in signals.actions.items()}
    ignored = sum(bit(number) for number, handler in handled.items() if handler == SIG_IGN)
    caught = sum(bit(number) for number, handler in handled.items() if handler > SIG_IGN)
    size = sum(area.end - area.start for area in task.memory.areas) // 1024
    real, effective, saved = task.uids
    rgid, egid, sgid = task.gids
    rows = [
        ("Name", task.comm),
        ("Umask", f"{task.umask:04o}"),
        ("State", "R (running)"),
        ("Tgid", task.pid),
        ("Ngid", 0),
        ("Pid", task.pid),
        ("PPid", task.parent),
        ("TracerPid", 0),
        ("Uid", f"{real}\t{effective}\t{saved}\t{effective}"),
        ("Gid", f"{rgid}\t{egid}\t{sgid}\t{egid}"),
        ("FDSize", 256),
        ("Groups", " ".join(map(str, task.groups))),
        ("VmPeak", f"{size:8d} kB"),
        ("VmSize", f"{size:8d} kB"),
        ("Threads", 1),
        ("SigQ", f"{len(signals.pending)}/1024"),
        ("SigPnd", f"{signals.pending_mask:016x}"),
        ("ShdPnd", f"{0:016x}"),
        ("SigBlk", f"{signals.blocked:016x}"),
        ("SigIgn", f"{ignored:016x}"),
        ("SigCgt", f"{caught:016x}"),
        ("Seccomp", 0),
        ("Cpus_allowed", "1"),
        ("Cpus_allowed_list", "0"),
    ]
    return "".join(f"{name}:\t{value}\n" for name, value in rows)


def stat(task: Task) -> str:
    """/proc/self/stat; accounting fields are 0."""
    size = sum(area.end - area.start for area in task.memory.areas)
    ticks = task.monotonic() // 10_000_000
    head = (
        f"{task.pid} ({task.comm}) R {task.parent} {task.group} {task.session} 34816 {task.group}"
    )
    middle = f"4194304 0 0 0 0 {ticks} 0 0 0 20 0 1 0 0 {size} 0 {INFINITY}"
    return f"{head} {middle} {' '.join(['0'] * 27)}\n"


def statm(task: Task) -> str:
    """/proc/self/statm."""
    size = sum(area.end - area.start for area in task.memory.areas) // 4096
    return f"{size} {size} 0 0 0 {size} 0\n"


def limits(task: Task) -> str:
    """/proc/self/limits."""
    lines = [f"{'Limit':<26}{'Soft Limit':<21}{'Hard Limit':<21}{'Units':<10}\n"]
    for (name, unit), pair in zip(LIMITS, task.limits, strict=True):
        soft, hard = ("unlimited" if value == INFINITY else str(value) for value in pair)
        lines.append(f"{name:<26}{soft:<21}{hard:<21}{unit:<10}\n")
    return "".join(lines)


def _uptime(task: Task) -> str:
    seconds = task.monotonic() / 1e9
    return f"{seconds:.2f} {seconds:.2f}\n"


def _meminfo(task: Task) -> str:
    total = task.system.options.memory // 1024
    free = total - task.memory.committed // 1024
    rows = (("MemTotal", total), ("MemFree", free), ("MemAvailable", free), ("Buffers", 0))
    more = (("Cached", 0), ("SwapTotal", 0), ("SwapFree", 0))
    return "".join(f"{name + ':':<16}{value:8d} kB\n" for name, value in (*rows, *more))


_CPUINFO = (
    "processor\t: 0\nvendor_id\t: systui\nmodel name\t: emulated x86_64\n"
    "cpu MHz\t\t: 1000.000\n"
    "flags\t\t: fpu tsc msr pae cx8 cmov mmx fxsr sse sse2 syscall nx lm\n\n"
)

OF_TASK: dict[str, Callable[[Task], str]] = {
    "cmdline": cmdline,
    "comm": comm,
    "environ": environ,
    "limits": limits,
    "maps": maps,
    "mounts": lambda _: MOUNTS,
    "stat": stat,
    "statm": statm,
    "status": status,
}
OF_SYSTEM: dict[str, Callable[[Task], str]] = {
    "cpuinfo": lambda _: _CPUINFO,
    "filesystems": lambda _: "nodev\tproc\nnodev\ttmpfs\n",
    "loadavg": lambda task: f"0.00 0.00 0.00 1/1 {task.pid}\n",
    "meminfo": _meminfo,
    "stat": lambda task: f"cpu  0 0 0 0 0 0 0 0 0 0\nbtime {task.now() // 10**9}\n",
    "uptime": _uptime,
    "version": lambda _: f"Linux version {RELEASE} {VERSION}\n",
    "sys/kernel/hostname": lambda _: "systui\n",
    "sys/kernel/osrelease": lambda _: f"{RELEASE}\n",
    "sys/kernel/ostype": lambda _: "Linux\n",
    "sys/kernel/pid_max": lambda _: "32768\n",
    "sys/vm/overcommit_memory": lambda _: "0\n",
    "sys/vm/max_map_count": lambda _: "8192\n",
}
_READABLE = 0o444
_MODES = {"comm": 0o644, "environ": 0o400, "fd": 0o500}
"""Those of a task's that are not for everybody to read alone (fs/proc/base.c)."""
_DIRECTORIES = ("", "sys", "sys/kernel", "sys/vm")


class ProcTree:
    """/proc of a system."""

    def __init__(self, system: System) -> None:
        self._system = system

    def node(self, path: str) -> Node | None:
        """The node at `path`, which starts with /proc."""
        rest = path[6:]
        if rest in {"self", "thread-self"}:
            pid, tid = self._system.task.pid, self._system.task.tid
            return self._link(path, f"{pid}" if rest == "self" else f"{pid}/task/{tid}")
        if rest == "mounts":
            return self._link(path, "self/mounts")
        if rest in _DIRECTORIES:
            return self._directory(path)
        if rest in OF_SYSTEM:
            return self._file(path, OF_SYSTEM[rest](self._system.task))
        first, _, below = rest.partition("/")
        task = self._task(first)
        return None if task is None else self._of_task(task, path, below)

    def _task(self, name: str) -> Task | None:
        """The process that a directory is of: the caller where it is its own."""
        system = self._system
        if name == str(system.task.pid):
            return system.task
        if not (name.isdecimal() and name.isascii()) or len(name) > 9:
            return None
        process = system.processes.get(int(name))
        return None if process is None else system.thread_of(process)

    def _of_task(self, task: Task, path: str, below: str) -> Node | None:
        if below.startswith("task/"):
            tid, _, below = below[len("task/") :].partition("/")
            if not any(tid == str(other.tid) for other in self._threads(task)):
                return None
        if below == "fd":
            count = len(task.descriptors)
            return self._directory(path)._replace(mode=S_IFDIR | _MODES[below], length=count)
        if below in {"", "task"}:
            return self._directory(path)
        if below in OF_TASK:
            return self._file(path, OF_TASK[below](task), _MODES.get(below, _READABLE))
        links = {"exe": task.process.program, "cwd": "", "root": "/"}
        if below == "cwd":
            return self._link(path, task.system.files.path_of(task.cwd))
        if below in links:
            return self._link(path, links[below])
        return self._descriptor(task, path, below)

    def _threads(self, task: Task) -> list[Task]:
        every = self._system.tasks.values()
        return [other for other in every if other.process is task.process]

    def _descriptor(self, task: Task, path: str, below: str) -> Node | None:
        directory, _, name = below.partition("/")
        if directory != "fd" or not (name.isdecimal() and name.isascii()) or len(name) > 9:
            return None
        found = task.descriptors.get(int(name))
        if found is None or str(int(name)) != name:
            return None
        file = task.system.open[found.file]
        return self._link(path, file.path)._replace(opens=str(found.file))

    def names(self, path: str) -> tuple[str, ...]:
        """Names in the directory."""
        rest = path[6:]
        if rest in _DIRECTORIES:
            inside = {
                name[len(rest) :].lstrip("/").partition("/")[0]
                for name in OF_SYSTEM
                if name.startswith(rest)
            }
            pids = {str(pid) for pid in self._system.processes}
            own = {*pids, "self", "thread-self", "mounts"} if not rest else set()
            return tuple(sorted(inside | own))
        task = self._task(rest.partition("/")[0]) or self._system.task
        last = split(path)[1]
        if last == "fd":
            return tuple(str(fd) for fd in sorted(task.descriptors))
        if last == "task":
            return tuple(sorted(str(other.tid) for other in self._threads(task)))
        return tuple(sorted({*OF_TASK, "cwd", "exe", "fd", "root", "task"}))

    def _stamp(self, path: str, node: Node) -> Node:
        now = self._system.options.start_time
        task = self._system.task
        return node._replace(
            ino=_number(path), uid=task.fsuid, gid=task.fsgid, dev=PROC_DEVICE,
            atime=now, mtime=now, ctime=now,
        )  # fmt: skip

    def _directory(self, path: str) -> Node:
        parent, name = split(path)
        node = Node(S_IFDIR | 0o555, 0, parent=parent, name=name, nlink=2, length=0)
        return self._stamp(path, node)

    def _link(self, path: str, target: str) -> Node:
        return self._stamp(path, Node(S_IFLNK | 0o777, 0, target=target))

    def _file(self, path: str, text: str, mode: int = _READABLE) -> Node:
        content = Content.of(text.encode("utf-8", "surrogateescape"))
        return self._stamp(path, Node(S_IFREG | mode, 0, content))


def _number(path: str) -> int:
    """A stable inode number."""
    number = 0
    for letter in path.encode("utf-8", "surrogateescape"):
        number = (number * 131 + letter) & 0x7FFF_FFFF
    return number | 1
