"""The file system: names to nodes (fs/namei.c), and changes kept beside the tree as it came."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from systui.services.content import BLOCK
from systui.services.errors import (
    EACCES,
    EEXIST,
    ELOOP,
    ENAMETOOLONG,
    ENOENT,
    ENOSPC,
    ENOTDIR,
    EPERM,
    Refused,
)
from systui.services.nodes import (
    GONE,
    S_IFLNK,
    S_ISGID,
    S_ISVTX,
    Key,
    Node,
    Tree,
    encode,
    join,
)
from systui.services.state import Map, Stateful

if TYPE_CHECKING:
    from systui.services.task import Task

ROOT: Key = "/"
NAME_MAX = 255
MAX_LINKS = 40
NODE_COST = BLOCK
"""What a node of the overlay counts for, beside its bytes."""
FIRST_INO = 1 << 31
MAY_EXEC, MAY_WRITE, MAY_READ = 1, 2, 4


class Found(NamedTuple):
    """Where a path leads: the directory and the name in it, and what is there."""

    parent: Key
    name: str
    key: Key | None
    """None where nothing has the name."""
    last: str = "name"
    """What the last component was: `name`, `.`, `..` or `/`."""
    wants_directory: bool = False
    """The path ends in a slash."""


class FileSystem(Stateful):
    """All nodes: those that came with the trees, and the overlay of what was changed."""

    STATE = ("nodes", "next_number", "used")

    def __init__(
        self,
        main: Tree,
        devices: Tree,
        processes: Tree,
        limit: int,
        now: Callable[[], int],
    ) -> None:
        """`limit`: bytes the overlay may hold; `now`: nanoseconds since 1970."""
        self._main = main
        self._devices = devices
        self._processes = processes
        self.limit = limit
        self._now = now
        self.nodes: Map[Key, Node] = Map()
        self.next_number = 1
        self.used = 0

    # nodes

    def get(self, key: Key) -> Node:
        """The node; Refused(ENOENT) where it has vanished."""
        node = self.nodes.get(key)
        if node is None and isinstance(key, str):
            node = self._came(key)
        if node is None:
            raise Refused(ENOENT)
        return node

    def _came(self, path: str) -> Node | None:
        if path.startswith("/proc") and path[5:6] in {"", "/"}:
            return self._processes.node(path)
        if path.startswith("/dev") and path[4:5] in {"", "/"}:
            return self._devices.node(path)
        return self._main.node(path)

    def _came_names(self, path: str) -> tuple[str, ...]:
        if path.startswith("/proc") and path[5:6] in {"", "/"}:
            return self._processes.names(path)
        if path.startswith("/dev") and path[4:5] in {"", "/"}:
            return self._devices.names(path)
        names = self._main.names(path)
        return tuple(sorted({*names, "dev", "proc"})) if path == "/" else names

    def put(self, key: Key, node: Node) -> None:
        """Let `node` be what `key` stands for; Refused(ENOSPC) beyond the overlay's limit."""
        old = self.nodes.get(key)
        used = self.used + _cost(node) - (0 if old is None else _cost(old))
        if used > self.limit and used > self.used:
            raise Refused(ENOSPC)
        self.nodes = self.nodes.set(key, node)
        self.used = used

    def forget(self, key: Key) -> None:
        """Drop a node that has no name and no opener any more."""
        old = self.nodes.get(key)
        if old is not None:
            self.used -= _cost(old)
            self.nodes = self.nodes.drop(key)

    def child(self, directory: Key, name: str) -> Key | None:
        """What `name` stands for in a directory; no permission is asked."""
        changed = self.get(directory).entries.get(name)
        if changed is not None:
            return None if changed == GONE else changed
        if isinstance(directory, str) and "/" not in name and "\0" not in name:
            path = join(directory, name)
            if self.nodes.get(path) is not None or self._came(path) is not None:
                return path
        return None

    def names(self, directory: Key) -> list[tuple[str, Key]]:
        """A directory's names, sorted, with what they stand for."""
        found: dict[str, Key] = {}
        if isinstance(directory, str):
            for name in self._came_names(directory):
                found[name] = join(directory, name)
        for name, key in self.get(directory).entries.items():
            found[name] = key
        return sorted((name, key) for name, key in found.items() if key != GONE)

    # changing

    def make(self, task: Task, parent: Key, name: str, node: Node) -> Key:
        """A new node under `name`, owned by the task; the caller has asked for permission."""
        number = self.next_number
        self.next_number += 1
        now = self._now()
        above = self.get(parent)
        gid = above.gid if above.mode & S_ISGID else task.fsgid
        node = node._replace(
            ino=FIRST_INO + number, uid=task.fsuid, gid=gid, atime=now, mtime=now, ctime=now
        )
        if node.is_directory:
            node = node._replace(nlink=2, parent=parent, name=name)
        self.put(number, node)
        self.link(parent, name, number)
        return number

    def make_nameless(self, task: Task, node: Node) -> Key:
        """A new node without a name, owned by the task."""
        number = self.next_number
        self.next_number += 1
        now = self._now()
        node = node._replace(ino=FIRST_INO + number, uid=task.fsuid, gid=task.fsgid)
        self.put(number, node._replace(atime=now, mtime=now, ctime=now))
        return number

    def link(self, parent: Key, name: str, key: Key) -> None:
        """Let `name` in the directory stand for `key`."""
        directory = self.get(parent)
        more = 1 if self.get(key).is_directory else 0
        self._changed(parent, directory, directory.entries.set(name, key), more)

    def unlink(self, parent: Key, name: str, key: Key) -> None:
        """Take `name` away; the node itself keeps its link count."""
        directory = self.get(parent)
        came = isinstance(parent, str) and self._came(join(parent, name)) is not None
        entries = directory.entries.set(name, GONE) if came else directory.entries.drop(name)
        self._changed(parent, directory, entries, -1 if self.get(key).is_directory else 0)

    def _changed(self, key: Key, node: Node, entries: Map[str, Key], more: int) -> None:
        now = self._now()
        nlink = node.nlink + more
        self.put(key, node._replace(entries=entries, nlink=nlink, mtime=now, ctime=now))

    # names

    def walk(self, task: Task, start: Key, path: str, follow: bool = True) -> Found:
        """Where `path` leads from the directory `start`; the last name need not exist.

        Refused with what path_lookupat() would give: ENOENT, ENOTDIR, EACCES, ELOOP,
        ENAMETOOLONG.
        """
        return _Walker(self, task, follow).walk(start, path)

    def find(self, task: Task, start: Key, path: str, follow: bool = True) -> Key:
        """The node that `path` names; Refused(ENOENT) where there is none."""
        found = self.walk(task, start, path, follow)
        if found.key is None:
            raise Refused(ENOENT)
        if found.wants_directory and not self.get(found.key).is_directory:
            raise Refused(ENOTDIR)
        return found.key

    def path_of(self, directory: Key) -> str:
        """A directory's absolute path now."""
        names: list[str] = []
        while directory != ROOT:
            node = self.get(directory)
            names.append(node.name)
            directory = node.parent
        return "/" + "/".join(reversed(names))

    def is_below(self, key: Key, directory: Key) -> bool:
        """`key` is `directory` or lies in it."""
        while key not in {ROOT, directory}:
            key = self.get(key).parent
        return key == directory


