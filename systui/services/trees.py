"""The trees that do not come from the host: the built-in one and /dev."""

from systui.services.content import Content
from systui.services.nodes import (
    DEV_DEVICE,
    MAIN_DEVICE,
    S_IFCHR,
    S_IFDIR,
    S_IFLNK,
    S_IFREG,
    Node,
    join,
    split,
)

_TZIF = b"TZif2" + bytes(15) + b"".join(n.to_bytes(4, "big") for n in (0, 0, 0, 0, 1, 4))
_UTC = (_TZIF + bytes(6) + b"UTC\0") * 2 + b"\nUTC0\n"
"""A time zone file (RFC 8536) that says UTC."""
_FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n",
    "/etc/group": "root:x:0:\nuser:x:1000:\n",
    "/etc/hosts": "127.0.0.1\tlocalhost\n",
    "/etc/hostname": "systui\n",
    "/etc/localtime": _UTC.decode("latin-1"),
}
_DIRECTORIES = {
    "/": 0o755,
    "/etc": 0o755,
    "/home": 0o755,
    "/home/user": 0o755,
    "/root": 0o700,
    "/tmp": 0o1777,
    "/var": 0o755,
    "/var/tmp": 0o1777,
}
_DEVICES = {
    "null": (0o666, 1, 3),
    "zero": (0o666, 1, 5),
    "full": (0o666, 1, 7),
    "random": (0o666, 1, 8),
    "urandom": (0o666, 1, 9),
    "tty": (0o666, 5, 0),
}
_DEV_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
TERMINAL = "/dev/pts/0"


class FixedTree:
    """A tree out of a dictionary."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = nodes
        self._names: dict[str, list[str]] = {}
        for path in nodes:
            directory, name = split(path)
            if name:
                self._names.setdefault(directory, []).append(name)

    def node(self, path: str) -> Node | None:
        """The node at `path`."""
        return self._nodes.get(path)

    def names(self, path: str) -> tuple[str, ...]:
        """Names in the directory."""
        return tuple(sorted(self._names.get(path, ())))


def _directory(path: str, permissions: int, ino: int, time: int, dev: int) -> Node:
    parent, name = split(path)
    node = Node(S_IFDIR | permissions, ino, parent=parent, name=name, nlink=2, dev=dev)
    return node._replace(atime=time, mtime=time, ctime=time)


def builtin(time: int) -> FixedTree:
    """The small tree that a program sees without a root; all its times are `time`."""
    nodes: dict[str, Node] = {}
    for path, permissions in _DIRECTORIES.items():
        node = _directory(path, permissions, len(nodes) + 2, time, MAIN_DEVICE)
        inside = sum(split(other)[0] == path != other for other in _DIRECTORIES)
        nodes[path] = node._replace(nlink=2 + inside)
    for path, text in _FILES.items():
        file = Node(S_IFREG | 0o644, len(nodes) + 2, Content.of(text.encode("latin-1")))
        nodes[path] = file._replace(atime=time, mtime=time, ctime=time)
    return FixedTree(nodes)


def devices(time: int, terminal: bool) -> FixedTree:
    """/dev, with /dev/pts/0 where the program has a terminal."""
    nodes = {"/dev": _directory("/dev", 0o755, 1, time, DEV_DEVICE)}
    for name, (permissions, major, minor) in _DEVICES.items():
        nodes[join("/dev", name)] = Node(
            S_IFCHR | permissions, len(nodes) + 1, opens=name, rdev=major << 8 | minor
        )
    for name, target in _DEV_LINKS.items():
        nodes[join("/dev", name)] = Node(S_IFLNK | 0o777, len(nodes) + 1, target=target)
    for path in ("/dev/pts", "/dev/shm"):
        nodes[path] = _directory(path, 0o1777, len(nodes) + 1, time, DEV_DEVICE)
    if terminal:
        nodes[TERMINAL] = Node(S_IFCHR | 0o620, len(nodes) + 1, opens="tty", rdev=136 << 8)
    stamped = {
        path: node._replace(dev=DEV_DEVICE, atime=time, mtime=time, ctime=time)
        for path, node in nodes.items()
    }
    return FixedTree(stamped)
