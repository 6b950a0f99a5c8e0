"""Open files and descriptors: include/linux/fs.h's struct file, fs/file.c's table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from systui.services.errors import (
    EBADF,
    EINVAL,
    EMFILE,
    ENFILE,
    ENOTDIR,
    ENOTTY,
    ESPIPE,
    Refused,
)
from systui.services.nodes import Key, Node
from systui.services.state import Map, Stateful

if TYPE_CHECKING:
    from systui.services.ports import Blocked, DescriptorView
    from systui.services.system import System
    from systui.services.task import Task

O_ACCMODE, O_RDONLY, O_WRONLY, O_RDWR = 3, 0, 1, 2
O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC = 0o100, 0o200, 0o400, 0o1000
O_APPEND, O_NONBLOCK, O_ASYNC = 0o2000, 0o4000, 0o20000
O_DIRECT, O_LARGEFILE, O_DIRECTORY, O_NOFOLLOW = 0o40000, 0o100000, 0o200000, 0o400000
O_NOATIME, O_CLOEXEC, O_PATH, O_TMPFILE = 0o1000000, 0o2000000, 0o10000000, 0o20200000

POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 2, 4, 8, 16, 32
POLLRDNORM, POLLWRNORM, POLLRDHUP = 0x40, 0x100, 0x2000
READABLE = POLLIN | POLLRDNORM
WRITABLE = POLLOUT | POLLWRNORM

MAX_OPEN = 4096
"""Open files of the whole system (ENFILE), and descriptors a limit can be raised to."""


class OpenFile(NamedTuple):
    """One open file description, shared by the descriptors that were duplicated from one."""

    kind: str
    """A key of `KINDS` or of `_LAZY`."""
    flags: int
    key: Key = 0
    """The node; of a pipe or socket its number."""
    path: str = ""
    """As /proc/self/fd shows it."""
    position: int = 0
    references: int = 0
    directory_position: str = ""

    @property
    def readable(self) -> bool:
        """Opened for reading."""
        return self.flags & O_ACCMODE in {O_RDONLY, O_RDWR} and not self.flags & O_PATH

    @property
    def writable(self) -> bool:
        """Opened for writing."""
        return self.flags & O_ACCMODE in {O_WRONLY, O_RDWR} and not self.flags & O_PATH

    @property
    def nonblocking(self) -> bool:
        """Rather EAGAIN than wait."""
        return bool(self.flags & O_NONBLOCK)


class Descriptor(NamedTuple):
    """A slot of a task's descriptor table."""

    file: int
    cloexec: bool = False


class Kind:
    """What an open file of one kind does. Holds no state: the file's number says which it is."""

    view = 3
    """`DescriptorView.kind`."""
    seekable = False
    bulk = False
    """A read of any size is filled as far as there is data, piece by piece."""

    discards = False
    """A write takes everything without looking at it."""

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """At most `size` bytes, from `offset` or from the file's position, which moves."""
        raise Refused(EINVAL)

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """Take `data`; how much was taken, or -errno (with what changed kept)."""
        raise Refused(EINVAL)

    def node(self, task: Task, file: OpenFile) -> Node:
        """What stat says."""
        return task.system.files.get(file.key)

    def ready(self, task: Task, number: int) -> int:
        """poll's events that hold now."""
        return READABLE | WRITABLE

    def due(self, task: Task, number: int) -> int | None:
        """When it becomes ready by itself, on the monotonic clock; None: not by time."""
        return None

    def waits_for_input(self, file: OpenFile) -> bool:
        """Not being readable, it becomes so by the user's input."""
        return False

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """A device control call."""
        raise Refused(ENOTTY)

    def seek(self, task: Task, number: int, offset: int, whence: int) -> int:
        """Move the position."""
        raise Refused(ESPIPE)

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """The last descriptor is gone; `file` is as it was."""

    def describe(self, task: Task, file: OpenFile) -> DescriptorView:
        """What the bundled kernel's C code is told."""
        from systui.services.ports import DescriptorView

        return DescriptorView(self.view, file.flags)


KINDS: dict[str, Kind] = {}
"""Behaviour by an open file's kind, as far as it is loaded."""
_LAZY = {
    "epoll": "epoll",
    "pipe": "pipes",
    "socket": "socketfile",
    "eventfd": "counters",
    "timerfd": "counters",
}


