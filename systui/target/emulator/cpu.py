"""The CPU: Unicorn behind a small face. The only module that drives the library.

Counting is exact and free: `uc_emu_start(count=N)` installs Unicorn's own C hook that counts
instructions, and its counter is read back from the engine (see `offsets`). Runs always use a
count, so cached code always has that hook and running mixes with single-stepping without a flush.

Stops at addresses are single-address code hooks, compared in C. (Unicorn's "exits" are not used:
with any set, each run translates their addresses and leaves a page fault where one is unmapped.)
"""

import ctypes
import mmap
import struct
from collections.abc import Callable, Iterable, Sequence
from ctypes import c_int, c_size_t, c_uint64, c_void_p
from enum import Enum
from typing import NamedTuple

from systui.target.emulator import library as lib
from systui.target.emulator import offsets
from systui.target.emulator.calibration import calibrate

# uc_x86_reg (x86.h)
_REGISTER_IDS = {
    "rax": 35,
    "rbx": 37,
    "rcx": 38,
    "rdx": 40,
    "rsi": 43,
    "rdi": 39,
    "rbp": 36,
    "rsp": 44,
    **{f"r{number}": 98 + number for number in range(8, 16)},
    "rip": 41,
    "rflags": 25,
    "cs": 11,
    "ss": 49,
    "ds": 17,
    "es": 28,
    "fs": 32,
    "gs": 33,
    "fs_base": 250,
    "gs_base": 251,
    "cr2": 52,
    "cr3": 53,
}
_REGISTER_MSR = 248
_REGISTER_CR0, _REGISTER_CR4 = 50, 54
_REGISTER_GDTR, _REGISTER_IDTR, _REGISTER_TR = 243, 242, 245
_QEMU_ORDER = (
    *("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"),
    *(f"r{number}" for number in range(8, 16)),
)
_INSTRUCTION_RDTSC, _INSTRUCTION_RDTSCP, _INSTRUCTION_SYSCALL = 608, 609, 699
_INSTRUCTION_IN, _INSTRUCTION_OUT = 218, 500
_USED_BY_PORTS = ("rip", "rax", "rcx", "rsi", "rdi")
MSR_EFER, MSR_KERNEL_GS_BASE = 0xC000_0080, 0xC000_0102

NAMES = (*_REGISTER_IDS, "kernel_gs_base")
"""Order of the values that `Cpu.registers` yields."""
RIP, RFLAGS = NAMES.index("rip"), NAMES.index("rflags")
RSP, RCX, R11, RAX = (NAMES.index(name) for name in ("rsp", "rcx", "r11", "rax"))
CS_INDEX = NAMES.index("cs")

_PAGE_FAULT, _GENERAL_PROTECTION, _DEBUG, _INVALID_OPCODE = 14, 13, 1, 6
_FETCH = 1 << 4
_NO_UNTIL = 0xFFFF_FFFF_FFFF_FFFF


class Event(Enum):
    """What ended a run before its count was used up."""

    SYSCALL = "syscall"
    """A `syscall` instruction ran; RIP is behind it, nothing else is done yet."""
    EXCEPTION = "exception"
    """`Cpu.exception` says which; RIP is at the faulting instruction, or behind an `int n`."""
    BREAK = "break"
    """RIP reached a break address."""
    WATCH = "watch"
    """A watched range was touched by the last instruction."""
    HALT = "halt"
    """A `hlt` ran in ring 0."""


class CpuException(NamedTuple):
    """An exception or software interrupt that the CPU raised and nobody has delivered yet."""

    vector: int
    error_code: int
    software: bool
    """Raised by an `int n` instruction."""
    address: int
    """CR2."""
    is_trap: bool
    """The instruction at fault, if any, has completed: delivery belongs to its step."""


class _Msr(ctypes.Structure):
    _fields_ = (("rid", ctypes.c_uint32), ("value", c_uint64))


