"""What a name in the file system stands for."""

from typing import NamedTuple, Protocol

from systui.services.content import Content
from systui.services.state import Map

S_IFMT = 0o170000
S_IFIFO, S_IFCHR, S_IFDIR, S_IFBLK = 0o010000, 0o020000, 0o040000, 0o060000
S_IFREG, S_IFLNK, S_IFSOCK = 0o100000, 0o120000, 0o140000
S_ISUID, S_ISGID, S_ISVTX = 0o4000, 0o2000, 0o1000

MAIN_DEVICE = 0x801
DEV_DEVICE = 0x5
PROC_DEVICE = 0x17
PIPE_DEVICE = 0xE
SOCKET_DEVICE = 0x8

Key = str | int
"""A node's identity: the path of one that the tree came with, a number for one made later."""

GONE = -1
"""In a directory's changes: the name that the tree came with is no more."""


class Node(NamedTuple):
    """An inode. Times are nanoseconds since 1970."""

    mode: int
    ino: int
    content: Content | None = None
    """Of a regular file."""
    target: str = ""
    """Of a symbolic link."""
    entries: Map[str, Key] = Map()
    """Of a directory: names added or taken away since the tree was as it came."""
    parent: Key = "/"
    """Of a directory."""
    name: str = ""
    """Of a directory, in its parent."""
    opens: str = ""
    """Of a device or a magic link: what opening it gives, in the words of `openfile.KINDS`."""
    rdev: int = 0
    uid: int = 0
    gid: int = 0
    nlink: int = 1
    length: int = 4096
    """Of a directory."""
    blocks: int = -1
    """512-byte units; -1: as many as the size takes."""
    dev: int = MAIN_DEVICE
    atime: int = 0
    mtime: int = 0
    ctime: int = 0

    @property
    def kind(self) -> int:
        """S_IFMT's bits."""
        return self.mode & S_IFMT

    @property
    def is_directory(self) -> bool:
        """A directory."""
        return self.mode & S_IFMT == S_IFDIR

    @property
    def size(self) -> int:
        """st_size; 0 for what /proc makes up."""
        if self.dev == PROC_DEVICE and not self.is_directory:
            return 0
        if self.content is not None:
            return self.content.size
        if self.target:
            return len(encode(self.target))
        return self.length if self.is_directory else 0


class Tree(Protocol):
    """A tree as it came: what is there before the program changes anything."""

    def node(self, path: str) -> Node | None:
        """The node at an absolute path that has no links in it, or None."""

    def names(self, path: str) -> tuple[str, ...]:
        """Names in the directory at `path`."""


def encode(name: str) -> bytes:
    """A name's bytes."""
    return name.encode("utf-8", "surrogateescape")


def join(path: str, name: str) -> str:
    """The path of `name` in the directory at `path`."""
    return f"/{name}" if path == "/" else f"{path}/{name}"


def split(path: str) -> tuple[str, str]:
    """A path's directory and last name; ("/", "") for the root."""
    directory, _, name = path.rpartition("/")
    return directory or "/", name
