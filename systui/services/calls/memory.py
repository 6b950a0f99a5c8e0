"""brk, mmap and what changes mappings: mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c."""

from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EACCES,
    EEXIST,
    EFAULT,
    EINVAL,
    ENODEV,
    ENOMEM,
    EOPNOTSUPP,
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
from systui.services.openfile import file_of
from systui.services.shared import flush, flush_range
from systui.services.task import Task

MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_TYPE = 1, 2, 3, 0xF
MAP_FIXED, MAP_ANONYMOUS, MAP_NORESERVE = 0x10, 0x20, 0x4000
MAP_FIXED_NOREPLACE = 0x100000
PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC
_PROT_SEM, _PROT_GROWS = 8, 0x0300_0000
_TOP = 1 << 64


@call(12, "brk")
def brk(task: Task, address: Pointer) -> Result:
    """Never an error: the break as it is when it cannot move."""
    return task.memory.set_brk(address, task.limit_of("data"))


@call(9, "mmap")
def mmap(
    task: Task, address: Pointer, length: ULong, prot: ULong, flags: ULong, fd: Int, offset: ULong
) -> Result:
    """Map memory or a file."""
    if offset % PAGE:
        return -EINVAL
    anonymous = bool(flags & MAP_ANONYMOUS)
    if not anonymous:
        file_of(task, fd)
    _check_length(length, offset)
    size = page_up(length)
    start = _place(task, address, size, flags)
    kind = flags & MAP_TYPE
    if kind not in {MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE}:
        return -EINVAL
    _check_room(task, size)
    area = Area(
        start,
        start + size,
        prot & PROT_ALL,
        shared=kind != MAP_PRIVATE,
        reserved=not flags & MAP_NORESERVE,
    )
    if not anonymous:
        area = _of_file(task, area, fd, offset)
    elif area.shared:
        area = area._replace(node=-task.system.new_object())
    flush_range(task, start, start + size)
    task.memory.map(area)
    return start


def _check_length(length: int, offset: int) -> None:
    if length == 0:
        raise Refused(EINVAL)
    if length > TASK_SIZE:
        raise Refused(ENOMEM)
    if offset + page_up(length) >= _TOP:
        raise Refused(EOVERFLOW)


def _check_room(task: Task, more: int) -> None:
    """RLIMIT_AS."""
    limit = task.limit_of("as")
    if limit < _TOP - 1:
        used = sum(area.end - area.start for area in task.memory.areas)
        if used + more > limit:
            raise Refused(ENOMEM)


def _place(task: Task, address: int, size: int, flags: int) -> int:
    """Where a new mapping goes: get_unmapped_area()."""
    memory = task.memory
    if flags & (MAP_FIXED | MAP_FIXED_NOREPLACE):
        if address > TASK_SIZE - size:
            raise Refused(ENOMEM)
        if address % PAGE:
            raise Refused(EINVAL)
        if address < MMAP_LOWEST and task.fsuid:
            raise Refused(EPERM)
        if flags & MAP_FIXED_NOREPLACE and any(memory.overlapping(address, address + size)):
            raise Refused(EEXIST)
        return address
    wished = page_up(address) % _TOP
    fits = MMAP_LOWEST <= wished <= TASK_SIZE - size
    if fits and not any(memory.overlapping(wished, wished + size)):
        return wished
    return memory.find_free(size)


def _of_file(task: Task, area: Area, fd: int, offset: int) -> Area:
    """The mapping backed by an open file; Refused(EACCES or ENODEV)."""
    file = file_of(task, fd)
    if (area.shared and area.prot & PROT_WRITE and not file.writable) or not file.readable:
        raise Refused(EACCES)
    if file.kind == "zero":
        return area._replace(name="/dev/zero" if area.shared else "")
    if file.kind != "regular":
        raise Refused(ENODEV)
    node = task.system.files.get(file.key)
    if node.content is None:
        raise Refused(ENODEV)
    flush(task, file.key)
    return area._replace(
        content=task.system.files.get(file.key).content,
        offset=offset,
        name=file.path,
        node=file.key,
        writable_file=file.writable,
    )


def _aligned(start: int, length: int) -> int:
    """The end of a page-aligned user range; Refused(EINVAL) where it is none."""
    if start % PAGE or start > TASK_SIZE or length > TASK_SIZE - start:
        raise Refused(EINVAL)
    return start + page_up(length)


