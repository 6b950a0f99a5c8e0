"""The pages of one address space: filled when first touched, kept, dropped, saved, put back."""

from collections.abc import Callable, Mapping
from typing import Protocol

from systui.services.errors import ENOMEM, Refused
from systui.services.memory import PROT_EXEC, PROT_READ, PROT_WRITE, Page
from systui.services.ports import UserFault
from systui.target.emulator.frames import Frames, OutOfFramesError
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.paging import (
    ACCESSED,
    FRAME_MASK,
    NO_EXECUTE,
    PAGE,
    PRESENT,
    USER,
    WRITE,
    OutOfTablesError,
)

PageSource = Callable[[int, int], Page | None]
"""`AddressSpace.page`: the first content of the page at an address, None where access faults."""


class PageMap:
    """Which page lies in which frame, at one moment."""

    __slots__ = ("_frames", "entries")

    def __init__(self, entries: Mapping[int, int]) -> None:
        self.entries = entries
        """Page-table entries by address."""
        self._frames: frozenset[int] | None = None

    @property
    def frames(self) -> frozenset[int]:
        """Frames in use."""
        if self._frames is None:
            self._frames = frozenset(entry & FRAME_MASK for entry in self.entries.values())
        return self._frames


class Neighbours(Protocol):
    """Where other address spaces come from, and this one goes to."""

    def fresh(self) -> "UserPages":
        """An empty one; Refused(EAGAIN)."""

    def release(self, pages: "UserPages") -> None:
        """Nobody uses it any more."""


_ZERO = bytes(PAGE)
_OFFSET = PAGE - 1
_USER_END = 1 << 47


def _flags(prot: int) -> int:
    flags = USER | ACCESSED
    if prot:
        flags |= PRESENT
    if prot & PROT_WRITE:
        flags |= WRITE
    if not prot & PROT_EXEC:
        flags |= NO_EXECUTE
    return flags


def _is_both(entry: int) -> bool:
    return entry & (PRESENT | WRITE | NO_EXECUTE) == PRESENT | WRITE


def _readable(entry: int) -> int:
    """What a page's entry is for the CPU at first: executable before writable, never both."""
    if not entry & PRESENT:
        return 0
    return entry & ~WRITE if _is_both(entry) else entry


