"""Memory for 32-bit programs: everything below 4 GiB; segments for thread-local storage."""

from struct import Struct

from systui.services.compat.dispatch import as_native, compat
from systui.services.dispatch import Result, s32
from systui.services.errors import EINVAL, ESRCH, Refused
from systui.services.memory import PAGE
from systui.services.narrow import TLS_SEGMENTS
from systui.services.task import Task

_MMAP_ARGUMENTS = Struct("<6I")
_DESCRIPTOR = Struct("<IIII")
"""struct user_desc: entry_number, base_addr, limit, flags."""
_ANY = 0xFFFF_FFFF
_NOT_PRESENT, _READ_ONLY = 1 << 5, 1 << 3
_EMPTY = 0x28
"""Flags of an entry that is to be cleared: read_exec_only and seg_not_present."""


@compat(90, "mmap")
def _mmap(task: Task, argument: int) -> Result:
    address, length, prot, flags, fd, offset = task.user.unpack(_MMAP_ARGUMENTS, argument)
    if offset % PAGE:
        raise Refused(EINVAL)
    return _mapped(task, address, length, prot, flags, fd, offset)


@compat(192, "mmap2")
def _mmap2(
    task: Task, address: int, length: int, prot: int, flags: int, fd: int, page: int
) -> Result:
    return _mapped(task, address, length, prot, flags, fd, page * PAGE)


def _mapped(
    task: Task, address: int, length: int, prot: int, flags: int, fd: int, offset: int
) -> Result:
    with task.memory.below(task.system.narrow.calls):
        return as_native(task, 9, address, length, prot, flags, s32(fd), offset)


@compat(163, "mremap")
def _mremap(task: Task, old: int, old_size: int, size: int, flags: int, new: int) -> Result:
    with task.memory.below(task.system.narrow.calls):
        return as_native(task, 25, old, old_size, size, flags, new)


@compat(243, "set_thread_area")
def _set_thread_area(task: Task, description: int) -> Result:
    number, base, limit, flags = task.user.unpack(_DESCRIPTOR, description)
    if number == _ANY:
        free = (index for index in range(TLS_SEGMENTS) if not task.thread.segment(index))
        index = next(free, None)
        if index is None:
            raise Refused(ESRCH)
        task.user.put_u32(description, task.system.narrow.segments + index)
    else:
        index = number - task.system.narrow.segments
        if not 0 <= index < TLS_SEGMENTS:
            raise Refused(EINVAL)
    task.thread.set_segment(index, _descriptor(base, limit, flags))
    return 0


@compat(244, "get_thread_area")
def _get_thread_area(task: Task, description: int) -> Result:
    number = task.user.u32(description)
    index = number - task.system.narrow.segments
    if not 0 <= index < TLS_SEGMENTS:
        raise Refused(EINVAL)
    task.user.write(
        description, _DESCRIPTOR.pack(number, *_description(task.thread.segment(index)))
    )
    return 0


def _descriptor(base: int, limit: int, flags: int) -> int:
    """A segment descriptor's eight bytes (SDM vol. 3, 3.4.5); 0 for an empty one.

    `flags` from bit 0: seg_32bit, contents (2), read_exec_only, limit_in_pages, seg_not_present,
    useable.
    """
    if not base and not limit and flags & 0x3F == _EMPTY:
        return 0
    kind = (flags >> 1 & 3) << 2 | (not flags & _READ_ONLY) << 1 | 1
    access = 0x70 | kind | (not flags & _NOT_PRESENT) << 7
    high = (flags >> 6 & 1) | (flags & 1) << 2 | (flags >> 4 & 1) << 3
    value = limit & 0xFFFF | (base & 0xFF_FFFF) << 16 | access << 40
    return value | (limit >> 16 & 0xF) << 48 | high << 52 | base >> 24 << 56


def _description(descriptor: int) -> tuple[int, int, int]:
    """Base, limit and flags of `descriptor`, as user_desc has them."""
    base = descriptor >> 16 & 0xFF_FFFF | descriptor >> 56 << 24
    limit = descriptor & 0xFFFF | (descriptor >> 48 & 0xF) << 16
    kind, present, high = descriptor >> 40 & 0xF, descriptor >> 47 & 1, descriptor >> 52 & 0xF
    flags = high >> 2 & 1 | (kind >> 2 & 3) << 1 | (not kind & 2) << 3
    return base, limit, flags | (high >> 3 & 1) << 4 | (not present) << 5 | (high & 1) << 6