def _cost(node: Node) -> int:
    own = 0 if node.content is None else node.content.owned
    return NODE_COST + own + len(node.target) + 128 * len(node.entries)


class _Walker:
    """One walk along a path: counts links, keeps to the root."""

    def __init__(self, files: FileSystem, task: Task, follow: bool) -> None:
        self._files = files
        self._task = task
        self._follow = follow
        self._links = 0

    def walk(self, start: Key, path: str) -> Found:
        if not path:
            raise Refused(ENOENT)
        at = ROOT if path.startswith("/") else start
        parts = [part for part in path.split("/") if part]
        if not parts:
            return Found(ROOT, "", ROOT, "/")
        for part in parts[:-1]:
            at = self._enter(at, part)
        return self._last(at, parts[-1], path.endswith("/"))

    def _enter(self, at: Key, part: str) -> Key:
        """The directory that `part` of `at` leads to."""
        found = self._step(at, part)
        if found is None:
            raise Refused(ENOENT)
        node = self._files.get(found)
        if node.kind == S_IFLNK:
            found = self._through(at, node, found)
            node = self._files.get(found)
        if not node.is_directory:
            raise Refused(ENOTDIR)
        return found

    def _through(self, at: Key, link: Node, key: Key) -> Key:
        found = self._linked(at, link, key)
        if found.key is None:
            raise Refused(ENOENT)
        return found.key

    def _linked(self, at: Key, link: Node, key: Key) -> Found:
        """Where a symbolic link in directory `at` leads, links at its end followed too."""
        self._links += 1
        if self._links > MAX_LINKS:
            raise Refused(ELOOP)
        if link.opens:
            return Found(at, "", _behind(self._task, link, key))
        follow, self._follow = self._follow, True
        found = self.walk(at, link.target)
        self._follow = follow
        return found

    def _last(self, at: Key, part: str, slash: bool) -> Found:
        if part in {".", ".."}:
            return Found(at, part, self._step(at, part), part, slash)
        key = self._step(at, part)
        if key is not None and (self._follow or slash):
            node = self._files.get(key)
            if node.kind == S_IFLNK:
                found = self._linked(at, node, key)
                return found._replace(wants_directory=slash or found.wants_directory)
        return Found(at, part, key, wants_directory=slash)

    def _step(self, at: Key, part: str) -> Key | None:
        node = self._files.get(at)
        if not node.is_directory:
            raise Refused(ENOTDIR)
        if not may(self._task, node, MAY_EXEC):
            raise Refused(EACCES)
        if part == ".":
            return at
        if part == "..":
            return ROOT if at == ROOT else node.parent
        if len(encode(part)) > NAME_MAX:
            raise Refused(ENAMETOOLONG)
        return self._files.child(at, part)


