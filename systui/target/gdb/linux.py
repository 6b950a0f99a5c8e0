"""What a stopped x86_64 Linux tells about itself in its memory: slide, identity, tasks.

Facts: arch/x86/include/asm/cpu_entry_area.h (the read-only IDT), desc_defs.h (gates),
arch/x86/kernel/setup_percpu.c, include/linux/sched.h. Decided by symbols and types, never by a
version.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.model.stop import Registers, Task
from systui.target.gdb.layout import Layout
from systui.words import _

Read = Callable[[int, int], bytes | None]
"""Reads kernel memory at a run-time address."""

IDT = 0xFFFF_FE00_0000_0000
"""CPU_ENTRY_AREA_RO_IDT: mapped in the kernel's and in the user's page table."""
_GATE = 16
_FIRST_HANDLERS = ("asm_exc_divide_error", "divide_error")
_ALIGNMENT = 0x20_0000
"""CONFIG_PHYSICAL_ALIGN: the slide is a multiple of it."""
_LARGEST_SLIDE = 0x4000_0000
UNKNOWN_PID = -1
"""A task's number where no debug information tells where it lies."""
_COMM = 16
_TASK_STRUCT = 0x1000
"""Bytes of task_struct in which its name is looked for; comm lies in its first half."""
_FIRST_COMM = b"swapper"
_MOST_PROCESSES = 4096
_SLEEPING = 0x3
"""TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE"""
_BANNER = 512


def slide_from(gate: bytes, image: Image) -> int:
    """The slide, from the running kernel's IDT entry 0 and the image's symbol for its handler.

    BadInputError where the two do not fit: the image is not the running kernel's.
    """
    low, _selector, _flags, middle, high = struct.unpack_from("<HHHHI", gate)
    handler = int(high << 32 | middle << 16 | low)
    symbol = next((found for name in _FIRST_HANDLERS if (found := image.symbol(name))), None)
    if symbol is None:
        raise BadInputError(
            _("{path} has no symbol {name}: it is not an x86_64 kernel's.").format(
                path=image.path, name=_FIRST_HANDLERS[0]
            )
        )
    slide = handler - symbol.address
    if slide % _ALIGNMENT or not 0 <= slide < _LARGEST_SLIDE:
        raise wrong_kernel(image)
    return int(slide)


def wrong_kernel(image: Image, running: str | None = None) -> BadInputError:
    """The error for an image of another kernel than the one that runs."""
    if running is None:
        return BadInputError(
            _("{path} is not the running kernel's vmlinux: its symbols do not fit.").format(
                path=image.path
            )
        )
    return BadInputError(
        _("{path} is not the running kernel's vmlinux; what runs is: {banner}").format(
            path=image.path, banner=running
        )
    )


