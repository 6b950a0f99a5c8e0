"""What a script can say and check about a stop: the `{values}` of notes, the keys of `expect`."""

import re

from systui.arch import BY_NAME
from systui.arch.spec import Architecture
from systui.follow.script import Expectation
from systui.model.call import Phase
from systui.model.frame import Slot, Written
from systui.model.snapshot import Snapshot
from systui.words import _

_VALUE = re.compile(r"\{([^{}]*)\}")


def fill(note: str, snapshot: Snapshot) -> str:
    """`note` in the chosen language with the stop's values put in."""
    return _VALUE.sub(lambda match: _value(match[1], snapshot), _(note))


def broken(expectation: Expectation, snapshot: Snapshot) -> str | None:
    """What of `expectation` does not hold at this stop, in words; None when all of it does."""
    landmark = snapshot.landmark.name if snapshot.landmark else None
    wanted: list[tuple[str, str | int | None, str | int | None]] = [
        ("phase", expectation.phase and expectation.phase.value, snapshot.phase.value),
        ("landmark", expectation.landmark, landmark),
        ("symbol", expectation.symbol, _symbol(expectation.symbol, snapshot)),
    ]
    wanted += [
        (name, f"{value & _WORD:#x}", _hex(snapshot.registers.get(name)))
        for name, value in expectation.registers.items()
    ]
    wanted += [
        (f"pt_regs.{name}", f"{value & _WORD:#x}", _slot_text(_slot(name, snapshot)))
        for name, value in expectation.slots.items()
    ]
    wanted += [("result", expectation.result, _result(expectation.result, snapshot))]
    for name, want, found in wanted:
        if want is not None and want != found:
            return _("expected {name} {want}, found {found}").format(
                name=name, want=want, found=_("none") if found is None else found
            )
    for name in expectation.unwritten:
        slot = _slot(name, snapshot)
        if slot is not None and slot.written is Written.YES:
            return _("expected pt_regs.{name} not to be written yet").format(name=name)
    return None


_WORD = (1 << 64) - 1


def _symbol(wanted: str | None, snapshot: Snapshot) -> str | None:
    """The stop's symbol, with its offset only where one is wanted."""
    location = snapshot.location
    return location.name if wanted and "+" in wanted else location.symbol


def _result(wanted: str | int | None, snapshot: Snapshot) -> str | int | None:
    if snapshot.call is None:
        return None
    return snapshot.call.errno if isinstance(wanted, str) else snapshot.call.result


def _slot(name: str, snapshot: Snapshot) -> Slot | None:
    if snapshot.frame is None:
        return None
    return next((slot for slot in snapshot.frame.slots if slot.name == name), None)


def _slot_text(slot: Slot | None) -> str:
    if slot is None:
        return _("no frame")
    if slot.written is Written.NO:
        return _("not yet written")
    return _hex(slot.value)


def _hex(value: int | None) -> str:
    return _("unknown") if value is None else f"{value:#x}"


def _arch(snapshot: Snapshot) -> Architecture:
    """Whose registers the stop has."""
    return BY_NAME["i386" if "eax" in snapshot.registers.values else "x86_64"]


def _argument_registers(snapshot: Snapshot) -> tuple[str, ...]:
    """Where the call at hand has its arguments."""
    arch = _arch(snapshot)
    abi = arch.syscall.abi if snapshot.call is None else snapshot.call.abi
    return arch.convention(abi).arguments


def _as_called(register: str, snapshot: Snapshot) -> str:
    """What the program at hand calls a register: `eax` where it calls in 32 bits."""
    arch = _arch(snapshot)
    narrow = snapshot.call is not None and arch.convention(snapshot.call.abi).bits < arch.bits
    return f"e{register[1:]}" if narrow else register


def _passed(snapshot: Snapshot) -> str:
    """How the handler that begins here gets its arguments.

    It is given pt_regs' address, or finds them there (i386 before 4.17); or it is given them.
    """
    given = snapshot.registers.get("rdi")
    if snapshot.frame is None or given is None or given == snapshot.frame.address:
        return _("from pt_regs, not from the registers they came in")
    return _("in registers, as any C function does")


def _value(name: str, snapshot: Snapshot) -> str:
    if name.startswith("ptregs."):
        return _slot_text(_slot(name.removeprefix("ptregs."), snapshot))
    call, frame = snapshot.call, snapshot.frame
    match name:
        case "pc":
            return f"{snapshot.stop.pc:#x}"
        case "symbol":
            return snapshot.location.name
        case "phase":
            return snapshot.phase.value
        case "index":
            return str(snapshot.stop.position)
        case "stack":
            return snapshot.stack.kind.value
        case "frame":
            return _hex(frame.address if frame else None)
        case "accumulator":
            name = _arch(snapshot).syscall.result
            return _as_called(name, snapshot) if snapshot.phase is Phase.USER else name
        case "ax":
            return _hex(snapshot.registers.get(_arch(snapshot).syscall.result))
        case "stack_pointer":
            return _arch(snapshot).sp
        case "sp":
            return _hex(snapshot.registers.get(_arch(snapshot).sp))
        case "passed":
            return _passed(snapshot)
        case "arguments":
            return ", ".join(_as_called(each, snapshot) for each in _argument_registers(snapshot))
        case "nr":
            return _("unknown") if call is None else str(call.number)
        case "name":
            return _("unknown") if call is None else call.name
        case "result":
            if call is None or call.result is None:
                return _("unknown")
            return f"{call.result} {call.errno}" if call.errno else str(call.result)
    return _hex(snapshot.registers.get(name))
