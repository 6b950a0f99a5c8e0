"""Gates of a real kernel image: where its code is answered from outside, told by its symbols.

Each call goes through the image's own entry, dispatch and exit. Answered are a system call's
handler where dispatch itself calls it (`native` says which run as they are), the delivery of
signals, and the C code for faults of the program.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from systui.kernel.image import Image
from systui.kernel.spellings import SWITCHES, TABLES
from systui.kernel.syscalls import bundled
from systui.model.code import Symbol
from systui.services.ports import Blocked, DescriptorView
from systui.services.system import System
from systui.target.emulator.boot import Kernel
from systui.target.emulator.descriptors import Descriptors, find_table
from systui.target.emulator.flags import signal_pending
from systui.target.emulator.gates import (
    ARGUMENTS,
    COMPAT_ARGUMENTS,
    NATIVE,
    Answer,
    Call,
    Elsewhere,
    Frame,
    Gates,
    Native,
)
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.native import Asked, runs_natively
from systui.target.emulator.platform import PROTECTED_MODE
from systui.target.emulator.trouble import COMPAT_DISPATCHERS, DISPATCHERS

_SIGNALS = ("arch_do_signal_or_restart", "do_signal", "do_notify_resume")
_FAULTS = {
    0: ("exc_divide_error", "do_divide_error"),
    1: ("noist_exc_debug", "do_debug"),
    3: ("exc_int3", "do_int3"),
    4: ("exc_overflow", "do_overflow"),
    5: ("exc_bounds", "do_bounds"),
    6: ("exc_invalid_op", "do_invalid_op"),
    11: ("exc_segment_not_present", "do_segment_not_present"),
    12: ("exc_stack_segment", "do_stack_segment"),
    13: ("exc_general_protection", "do_general_protection"),
    14: ("exc_page_fault", "do_page_fault"),
    16: ("exc_coprocessor_error", "do_coprocessor_error"),
    17: ("exc_alignment_check", "do_alignment_check"),
    19: ("exc_simd_coprocessor_error", "do_simd_coprocessor_error"),
}
"""C functions behind the IDT's entries, by vector: arch/x86/kernel/traps.c, mm/fault.c."""
_TIMER = "sysvec_apic_timer_interrupt"
_FAULT_EXIT = "irqentry_exit_to_user_mode"
"""Where such a function ends that does the work on the way out itself (kernel/entry/common.c)."""
_EXIT_LOOP = "exit_to_user_mode_loop"
"""What is left of that where the compiler has put it into such functions."""
_MOST_HANDLERS = 1024
_USER_RING = 3
_NO_HANDLER = "sys_ni_syscall"
_HANDLER_PREFIXES = {64: "__x64_", 32: "__ia32_"}
_HANDLER = "sys_"
"""In the name of every handler, and of nothing else that picks one or is called on the way."""


