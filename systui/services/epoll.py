"""epoll: fs/eventpoll.c. An epoll file is a number whose interest list the system keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.nodes import Node
from systui.services.openfile import KINDS, READABLE, Kind, OpenFile, kind_of
from systui.services.state import Map

if TYPE_CHECKING:
    from systui.services.task import Task

ERR_OR_HUP = 0x18
ONESHOT, EDGE = 1 << 30, 1 << 31
CONTROL = ONESHOT | EDGE | 1 << 29 | 1 << 28
"""Bits that say how to tell, not what of."""


class Interest(NamedTuple):
    """One descriptor that is watched."""

    events: int
    data: bytes
    file: int
    """The open file's number: the descriptor may come to mean another."""
    told: tuple[int, object] = (0, None)
    """Edge-triggered: what was ready when it was told last, and the state that it followed from."""


Interests = Map[tuple[int, int], Interest]
"""By descriptor and open file."""


def ready(task: Task, key: tuple[int, int], interest: Interest) -> int:
    """Events to be told of one entry now."""
    if interest.file not in task.system.open.table:
        return 0
    wanted = interest.events & ~CONTROL
    if not wanted:
        return 0
    file = task.system.open[interest.file]
    events = kind_of(file).ready(task, interest.file) & (wanted | ERR_OR_HUP)
    if not interest.events & EDGE or not events:
        return events
    before, state = interest.told
    changed = state is not source(task, interest.file)
    return events if events & ~before or (changed and events & READABLE) else 0


def source(task: Task, number: int) -> object:
    """The immutable state that a pipe's or socket's readiness follows from."""
    system = task.system
    file = system.open[number]
    if file.kind == "pipe":
        return system.pipes.get(int(file.key))
    return system.sockets.get(int(file.key)) if file.kind == "socket" else None


class EpollFile(Kind):
    """An open epoll instance."""

    view = 3

    def ready(self, task: Task, number: int) -> int:
        """Readable while it has something to tell."""
        interests: Interests = task.system.epolls[int(task.system.open[number].key)]
        return READABLE if any(ready(task, key, each) for key, each in interests.items()) else 0

    def due(self, task: Task, number: int) -> int | None:
        """When the first that it watches is."""
        interests: Interests = task.system.epolls[int(task.system.open[number].key)]
        files = (each.file for each in interests.values() if each.file in task.system.open.table)
        moments = (kind_of(task.system.open[each]).due(task, each) for each in files)
        return min((moment for moment in moments if moment is not None), default=None)

    def node(self, task: Task, file: OpenFile) -> Node:
        """An anonymous inode's."""
        return Node(0o600, int(file.key))

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """The last descriptor is gone."""
        task.system.epolls = task.system.epolls.drop(int(file.key))


KINDS["epoll"] = EpollFile()
