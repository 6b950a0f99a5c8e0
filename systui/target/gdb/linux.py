"""What a stopped Linux tells about itself in its memory: slide, identity, tasks.

Facts: arch/x86/include/asm/cpu_entry_area.h (the read-only IDT), desc_defs.h (gates),
arch/x86/kernel/setup_percpu.c, include/linux/sched.h. Decided by symbols and types, never by a
version.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from systui.arch.spec import Architecture
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.model.stop import Registers, Task
from systui.target.gdb.layout import PID_SIZE, Layout
from systui.words import _

Read = Callable[[int, int], bytes | None]
"""Reads kernel memory at a run-time address."""

IDT = 0xFFFF_FE00_0000_0000
"""CPU_ENTRY_AREA_RO_IDT of x86_64: mapped in the kernel's and in the user's page table."""
GATE = 8
"""Bytes of an IDT entry that tell a handler on a 32-bit CPU; on a 64-bit one four more do."""
_IDT_ROW = re.compile(r"^IDT= *([0-9a-f]+) ", re.MULTILINE)
_ABOVE_MEMORY = 0xF800_0000
"""i386: where the kernel's own mapping of memory ends at the latest (VMALLOC_RESERVE). The IDT that
stays lies above it; the one of early boot, with other handlers, below."""
_FIRST_HANDLERS = ("asm_exc_divide_error", "divide_error")
_ALIGNMENT = {64: 0x20_0000, 32: 0x2000}
"""By bits the least CONFIG_PHYSICAL_ALIGN: the slide is a multiple of it."""
_LARGEST_SLIDE = 0x4000_0000
UNKNOWN_PID = -1
"""A task's number where no debug information tells where it lies."""
_COMM = 16
_TASK_STRUCT = 0x1000
"""Bytes of task_struct in which its name is looked for; comm lies in its first half."""
_FIRST_COMM = b"swapper"
_MOST_PROCESSES = 4096
_MOST_FOREBEARS = 64
_SLEEPING = 0x3
"""TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE"""
_STANDING = 0xFC
"""Stopped, traced, parked, dead: in every Linux below TASK_WAKEKILL, or it where tasks sleep."""
_BANNER = 512


