"""The phases of a call in words: what they are called, and what each is for."""

from systui.model.call import Phase, Syscall
from systui.model.snapshot import Snapshot
from systui.present.numbers import errno_text
from systui.words import _


def phase_name(phase: Phase) -> str:
    """What people call a phase."""
    return {
        Phase.USER: _("user"),
        Phase.ENTRY: _("entry"),
        Phase.DISPATCH: _("dispatch"),
        Phase.HANDLER: _("handler"),
        Phase.EXIT_WORK: _("exit work"),
        Phase.RESTORE: _("restore"),
    }[phase]


def phase_begins(snapshot: Snapshot) -> str:
    """What the phase that begins at this stop is for, in a sentence; empty where none begins."""
    if not snapshot.begins:
        return ""
    if snapshot.nested:
        return _nested(snapshot.phase)
    call = snapshot.call
    if snapshot.phase is Phase.USER:
        return _user(call)
    values = {
        "call": _("the call") if call is None else call.name,
        "number": "?" if call is None else call.number,
    }
    if "eip" in snapshot.registers.values and snapshot.phase in (Phase.ENTRY, Phase.RESTORE):
        return _purpose_32(snapshot.phase)
    if snapshot.phase is Phase.RESTORE and call is not None and call.abi != "64":
        return _(
            "The entry code gives the program its registers back out of pt_regs, and its stack, "
            "page table and gs base."
        )
    return _purpose(snapshot.phase).format(**values)


def _purpose_32(phase: Phase) -> str:
    if phase is Phase.ENTRY:
        return _(
            "The entry code saves the program's registers as pt_regs on the kernel's stack, and "
            "loads segments of the kernel's."
        )
    return _("The entry code gives the program its registers and segments back out of pt_regs.")


def _user(call: Syscall | None) -> str:
    if call is None or call.result is None:
        return _("The program runs.")
    return _("The program goes on; {call} gave it {result}.").format(
        call=call.name, result=errno_text(call.result, call.errno)
    )


def _nested(phase: Phase) -> str:
    match phase:
        case Phase.ENTRY:
            return _("A fault or an interrupt came in between; its way has phases of its own.")
        case Phase.DISPATCH | Phase.HANDLER:
            return _("The kernel deals with what came in between.")
        case Phase.EXIT_WORK:
            return _("It is dealt with; work that waits is done before the way back.")
    return _("The registers from before are given back, and what was interrupted goes on.")


def _purpose(phase: Phase) -> str:
    return {
        Phase.ENTRY: _(
            "The entry code changes over to the kernel's gs base, page table and stack, and saves "
            "the program's registers as pt_regs."
        ),
        Phase.DISPATCH: _("Number {number} is checked, and the handler of {call} is found by it."),
        Phase.HANDLER: _(
            "The handler does what {call} is for, with the arguments that it is given."
        ),
        Phase.EXIT_WORK: _(
            "The result goes into pt_regs.ax; work that waits (signals, another task's turn, "
            "tracing) is done before the way back."
        ),
        Phase.RESTORE: _(
            "The entry code decides between SYSRET and IRET and gives the program its registers "
            "back out of pt_regs, and its stack, page table and gs base."
        ),
    }[phase]
