"""What is told of files and file systems."""

from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, both, layout, pointer, spelling
from systui.decode.forms.buffers import quoted
from systui.decode.forms.numbers import OPEN, octal

_KINDS = {
    0o140000: "S_IFSOCK",
    0o120000: "S_IFLNK",
    0o100000: "S_IFREG",
    0o060000: "S_IFBLK",
    0o040000: "S_IFDIR",
    0o020000: "S_IFCHR",
    0o010000: "S_IFIFO",
}
_SPECIAL = ((0o4000, "S_ISUID"), (0o2000, "S_ISGID"), (0o1000, "S_ISVTX"))
_DEVICES = {"S_IFCHR", "S_IFBLK"}
_STAT = layout("24x I 12x Q Q", "8x H 6x I I")
"""st_mode, st_rdev, st_size of struct stat (arch/x86/include/uapi/asm/stat.h)."""
_STAT64 = layout("16x I 12x Q 4x Q")
"""The same of i386's struct stat64."""
_OLD_STAT = layout("4x H 6x H 2x I")
"""And of struct __old_kernel_stat."""
_STATX = layout("I 4x Q 12x H 10x Q")
_FS = layout("2Q 5Q 2i 3Q", "2I 5I 2i 3I")
_FS_64 = layout("2Q 5Q 2i 3Q", "2I 5Q 2i 3I")
_FLOCK, _FLOCK_64 = layout("hh4xqqi4x", "hhiii"), layout("hh4xqqi4x", "hhqqi")
_HOW = layout("QQQ")
_STATX_NAMES = (
    *("TYPE", "MODE", "NLINK", "UID", "GID", "ATIME", "MTIME", "CTIME", "INO", "SIZE", "BLOCKS"),
    *("BTIME", "MNT_ID", "DIOALIGN"),
)
_STATX_BASIC = 0x7FF
_MAGIC = {
    0xEF53: "EXT2_SUPER_MAGIC",
    0x9FA0: "PROC_SUPER_MAGIC",
    0x0102_1994: "TMPFS_MAGIC",
    0x6265_6572: "SYSFS_MAGIC",
    0x794C_7630: "OVERLAYFS_SUPER_MAGIC",
    0x5846_5342: "XFS_SUPER_MAGIC",
    0x9123_683E: "BTRFS_SUPER_MAGIC",
    0x5049_5045: "PIPEFS_MAGIC",
    0x534F_434B: "SOCKFS_MAGIC",
    0x1CD1: "DEVPTS_SUPER_MAGIC",
}
_MOUNT = (
    *("ST_RDONLY", "ST_NOSUID", "ST_NODEV", "ST_NOEXEC", "ST_SYNCHRONOUS", "ST_VALID"),
    *("ST_MANDLOCK", "", "", "", "ST_NOATIME", "ST_NODIRATIME", "ST_RELATIME"),
)
_LOCKS = {0: "F_RDLCK", 1: "F_WRLCK", 2: "F_UNLCK"}
_WHENCE = {0: "SEEK_SET", 1: "SEEK_CUR", 2: "SEEK_END"}
_RESOLVE = Names(
    {0: "0"},
    0,
    (
        *((1, "RESOLVE_NO_XDEV"), (2, "RESOLVE_NO_MAGICLINKS"), (4, "RESOLVE_NO_SYMLINKS")),
        *((8, "RESOLVE_BENEATH"), (16, "RESOLVE_IN_ROOT"), (32, "RESOLVE_CACHED")),
    ),
)
_CREATES = (0o100, 0o20200000)
_MOST = 1 << 16


def mode(value: int) -> str:
    """`S_IFREG|0644`."""
    parts = [_KINDS.get(value & 0o170000, f"{value & 0o170000:#o}")]
    parts += [name for bit, name in _SPECIAL if value & bit]
    return "|".join([*parts, octal(value & 0o777)])


def _device(major: int, minor: int) -> str:
    return f"makedev({major:#x}, {minor:#x})".replace("0x0", "0")


@spelling("filemode")
def file_mode(_asked: Asked, value: int) -> str:
    """mknod's: kind and permissions."""
    return mode(value & 0xFFFF)


@spelling("stat>", filled=True)
def stat(asked: Asked, value: int) -> str | None:
    """struct stat: its mode, and its size or device; `64` or `old` says which struct of i386's."""
    found = asked.unpack({"64": _STAT64, "old": _OLD_STAT}.get(asked.option, _STAT), value)
    if found is None:
        return None
    bits, rdev, length = found
    if _KINDS.get(bits & 0o170000) in _DEVICES:
        major = rdev >> 8 & 0xFFF | rdev >> 32 & ~0xFFF
        minor = rdev & 0xFF | rdev >> 12 & ~0xFF & 0xFFFF_FFFF
        return f"{{st_mode={mode(bits)}, st_rdev={_device(major, minor)}, ...}}"
    return f"{{st_mode={mode(bits)}, st_size={length}, ...}}"