@dataclass(frozen=True)
class Linux:
    """A running kernel: its image, its layout and how far it was moved."""

    image: Image
    layout: Layout
    slide: int
    read: Read
    current_offset: int | None = None
    """Where the pointer to the running task lies from the per-CPU base."""

    @classmethod
    def of(cls, image: Image, layout: Layout, slide: int, read: Read) -> "Linux":
        """The kernel `image`, `slide` above where it was linked, read by `read`."""
        symbol = image.symbol("current_task")
        hot = None if symbol is not None else image.symbol("pcpu_hot")
        offset = None if symbol is None else symbol.address
        if hot is not None:
            offset = hot.address + (layout.current or 0)
        return cls(image, layout, slide, read, offset)

    def address(self, name: str) -> int | None:
        """Run-time address of the symbol `name`."""
        symbol = self.image.symbol(name)
        return None if symbol is None else symbol.address + self.slide

    def check(self) -> None:
        """BadInputError where the image is of another build than the kernel that runs."""
        notes = self.image.section(".notes")
        if notes is not None and self.image.build_id is not None:
            live = self.read(notes.address + self.slide, notes.size)
            if live is not None and bytes.fromhex(self.image.build_id) in live:
                return
            if live is not None:
                raise wrong_kernel(self.image, self._plausible_banner())
        built, running = self._built_banner(), self._plausible_banner()
        if running is None or (built is not None and built != running):
            raise wrong_kernel(self.image, self._plausible_banner())

    def banner(self) -> str | None:
        """The running kernel's version line (linux_banner)."""
        address = self.address("linux_banner")
        data = None if address is None else self.read(address, _BANNER)
        return None if data is None else _text(data)

    @property
    def release(self) -> str:
        """`Linux 6.1.0-56-cloud-amd64`, as far as the banner tells it."""
        words = (self.banner() or "").split()
        return " ".join([words[0], words[2]]) if words[1:2] == ["version"] else "Linux"

    def per_cpu(self, registers: Registers) -> int | None:
        """The CPU's per-CPU base: the kernel's GS base, on whichever side swapgs has put it."""
        for name in ("gs_base", "kernel_gs_base"):
            value = registers.get(name)
            if value is not None and value >> 63:
                return value
        return None

    def with_comm(self) -> "Linux":
        """Without debug information: the offset of comm, where init_task holds its own name."""
        start = self.address("init_task")
        if self.layout.comm is not None or start is None:
            return self
        data = self.read(start, _TASK_STRUCT) or b""
        at = data.find(_FIRST_COMM)
        return self if at < 0 else replace(self, layout=replace(self.layout, comm=at))

    def current_task_pointer(self, registers: Registers) -> int | None:
        """Address of the CPU's pointer to its running task."""
        base, offset = self.per_cpu(registers), self.current_offset
        return None if base is None or offset is None else base + offset & (1 << 64) - 1

    def task(self, pointer: int) -> Task:
        """The task whose task_struct lies at `pointer`."""
        return Task(self._pid(pointer), self._comm(pointer))

    def processes(self) -> Iterator[int]:
        """Addresses of the first threads of all processes, the idle task's left out."""
        first, offset = self.address("init_task"), self.layout.tasks
        if first is None or offset is None:
            return
        at = first
        for _process in range(_MOST_PROCESSES):
            data = self.read(at + offset, 8)
            at = int.from_bytes(data or b"", "little") - offset
            if data is None or at == first:
                return
            yield at

    def asleep(self, pointer: int) -> bool:
        """Whether the task waits for something."""
        if self.layout.state is None:
            return False
        data = self.read(pointer + self.layout.state, 4)
        return data is not None and bool(int.from_bytes(data, "little") & _SLEEPING)

    def top_of_stack(self, pointer: int, end: int, size: int) -> bytes | None:
        """The last `size` bytes of the task's kernel stack, which has `end` bytes."""
        if self.layout.stack is None:
            return None
        data = self.read(pointer + self.layout.stack, 8)
        if data is None:
            return None
        return self.read(int.from_bytes(data, "little") + end - size, size)

    def start_code(self, pointer: int) -> int | None:
        """Where the task's program was loaded: the first address of its code."""
        if self.layout.mm is None or self.layout.start_code is None:
            return None
        data = self.read(pointer + self.layout.mm, 8)
        mm = int.from_bytes(data or b"", "little")
        if not mm:
            return None
        data = self.read(mm + self.layout.start_code, 8)
        return None if data is None else int.from_bytes(data, "little")

    def _pid(self, pointer: int) -> int:
        if self.layout.pid is None:
            return UNKNOWN_PID
        data = self.read(pointer + self.layout.pid, 4)
        if data is None:
            return UNKNOWN_PID
        return int.from_bytes(data, "little", signed=True)

    def _comm(self, pointer: int) -> str:
        if self.layout.comm is None:
            return f"task@{pointer:#x}"
        data = self.read(pointer + self.layout.comm, _COMM)
        return _text(data or b"")

    def _built_banner(self) -> str | None:
        symbol = self.image.symbol("linux_banner")
        data = None if symbol is None else self.image.read(symbol.address, _BANNER)
        return None if data is None else _text(data)

    def _plausible_banner(self) -> str | None:
        banner = self.banner()
        return banner if banner is not None and banner.startswith("Linux version") else None


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
