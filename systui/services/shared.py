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
    for area in task.memory.areas:
        if area.node == key:
            _flush_area(task, area)


def flush_range(task: Task, start: int, end: int) -> None:
    """The same for every shared mapping in [start, end)."""
    for area in list(task.memory.overlapping(start, end)):
        _flush_area(task, area.cut(max(start, area.start), min(end, area.end)))


def _flush_area(task: Task, area: Area) -> None:
    wanted = PROT_READ | PROT_WRITE
    if not area.shared or area.node is None or area.prot & wanted != wanted:
        return
    files = task.system.files
    node = files.get(area.node)
    if node.content is None:
        return
    changed = _with_stores(task, area, node.content)
    if changed is not node.content:
        now = task.now()
        files.put(area.node, node._replace(content=changed, mtime=now, ctime=now))
        task.memory.refresh(area.node, changed, 0, changed.size)


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
    if content is not None and task.memory.shares(key):
        task.memory.refresh(key, content, low, high)
