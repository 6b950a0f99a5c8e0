"""Open files that are always at hand: regular files, directories, devices, the three streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.model.stop import Channel
from systui.services.content import BLOCK
from systui.services.errors import (
    EAGAIN,
    EBADF,
    EFBIG,
    EINVAL,
    EISDIR,
    ENOSPC,
    ENOTTY,
    ENXIO,
    EOVERFLOW,
    Refused,
)
from systui.services.nodes import PIPE_DEVICE, S_IFIFO, Key, Node
from systui.services.openfile import (
    KINDS,
    O_APPEND,
    POLLHUP,
    READABLE,
    WRITABLE,
    Kind,
    OpenFile,
)
from systui.services.ports import Blocked, DescriptorView
from systui.services.shared import changed, flush, maps
from systui.services.words import input_is_full, waits_for_input

if TYPE_CHECKING:
    from systui.services.task import Task

MAX_OFFSET = (1 << 63) - 1
MAX_FILE = 1 << 40
"""Largest size of a file, holes included."""
FIONREAD = 0x541B
SIGXFSZ = 25


class Regular(Kind):
    """A file with contents."""

    view = 1
    seekable = True
    bulk = True

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """Bytes at the position; the position moves unless `offset` is given."""
        file = task.system.open[number]
        if maps(task, file.key):
            flush(task, file.key)
        content = task.system.files.get(file.key).content
        if content is None:
            raise Refused(EINVAL)
        at = file.position if offset is None else offset
        data = content.read(at, size)
        if offset is None and data:
            task.system.open.update(number, position=at + len(data))
        return data

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """Put bytes in; at the end with O_APPEND, also when `offset` is given, as Linux does."""
        file = task.system.open[number]
        if maps(task, file.key):
            flush(task, file.key)
        node = task.system.files.get(file.key)
        if node.content is None:
            raise Refused(EINVAL)
        at = file.position if offset is None else offset
        if file.flags & O_APPEND:
            at = node.content.size
        data = data[: _room(task, at, len(data))]
        if not data and at >= task.limit_of("fsize"):
            task.send(SIGXFSZ)
            return -EFBIG
        now = task.now()
        content = node.content.write(at, data)
        task.system.written += len(data) + 2 * BLOCK
        task.system.files.put(file.key, node._replace(content=content, mtime=now, ctime=now))
        changed(task, file.key, at, at + len(data))
        if offset is None:
            task.system.open.update(number, position=at + len(data))
        return len(data)

    def seek(self, task: Task, number: int, offset: int, whence: int) -> int:
        """lseek, SEEK_DATA and SEEK_HOLE as for a file without holes."""
        file = task.system.open[number]
        size = task.system.files.get(file.key).size
        at = _sought(offset, whence, file.position, size)
        task.system.open.update(number, position=at)
        return at

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """FIONREAD: bytes from the position to the end."""
        if request != FIONREAD:
            raise Refused(ENOTTY)
        file = task.system.open[number]
        size = task.system.files.get(file.key).size
        task.user.put_u32(argument, size - file.position)
        return 0

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """A file without a name goes with its last opener."""
        reap(task, file.key)


def reap(task: Task, key: Key) -> None:
    """Drop the node if it has neither name nor opener."""
    node = task.system.files.nodes.get(key)
    if node is not None and node.nlink == 0 and not task.system.open.uses(key):
        task.system.files.forget(key)


def _room(task: Task, at: int, size: int) -> int:
    """How much of a write of `size` bytes at `at` is taken; Refused(EFBIG) beyond the largest."""
    if at >= MAX_FILE:
        raise Refused(EFBIG)
    return max(0, min(size, MAX_FILE - at, task.limit_of("fsize") - at))


def _sought(offset: int, whence: int, position: int, size: int) -> int:
    if whence in {3, 4}:
        if not 0 <= offset < size:
            raise Refused(ENXIO)
        return offset if whence == 3 else size
    if whence not in {0, 1, 2}:
        raise Refused(EINVAL)
    at = offset + (0, position, size)[whence]
    if at > MAX_OFFSET:
        raise Refused(EOVERFLOW)
    if at < 0:
        raise Refused(EINVAL)
    return at


class Directory(Kind):
    """An open directory; getdents64 is where it is read."""

    view = 2
    seekable = True

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """EISDIR."""
        raise Refused(EISDIR)

    def seek(self, task: Task, number: int, offset: int, whence: int) -> int:
        """Positions are entry numbers: only those that getdents64 gave make sense."""
        at = _sought(offset, whence, task.system.open[number].position, 0)
        task.system.open.update(number, position=at, directory_position="")
        return at

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """A removed directory goes with its last opener."""
        reap(task, file.key)


class PathOnly(Kind):
    """What O_PATH gives: a place, not a file."""

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """EBADF."""
        raise Refused(EBADF)

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """As for the file itself."""
        reap(task, file.key)

    def describe(self, task: Task, file: OpenFile) -> DescriptorView:
        """A directory is one by O_PATH too: relative paths may start from it."""
        is_directory = task.system.files.get(file.key).is_directory
        return DescriptorView(2 if is_directory else 1, file.flags)


class Null(Kind):
    """/dev/null."""

    seekable = True
    discards = True

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """Nothing."""
        return b""

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """All of it, nowhere."""
        return len(data)

    def seek(self, task: Task, number: int, offset: int, whence: int) -> int:
        """Always 0 (null_lseek)."""
        return 0


class Zero(Null):
    """/dev/zero."""

    bulk = True

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """Zeros."""
        return bytes(size)


class Full(Zero):
    """/dev/full."""

    discards = False

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """ENOSPC."""
        raise Refused(ENOSPC)


class Random(Null):
    """/dev/urandom and /dev/random, from the seeded generator."""

    bulk = True
    discards = False

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """Random bytes, the same in each run."""
        return task.system.random_bytes(size)


class Input(Kind):
    """Standard input that is a pipe from outside."""

    view = 4

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """What has come; Blocked while there is nothing and no end."""
        if not size:
            return b""
        system = task.system
        data = system.input.read(system.input_position, min(size, 1 << 16), system.served)
        if data:
            system.input_position += len(data)
        elif system.input.full:
            return Blocked(input_is_full())
        elif not system.input.at_end(system.input_position, system.served):
            return _wait_for_input(system.open[number])
        return data

    def node(self, task: Task, file: OpenFile) -> Node:
        """A pipe's."""
        return Node(S_IFIFO | 0o600, 1, dev=PIPE_DEVICE)

    def ready(self, task: Task, number: int) -> int:
        """Readable while there is something, hung up at the end."""
        system = task.system
        waiting = system.input.fetch(system.input_position, system.served)
        if waiting > system.input_position:
            return READABLE
        return POLLHUP if system.input.at_end(system.input_position, system.served) else 0

    def waits_for_input(self, file: OpenFile) -> bool:
        """Yes."""
        return True

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """FIONREAD."""
        if request != FIONREAD:
            raise Refused(ENOTTY)
        system = task.system
        waiting = system.input.available(system.served) - system.input_position
        task.user.put_u32(argument, waiting)
        return 0


def _wait_for_input(file: OpenFile) -> Blocked:
    if file.nonblocking:
        raise Refused(EAGAIN)
    return Blocked(waits_for_input(), wants_input=True)


class Output(Kind):
    """Standard output or error that is a pipe to the outside; the file's key is the channel."""

    view = 4

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """Out it goes."""
        task.system.emit(Channel(task.system.open[number].key), data)
        return len(data)

    def node(self, task: Task, file: OpenFile) -> Node:
        """A pipe's."""
        return Node(S_IFIFO | 0o600, 2 if file.key == "stdout" else 3, dev=PIPE_DEVICE)

    def ready(self, task: Task, number: int) -> int:
        """Always writable."""
        return WRITABLE


KINDS.update(
    regular=Regular(),
    directory=Directory(),
    path=PathOnly(),
    null=Null(),
    zero=Zero(),
    full=Full(),
    random=Random(),
    urandom=Random(),
    input=Input(),
    output=Output(),
)