def kind_of(file: OpenFile) -> Kind:
    """The behaviour of an open file."""
    if file.kind not in KINDS:
        import_module(f"systui.services.{_LAZY.get(file.kind, 'kinds')}")
    return KINDS[file.kind]


class OpenFiles(Stateful):
    """All open files of the system, by number."""

    STATE = ("table", "next_number")

    def __init__(self) -> None:
        self.table: Map[int, OpenFile] = Map()
        self.next_number = 1

    def add(self, file: OpenFile) -> int:
        """Number of a new open file that nobody refers to yet; Refused(ENFILE)."""
        if len(self.table) >= MAX_OPEN:
            raise Refused(ENFILE)
        number = self.next_number
        self.next_number += 1
        self.table = self.table.set(number, file)
        return number

    def __getitem__(self, number: int) -> OpenFile:
        return self.table[number]

    def update(self, number: int, **changes: object) -> OpenFile:
        """Change fields of an open file."""
        file = self.table[number]._replace(**changes)  # type: ignore[arg-type]  # field names
        self.table = self.table.set(number, file)
        return file

    def hold(self, number: int) -> None:
        """One more refers to it."""
        self.update(number, references=self.table[number].references + 1)

    def let_go(self, task: Task, number: int) -> None:
        """One less refers to it; the last one closes it."""
        file = self.table[number]
        if file.references > 1:
            self.update(number, references=file.references - 1)
            return
        self.table = self.table.drop(number)
        kind_of(file).released(task, number, file)

    def uses(self, key: Key) -> bool:
        """Some open file is of the node `key`."""
        return any(
            file.key == key and file.kind in {"regular", "directory", "path"}
            for file in self.table.values()
        )


# a task's descriptors


def number_of(task: Task, fd: int) -> int:
    """The open file behind `fd`, O_PATH ones refused; Refused(EBADF)."""
    number = raw_number_of(task, fd)
    if task.system.open[number].flags & O_PATH:
        raise Refused(EBADF)
    return number


def raw_number_of(task: Task, fd: int) -> int:
    """The open file behind `fd`, O_PATH ones too; Refused(EBADF)."""
    found = task.descriptors.get(fd)
    if found is None:
        raise Refused(EBADF)
    return found.file


def file_of(task: Task, fd: int) -> OpenFile:
    """As `number_of`, the file itself."""
    return task.system.open[number_of(task, fd)]


def lowest_free(task: Task, start: int = 0) -> int:
    """The lowest free descriptor from `start` on; Refused(EMFILE) at the task's limit."""
    fd = start
    while fd in task.descriptors:
        fd += 1
    if fd >= min(task.limit_of("nofile"), MAX_OPEN):
        raise Refused(EMFILE)
    return fd


def install(task: Task, number: int, cloexec: bool, start: int = 0) -> int:
    """A new descriptor for the open file."""
    fd = lowest_free(task, start)
    place(task, fd, number, cloexec)
    return fd


def place(task: Task, fd: int, number: int, cloexec: bool) -> None:
    """Let `fd`, which is free, be a descriptor for the open file."""
    task.descriptors = task.descriptors.set(fd, Descriptor(number, cloexec))
    task.system.open.hold(number)


def close(task: Task, fd: int) -> None:
    """Free a descriptor; Refused(EBADF)."""
    number = raw_number_of(task, fd)
    task.descriptors = task.descriptors.drop(fd)
    task.system.open.let_go(task, number)


def open_new(task: Task, file: OpenFile, cloexec: bool) -> int:
    """A descriptor for a new open file; Refused(EMFILE) before ENFILE."""
    fd = lowest_free(task)
    place(task, fd, task.system.open.add(file), cloexec)
    return fd


def start_of(task: Task, fd: int, path: str) -> Key:
    """The directory that a *at call's relative `path` starts from (AT_FDCWD is -100)."""
    if fd == -100 or path.startswith("/"):
        return task.cwd
    file = task.system.open[raw_number_of(task, fd)]
    if not path:
        return file.key
    if file.kind not in {"directory", "path"}:
        raise Refused(ENOTDIR)
    if not task.system.files.get(file.key).is_directory:
        raise Refused(ENOTDIR)
    return file.key


def describe(system: System, task: Task) -> dict[int, DescriptorView]:
    """All descriptors, for the kernel's mirror."""
    views = {}
    for fd, descriptor in task.descriptors.items():
        file = system.open[descriptor.file]
        views[fd] = kind_of(file).describe(task, file)
    return views
