"""Pipes: fs/pipe.c. A pipe is a number whose bytes the system keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.errors import EAGAIN, ENOTTY, EPIPE, Refused
from systui.services.nodes import PIPE_DEVICE, S_IFIFO, Node
from systui.services.openfile import (
    KINDS,
    O_RDONLY,
    O_WRONLY,
    POLLERR,
    POLLHUP,
    READABLE,
    WRITABLE,
    Kind,
    OpenFile,
)
from systui.services.ports import Blocked
from systui.services.signals import SIGPIPE
from systui.services.words import waits_for_pipe_data, waits_for_pipe_room

if TYPE_CHECKING:
    from systui.services.task import Task

CAPACITY = 65536
ATOMIC = 4096
"""PIPE_BUF: a write of no more is all or nothing."""
FIONREAD = 0x541B


class Pipe(NamedTuple):
    """A pipe's bytes, and how many open files are at each end."""

    data: bytes = b""
    readers: int = 1
    writers: int = 1
    made: int = 0
    """When, in nanoseconds since 1970."""


def make(task: Task, flags: int) -> tuple[OpenFile, OpenFile]:
    """A new pipe's two ends, to be opened."""
    system = task.system
    number = system.new_object()
    system.pipes = system.pipes.set(number, Pipe(made=task.now()))
    path = f"pipe:[{number}]"
    return (
        OpenFile("pipe", flags | O_RDONLY, number, path),
        OpenFile("pipe", flags | O_WRONLY, number, path),
    )


def opened_again(task: Task, file: OpenFile) -> None:
    """One end more, by /proc/self/fd."""
    system = task.system
    pipe: Pipe = system.pipes[int(file.key)]
    more = pipe._replace(readers=pipe.readers + file.readable, writers=pipe.writers + file.writable)
    system.pipes = system.pipes.set(int(file.key), more)


class PipeEnd(Kind):
    """Either end."""

    view = 4

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """What is in it; end of file once no writer is left."""
        system = task.system
        file = system.open[number]
        pipe: Pipe = system.pipes[int(file.key)]
        if not size:
            return b""
        if not pipe.data and pipe.writers:
            if file.nonblocking:
                raise Refused(EAGAIN)
            return Blocked(waits_for_pipe_data())
        data = pipe.data[:size]
        system.written += len(pipe.data) - len(data)
        system.pipes = system.pipes.set(int(file.key), pipe._replace(data=pipe.data[size:]))
        return data

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """As much as there is room for; SIGPIPE without a reader."""
        system = task.system
        file = system.open[number]
        pipe: Pipe = system.pipes[int(file.key)]
        if not data:
            return 0
        if not pipe.readers:
            task.send(SIGPIPE)
            return -EPIPE
        system.check_buffers()
        room = CAPACITY - len(pipe.data)
        fits = len(data) <= room
        if not fits and (not file.nonblocking or not room or len(data) <= ATOMIC):
            if file.nonblocking:
                raise Refused(EAGAIN)
            return Blocked(waits_for_pipe_room())
        taken = data[:room]
        system.written += len(pipe.data) + len(taken)
        system.pipes = system.pipes.set(int(file.key), pipe._replace(data=pipe.data + taken))
        return len(taken)

    def ready(self, task: Task, number: int) -> int:
        """Readable with data in it, writable with room for PIPE_BUF."""
        file = task.system.open[number]
        pipe: Pipe = task.system.pipes[int(file.key)]
        events = 0
        if file.readable:
            events |= READABLE if pipe.data else 0
            events |= 0 if pipe.writers else POLLHUP
        if file.writable:
            events |= WRITABLE if CAPACITY - len(pipe.data) >= ATOMIC else 0
            events |= 0 if pipe.readers else POLLERR
        return events

    def node(self, task: Task, file: OpenFile) -> Node:
        """A FIFO's."""
        made = task.system.pipes[int(file.key)].made
        node = Node(S_IFIFO | 0o600, int(file.key), uid=task.fsuid, gid=task.fsgid, dev=PIPE_DEVICE)
        return node._replace(atime=made, mtime=made, ctime=made)

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """FIONREAD."""
        if request != FIONREAD:
            raise Refused(ENOTTY)
        pipe: Pipe = task.system.pipes[int(task.system.open[number].key)]
        task.user.put_u32(argument, len(pipe.data))
        return 0

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """One end less; the pipe goes with both."""
        system = task.system
        pipe: Pipe = system.pipes[int(file.key)]
        left = pipe._replace(
            readers=pipe.readers - file.readable, writers=pipe.writers - file.writable
        )
        gone = not left.readers and not left.writers
        pipes = system.pipes
        system.pipes = pipes.drop(int(file.key)) if gone else pipes.set(int(file.key), left)


KINDS["pipe"] = PipeEnd()
