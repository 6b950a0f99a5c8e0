"""A program's address space: which ranges are mapped, with what, and what a page holds at first.

Contents of touched pages belong to the machine (`Pager`); nothing here changes when a page is
touched. Layout as Linux's without address randomisation (arch/x86/mm/mmap.c).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import NamedTuple

from systui.services.content import Content
from systui.services.errors import EINVAL, ENOMEM, Refused
from systui.services.ports import Pager
from systui.services.state import Stateful

PAGE = 4096
TASK_SIZE = 0x7FFF_FFFF_F000
"""First address past user space."""
MMAP_BASE = 0x7FFF_F7FF_F000
"""Mappings without a wished address go below this, downwards."""
MMAP_LOWEST = 0x10000
MAX_AREAS = 8192
"""Mappings a program may have; Linux's default is 65530."""

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4

_start = attrgetter("start")


class Area(NamedTuple):
    """One mapping: [start, end) with one protection and one backing."""

    start: int
    end: int
    prot: int
    content: Content | None = None
    """The file's bytes as they were when it was mapped; None for anonymous memory."""
    offset: int = 0
    """Of `start` in the content."""
    name: str = ""
    """As /proc/self/maps shows it."""
    shared: bool = False
    node: str | int | None = None
    """The file behind a mapping."""
    writable_file: bool = True
    """A shared mapping's file was open for writing, so that mprotect may add PROT_WRITE."""
    reserved: bool = True
    """Counts against the memory limit while it is private and writable."""

    @property
    def accounted(self) -> int:
        """Bytes that may come to need memory of their own."""
        own = self.content is None or not self.shared
        return self.end - self.start if self.prot & PROT_WRITE and own and self.reserved else 0

    def cut(self, start: int, end: int) -> "Area":
        """The part of it in [start, end)."""
        return self._replace(start=start, end=end, offset=self.offset + start - self.start)


class Page(NamedTuple):
    """What a page holds when it is first touched."""

    content: bytes
    """At most 4096 bytes; zeros follow."""
    prot: int
    shared: tuple[object, int] | None = None
    """What a shared mapping is of, and the page's offset in it: all that map it have one page."""
    kept: bool = False
    """No file is behind it: it lives as long as some task maps it."""


def page_up(value: int) -> int:
    """`value` rounded up to a page."""
    return (value + PAGE - 1) & -PAGE


def _mergeable(left: Area, right: Area) -> bool:
    if left.end != right.start or left.content is not right.content:
        return False
    goes_on = left.content is None or left.offset + left.end - left.start == right.offset
    return goes_on and left[2:3] + left[5:] == right[2:3] + right[5:]


def _merged(areas: list[Area]) -> list[Area]:
    merged: list[Area] = []
    for area in areas:
        if merged and _mergeable(merged[-1], area):
            merged[-1] = merged[-1]._replace(end=area.end)
        else:
            merged.append(area)
    return merged


