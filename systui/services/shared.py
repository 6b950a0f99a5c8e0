"""Shared file mappings: the program's stores reach the file, and writes reach the mapping.

A touched page belongs to the machine. Before a file that is mapped shared and writable is looked
at, its pages are compared with it and what differs is stored; when the file changes, the pages
concerned are dropped and come back from the new content. Two mappings of one file therefore see
each other's stores only after a call that touches the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.services.memory import PROT_READ, PROT_WRITE
from systui.services.ports import UserFault

if TYPE_CHECKING:
    from systui.services.content import Content
    from systui.services.memory import Area
    from systui.services.nodes import Key
    from systui.services.task import Task

_PIECE = 1 << 16


def flush(task: Task, key: Key) -> None:
    """Bring the file up to date with its mappings."""
    for other in _spaces(task):
        for area in other.memory.areas:
            if area.node == key:
                _flush_area(other, area)


def _spaces(task: Task) -> list[Task]:
    """One task of each address space, the asking one's first."""
    system = task.system
    found = {id(task.memory): task}
    for other in sorted(system.tasks.values(), key=lambda each: each.tid):
        found.setdefault(id(other.memory), other)
    return list(found.values())


def maps(task: Task, key: Key) -> bool:
    """Some task maps the file shared."""
    return any(other.memory.shares(key) for other in _spaces(task))


def flush_all(task: Task) -> None:
    """Bring every file up to date that the task maps: it is about to lose its memory."""
    for area in list(task.memory.areas):
        if area.shared and area.node is not None:
            _flush_area(task, area)


def flush_range(task: Task, start: int, end: int) -> None:
    """The same for every shared mapping in [start, end)."""
    for area in list(task.memory.overlapping(start, end)):
        _flush_area(task, area.cut(max(start, area.start), min(end, area.end)))


def _flush_area(task: Task, area: Area) -> None:
    wanted = PROT_READ | PROT_WRITE
    if not area.shared or area.content is None or area.prot & wanted != wanted:
        return
    if area.node is None:
        return
    files = task.system.files
    node = files.get(area.node)
    if node.content is None:
        return
    changed = _with_stores(task, area, node.content)
    if changed is not node.content:
        now = task.now()
        files.put(area.node, node._replace(content=changed, mtime=now, ctime=now))
        _refresh(task, area.node, changed, 0, changed.size)


def _refresh(task: Task, key: Key, content: Content, low: int, high: int) -> None:
    for other in _spaces(task):
        other.memory.refresh(key, content, low, high)


def _with_stores(task: Task, area: Area, content: Content) -> Content:
    size = max(0, min(area.end - area.start, content.size - area.offset))
    changed = content
    for at in range(0, size, _PIECE):
        length = min(_PIECE, size - at)
        try:
            seen = task.user.read(area.start + at, length)
        except UserFault:
            continue
        if seen != content.read(area.offset + at, length):
            changed = changed.write(area.offset + at, seen)
    return changed


def changed(task: Task, key: Key, low: int, high: int) -> None:
    """The file's bytes in [low, high), or its size, have changed: show that in its mappings."""
    content = task.system.files.get(key).content
    if content is not None and maps(task, key):
        _refresh(task, key, content, low, high)