class LinuxGates(Gates):
    """The gates of one real kernel, answered by one system."""

    catches_faults = True
    can_switch = False

    def __init__(
        self,
        kernel: Kernel,
        mmu: Mmu,
        system: System,
        native: frozenset[str],
        page_fault_address: Callable[[], int],
    ) -> None:
        """`native`: calls that run as they are whatever the rules say; then CR2's reader."""
        self._wanted = native
        super().__init__(kernel, mmu, system)
        self._image = kernel.image
        self._address = page_fault_address
        self._platform = kernel.platform
        self._frame = kernel.stack_top - kernel.platform.arch.pt_regs.size
        """Address of the pt_regs of the one task's call."""
        self._descriptors = Descriptors(mmu, find_table(kernel.image), kernel.scratch)
        self._signal_pending = signal_pending(kernel.image)
        self._fault_exit = kernel.address(_FAULT_EXIT)
        self._exits_inside = self._fault_exit is None and kernel.address(_EXIT_LOOP) is not None
        self.answers = dict(self._find())
        self.answers_timer = self._kernel.address(_TIMER) in self.answers

    def _find(self) -> Iterator[tuple[int, Answer]]:
        yield from self._handlers()
        for name in _SIGNALS:
            address = self._kernel.address(name)
            if address is not None:
                yield address, self._signal
                break
        # Behind the timer's entry is a clock that nobody started.
        timer = self._kernel.address(_TIMER)
        if timer is not None and (self._exits_inside or self._fault_exit is not None):
            yield timer, self._timer
        for vector, names in _FAULTS.items():
            for name in names:
                address = self._kernel.address(name)
                if address is not None:
                    yield address, partial(self._user_fault, vector)

    # system calls

    def _handlers(self) -> Iterator[tuple[int, Answer]]:
        every = (*handler_addresses(self._image), *compat_handler_addresses(self._image))
        for address in frozenset(every):
            place = self._image.locate(address)
            if place is not None and not place[0].name.endswith(_NO_HANDLER):
                yield address, partial(self._handler, bare_name(place[0].name))

    def _handler(self, name: str, call: Call) -> int | Blocked | Native:
        """Handlers without arguments are the same for both kinds of call: the caller decides."""
        caller = self._name(call.returns_to)
        compat = caller in COMPAT_DISPATCHERS or self._platform is PROTECTED_MODE
        if caller not in DISPATCHERS | COMPAT_DISPATCHERS:
            return NATIVE
        frame = Frame(self._mmu, self._frame)
        fields = COMPAT_ARGUMENTS if compat else ARGUMENTS
        arguments = tuple(frame.get(field) for field in fields)
        asked = Asked(arguments, self._system, self._descriptors.limit)
        wanted = name in self._wanted or runs_natively(name, asked)
        if wanted and not call.refused:
            return NATIVE._replace(name=name)
        return self._serve(frame, arguments, compat)

    def _name(self, address: int) -> str:
        place = self._image.locate(address)
        return "" if place is None else place[0].name

    # signals and faults

    def _user_fault(self, vector: int, call: Call) -> int | Elsewhere | Native:
        frame = Frame(self._mmu, call.arguments[0])
        if frame.get("cs") & _USER_RING != _USER_RING:
            return NATIVE
        error_code = call.arguments[1] & 0xFFFF_FFFF
        self._system.fault(vector, error_code, self._address(), frame)
        self.mirror()
        return self._left(frame)

    def _timer(self, call: Call) -> int | Elsewhere | Native:
        frame = Frame(self._mmu, call.arguments[0])
        if frame.get("cs") & _USER_RING != _USER_RING:
            return NATIVE
        return self._left(frame)

    def _left(self, frame: Frame) -> int | Elsewhere:
        """The end of a function that is left for user mode: the work on the way out is its own.

        Where the compiler has put that into the function, it is done from outside, too.
        """
        if self._fault_exit is not None:
            return Elsewhere(self._fault_exit)
        if self._exits_inside and self._system.signal_pending:
            self._system.deliver(frame)
            self.mirror()
        return 0

    def _show_descriptors(
        self, table: int, before: Mapping[int, DescriptorView], now: Mapping[int, DescriptorView]
    ) -> None:
        self._descriptors.show(before, now)


def handler_addresses(image: Image) -> list[int]:
    """Where the handlers of the calls of `image`'s own width begin, by its table or their names."""
    table = image.symbol(TABLES["64"])
    if table is not None:
        return _pointers(image, table.address, table.size)
    names = (row.entry for row in bundled(image.machine).rows if row.entry)
    symbols = (image.symbol(f"{_HANDLER_PREFIXES[image.bits]}{name}") for name in names)
    return [symbol.address for symbol in symbols if symbol is not None]


def compat_handler_addresses(image: Image) -> list[int]:
    """Where its handlers of 32-bit calls begin: by their table, else by the switch's own code."""
    table = image.symbol(TABLES["i386"])
    if table is not None:
        return _pointers(image, table.address, table.size)
    switch = image.symbol(SWITCHES["i386"])
    return [] if switch is None else _left_for(image, switch)


def _left_for(image: Image, function: Symbol) -> list[int]:
    """Functions that `function` ends by jumping to, or calls."""
    from systui.decode.disassembly import Disassembler

    code = image.read(function.address, function.size) or b""
    operations = Disassembler(image.bits).operations(function.address, code)
    found = []
    for target in {operation.instruction.target for operation in operations}:
        place = None if target is None else image.locate(target)
        if place is not None and place[1] == 0 and _HANDLER in place[0].name:
            found.append(place[0].address)
    return found


def _pointers(image: Image, address: int, size: int) -> list[int]:
    word = image.bits // 8
    size = min(size or word * _MOST_HANDLERS, word * _MOST_HANDLERS)
    data = image.read(address, size) or b""
    words = [int.from_bytes(data[at : at + word], "little") for at in range(0, len(data), word)]
    found = []
    for word in words:
        place = image.locate(word)
        if place is None or place[1] != 0:
            break
        found.append(word)
    return found


def bare_name(symbol: str) -> str:
    """`accept` for `__x64_sys_accept`, `sys_accept` and `SyS_accept`; `fstat` for `newfstat`."""
    name = symbol.lower().rpartition("sys_")[2]
    return name.removeprefix("new") if name in ("newfstat", "newstat", "newlstat") else name
