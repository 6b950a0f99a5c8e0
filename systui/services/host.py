"""The only door to the host: a directory tree, read-only, and standard input.

What was learnt stays as it was learnt, so that running a stretch again sees the same. A tree is
walked one name at a time from an open directory, never through a symbolic link: whatever the
program or someone else on the host does, nothing outside the tree is reached. Only regular files
are opened.
"""

import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from systui.services.content import Content
from systui.services.errors import EACCES, EIO, ENFILE, Refused
from systui.services.nodes import Node, split

PIECE = 1 << 16
"""Bytes read from a host file at a time."""
PIECES = 1024
"""Pieces kept; one that was dropped is read again from the file if that is still the same."""
MAX_NAMES = 200_000
"""Nodes of the host that are remembered; beyond it new ones are refused with ENFILE."""

MAX_INPUT = 64 << 20
"""Bytes of a pipe that are read: all of it is kept, for going back."""

_WALK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY


@contextmanager
def _directory_of(root: int, path: str) -> Iterator[tuple[int, str]]:
    """A descriptor of the directory that `path` lies in, every step a real one; OSError."""
    parts = [part for part in path.split("/") if part]
    at = os.dup(root)
    try:
        for part in parts[:-1]:
            below = os.open(part, _WALK, dir_fd=at)
            os.close(at)
            at = below
        yield at, parts[-1] if parts else "."
    finally:
        os.close(at)


def _open_below(root: int, path: str, flags: int) -> int:
    with _directory_of(root, path) as (directory, name):
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)


class HostFile:
    """A regular file's bytes, as they were when it was first seen."""

    def __init__(self, tree: "HostTree", path: str, identity: tuple[int, ...]) -> None:
        self._tree = tree
        self._path = path
        self._identity = identity

    def read(self, offset: int, size: int) -> bytes:
        """Bytes from `offset`; Refused(EIO) when the file has changed since."""
        first, last = offset // PIECE, (offset + size - 1) // PIECE
        data = b"".join([self._piece(index) for index in range(first, last + 1)])
        start = offset - first * PIECE
        return data[start : start + size]

    def _piece(self, index: int) -> bytes:
        return self._tree.piece(self._path, index, self._identity)


class HostTree:
    """A host directory as the program's root."""

    def __init__(self, root: str) -> None:
        """OSError where `root` is no directory that can be read."""
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._nodes: dict[str, Node | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._pieces: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def close(self) -> None:
        """Let go of the directory."""
        os.close(self._root)

    def node(self, path: str) -> Node | None:
        """What the host has at `path`, symbolic links not followed."""
        if path not in self._nodes:
            if len(self._nodes) >= MAX_NAMES:
                raise Refused(ENFILE)
            self._nodes[path] = self._look(path)
        return self._nodes[path]

    def names(self, path: str) -> tuple[str, ...]:
        """Names in the directory, sorted; Refused(EACCES) where the host refuses."""
        if path not in self._names:
            try:
                fd = _open_below(self._root, path, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                raise Refused(EACCES) from error
            try:
                self._names[path] = tuple(sorted(os.listdir(fd)))  # noqa: PTH208  by descriptor
            finally:
                os.close(fd)
        return self._names[path]

    def _look(self, path: str) -> Node | None:
        try:
            with _directory_of(self._root, path) as (directory, name):
                found = os.stat(name, dir_fd=directory, follow_symlinks=False)
                is_link = stat.S_ISLNK(found.st_mode)
                target = os.readlink(name, dir_fd=directory) if is_link else ""
        except (OSError, ValueError):
            return None
        return self._node(path, found, target)

    def _node(self, path: str, found: os.stat_result, target: str) -> Node:
        content = None
        if stat.S_ISREG(found.st_mode):
            content = Content.over(HostFile(self, path, _identity(found)), found.st_size)
        parent, name = split(path)
        return Node(
            found.st_mode,
            found.st_ino,
            content,
            target,
            parent=parent,
            name=name,
            rdev=found.st_rdev,
            uid=found.st_uid,
            gid=found.st_gid,
            nlink=found.st_nlink,
            length=found.st_size,
            blocks=found.st_blocks,
            atime=found.st_atime_ns,
            mtime=found.st_mtime_ns,
            ctime=found.st_ctime_ns,
        )

    def piece(self, path: str, index: int, identity: tuple[int, ...]) -> bytes:
        """The file's bytes from `index` * PIECE on, one piece; Refused(EIO or EACCES)."""
        key = (path, index)
        if key in self._pieces:
            self._pieces.move_to_end(key)
            return self._pieces[key]
        try:
            data = self._read_piece(path, index, identity)
        except OSError as error:
            raise Refused(EACCES) from error
        self._pieces[key] = data
        if len(self._pieces) > PIECES:
            self._pieces.popitem(last=False)
        return data

    def _read_piece(self, path: str, index: int, identity: tuple[int, ...]) -> bytes:
        fd = _open_below(self._root, path, _READ)
        try:
            if _identity(os.fstat(fd)) != identity:
                raise Refused(EIO)
            return os.pread(fd, PIECE, index * PIECE)
        finally:
            os.close(fd)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_mode, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


class Input:
    """Standard input: a log that only grows, each piece marked with when it arrived.

    When is told in served calls: a piece that arrived while call n was the next one is there for
    call n and later ones, also when the stretch is run again from earlier.
    """

    def __init__(self, source: bytes | Callable[[int], bytes] | None) -> None:
        self._source = source if callable(source) else None
        self.interactive = source is None
        self._data = bytearray()
        self._ends: list[tuple[int, int]] = []
        """(call number, bytes there from then on), ascending."""
        self._closed_at: int | None = None
        self._marks: set[int] = set()
        """Offsets at which a terminal's user said end of file."""
        if isinstance(source, bytes):
            self.feed(source, 0)
            self._closed_at = 0

    def feed(self, data: bytes, now: int) -> None:
        """Append `data` at call `now`; b"" is an end of file."""
        if self._ends:
            now = max(now, self._ends[-1][0])
        self._data += data
        if not data:
            self._marks.add(len(self._data))
        self._ends.append((now, len(self._data)))

    def available(self, now: int) -> int:
        """Bytes that had arrived by call `now`."""
        return next((end for at, end in reversed(self._ends) if at <= now), 0)

    @property
    def full(self) -> bool:
        """No more is read: the limit is reached."""
        return len(self._data) >= MAX_INPUT

    def at_end(self, offset: int, now: int) -> bool:
        """A read at `offset` finds the end of the file."""
        arrived = self.available(now)
        if self._closed_at is not None and self._closed_at <= now and offset >= len(self._data):
            return True
        return offset in self._marks and arrived >= offset and self._mark_arrived(offset, now)

    def _mark_arrived(self, offset: int, now: int) -> bool:
        seen = [at for at, end in self._ends if end == offset]
        return bool(seen) and seen[-1] <= now

    def fetch(self, offset: int, now: int) -> int:
        """As `available`, after waiting for a pipe that has given nothing beyond `offset`."""
        waiting = self._source is not None and self._closed_at is None and not self.full
        if waiting and self._source is not None and offset >= len(self._data):
            data = self._source(PIECE)
            if data:
                self.feed(data, now)
            else:
                self._closed_at = now
        return self.available(now)

    def read(self, offset: int, size: int, now: int) -> bytes:
        """Bytes from `offset` on; a pipe is waited for, a terminal is not."""
        end = min(self.fetch(offset, now), offset + size)
        return bytes(self._data[offset:end])
