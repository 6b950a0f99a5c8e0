"""An initial RAM file system in cpio's `newc` format: Documentation/driver-api/early-userspace.

Each member is an ASCII header of thirteen 8-digit hexadecimal fields after the magic `070701`,
the name and its NUL, padding to four bytes, the content, padding to four bytes.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from systui.model.errors import BadInputError
from systui.words import _

INIT = "/.systui-init"
"""Where the guest's first process lies; the kernel is told by `rdinit=`."""
_LIST = "/.systui"
_LIST_LIMIT = 32_000
"""Bytes of path and arguments that the first process takes (init.c, LIST_SIZE)."""
_ARGUMENT_LIMIT = 255
_SIZE_LIMIT = 1 << 30
"""Bytes of one image: it is held in the guest's memory twice while it is unpacked."""
_CONSOLE = (5, 1)


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def pack(
    program: Path | None,
    arguments: Sequence[str] = (),
    root: Path | None = None,
    busybox: Path | None = None,
    bits: int = 64,
) -> bytes:
    """Return an image whose first process runs `program`, or `root`'s own /init without one.

    `root` is a directory whose content becomes the guest's `/`; `busybox` a static busybox that
    becomes the guest's /bin where it has none. `bits` are the kernel's. BadInputError names what
    cannot be packed.
    """
    members = {"dev": _Member("dev", stat.S_IFDIR | 0o755)}
    for member in _directory(root) if root else ():
        members[member.name] = member
    members["dev/console"] = _Member("dev/console", stat.S_IFCHR | 0o600, device=_CONSOLE)
    if busybox is not None and "bin/busybox" not in members:
        members |= {member.name: member for member in _busybox(busybox)}
    own = Path(__file__).with_name("init" if bits == 64 else "init32")
    members[INIT.lstrip("/")] = _file(INIT, own, 0o755)
    where = _place(program, root, members)
    listing = [b"run" if program else b"become", where.encode(), *map(os.fsencode, arguments)]
    content = b"".join(word + b"\0" for word in listing)
    if len(content) > _LIST_LIMIT or len(arguments) >= _ARGUMENT_LIMIT:
        raise BadInputError(_("The program's arguments are too long for the guest."))
    members[_LIST.lstrip("/")] = _Member(_LIST.lstrip("/"), stat.S_IFREG | 0o600, content)
    return _archive(members.values())


def _place(program: Path | None, root: Path | None, members: dict[str, _Member]) -> str:
    """Where in the guest the thing to run lies; puts the program there."""
    if program is not None:
        name = program.name
        if name in members:
            name = f"systui-program/{name}"
            members["systui-program"] = _Member("systui-program", stat.S_IFDIR | 0o755)
        members[name] = _file(name, program, 0o755)
        return f"/{name}"
    for candidate in ("init", "sbin/init"):
        if candidate in members:
            return f"/{candidate}"
    raise BadInputError(
        _("{root} holds neither /init nor /sbin/init; name what to run with --program.").format(
            root=root
        )
    )


def _file(name: str, path: Path, mode: int) -> _Member:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            _("{path} cannot be read: {reason}").format(path=path, reason=error.strerror)
        ) from error
    return _Member(name.lstrip("/"), stat.S_IFREG | mode, content)


def _directory(root: Path) -> Iterator[_Member]:
    """Everything below `root` that a RAM file system can hold, parents first."""
    if not root.is_dir():
        raise BadInputError(_("{path} is not a directory.").format(path=root))
    total = 0
    for folder, directories, files in os.walk(root):
        directories.sort()
        for name in sorted([*directories, *files]):
            path = Path(folder, name)
            inside = str(path.relative_to(root))
            info = path.lstat()
            kind = stat.S_IFMT(info.st_mode)
            if kind == stat.S_IFDIR:
                yield _Member(inside, info.st_mode)
            elif kind == stat.S_IFLNK:
                yield _Member(inside, info.st_mode, os.fsencode(path.readlink()))
            elif kind == stat.S_IFREG:
                total += info.st_size
                if total > _SIZE_LIMIT:
                    raise BadInputError(
                        _("{path} holds more than 1 GiB: too much for a RAM file system.").format(
                            path=root
                        )
                    )
                yield _file(inside, path, stat.S_IMODE(info.st_mode))
            elif kind in {stat.S_IFCHR, stat.S_IFBLK}:
                device = (os.major(info.st_rdev), os.minor(info.st_rdev))
                yield _Member(inside, info.st_mode, device=device)


def _busybox(path: Path) -> Iterator[_Member]:
    """The binary and a link for the applets that a person types most."""
    yield _Member("bin", stat.S_IFDIR | 0o755)
    yield _file("bin/busybox", path, 0o755)
    for applet in ("sh", "ls", "cat", "echo", "ps", "mount", "kill", "sleep", "dmesg", "id"):
        yield _Member(f"bin/{applet}", stat.S_IFLNK | 0o777, b"busybox")


def _archive(members: Iterable[_Member]) -> bytes:
    out = BytesIO()
    for inode, member in enumerate(members, start=1):
        _append(out, inode, member)
    _append(out, 0, _Member("TRAILER!!!", 0))
    return out.getvalue()


def _append(out: BytesIO, inode: int, member: _Member) -> None:
    name = os.fsencode(member.name) + b"\0"
    links = 2 if stat.S_ISDIR(member.mode) else 1
    major, minor = member.device
    fields = (inode, member.mode, 0, 0, links, 0, len(member.content), 0, 0, major, minor)
    header = b"070701" + b"".join(b"%08X" % field for field in (*fields, len(name), 0))
    for part in (header + name, member.content):
        out.write(part + bytes(-(len(part)) % 4))
