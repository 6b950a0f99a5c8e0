"""Services without a CPU: a pager of dictionaries, a frame of a dictionary."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from systui.kernel.syscalls import bundled
from systui.model.stop import Channel
from systui.services.content import Content
from systui.services.memory import PAGE, PROT_READ, PROT_WRITE, AddressSpace, Area, Page
from systui.services.options import SystemOptions
from systui.services.ports import INITIAL_FPU, Blocked, UserFault
from systui.services.state import Map
from systui.services.system import System

NUMBERS = {row.name: row.number for row in bundled("x86_64").rows if row.abi != "x32"}
SCRATCH = 0x1000_0000
SCRATCH_SIZE = 64 * PAGE
STACK_TOP = 0x7FFF_FFFF_F000


class Frame:
    """A pt_regs."""

    def __init__(self) -> None:
        self.fields: dict[str, int] = {"cs": 0x33, "ss": 0x2B, "flags": 0x202, "orig_ax": 0}

    def get(self, field: str) -> int:
        return self.fields.get(field, 0)

    def set(self, field: str, value: int) -> None:
        self.fields[field] = value & (1 << 64) - 1


class Thread:
    """Segment bases and an FPU image."""

    def __init__(self) -> None:
        self.fs_base = 0
        self.gs_base = 0
        self.image = INITIAL_FPU
        self.segments: dict[int, int] = {}

    def segment(self, index: int) -> int:
        return self.segments.get(index, 0)

    def set_segment(self, index: int, descriptor: int) -> None:
        self.segments[index] = descriptor

    def fpu(self) -> bytes:
        return self.image

    def set_fpu(self, image: bytes) -> None:
        assert len(image) == 512
        self.image = image


class Pages:
    """A pager: pages by address, filled from the address space."""

    def __init__(self, slot: int = 0) -> None:
        self.slot = slot
        self.space: AddressSpace
        self.pages: dict[int, bytearray] = {}

    def fill_from(self, source: Callable[[int, int], Page | None]) -> None:
        pass

    def fork(self) -> "Pages":
        child = Pages(self.slot + 1)
        child.pages = {page: bytearray(data) for page, data in self.pages.items()}
        return child

    def fresh(self) -> "Pages":
        return Pages(self.slot + 1)

    def release(self) -> None:
        self.pages.clear()

    def _page(self, address: int, access: int) -> bytearray:
        start = address & -PAGE
        area = self.space.find(address)
        if area is None or not area.prot or (access & PROT_WRITE and not area.prot & PROT_WRITE):
            raise UserFault(address)
        if start not in self.pages:
            found = self.space.page(start, access)
            if found is None:
                raise UserFault(address)
            self.pages[start] = bytearray(found.content.ljust(PAGE, b"\0"))
        return self.pages[start]

    def read(self, address: int, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            at = address + len(data)
            offset = at % PAGE
            data += self._page(at, PROT_READ)[offset : offset + size - len(data)]
        return bytes(data)

    def write(self, address: int, data: bytes) -> None:
        done = 0
        while done < len(data):
            at = address + done
            piece = data[done : done + PAGE - at % PAGE]
            self._page(at, PROT_WRITE)[at % PAGE : at % PAGE + len(piece)] = piece
            done += len(piece)

    def drop(self, start: int, end: int) -> None:
        assert start % PAGE == end % PAGE == 0
        assert start < end
        for page in [page for page in self.pages if start <= page < end]:
            del self.pages[page]

    def protect(self, start: int, end: int, prot: int) -> None:
        assert start % PAGE == end % PAGE == 0

    def move(self, old: int, new: int, size: int) -> None:
        moved = {page: data for page, data in self.pages.items() if old <= page < old + size}
        self.drop(old, old + size)
        self.pages.update({page - old + new: data for page, data in moved.items()})


class FakeMachine:
    """A system with scratch memory, and calls by name."""

    def __init__(self, **options: Any) -> None:
        self.time = 0
        self.output: list[tuple[Channel, bytes]] = []
        self.pages = Pages()
        self.thread = Thread()
        self.frame = Frame()
        self.system = System(
            SystemOptions(**options),
            lambda: self.time,
            lambda channel, data: self.output.append((channel, data)),
            self.pages,
            self.thread,
        )
        self.pages.space = self.system.task.memory
        memory = self.system.task.memory
        memory.map(Area(SCRATCH, SCRATCH + SCRATCH_SIZE, PROT_READ | PROT_WRITE))
        memory.map(Area(STACK_TOP - 64 * PAGE, STACK_TOP, PROT_READ | PROT_WRITE, name="[stack]"))
        memory.set_break(0x60_0000)
        self.frame.set("sp", STACK_TOP - 4096)
        self._used = 0

    def put(self, data: bytes) -> int:
        """Address of `data` in the program's memory."""
        address = SCRATCH + self._used
        self._used += (len(data) + 15) & -16
        assert self._used <= SCRATCH_SIZE
        self.pages.write(address, data)
        return address

    def room(self, size: int) -> int:
        """Address of `size` zeros."""
        return self.put(bytes(size))

    def call(self, name: str, *arguments: int | str | bytes) -> int:
        """Make a call that does not block; strings and bytes are put into memory."""
        result = self.try_call(name, *arguments)
        assert not isinstance(result, Blocked), result
        return result

    def try_call(self, name: str, *arguments: int | str | bytes) -> int | Blocked:
        """Make a call."""
        return self.number_call(NUMBERS[name], *[self._word(word) for word in arguments])

    def number_call(self, number: int, *arguments: int) -> int | Blocked:
        """Make a call by number, its arguments as registers hold them."""
        words = [word & (1 << 64) - 1 for word in arguments]
        padded = (*words, *[0] * (6 - len(words)))
        self.frame.set("orig_ax", number)
        result = self.system.call(number, padded, self.frame)
        if not isinstance(result, Blocked):
            self.frame.set("ax", result)
        return result

    def _word(self, word: int | str | bytes) -> int:
        if isinstance(word, str):
            return self.put(word.encode("utf-8", "surrogateescape") + b"\0")
        return self.put(word) if isinstance(word, bytes) else word

    def read(self, address: int, size: int) -> bytes:
        """The program's memory."""
        return self.pages.read(address, size)

    def save(self) -> tuple[object, dict[int, bytearray], dict[str, int]]:
        """Services and memory."""
        pages = {page: bytearray(data) for page, data in self.pages.pages.items()}
        return self.system.save(), pages, dict(self.frame.fields)

    def restore(self, saved: tuple[object, dict[int, bytearray], dict[str, int]]) -> None:
        """Be as at `save`."""
        services, pages, fields = saved
        self.system.restore(services)
        self.pages.pages = {page: bytearray(data) for page, data in pages.items()}
        self.frame.fields = dict(fields)


def dump(value: Any) -> Any:
    """A saved state as plain values that can be compared."""
    if isinstance(value, Content):
        return ("content", value.size, value.read(0, min(value.size, 1 << 16)))
    if isinstance(value, Map):
        return {key: dump(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(dump(item) for item in value)
    return value


def host_files(directory: Path) -> dict[str, bytes]:
    """What a host directory holds."""
    return {
        str(path.relative_to(directory)): path.read_bytes() if path.is_file() else b""
        for path in directory.rglob("*")
    }


Machine = Callable[..., FakeMachine]