@call(11, "munmap")
def munmap(task: Task, start: Pointer, length: ULong) -> Result:
    """Unmap a range."""
    end = _aligned(start, length)
    if end == start:
        return -EINVAL
    flush_range(task, start, end)
    task.memory.unmap(start, end)
    return 0


@call(10, "mprotect")
def mprotect(task: Task, start: Pointer, length: ULong, prot: ULong) -> Result:
    """Change protection; up to the first hole, where it ends with ENOMEM."""
    if prot & _PROT_GROWS == _PROT_GROWS or start % PAGE:
        return -EINVAL
    if length == 0:
        return 0
    end = start + page_up(length)
    if end >= _TOP:
        return -ENOMEM
    if prot & ~(PROT_ALL | _PROT_SEM | _PROT_GROWS):
        return -EINVAL
    at = start
    for area in list(task.memory.overlapping(start, end)):
        if area.start > at:
            break
        if area.shared and prot & PROT_WRITE and not area.writable_file:
            return -EACCES
        upto = min(end, area.end)
        try:
            task.memory.protect(at, upto, prot & PROT_ALL)
        except Refused as refused:
            return -refused.errno
        at = upto
    return 0 if at >= end else -ENOMEM


# mremap

_MAYMOVE, _FIXED = 1, 2


@call(25, "mremap")
def mremap(
    task: Task, old: Pointer, old_size: ULong, new_size: ULong, flags: ULong, new: Pointer
) -> Result:
    """Shrink, grow or move a mapping."""
    if flags & ~(_MAYMOVE | _FIXED) or (flags & _FIXED and not flags & _MAYMOVE):
        return -EINVAL
    if old % PAGE or old_size >= _TOP - PAGE or not 0 < new_size <= TASK_SIZE:
        return -EINVAL
    old_size, new_size = page_up(old_size), page_up(new_size)
    if not old_size or (flags & _FIXED and not _apart(old, old_size, new, new_size)):
        return -EINVAL
    area = task.memory.find(old)
    if area is None:
        return -EFAULT
    if flags & _FIXED:
        return _move_to(task, old, old_size, new, new_size)
    if new_size <= old_size:
        if new_size < old_size:
            munmap(task, old + new_size, old_size - new_size)
        return old
    if old + old_size > area.end:
        return -EFAULT
    return _grow(task, area, old, old_size, new_size, bool(flags & _MAYMOVE))


def _grow(task: Task, area: Area, old: int, old_size: int, new_size: int, may_move: bool) -> int:
    memory = task.memory
    end = old + new_size
    _check_room(task, new_size - old_size)
    in_place = old + old_size == area.end and end <= TASK_SIZE
    if in_place and not any(memory.overlapping(area.end, end)):
        memory.map(_extension(area, end))
        return old
    if not may_move:
        raise Refused(ENOMEM)
    return _relocate(task, old, old_size, memory.find_free(new_size), new_size)


def _extension(area: Area, end: int) -> Area:
    offset = area.offset + area.end - area.start
    return area._replace(start=area.end, end=end, offset=offset)


def _apart(old: int, old_size: int, new: int, new_size: int) -> bool:
    """MREMAP_FIXED's new place is one, and not within the old."""
    if new % PAGE or new > TASK_SIZE - new_size:
        return False
    return new >= old + old_size or old >= new + new_size


def _move_to(task: Task, old: int, old_size: int, new: int, new_size: int) -> int:
    area = task.memory.find(old)
    kept = min(old_size, new_size)
    if area is None or old + kept > area.end:
        raise Refused(EFAULT)
    _relocate(task, old, old_size, new, new_size)
    return new


def _relocate(task: Task, old: int, old_size: int, new: int, new_size: int) -> int:
    """Move the pages, then map what is more and unmap what is less."""
    memory = task.memory
    kept = min(old_size, new_size)
    area = memory.find(old)
    if area is None:
        raise Refused(EFAULT)
    moved = area.cut(old, old + kept)._replace(start=new, end=new + kept)
    memory.check_more(moved._replace(end=new + new_size), leaving=(old, old + old_size))
    flush_range(task, old, old + old_size)
    memory.unmap(new, new + new_size)
    memory.move(old, new, kept)
    if new_size > kept:
        memory.map(_extension(moved, new + new_size))
    if old_size > kept:
        memory.unmap(old + kept, old + old_size)
    return new


