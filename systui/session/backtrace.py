"""The frames of a stop: who called what runs there, through the kernel and back into the program.

A frame's caller is told by call frame information where the image has it, else by following the
function's code, else by the frame pointer. Kernel frames end at the entry code, whose caller is
the program: its registers are those that the way in has kept.
"""

from collections.abc import Mapping
from typing import NamedTuple

from systui.kernel.values import Pointer, State
from systui.kernel.walk import Rules, returned, walk
from systui.model.code import Location
from systui.model.operation import Flow
from systui.session.tracker import Tracker

_MOST = 64
"""Frames told of: deeper ones are those of a recursion."""
_RING = 3
_LONGEST_CALL = 8
_HERE, _CFI, _CODE, _POINTER, _FRAME = "here", "cfi", "code", "frame pointer", "pt_regs"


class CallFrame(NamedTuple):
    """One frame."""

    number: int
    """0 for what runs at the stop."""
    location: Location
    """Of the instruction that runs next in it, with the line of the call where it has called."""
    registers: Mapping[str, int]
    """As it will have them back; absent: not known."""
    how: str
    """How it was found: `here`, `cfi`, `code`, `frame pointer` or `pt_regs`."""

    @property
    def in_kernel(self) -> bool:
        """Whether it is a frame of the kernel."""
        return not self.registers.get("cs", 0) & _RING


class _Caller(NamedTuple):
    registers: dict[str, int]
    how: str
    called: bool = True
    """The frame's pc is where a call returns to, else where it was interrupted."""


class Backtrace:
    """Works out the frames of a tracker's stop."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._arch = tracker.kernel.arch
        self._ways = list(tracker.track.ways)

    def frames(self) -> list[CallFrame]:
        """All frames, innermost first."""
        registers = dict(self._tracker.values)
        caller: _Caller | None = _Caller(registers, _HERE, called=False)
        frames: list[CallFrame] = []
        while caller is not None and len(frames) < _MOST:
            pc = caller.registers[self._arch.pc]
            frames.append(
                CallFrame(
                    len(frames), self._location(pc, caller.called), caller.registers, caller.how
                )
            )
            caller = self._caller(caller)
        return frames

    def _location(self, pc: int, called: bool) -> Location:
        here = self._tracker.locate(pc)
        if not called:
            return here
        call = self._tracker.locate(pc - 1)  # the call may be its function's last instruction
        symbol, offset = (here.symbol, here.offset)
        if call.symbol != here.symbol:
            symbol, offset = call.symbol, call.offset + 1
        return Location(pc, symbol, offset, call.source)

    def _caller(self, frame: _Caller) -> _Caller | None:
        values = frame.registers
        pc = values[self._arch.pc]
        kernel = not values["cs"] & _RING
        if kernel and pc in self._tracker.path.entry_text:
            return self._interrupted(values)
        lookup = pc - 1 if frame.called else pc
        found = self._by_cfi(values, lookup) or self._by_code(values, pc)
        if found is None:
            found = self._by_pointer(values)
        return found if found is not None and self._sane(found, values) else None

    def _sane(self, found: _Caller, values: Mapping[str, int]) -> bool:
        """The stack goes up, and what called can be code of the same half."""
        arch, now = self._arch, found.registers
        same = (now[arch.pc] >= arch.kernel_start) == (values[arch.pc] >= arch.kernel_start)
        return now[arch.pc] != 0 and same and now[arch.sp] > values[arch.sp]

    # --- from the kernel to what it was entered from -----------------------------------------

    def _interrupted(self, values: Mapping[str, int]) -> _Caller | None:
        """What the innermost way that is still open came from."""
        if not self._ways:
            return None
        way = self._ways.pop()
        registers = {**values, **way.before}
        if self._arch.pc not in way.before:
            layout = self._arch.pt_regs
            raw = None if way.frame is None else self._tracker.read(way.frame, layout.size)
            if raw is None or "ip" not in way.slots:
                return None
            for field, register in layout.registers:
                if field in way.slots and field != "orig_ax":
                    offset = layout.offsets[field]
                    registers[register] = int.from_bytes(
                        raw[offset : offset + layout.word], "little"
                    )
            registers["cs"] &= 0xFFFF
        return _Caller(registers, _FRAME, called=way.syscall)

    # --- from a function to its caller -------------------------------------------------------

    def _by_cfi(self, values: Mapping[str, int], lookup: int) -> _Caller | None:
        kernel = lookup >= self._arch.kernel_start
        view = self._tracker.kernel if kernel else self._tracker.program
        rules = None if view is None else view.frames.rules(lookup - view.slide)
        if rules is None:
            return None
        names = self._arch.dwarf_registers
        base = values.get(names[rules.register]) if rules.register < len(names) else None
        place = rules.saved.get(rules.returns)
        if base is None or place is None or place.offset is None:
            return None
        top = base + rules.offset
        registers = dict(values)
        for number, rule in rules.saved.items():
            name = self._arch.pc if number == rules.returns else None
            if name is None and number < len(names):
                name = names[number]
            word = None if rule.offset is None else self._word(top + rule.offset)
            if name is None:
                continue
            if word is None:
                registers.pop(name, None)
            else:
                registers[name] = word
        if self._arch.pc not in registers:
            return None
        registers[self._arch.sp] = top
        return _Caller(registers, _CFI)

    def _by_code(self, values: Mapping[str, int], pc: int) -> _Caller | None:
        arch = self._arch
        slot = return_slot(self._tracker, pc, values[arch.sp])
        word = None if slot is None else self._word(slot)
        if slot is None or word is None:
            return None
        return _Caller({**self._kept(values), arch.pc: word, arch.sp: slot + arch.word}, _CODE)

    def _by_pointer(self, values: Mapping[str, int]) -> _Caller | None:
        """The frame pointer as the head of a list: a guess, so it must lead behind a call."""
        arch = self._arch
        pointer = arch.holder["bp"]
        base = values.get(pointer, 0)
        if not 0 <= base - values[arch.sp] < 1 << 20 or base % arch.word:
            return None
        before, pc = self._word(base), self._word(base + arch.word)
        if before is None or pc is None or not self._follows_a_call(pc):
            return None
        top = base + 2 * arch.word
        return _Caller({**self._kept(values), arch.pc: pc, arch.sp: top, pointer: before}, _POINTER)

    def _kept(self, values: Mapping[str, int]) -> dict[str, int]:
        """What a caller is known to have too: not what its callee may have saved somewhere."""
        general = self._arch.general
        return {name: value for name, value in values.items() if name not in general}

    def _follows_a_call(self, address: int) -> bool:
        for size in range(2, _LONGEST_CALL):
            operation = self._tracker.operation(address - size)
            if (
                operation is not None
                and operation.flow is Flow.CALL
                and operation.instruction.end == address
            ):
                return True
        return False

    def _word(self, address: int) -> int | None:
        data = self._tracker.read(address & self._arch.mask, self._arch.word)
        return None if data is None else int.from_bytes(data, "little")


def return_slot(tracker: Tracker, pc: int, sp: int) -> int | None:
    """Where the return address of the function at `pc` lies, with the stack pointer at `sp`.

    Told by following the function's code from its start to pc; None where that tells nothing.
    """
    location = tracker.locate(pc)
    if location.symbol is None:
        return None
    arch = tracker.arch
    state = State({arch.sp: Pointer(0, 0)}, {}, arch=arch)
    way = walk(tracker.listing_at(pc), [(pc - location.offset, state)], Rules(call=returned))
    here = way.states.get(pc)
    top = None if here is None else here.top
    if not isinstance(top, Pointer) or top.base != 0:
        return None
    return sp - top.offset