class UserPages:
    """A program's touched pages. It is the `Pager` that services are given.

    A page's entry keeps its frame while the protection forbids all access (PROT_NONE).
    """

    def __init__(
        self, mmu: Mmu, frames: Frames, slot: int, code: set[int], spaces: Neighbours
    ) -> None:
        """`slot`: the address space's number; `code`: frames that were executable once."""
        self._mmu = mmu
        self._frames = frames
        self.slot = slot
        self._tree = mmu.space(slot)
        self._spaces = spaces
        self._memory = mmu.cpu.memory
        self.source: PageSource = lambda _address, _access: None
        """Set once the address space exists."""
        self._entries: dict[int, int] = {}
        self._snapshot: PageMap | None = None
        self._code = code
        """Frames that were executable once: translated code may remember their content."""

    # touching

    def fill(self, address: int, access: int) -> bool:
        """Make the untouched page at `address` present; False where touching it is a fault."""
        page_address = address & ~_OFFSET
        if not 0 <= address < _USER_END or page_address in self._entries:
            return False
        page = self.source(page_address, access)
        if page is None:
            return False
        self._insert(page_address, page)
        return True

    def fill_from(self, source: PageSource) -> None:
        """Let `source` say what a page holds when it is first touched."""
        self.source = source

    def _insert(self, address: int, page: Page) -> None:
        if page.shared is not None:
            found = self._frames.find_shared(page.shared)
            if found is not None:
                self._set_entry(address, found | _flags(page.prot))
                return
        frame = self._new_frame(page)
        if page.shared is not None:
            self._frames.share(page.shared, frame, page.kept)
        try:
            self._set_entry(address, frame | _flags(page.prot))
        except OutOfTablesError:
            self._frames.give_back((frame,))
            raise

    def _new_frame(self, page: Page) -> int:
        """A frame that holds what `page` does at first."""
        frame = self._frames.take()
        content = page.content.ljust(PAGE, b"\0") if page.content else _ZERO
        if self._memory[frame : frame + PAGE] != content:
            self.store(frame, 0, content)
        self._mmu.dirty.add(frame)
        return frame

    def _set_entry(self, address: int, entry: int) -> None:
        self._tree.set(address, _readable(entry))
        self._entries[address] = entry
        self._snapshot = None
        if entry & PRESENT and not entry & NO_EXECUTE:
            self._code.add(entry & FRAME_MASK)

    def turn(self, address: int, access: int) -> bool:
        """Let a page that may be both written and executed be the one that `access` needs.

        It is never both at once for the CPU: Unicorn counts an instruction twice that changes
        the block of code it is in. False where the page is not such a page.
        """
        page = address & ~_OFFSET
        entry = self._entries.get(page, 0)
        if not _is_both(entry) or access == PROT_READ:
            return False
        self._mmu.unmap(self._tree, page)
        turned = entry | NO_EXECUTE if access == PROT_WRITE else _readable(entry)
        self._tree.set(page, turned)
        return True

    def open_fully(self, address: int) -> None:
        """Let the page at `address` be written and executed at once, until it is turned."""
        page = address & ~_OFFSET
        self._tree.set(page, self._entries[page])
        self._mmu.stale = True

    # for services

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes as the program could read them; UserFault at the first that it could not."""
        parts = []
        while size > 0:
            frame = self._frame(address, PROT_READ)
            offset = address & _OFFSET
            part = min(size, PAGE - offset)
            parts.append(self._memory[frame + offset : frame + offset + part])
            address += part
            size -= part
        return b"".join(parts)

    def write(self, address: int, data: bytes) -> None:
        """Store `data` as the program could; UserFault, with what lay before the fault written."""
        at = 0
        while at < len(data):
            frame = self._frame(address + at, PROT_WRITE)
            offset = (address + at) & _OFFSET
            part = min(len(data) - at, PAGE - offset)
            self.store(frame, offset, data[at : at + part])
            at += part

    def store(self, frame: int, offset: int, data: bytes) -> None:
        """Write into a frame, whatever its protection."""
        self._mmu.write_frame(frame, offset, data)
        if frame in self._code:
            self._mmu.cpu.flush_blocks()

    def _frame(self, address: int, access: int) -> int:
        page = address & ~_OFFSET
        entry = self._entries.get(page)
        if entry is None:
            if not self.fill(address, access):
                raise UserFault(address)
            entry = self._entries[page]
        allowed = entry & PRESENT and (access != PROT_WRITE or entry & WRITE)
        if not allowed:
            raise UserFault(address)
        return entry & FRAME_MASK

    def drop(self, start: int, end: int) -> None:
        """Forget the pages of [start, end): unmapped, replaced, or MADV_DONTNEED."""
        for page in self._within(start, end):
            entry = self._entries.pop(page)
            self._mmu.unmap(self._tree, page)
            self._frames.give_back((entry & FRAME_MASK,))
        self._snapshot = None

    def protect(self, start: int, end: int, prot: int) -> None:
        """Give the pages present in [start, end) the protection `prot` (PROT_* bits)."""
        for page in self._within(start, end):
            frame = self._entries[page] & FRAME_MASK
            self._mmu.unmap(self._tree, page)
            self._set_entry(page, frame | _flags(prot))

    def move(self, old: int, new: int, size: int) -> None:
        """Move the pages present in [old, old+size) to [new, new+size), with their contents."""
        moved = []
        for page in self._within(old, old + size):
            moved.append((page - old + new, self._entries.pop(page)))
            self._mmu.unmap(self._tree, page)
        for page, entry in moved:
            self._set_entry(page, entry)
        self._snapshot = None

    def _within(self, start: int, end: int) -> list[int]:
        if (end - start) // PAGE > len(self._entries):
            return sorted(page for page in self._entries if start <= page < end)
        return [page for page in range(start, end, PAGE) if page in self._entries]

    # for the debugger

    def peek(self, address: int, size: int) -> bytes | None:
        """`size` bytes, readable or not, touching nothing; None where something is unmapped."""
        parts = []
        while size > 0:
            page, offset = address & ~_OFFSET, address & _OFFSET
            part = min(size, PAGE - offset)
            entry = self._entries.get(page)
            if entry is not None:
                at = (entry & FRAME_MASK) + offset
                parts.append(self._memory[at : at + part])
            else:
                untouched = self.source(page, 0) if 0 <= page < _USER_END else None
                if untouched is None:
                    return None
                parts.append(untouched.content.ljust(PAGE, b"\0")[offset : offset + part])
            address += part
            size -= part
        return b"".join(parts)

    def poke(self, address: int, data: bytes) -> bool:
        """Store `data` whatever the protection; False, nothing stored, where a page is unmapped."""
        pages = range(address & ~_OFFSET, address + len(data), PAGE)
        if not all(page in self._entries or self.fill(page, 0) for page in pages):
            return False
        at = 0
        while at < len(data):
            offset = (address + at) & _OFFSET
            part = min(len(data) - at, PAGE - offset)
            frame = self._entries[(address + at) & ~_OFFSET] & FRAME_MASK
            self.store(frame, offset, data[at : at + part])
            at += part
        return True

    # saving

    @property
    def count(self) -> int:
        """Pages that are present."""
        return len(self._entries)

    def save(self) -> PageMap:
        """Which page lies in which frame; shares structure while nothing changes."""
        if self._snapshot is None:
            self._snapshot = PageMap(dict(self._entries))
        return self._snapshot

    def restore(self, saved: PageMap) -> None:
        """Map as `saved` says. The frames' contents are not its business."""
        if saved is self._snapshot:
            return
        entries = saved.entries
        for page in _differing(self._entries, entries):
            self._mmu.unmap(self._tree, page)
            entry = entries.get(page)
            if entry is not None:
                self._set_entry(page, entry)
        self._entries = dict(entries)
        self._snapshot = saved

    # beside others

    def fork(self) -> "UserPages":
        """Another address space with the same contents; Refused(ENOMEM, EAGAIN)."""
        child = self._spaces.fresh()
        try:
            for page, entry in sorted(self._entries.items()):
                frame = entry & FRAME_MASK
                if not self._frames.is_shared(frame):
                    content = self._memory[frame : frame + PAGE]
                    frame = self._new_frame(Page(content, 0))
                child._set_entry(page, frame | entry & ~FRAME_MASK)
        except (OutOfFramesError, OutOfTablesError) as error:
            child.release()
            raise Refused(ENOMEM) from error
        return child

    def fresh(self) -> "UserPages":
        """Another address space, empty; Refused(EAGAIN)."""
        return self._spaces.fresh()

    def release(self) -> None:
        """Nobody uses it any more."""
        self.empty()
        self._spaces.release(self)

    def empty(self) -> None:
        """Forget all pages."""
        entries, self._entries, self._snapshot = self._entries, {}, None
        for page in entries:
            self._mmu.unmap(self._tree, page)
        self._frames.give_back(entry & FRAME_MASK for entry in entries.values())

    def leave(self) -> None:
        """Stand aside in favour of another time, in which there is no such address space."""
        for page in self._entries:
            self._mmu.unmap(self._tree, page)
        self._entries, self._snapshot = {}, None


def _differing(now: Mapping[int, int], then: Mapping[int, int]) -> list[int]:
    changed = [page for page, entry in now.items() if then.get(page) != entry]
    return changed + [page for page in then if page not in now]