def _behind(task: Task, link: Node, key: Key) -> Key:
    """The node that a /proc/self/fd link jumps to; the link itself where that has no node."""
    file = task.system.open[int(link.opens)]
    return file.key if file.kind in {"regular", "directory", "path"} else key


def may(task: Task, node: Node, mask: int) -> bool:
    """The task may do `mask` (MAY_*) to the node: generic_permission()."""
    if task.fsuid == 0:
        return node.is_directory or not mask & MAY_EXEC or bool(node.mode & 0o111)
    if task.fsuid == node.uid:
        allowed = node.mode >> 6
    elif node.gid == task.fsgid or node.gid in task.groups:
        allowed = node.mode >> 3
    else:
        allowed = node.mode
    return not mask & ~allowed & 7


def check_create(files: FileSystem, task: Task, found: Found) -> None:
    """Refused unless the task may make a new name where `found` says (filename_create())."""
    if found.last != "name" or found.key is not None:
        raise Refused(EEXIST)
    directory = files.get(found.parent)
    if directory.nlink == 0 or (isinstance(found.parent, str) and _in_proc(found.parent)):
        raise Refused(ENOENT)
    if not may(task, directory, MAY_WRITE | MAY_EXEC):
        raise Refused(EACCES)


def check_delete(files: FileSystem, task: Task, found: Found) -> None:
    """Refused unless the task may take the name away (may_delete())."""
    directory = files.get(found.parent)
    if isinstance(found.parent, str) and _in_proc(found.parent):
        raise Refused(EPERM)
    if not may(task, directory, MAY_WRITE | MAY_EXEC):
        raise Refused(EACCES)
    if directory.mode & S_ISVTX and task.fsuid and found.key is not None:
        owners = {files.get(found.key).uid, directory.uid}
        if task.fsuid not in owners:
            raise Refused(EPERM)


def _in_proc(path: str) -> bool:
    return path == "/proc" or path.startswith("/proc/")