def slide_from(gate: bytes, image: Image) -> int:
    """The slide, from the running kernel's IDT entry 0 and the image's symbol for its handler.

    BadInputError where the two do not fit: the image is not the running kernel's.
    """
    handler = int.from_bytes(gate[:2] + gate[6 : image.bits // 8 + 4], "little")
    symbol = next((found for name in _FIRST_HANDLERS if (found := image.symbol(name))), None)
    if symbol is None:
        raise BadInputError(
            _("{path} has no symbol {name}: it is not an x86 kernel's.").format(
                path=image.path, name=_FIRST_HANDLERS[0]
            )
        )
    slide = handler - symbol.address
    if slide % _ALIGNMENT[image.bits] or not 0 <= slide < _LARGEST_SLIDE:
        raise wrong_kernel(image)
    return int(slide)


def i386_idt(registers: str) -> int | None:
    """Where the IDT lies, out of QEMU's account of a CPU's `registers`; None while Linux boots.

    Its address depends on how many CPUs a kernel was built for (pgtable_32_areas.h).
    """
    row = _IDT_ROW.search(registers)
    base = 0 if row is None else int(row[1], 16)
    return base if base >= _ABOVE_MEMORY else None


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
    arch: Architecture
    layout: Layout
    slide: int
    read: Read
    current_offset: int | None = None
    """Where the pointer to the running task lies from the per-CPU base."""

    @classmethod
    def of(
        cls, image: Image, arch: Architecture, layout: Layout, slide: int, read: Read
    ) -> "Linux":
        """The kernel `image`, `slide` above where it was linked, read by `read`."""
        symbol = image.symbol("current_task")
        hot = None if symbol is not None else image.symbol("pcpu_hot")
        offset = None if symbol is None else symbol.address
        if hot is not None:
            offset = hot.address + (layout.current or 0)
        if offset is not None and offset >= arch.kernel_start:
            offset += slide  # i386: per-CPU variables are linked where the first copy lies
        return cls(image, arch, layout, slide, read, offset)

    def seen_by(self, read: Read) -> "Linux":
        """The same kernel, read in another way."""
        return replace(self, read=read)

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

    def per_cpu(self, registers: Registers, cpu: int) -> int | None:
        """The CPU's per-CPU base: the kernel's GS base, on whichever side swapgs has put it.

        On i386 no register has it in user mode; there it is read (__per_cpu_offset).
        """
        if self.arch.bits == 32:
            offsets = self.address("__per_cpu_offset")
            return 0 if offsets is None else self._word(offsets + self.arch.word * cpu)
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

    def current_task_pointer(self, registers: Registers, cpu: int) -> int | None:
        """Address of the CPU's pointer to its running task; CPUs are counted from 0."""
        base, offset = self.per_cpu(registers, cpu), self.current_offset
        return None if base is None or offset is None else base + offset & self.arch.mask

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
            following = self._word(at + offset)
            at = (following or 0) - offset
            if following is None or at == first:
                return
            yield at

    def forebears(self, pointer: int) -> Iterator[Task]:
        """Whom the task stems from: for a thread its process, then who made that, and so on."""
        layout, at = self.layout, pointer
        if layout.pid is None or layout.real_parent is None:
            return
        for _generation in range(_MOST_FOREBEARS):
            here, process = self.task(at), self._number(at + layout.pid + PID_SIZE)
            if process != here.pid:
                yield Task(process, here.name)
            parent = self._word(at + layout.real_parent)
            if not parent or parent == at:
                return
            at = parent
            yield self.task(at)

    def asleep(self, pointer: int) -> bool:
        """Whether the task waits for something."""
        return bool((self._state(pointer) or 0) & _SLEEPING)

    def stands(self, pointer: int) -> bool:
        """Whether the task is stopped, or has ended and is not yet waited for."""
        return bool((self._state(pointer) or 0) & _STANDING) and not self.asleep(pointer)

    def _state(self, pointer: int) -> int | None:
        data = None if self.layout.state is None else self.read(pointer + self.layout.state, 4)
        return None if data is None else int.from_bytes(data, "little")

    @cached_property
    def _stack_size(self) -> int:
        """Bytes of a kernel stack (THREAD_SIZE): those of the first task's, where it tells."""
        start, end = map(self.address, ("__start_init_task", "__end_init_task"))
        size = 0 if start is None or end is None else end - start
        return size if size in self.arch.thread_sizes else max(self.arch.thread_sizes)

    def user_frame(self, pointer: int) -> dict[str, int]:
        """The user's registers on top of the task's kernel stack; empty where there are none."""
        layout = self.arch.pt_regs
        stack = None if self.layout.stack is None else self._word(pointer + self.layout.stack)
        if stack is None:
            return {}
        for padding in layout.padding:
            data = self.read(stack + self._stack_size - padding - layout.size, layout.size)
            frame = {
                name: int.from_bytes((data or b"")[at : at + layout.word], "little")
                for name, at in layout.fields
            }
            if frame["cs"] & frame["ss"] & 3 == 3:
                return frame
        return {}

    def start_code(self, pointer: int) -> int | None:
        """Where the task's program was loaded: the first address of its code."""
        if self.layout.mm is None or self.layout.start_code is None:
            return None
        mm = self._word(pointer + self.layout.mm)
        return self._word(mm + self.layout.start_code) if mm else None

    def _word(self, address: int) -> int | None:
        data = self.read(address, self.arch.word)
        return None if data is None else int.from_bytes(data, "little")

    def _pid(self, pointer: int) -> int:
        return UNKNOWN_PID if self.layout.pid is None else self._number(pointer + self.layout.pid)

    def _number(self, address: int) -> int:
        data = self.read(address, PID_SIZE)
        return UNKNOWN_PID if data is None else int.from_bytes(data, "little", signed=True)

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