@spelling("statx>", filled=True)
def statx(asked: Asked, value: int) -> str | None:
    """struct statx likewise."""
    found = asked.unpack(_STATX, value)
    if found is None:
        return None
    mask, attributes, bits, length = found
    head = f"stx_mask={statx_mask(mask)}, stx_attributes={attributes:#x}".replace("=0x0", "=0")
    return f"{{{head}, stx_mode={mode(bits)}, stx_size={length}, ...}}"


def statx_mask(value: int) -> str:
    """Which fields: `STATX_BASIC_STATS|STATX_BTIME`, `STATX_SIZE`."""
    names = []
    if value & _STATX_BASIC == _STATX_BASIC:
        names, value = ["STATX_BASIC_STATS"], value & ~_STATX_BASIC
    for bit, name in enumerate(_STATX_NAMES):
        names += [f"STATX_{name}"] if value >> bit & 1 else []
    rest = value & ~((1 << len(_STATX_NAMES)) - 1)
    names += [f"{rest:#x}"] if rest else []
    return "|".join(names) or "0"


@spelling("statx_mask")
def asked_fields(_asked: Asked, value: int) -> str:
    """statx's: which fields are wanted."""
    value &= 0xFFFF_FFFF
    return "STATX_ALL" if value == 0xFFF else statx_mask(value)


@spelling("statfs>", filled=True)
def file_system(asked: Asked, value: int) -> str | None:
    """struct statfs; `64`: i386's struct statfs64."""
    found = asked.unpack(_FS_64 if asked.option == "64" else _FS, value)
    if found is None:
        return None
    kind, block, *counts = found[:7]
    low, high, length, fragment, flags = found[7:]
    names = ("blocks", "bfree", "bavail", "files", "ffree")
    parts = [f"f_type={_MAGIC.get(kind, f'{kind:#x}')}", f"f_bsize={block}"]
    parts += [f"f_{name}={count}" for name, count in zip(names, counts, strict=True)]
    numbers = ", ".join(f"{each & 0xFFFF_FFFF:#x}" if each else "0" for each in (low, high))
    parts += [f"f_fsid={{val=[{numbers}]}}", f"f_namelen={length}", f"f_frsize={fragment}"]
    shown = "|".join(name for bit, name in enumerate(_MOUNT) if name and flags >> bit & 1)
    return f"{{{', '.join([*parts, f'f_flags={shown or 0}'])}}}"


@spelling("utsname>", filled=True)
def utsname(asked: Asked, value: int) -> str | None:
    """The system's name and the node's."""
    raw = asked.read(value, 130)
    if raw is None:
        return None
    system, node = (quoted(raw[at : at + 65].split(b"\0")[0]) for at in (0, 65))
    return f"{{sysname={system}, nodename={node}, ...}}"


@spelling("entries>", filled=True)
def entries(asked: Asked, value: int) -> str | None:
    """getdents64's: how many; `old`: getdents'."""
    raw = asked.read(value, min(max(0, asked.result or 0), _MOST))
    if raw is None:
        return None
    length_at = 2 * asked.word if asked.option == "old" else 16
    at = count = 0
    while at + length_at + 2 <= len(raw):
        step = int.from_bytes(raw[at + length_at : at + length_at + 2], "little")
        if not step:
            break
        at, count = at + step, count + 1
    return f"{value:#x} /* {count} entries */"


@both("flock")
def lock(asked: Asked, value: int) -> str | None:
    """struct flock; `64`: struct flock64."""
    found = asked.unpack(_FLOCK_64 if asked.option == "64" else _FLOCK, value)
    if found is None:
        return None
    kind, whence, start, length, owner = found
    shown = _LOCKS.get(kind, f"{kind & 0xFFFF:#x} /* F_??? */")
    parts = [f"l_type={shown}", f"l_whence={_WHENCE.get(whence, f'{whence:#x} /* SEEK_??? */')}"]
    parts += [f"l_start={start}", f"l_len={length}"]
    parts += [f"l_pid={owner}"] if asked.result is not None else []
    return f"{{{', '.join(parts)}}}"


@spelling("open_how")
def how(asked: Asked, value: int) -> str | None:
    """openat2's structure; the option names the argument with its size."""
    form = asked.form(_HOW)
    raw = asked.read(value, form.size) if asked.other() >= form.size else None
    if raw is None:
        return pointer(value)
    flags, permissions, resolve = form.unpack(raw)
    creates = any(flags & bits == bits for bits in _CREATES)
    made = f"mode={octal(permissions)}, " if permissions or creates else ""
    return f"{{flags={OPEN.text(flags)}, {made}resolve={_RESOLVE.text(resolve)}}}"