class AddressSpace(Stateful):
    """The mappings of one program, and its break."""

    STATE = ("areas", "brk_start", "brk_end", "committed")

    def __init__(self, pager: Pager, limit: int, end: int = TASK_SIZE) -> None:
        """`limit`: bytes of private writable mappings, all together; `end`: past the last one."""
        self.pager = pager
        self.end = end
        pager.fill_from(self.page)
        self.limit = limit
        self._below = MMAP_BASE
        self.areas: tuple[Area, ...] = ()
        self.brk_start = 0
        self.brk_end = 0
        self.committed = 0

    def fork(self) -> "AddressSpace":
        """A copy for a child; Refused(ENOMEM, EAGAIN)."""
        child = AddressSpace(self.pager.fork(), self.limit, self.end)
        child.restore(self.save())
        return child

    # asking

    def find(self, address: int) -> Area | None:
        """The mapping that `address` lies in."""
        index = bisect_right(self.areas, address, key=_start) - 1
        if index >= 0 and address < self.areas[index].end:
            return self.areas[index]
        return None

    def page(self, address: int, access: int = 0) -> Page | None:
        """The first content of the page at `address`, or None where `access` (PROT_*) faults.

        As access_error() has it: a page that may be read or executed comes into being by either,
        and an access that it forbids faults again, on a page that is present then.
        """
        area = self.find(address)
        if area is None or not area.prot or access & PROT_WRITE & ~area.prot:
            return None
        offset = area.offset + (address & -PAGE) - area.start
        shared = (area.node, offset) if area.shared and area.node is not None else None
        if area.content is None:
            return Page(b"", area.prot, shared, shared is not None)
        if offset >= area.content.size:
            return None
        return Page(area.content.read(offset, PAGE), area.prot, shared)

    def overlapping(self, start: int, end: int) -> Iterator[Area]:
        """Mappings that share an address with [start, end), lowest first."""
        first, last = self._between(start, end)
        yield from self.areas[first:last]

    def covered(self, start: int, end: int) -> bool:
        """No hole lies in [start, end)."""
        at = start
        for area in self.overlapping(start, end):
            if area.start > at:
                return False
            at = area.end
        return at >= end

    @contextmanager
    def below(self, top: int) -> Iterator[None]:
        """For a while, place mappings without a wished address below `top`."""
        self._below, before = top, self._below
        try:
            yield
        finally:
            self._below = before

    def find_free(self, size: int) -> int:
        """The highest free range of `size` bytes below the mapping base; Refused(ENOMEM)."""
        top = self._below
        for area in reversed(self.areas):
            if area.start >= top:
                continue
            if area.end <= top - size:
                break
            top = area.start
        if top - size < MMAP_LOWEST:
            raise Refused(ENOMEM)
        return top - size

    # changing

    def set_break(self, start: int) -> None:
        """Let the heap begin at `start` (rounded up to a page), empty."""
        self.brk_start = self.brk_end = page_up(start)

    def map(self, area: Area) -> None:
        """Put `area` in place of whatever its range held; Refused(ENOMEM) beyond a limit."""
        if not (0 <= area.start < area.end <= self.end) or (area.start | area.end) % PAGE:
            raise Refused(EINVAL)
        self._splice(area.start, area.end, [area])
        self.pager.drop(area.start, area.end)

    def unmap(self, start: int, end: int) -> None:
        """Take away what lies in [start, end); nothing there is no error."""
        if not any(self.overlapping(start, end)):
            return
        self._splice(start, end, [])
        self.pager.drop(start, end)

    def protect(self, start: int, end: int, prot: int) -> None:
        """Give the mappings in [start, end), which has no hole, the protection `prot`."""
        changed = [
            area.cut(max(start, area.start), min(end, area.end))._replace(prot=prot)
            for area in self.overlapping(start, end)
        ]
        self._splice(start, end, changed)
        self.pager.protect(start, end, prot)

    def move(self, old: int, new: int, size: int) -> None:
        """Move the one mapping [old, old+size) with its pages to `new`, replacing what is there."""
        area = self.find(old)
        if area is None:
            raise Refused(EINVAL)
        self.unmap(new, new + size)
        moved = area.cut(old, old + size)._replace(start=new, end=new + size)
        self._splice(old, old + size, [])
        self._splice(new, new + size, [moved])
        self.pager.move(old, new, size)

    def shares(self, node: str | int) -> bool:
        """The file is mapped shared somewhere."""
        return any(area.shared and area.node == node for area in self.areas)

    def refresh(self, node: str | int, content: Content, low: int, high: int) -> None:
        """Let shared mappings of a file have `content`, of which [low, high) may be new."""
        areas = list(self.areas)
        for index, area in enumerate(areas):
            if not area.shared or area.node != node:
                continue
            areas[index] = area._replace(content=content)
            start = max(area.start, (area.start + low - area.offset) & -PAGE)
            end = min(area.end, page_up(area.start + high - area.offset))
            if start < end:
                self.pager.drop(start, end)
        self.areas = tuple(areas)

    def check_more(self, area: Area, leaving: tuple[int, int]) -> None:
        """Refused(ENOMEM) where `area` instead of the range `leaving` would pass a limit."""
        start, end = leaving
        less = sum(
            old.cut(max(start, old.start), min(end, old.end)).accounted
            for old in self.overlapping(start, end)
        )
        too_much = self.committed + area.accounted - less > self.limit
        if len(self.areas) + 3 > MAX_AREAS or (too_much and area.accounted > less):
            raise Refused(ENOMEM)

    def set_brk(self, end: int, limit: int) -> int:
        """Move the break; the break after it, unmoved where Linux would refuse.

        `limit`: the largest heap in bytes.
        """
        old, new = page_up(self.brk_end), page_up(end)
        if end < self.brk_start or end > self.end or end - self.brk_start > limit:
            return self.brk_end
        if new < old:
            self.unmap(new, old)
        elif new > old:
            if any(self.overlapping(old, new + PAGE)):
                return self.brk_end
            try:
                self.map(Area(old, new, PROT_READ | PROT_WRITE, name="[heap]"))
            except Refused:
                return self.brk_end
        self.brk_end = end
        return end

    def _between(self, start: int, end: int) -> tuple[int, int]:
        """Indices of the first mapping that ends after `start`, and of the first from `end` on."""
        first = bisect_right(self.areas, start, key=_start)
        if first and self.areas[first - 1].end > start:
            first -= 1
        return first, max(first, bisect_left(self.areas, end, key=_start))

    def _splice(self, start: int, end: int, added: list[Area]) -> None:
        """Let [start, end) hold `added` and nothing else; Refused(ENOMEM) beyond a limit."""
        first, last = self._between(start, end)
        old = self.areas[first:last]
        new = list(added)
        if old and old[0].start < start:
            new.insert(0, old[0].cut(old[0].start, start))
        if old and old[-1].end > end:
            new.append(old[-1].cut(end, old[-1].end))
        more = sum([area.accounted for area in new]) - sum([area.accounted for area in old])
        low, high = max(0, first - 1), last + 1
        merged = _merged([*self.areas[low:first], *new, *self.areas[last:high]])
        areas = (*self.areas[:low], *merged, *self.areas[high:])
        too_many = len(areas) > MAX_AREAS and len(areas) > len(self.areas)
        if too_many or (more > 0 and self.committed + more > self.limit):
            raise Refused(ENOMEM)
        self.areas = areas
        self.committed += more