# advice and presence

_DONTNEED, _FREE = 4, 8
_ADVICE = frozenset({0, 1, 2, 3, 4, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23})


@call(28, "madvise")
def madvise(task: Task, start: Pointer, length: ULong, advice: Int) -> Result:
    """MADV_DONTNEED and MADV_FREE empty private pages; the rest is taken as advice."""
    if advice not in _ADVICE or start % PAGE:
        return -EINVAL
    end = start + page_up(length)
    if end >= _TOP:
        return -EINVAL
    if end == start:
        return 0
    if advice in {_DONTNEED, _FREE}:
        for area in list(task.memory.overlapping(start, end)):
            if not area.shared:
                task.memory.pager.drop(max(start, area.start), min(end, area.end))
    return 0 if task.memory.covered(start, end) else -ENOMEM


@call(27, "mincore")
def mincore(task: Task, start: Pointer, length: ULong, vector: Pointer) -> Result:
    """Every mapped page counts as present."""
    if start % PAGE:
        return -EINVAL
    if start > TASK_SIZE or length > TASK_SIZE - start:
        return -ENOMEM
    pages = page_up(length) // PAGE
    task.user.check_range(vector, pages)
    if pages and not task.memory.covered(start, start + page_up(length)):
        return -ENOMEM
    for first in range(0, pages, PAGE):
        task.user.write(vector + first, b"\1" * min(PAGE, pages - first))
    return 0


@call(26, "msync")
def msync(task: Task, start: Pointer, length: ULong, flags: Int) -> Result:
    """Write shared pages back to their files."""
    if flags & ~7 or start % PAGE or flags & 5 == 5:
        return -EINVAL
    end = start + page_up(length)
    if end >= _TOP:
        return -ENOMEM
    if end == start:
        return 0
    flush_range(task, start, end)
    return 0 if task.memory.covered(start, end) else -ENOMEM


def _lockable(task: Task, start: int, length: int) -> Result:
    end = page_up(start + length)
    if end >= _TOP:
        return -EINVAL
    covered = end == start or task.memory.covered(start & -PAGE, end)
    return 0 if covered else -ENOMEM


@call(149, "mlock")
def mlock(task: Task, start: Pointer, length: ULong) -> Result:
    """Pages never leave memory here."""
    return _lockable(task, start, length)


@call(325, "mlock2")
def mlock2(task: Task, start: Pointer, length: ULong, flags: Int) -> Result:
    """As mlock."""
    return -EINVAL if flags & ~1 else _lockable(task, start, length)


@call(150, "munlock")
def munlock(task: Task, start: Pointer, length: ULong) -> Result:
    """As mlock."""
    return _lockable(task, start, length)


@call(151, "mlockall")
def mlockall(task: Task, flags: Int) -> Result:
    """As mlock."""
    return 0 if flags and not flags & ~7 and flags != 4 else -EINVAL


@call(152, "munlockall")
def munlockall(task: Task) -> Result:
    """As mlock."""
    return 0


@call(329, "pkey_mprotect")
def pkey_mprotect(task: Task, start: Pointer, length: ULong, prot: ULong, key: Int) -> Result:
    """Without protection keys only the default one exists."""
    return mprotect(task, start, length, prot) if key == -1 else -EINVAL


@call(330, "pkey_alloc")
def pkey_alloc(task: Task, flags: UInt, rights: ULong) -> Result:
    """The CPU has no protection keys."""
    return -EINVAL if flags or rights & ~3 else -EOPNOTSUPP


_MEMFD_NAME = 249


@call(319, "memfd_create")
def memfd_create(task: Task, name: Pointer, flags: UInt) -> Result:
    """A file without a name."""
    from systui.services.content import Content
    from systui.services.nodes import S_IFREG, Node
    from systui.services.openfile import O_LARGEFILE, O_RDWR, OpenFile, open_new

    if flags & ~0x1F:
        return -EINVAL
    text = task.user.string(name, _MEMFD_NAME + 1)
    if text is None:
        return -EINVAL
    shown = f"/memfd:{text.decode('utf-8', 'surrogateescape')} (deleted)"
    key = task.system.files.make_nameless(task, Node(S_IFREG | 0o777, 0, Content(), nlink=0))
    file = OpenFile("regular", O_RDWR | O_LARGEFILE, key, shown)
    return open_new(task, file, bool(flags & 1))
