"""struct stat, statx, statfs and directory entries as bytes (asm/stat.h, uapi/linux/stat.h)."""

from struct import Struct

from systui.services.nodes import PIPE_DEVICE, PROC_DEVICE, SOCKET_DEVICE, Node, encode

_STAT = Struct("<QQQIII4xQqqq6q24x")
_STATX_HEAD = Struct("<IIQIIIH2xQQQQ")
_STATX_TIME = Struct("<qI4x")
_STATX_TAIL = Struct("<IIIIQ")
_STATX_BASIC, _STATX_BTIME, _STATX_MNT_ID = 0x7FF, 0x800, 0x1000
_UNBORN = frozenset((PIPE_DEVICE, SOCKET_DEVICE))
"""File systems that keep no time of birth."""
SECOND = 10**9
BLOCK, PROC_BLOCK = 4096, 1024
"""st_blksize: of files, and of what /proc makes up."""


def _block(node: Node) -> int:
    return PROC_BLOCK if node.dev == PROC_DEVICE else BLOCK


def _blocks(node: Node) -> int:
    if node.blocks >= 0:
        return node.blocks
    if node.content is None:
        return 0
    return (node.size + BLOCK - 1) // BLOCK * (BLOCK // 512)


def _nlink(node: Node) -> int:
    return max(0, node.nlink)


def pack_stat(node: Node) -> bytes:
    """struct stat, 144 bytes."""
    times = [part for time in (node.atime, node.mtime, node.ctime) for part in divmod(time, SECOND)]
    return _STAT.pack(
        *(node.dev, node.ino, _nlink(node), node.mode, node.uid, node.gid, node.rdev),
        *(node.size, _block(node), _blocks(node), *times),
    )


def _halves(device: int) -> tuple[int, int]:
    """Major and minor number, as new_encode_dev() packs them."""
    return device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00


def pack_statx(node: Node, wanted: int) -> bytes:
    """struct statx, 256 bytes. `wanted`: the mask asked with; a birth is told when asked for."""
    born = 0 if node.dev in _UNBORN else wanted & _STATX_BTIME
    mask = _STATX_BASIC | _STATX_MNT_ID | born
    head = _STATX_HEAD.pack(
        *(mask, _block(node), 0, _nlink(node), node.uid, node.gid, node.mode),
        *(node.ino, node.size, _blocks(node), 0),
    )
    moments = (node.atime, min(node.mtime, node.ctime), node.ctime, node.mtime)
    times = b"".join(_STATX_TIME.pack(*divmod(time, SECOND)) for time in moments)
    devices = _STATX_TAIL.pack(*_halves(node.rdev), *_halves(node.dev), node.dev)
    return (head + times + devices).ljust(256, b"\0")


_STATFS = Struct("<qqQQQQQqqqq32x")
_MAGIC = {PIPE_DEVICE: 0x50495045, SOCKET_DEVICE: 0x534F434B, 0x17: 0x9FA0}
TMPFS_MAGIC = 0x01021994


def pack_statfs(node: Node, limit: int, used: int) -> bytes:
    """struct statfs, 120 bytes."""
    magic = _MAGIC.get(node.dev, TMPFS_MAGIC)
    total, free = limit // BLOCK, max(0, limit - used) // BLOCK
    return _STATFS.pack(magic, BLOCK, total, free, free, 1 << 16, 1 << 15, 0, 255, BLOCK, 0x20)


_DIRENT = Struct("<QqHB")


def pack_entry64(ino: int, offset: int, kind: int, name: str) -> bytes:
    """struct linux_dirent64."""
    raw = encode(name) + b"\0"
    size = (_DIRENT.size + len(raw) + 7) & -8
    return (_DIRENT.pack(ino, offset, size, kind) + raw).ljust(size, b"\0")


def pack_entry(ino: int, offset: int, kind: int, name: str) -> bytes:
    """struct linux_dirent, with the type in its last byte."""
    raw = encode(name) + b"\0"
    head = Struct("<QqH")
    size = (head.size + len(raw) + 1 + 7) & -8
    return (head.pack(ino, offset, size) + raw).ljust(size - 1, b"\0") + bytes([kind])
