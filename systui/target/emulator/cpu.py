"""The CPU: Unicorn behind a small face. The only module that drives the library.

Counting is exact and free: `uc_emu_start(count=N)` installs Unicorn's own C hook that counts
instructions, and its counter is read back from the engine (see `offsets`). Runs always use a
count, so cached code always has that hook and running mixes with single-stepping without a flush.

Stops at addresses are single-address code hooks, compared in C. (Unicorn's "exits" are not used:
with any set, each run translates their addresses and leaves a page fault where one is unmapped.)
"""

import ctypes
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import c_int, c_size_t, c_uint64, c_void_p
from enum import Enum
from typing import NamedTuple

from systui.target.emulator import library as lib
from systui.target.emulator import offsets
from systui.target.emulator.calibration import calibrate
from systui.target.emulator.engine import Engine

_INSTRUCTION_RDTSC, _INSTRUCTION_RDTSCP, _INSTRUCTION_SYSCALL = 608, 609, 699
_INSTRUCTION_SYSENTER = 700
_INSTRUCTION_IN, _INSTRUCTION_OUT = 218, 500
_USED_BY_PORTS = ("rip", "rax", "rcx", "rsi", "rdi")
_KERNEL_HALF = 1 << 63
_NEAR = 64
"""Bytes between kernel addresses that share a hook."""
_MOST = 4
"""Ranges that are hooked in the kernel, at most."""
_NO_UNTIL = 0xFFFF_FFFF_FFFF_FFFF
_PAGE_FAULT, _GENERAL_PROTECTION, _DEBUG, _INVALID_OPCODE = 14, 13, 1, 6
_FETCH = 1 << 4
_NO_UNTIL = 0xFFFF_FFFF_FFFF_FFFF


class Event(Enum):
    """What ended a run before its count was used up."""

    SYSCALL = "syscall"
    """A `syscall` instruction ran; RIP is behind it, nothing else is done yet."""
    SYSENTER = "sysenter"
    """Likewise a `sysenter`."""
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


class Cpu(Engine):
    """An engine that runs: exactly so many instructions, or until something happens."""

    def __init__(self, memory_size: int, clock: Callable[[int], int]) -> None:
        """`memory_size`: bytes of RAM from physical 0; `clock`: nanoseconds at an instruction."""
        super().__init__(memory_size)
        self._clock = clock
        self._stop = self._lib.uc_emu_stop
        self._callbacks: list[object] = []
        self._breaks: dict[tuple[int, int], int] = {}
        self._wanted: frozenset[int] = frozenset()
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

    # running

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

    def run_alone(self, pc: int) -> int:
        """As `run` of one instruction, which is translated by itself."""
        self._inhibit_interrupts()
        return self.run(pc, 1)

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
        self._unhook((handle,))
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
        self._wanted = frozenset(addresses)
        ranges = set(_few(sorted(self._wanted)))
        unwanted = [each for each in self._breaks if each not in ranges]
        self._unhook(self._breaks.pop(each) for each in unwanted)
        function = self._break_callback
        for each in ranges.difference(self._breaks):
            self._breaks[each] = self._hook(lib.HOOK_CODE, function, *each)

    def _on_break(self, _uc: int, address: int, _size: int, _data: int) -> None:
        if address not in self._wanted or self._event is not None:
            return
        done = self._counter.value - 1
        if done and self._hit(address, done):
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
        self._unhook(self._watches)
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

    def _unhook(self, handles: Iterable[int]) -> None:
        """Take hooks away. Unicorn looks up what was hooked, and where user code's page tables
        lack it a page fault stays behind in the CPU: so its state is put back.
        """
        handles = list(handles)
        if handles:
            self._save_context()
            for handle in handles:
                self._ok(self._lib.uc_hook_del(self._uc, handle))
            self._load_context()

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
            (_INSTRUCTION_SYSENTER, lib.SYSCALL_CALLBACK(self._on_sysenter)),
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

    def _on_sysenter(self, _uc: int, _data: int) -> None:
        self._event = Event.SYSENTER
        self._stop(self._uc)

    def _on_time_stamp(self, _uc: int, _data: int) -> int:
        stamp = self._clock(self._counter.value)
        self.write("rax", stamp & 0xFFFF_FFFF)
        self.write("rdx", stamp >> 32 & 0xFFFF_FFFF)
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

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
        if self._uc:
            del self._counter, self._limit
        super().close()


def _never(*_: int) -> bool:
    return False


def _few(addresses: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges to hook for sorted `addresses`, in the kernel no more than a few.

    Each instruction of a run is compared with each: with a real kernel's hundreds of handlers the
    program would run at a hundredth of its pace.
    """
    near = _NEAR
    while True:
        ranges = list(_clustered(addresses, near))
        if near >= _KERNEL_HALF or sum(low >= _KERNEL_HALF for low, _high in ranges) <= _MOST:
            return ranges
        near *= 4


def _clustered(addresses: Sequence[int], near: int) -> Iterator[tuple[int, int]]:
    """Ranges that hold sorted `addresses`, those in the kernel at most `near` apart sharing one.

    Neighbours in the kernel share a range, although its other instructions then ask in vain:
    a call's way through the kernel is short, and what the program does between calls is not.
    """
    begin = end = None
    for address in addresses:
        if begin is not None and end is not None:
            if begin >= _KERNEL_HALF and address - end <= near:
                end = address
                continue
            yield begin, end
        begin = end = address
    if begin is not None and end is not None:
        yield begin, end
