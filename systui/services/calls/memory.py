"""brk, mmap and what changes mappings: mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c."""

from systui.services.dispatch import Pointer, Result, ULong, call
from systui.services.errors import (
    EACCES,
    EBADF,
    EEXIST,
    EINVAL,
    ENOMEM,
    EOVERFLOW,
    EPERM,
    Refused,
)
from systui.services.memory import (
    MMAP_LOWEST,
    PAGE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    TASK_SIZE,
    Area,
    page_up,
)
from systui.services.task import Task

MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_TYPE = 1, 2, 3, 0xF
MAP_FIXED, MAP_ANONYMOUS = 0x10, 0x20
MAP_NORESERVE = 0x4000
MAP_FIXED_NOREPLACE = 0x100000
PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC
PROT_GROWSDOWN, PROT_GROWSUP = 0x0100_0000, 0x0200_0000


@call(12, "brk")
def brk(task: Task, address: Pointer) -> Result:
    """Never an error: the break as it is when it cannot move."""
    return task.memory.set_brk(address)


@call(9, "mmap")
def mmap(
    task: Task, address: Pointer, length: ULong, prot: ULong, flags: ULong, fd: ULong, offset: ULong
) -> Result:
    """Map memory or a file."""
    if offset % PAGE:
        return -EINVAL
    if not flags & MAP_ANONYMOUS:
        raise Refused(EBADF)
    _check_length(length, offset)
    start = _place(task, address, page_up(length), flags)
    _check_type(flags)
    area = Area(
        start,
        start + page_up(length),
        prot & PROT_ALL,
        shared=flags & MAP_TYPE != MAP_PRIVATE,
        reserved=not flags & MAP_NORESERVE,
    )
    task.memory.map(area)
    return start


def _check_length(length: int, offset: int) -> None:
    if length == 0:
        raise Refused(EINVAL)
    if page_up(length) >= 1 << 64 or length > TASK_SIZE:
        raise Refused(ENOMEM)
    if offset + page_up(length) >= 1 << 64:
        raise Refused(EOVERFLOW)


def _place(task: Task, address: int, size: int, flags: int) -> int:
    """Where a new mapping goes: get_unmapped_area()."""
    if flags & (MAP_FIXED | MAP_FIXED_NOREPLACE):
        if address > TASK_SIZE - size:
            raise Refused(ENOMEM)
        if address % PAGE:
            raise Refused(EINVAL)
        if address < MMAP_LOWEST and task.system.options.uid:
            raise Refused(EPERM)
        if flags & MAP_FIXED_NOREPLACE and any(task.memory.overlapping(address, address + size)):
            raise Refused(EEXIST)
        return address
    wished = page_up(address) & (1 << 64) - 1
    if MMAP_LOWEST <= wished <= TASK_SIZE - size and not any(
        task.memory.overlapping(wished, wished + size)
    ):
        return wished
    return task.memory.find_free(size)


def _check_type(flags: int) -> None:
    if flags & MAP_TYPE not in {MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE}:
        raise Refused(EINVAL)


def _range(start: int, length: int) -> int:
    """The end of a page-aligned user range; Refused(EINVAL) where it is none."""
    if start % PAGE or start > TASK_SIZE or length > TASK_SIZE - start:
        raise Refused(EINVAL)
    return start + page_up(length)


@call(11, "munmap")
def munmap(task: Task, start: Pointer, length: ULong) -> Result:
    """Unmap a range."""
    end = _range(start, length)
    if end == start:
        return -EINVAL
    task.memory.unmap(start, end)
    return 0


@call(10, "mprotect")
def mprotect(task: Task, start: Pointer, length: ULong, prot: ULong) -> Result:
    """Change protection; up to the first hole, where it ends with ENOMEM."""
    prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP)
    if start % PAGE:
        return -EINVAL
    if length == 0:
        return 0
    end = start + page_up(length)
    if end >= 1 << 64:
        return -ENOMEM
    if prot & ~PROT_ALL & ~8:
        return -EINVAL
    prot &= PROT_ALL
    at = start
    for area in list(task.memory.overlapping(start, end)):
        if area.start > at:
            break
        if area.shared and prot & PROT_WRITE and not area.writable_file:
            return -EACCES
        at = min(end, area.end)
        task.memory.protect(max(start, area.start), at, prot)
    return 0 if at >= end else -ENOMEM