class _Table(ctypes.Structure):
    _fields_ = (
        ("selector", ctypes.c_uint16),
        ("base", c_uint64),
        ("limit", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    )


class Cpu:
    """One x86_64 CPU in long mode and its physical memory.

    `registers` holds the last stop's values, in the order of `NAMES`; `refresh` fills it.
    """

    def __init__(self, memory_size: int, clock: Callable[[int], int]) -> None:
        """`memory_size`: bytes of RAM from physical 0; `clock`: nanoseconds at an instruction."""
        self._lib = lib.load()
        self._clock = clock
        self.memory = mmap.mmap(-1, memory_size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._pin = (ctypes.c_char * memory_size).from_buffer(self.memory)
        handle = c_void_p()
        self._ok(self._lib.uc_open(lib.ARCH_X86, lib.MODE_64, ctypes.byref(handle)))
        self._uc: int = handle.value or 0
        self._ok(
            self._lib.uc_mem_map_ptr(
                self._uc, 0, memory_size, lib.PROT_ALL, ctypes.addressof(self._pin)
            )
        )
        self._start = self._lib.uc_emu_start
        self._stop = self._lib.uc_emu_stop
        self._batch = self._lib.uc_reg_read_batch
        self._prepare_registers()
        self._prepare_context()
        self._callbacks: list[object] = []
        self._breaks: dict[int, int] = {}
        self._break_callback = lib.CODE_CALLBACK(self._on_break)
        self._hit: Callable[[int, int], bool] = _never
        self._watches: list[int] = []
        self._watched: frozenset[tuple[int, int, bool, bool]] = frozenset()
        self._access_callback = lib.MEMORY_CALLBACK(self._on_access)
        self._watch_hit: Callable[[int], bool] = _never
        self._event: Event | None = None
        self._vector = 0
        self._undo: dict[str, int] | None = None
        """Registers before a use of I/O ports that must become a fault."""
        self.exception: CpuException | None = None
        self._prepare_hooks()
        self._offsets = calibrate(self)
        self._counter = c_uint64.from_address(self._uc + self._offsets.counter)
        self._limit = c_uint64.from_address(self._uc + self._offsets.counter + 8)
        self._forget_exception(self._save_context())

    # registers

    def _prepare_registers(self) -> None:
        count = len(NAMES)
        self.registers = (c_uint64 * count)()
        self._ids = (c_int * count)(*_REGISTER_IDS.values(), _REGISTER_MSR)
        self._gs = _Msr(MSR_KERNEL_GS_BASE, 0)
        base = ctypes.addressof(self.registers)
        self._pointers = (c_void_p * count)(
            *(base + 8 * index for index in range(count - 1)), ctypes.addressof(self._gs)
        )
        self._read, self._write = self._lib.uc_reg_read, self._lib.uc_reg_write
        self._cell = c_uint64()
        self._cell_pointer = ctypes.byref(self._cell)
        self._unpack = struct.Struct(f"<{count}Q").unpack

    def refresh(self) -> tuple[int, ...]:
        """Read all registers; their values in the order of `NAMES`."""
        self._batch(self._uc, self._ids, self._pointers, len(NAMES))
        self.registers[-1] = self._gs.value
        return self._unpack(self.registers)

    def read(self, name: str) -> int:
        """One register, straight from the CPU."""
        return self._read_id(_REGISTER_IDS[name])

    def pc(self) -> int:
        """RIP."""
        self._read(self._uc, _REGISTER_IDS["rip"], self._cell_pointer)
        return self._cell.value

    def _read_id(self, register: int) -> int:
        self._cell.value = 0
        self._ok(self._read(self._uc, register, self._cell_pointer))
        return self._cell.value

    def write(self, name: str, value: int) -> None:
        """Set one general, pointer, flags, base or control register."""
        if name == "kernel_gs_base":
            self.write_msr(MSR_KERNEL_GS_BASE, value)
        else:
            self._write_id(_REGISTER_IDS[name], value)

    def _write_id(self, register: int, value: int) -> None:
        self._cell.value = value
        self._ok(self._write(self._uc, register, self._cell_pointer))

    def read_bytes(self, register: int, size: int) -> bytes:
        """A register by Unicorn's number, as the bytes that it fills."""
        cell = ctypes.create_string_buffer(16)
        self._ok(self._lib.uc_reg_read(self._uc, register, cell))
        return cell.raw[:size]

    def write_bytes(self, register: int, value: bytes) -> None:
        """Set a register by Unicorn's number."""
        cell = ctypes.create_string_buffer(value.ljust(16, b"\0"), 16)
        self._ok(self._lib.uc_reg_write(self._uc, register, cell))

    def write_msr(self, number: int, value: int) -> None:
        """Set a model-specific register."""
        self._ok(self._lib.uc_reg_write(self._uc, _REGISTER_MSR, ctypes.byref(_Msr(number, value))))

    def read_msr(self, number: int) -> int:
        """A model-specific register's value."""
        cell = _Msr(number, 0)
        self._ok(self._lib.uc_reg_read(self._uc, _REGISTER_MSR, ctypes.byref(cell)))
        return int(cell.value)

    def set_tables(
        self, gdt: tuple[int, int], idt: tuple[int, int], task: tuple[int, int, int]
    ) -> None:
        """Load GDTR and IDTR (base, limit) and TR (selector, base, limit)."""
        for register, (selector, base, limit, flags) in (
            (_REGISTER_GDTR, (0, *gdt, 0)),
            (_REGISTER_IDTR, (0, *idt, 0)),
            (_REGISTER_TR, (*task, 0x8B00)),
        ):
            cell = _Table(selector, base, limit, flags)
            self._ok(self._lib.uc_reg_write(self._uc, register, ctypes.byref(cell)))

    def enter_long_mode(self, cr3: int) -> None:
        """Turn on paging with the tables at `cr3`: PAE, NX, SSE, write protection in ring 0."""
        self._write_id(_REGISTER_IDS["cr3"], cr3)
        self._write_id(_REGISTER_CR4, 0x620)
        self.write_msr(MSR_EFER, 0xD01)
        self._write_id(_REGISTER_CR0, 0x8001_0033)

    @property
    def engine(self) -> int:
        """Address of Unicorn's engine structure (for calibration)."""
        return self._uc

    def plant(self, values: Sequence[int]) -> None:
        """Put `values` into the general registers, in the order QEMU keeps them."""
        for name, value in zip(_QEMU_ORDER, values, strict=True):
            self.write(name, value)

    # running

    def raw_run(self, pc: int, count: int) -> None:
        """Run from `pc` and look at nothing (for calibration)."""
        self._start(self._uc, pc, _NO_UNTIL, 0, count)

    def run(self, pc: int, count: int) -> int:
        """Run at most `count` instructions from `pc`; how many completed.

        `event` says what ended it early. A faulting instruction does not count; `syscall`,
        `int n` and each iteration of a repeated string instruction do.
        """
        self._event = None
        status = self._start(self._uc, pc, _NO_UNTIL, 0, count)
        counted: int = self._counter.value
        if status or self._event is not None or counted <= count:
            return self._ended_early(counted, count, status)
        return count

    @property
    def event(self) -> Event | None:
        """What ended the last run before its count was used up."""
        return self._event

    def instruction_size(self, pc: int) -> int:
        """Bytes of the instruction at `pc`, which is not run; absurd where it is none."""
        sizes: list[int] = []

        def measure(_uc: int, _address: int, size: int, _data: int) -> None:
            sizes.append(size)
            self._stop(self._uc)

        function = lib.CODE_CALLBACK(measure)
        handle = self._hook(lib.HOOK_CODE, function, pc, pc)
        self._start(self._uc, pc, _NO_UNTIL, 0, 1)
        self._unhook(handle)
        return sizes[0] if sizes else 0

    def _ended_early(self, counted: int, count: int, status: int) -> int:
        if self._event is Event.EXCEPTION:
            return self._examine_exception(counted)
        if self._event is Event.BREAK:
            return counted - 1
        if self._event is Event.WATCH:
            return min(counted, self._limit.value)
        if self._event is not None:
            return min(counted, count)
        if counted or status:
            self._event = Event.HALT
        return counted

    def _examine_exception(self, counted: int) -> int:
        if self._undo is not None:
            return self._undo_port_access()
        where = self._offsets
        context = self._save_context()
        (error,) = struct.unpack_from("<i", context, where.error_code)
        (software,) = struct.unpack_from("<i", context, where.is_interrupt)
        (address,) = struct.unpack_from("<Q", context, where.registers + offsets.CR2)
        self._forget_exception(context)
        vector = self._vector
        if vector not in (8, 10, 11, 12, 13, 14, 17) or software:
            error = 0
        trap = bool(software) or vector == _DEBUG
        self.exception = CpuException(vector, error, bool(software), address, trap)
        return counted if trap or self._was_fetch(vector, error) else counted - 1

    def _undo_port_access(self) -> int:
        for name, value in (self._undo or {}).items():
            self.write(name, value)
        self._undo = None
        self.exception = CpuException(_GENERAL_PROTECTION, 0, False, self.read("cr2"), False)
        return self._limit.value - 1

    def _forget_exception(self, context: "ctypes.Array[ctypes.c_char]") -> None:
        """Or the next fault would be taken for one met while delivering this one."""
        struct.pack_into("<i", context, self._offsets.old_exception, -1)
        self._load_context()

    def _was_fetch(self, vector: int, error: int) -> bool:
        """The instruction could not even be fetched, so nobody counted it."""
        if vector == _PAGE_FAULT:
            return bool(error & _FETCH)
        return vector == _GENERAL_PROTECTION and self.read("rip") >> 47 not in (0, 0x1FFFF)

    def set_breaks(self, addresses: Iterable[int], hit: Callable[[int, int], bool]) -> None:
        """Call `hit(address, count)` before the instructions at `addresses`; True ends the run.

        `count` is the number of instructions completed in this run. The very first instruction
        of a run does not hit.
        """
        self._hit = hit
        wanted = frozenset(addresses)
        for address in [address for address in self._breaks if address not in wanted]:
            self._unhook(self._breaks.pop(address))
        function = self._break_callback
        for address in wanted.difference(self._breaks):
            self._breaks[address] = self._hook(lib.HOOK_CODE, function, address, address)

    def _on_break(self, _uc: int, address: int, _size: int, _data: int) -> None:
        done = self._counter.value - 1
        if done and self._event is None and self._hit(address, done):
            self._event = Event.BREAK
            self._stop(self._uc)

    def set_watches(
        self, ranges: Iterable[tuple[int, int, bool, bool]], hit: Callable[[int], bool]
    ) -> None:
        """Call `hit(count)` at accesses to physical ranges; True ends the run after them.

        Each range is (address, size, on read, on write); `count` includes the accessing
        instruction.
        """
        self._watch_hit = hit
        wanted = frozenset(ranges)
        if wanted == self._watched:
            return
        self._watched = wanted
        for handle in self._watches:
            self._unhook(handle)
        self._watches = [
            self._hook(
                lib.HOOK_MEMORY_READ * on_read | lib.HOOK_MEMORY_WRITE * on_write,
                self._access_callback,
                address,
                address + size - 1,
            )
            for address, size, on_read, on_write in sorted(wanted)
        ]
        self.flush_blocks()

    def _on_access(
        self, _uc: int, _kind: int, _address: int, _size: int, _value: int, _data: int
    ) -> None:
        # Stopping here would leave RIP behind; so the run is given its end instead.
        if self._event is None and self._watch_hit(self._counter.value):
            self._event = Event.WATCH
            self._limit.value = self._counter.value

    def _unhook(self, handle: int) -> None:
        """Unicorn looks up what was hooked, and at CPL 3 faults in silence on a kernel address."""
        self._ok(self._lib.uc_hook_del(self._uc, handle))
        self._forget_exception(self._save_context())

    def flush_blocks(self) -> None:
        """Forget translated code: needed after a write to code that the CPU did not do itself."""
        self._control(lib.CTL_FLUSH_BLOCKS)

    def flush_translations(self) -> None:
        """Forget cached address translations: needed after a change of page tables."""
        self._write_id(_REGISTER_IDS["cr3"], self.read("cr3"))

    def _control(self, kind: int, *arguments: object) -> None:
        self._ok(self._lib.uc_ctl(self._uc, lib.control(kind, len(arguments)), *arguments))

    # hooks

    def _hook(self, kind: int, function: object, begin: int, end: int, *extra: c_int) -> int:
        handle = c_size_t()
        pointer = ctypes.cast(function, c_void_p)  # type: ignore[arg-type]
        self._ok(
            self._lib.uc_hook_add(
                self._uc, ctypes.byref(handle), kind, pointer, None, begin, end, *extra
            )
        )
        return handle.value

    def _keep_hook(self, kind: int, function: object, begin: int, end: int, *extra: c_int) -> None:
        self._callbacks.append(function)
        self._hook(kind, function, begin, end, *extra)

    def _prepare_hooks(self) -> None:
        everywhere = (1, 0)
        self._control(lib.CTL_USE_EXITS, c_int(1))
        self._keep_hook(lib.HOOK_INTERRUPT, lib.INTERRUPT_CALLBACK(self._on_interrupt), *everywhere)
        self._keep_hook(
            lib.HOOK_INVALID_INSTRUCTION, lib.INVALID_CALLBACK(self._on_invalid), *everywhere
        )
        for instruction, function in (
            (_INSTRUCTION_SYSCALL, lib.SYSCALL_CALLBACK(self._on_syscall)),
            (_INSTRUCTION_RDTSC, lib.SKIP_CALLBACK(self._on_time_stamp)),
            (_INSTRUCTION_RDTSCP, lib.SKIP_CALLBACK(self._on_time_stamp)),
            (_INSTRUCTION_IN, lib.IN_CALLBACK(self._on_in)),
            (_INSTRUCTION_OUT, lib.OUT_CALLBACK(self._on_out)),
        ):
            self._keep_hook(lib.HOOK_INSTRUCTION, function, *everywhere, c_int(instruction))
        # With a second code hook, translated code asks the list of hooks each time, so breaks
        # added later are seen without a flush. No instruction lies at this address.
        self._keep_hook(lib.HOOK_CODE, lib.CODE_CALLBACK(lambda *_: None), _NO_UNTIL, _NO_UNTIL)

    def _on_interrupt(self, _uc: int, vector: int, _data: int) -> None:
        if self._undo is not None:
            return
        self._event = Event.EXCEPTION
        self._vector = vector
        self._stop(self._uc)

    def _on_invalid(self, _uc: int, _data: int) -> bool:
        self._event = Event.EXCEPTION
        self._vector = _INVALID_OPCODE
        self._stop(self._uc)
        return True

    def _on_syscall(self, _uc: int, _data: int) -> None:
        self._event = Event.SYSCALL
        self._stop(self._uc)

    def _on_time_stamp(self, _uc: int, _data: int) -> int:
        stamp = self._clock(self._counter.value)
        self._write_id(_REGISTER_IDS["rax"], stamp & 0xFFFF_FFFF)
        self._write_id(_REGISTER_IDS["rdx"], stamp >> 32 & 0xFFFF_FFFF)
        return 1

    def _on_in(self, _uc: int, _port: int, _size: int, _data: int) -> int:
        self._forbid_ports()
        return 0xFFFF_FFFF

    def _on_out(self, _uc: int, _port: int, _size: int, _value: int, _data: int) -> None:
        self._forbid_ports()

    def _forbid_ports(self) -> None:
        """Unicorn lets ring 3 use I/O ports: let the instruction end, then make it a #GP."""
        if self.read("cs") & 3:
            self._undo = {name: self.read(name) for name in _USED_BY_PORTS}
            self._event = Event.EXCEPTION
            self._vector = _GENERAL_PROTECTION
            self._limit.value = self._counter.value

    # contexts

    def _prepare_context(self) -> None:
        pointer = c_void_p()
        self._ok(self._lib.uc_context_alloc(self._uc, ctypes.byref(pointer)))
        self._context = pointer.value or 0
        size = self._lib.uc_context_size(self._uc)
        self._context_bytes: ctypes.Array[ctypes.c_char] = (ctypes.c_char * size).from_address(
            self._context
        )

    def _save_context(self) -> "ctypes.Array[ctypes.c_char]":
        self._ok(self._lib.uc_context_save(self._uc, self._context))
        return self._context_bytes

    def _load_context(self) -> None:
        self._ok(self._lib.uc_context_restore(self._uc, self._context))

    def save(self) -> bytes:
        """Everything about the CPU but memory, as a value for `restore`."""
        return self._save_context().raw

    def restore(self, saved: bytes) -> None:
        """Take on a saved state; translations of addresses are forgotten."""
        ctypes.memmove(self._context, saved, len(saved))
        self._load_context()
        self.flush_translations()

    def set_privilege(self, level: int, cs: int, ss: int, code64: bool = True) -> None:
        """Become ring `level` with the selectors `cs` and `ss`, flat descriptors behind them."""
        where = self._offsets
        context = self._save_context()
        (hflags,) = struct.unpack_from("<I", context, where.hflags)
        struct.pack_into("<I", context, where.hflags, _hidden_flags(hflags, level, code64))
        kind = _CODE_64 if code64 else _CODE_32
        for at, selector, flags in ((where.cs, cs, kind), (where.ss, ss, _DATA)):
            cell = (selector, 0, 0xFFFF_FFFF, flags | level << 13)
            struct.pack_into("<IxxxxQII", context, at, *cell)
        self._load_context()

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
        if self._uc:
            self._lib.uc_context_free(self._context)
            self._lib.uc_close(self._uc)
            self._uc = 0
            del self._context_bytes, self._pin, self._counter, self._limit
            self.memory.close()

    def _ok(self, status: int) -> None:
        if status:
            raise RuntimeError(self._lib.uc_strerror(status).decode())


def _never(*_: int) -> bool:
    return False


# Descriptor attributes as QEMU caches them: the descriptor's second word (SDM vol. 3, 3.4.5).
_CODE_64 = 0x00AF_9B00
_CODE_32 = 0x00CF_9B00
_DATA = 0x00CF_9300
# hflags (target/i386/cpu.h): CPL 0-1, CS32 4, SS32 5, ADDSEG 6, LMA 14, CS64 15.
_HF_CPL, _HF_CS32, _HF_SS32, _HF_CS64 = 3, 1 << 4, 1 << 5, 1 << 15


def _hidden_flags(hflags: int, level: int, code64: bool) -> int:
    kept = hflags & ~(_HF_CPL | _HF_CS32 | _HF_SS32 | _HF_CS64)
    return kept | level | _HF_CS32 | _HF_SS32 | (_HF_CS64 if code64 else 0)
