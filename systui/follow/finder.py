"""Coming to a wanted call without knowing the program: at full speed to its way in.

The entry's first instruction is where every call of an ABI passes with its number still in the
register. Looking there is cheap for a target that runs in this process; one that must not be
stopped at every call (a guest behind a gdbstub) needs another way, and gets it from here.
"""

from collections.abc import Callable

from systui.arch.spec import Architecture
from systui.follow.call import CallSpec
from systui.follow.outcome import Ending, WalkEndedError
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.target.protocol import Capability
from systui.words import _


def find(debugger: Debugger, call: CallSpec, check: Callable[[], None]) -> None:
    """Stand at the user's instruction of `call`, counted from here on.

    Where the target cannot go back over that instruction: at the first one of the kernel's.
    `check` looks at each stop and raises WalkEndedError where the way must end.
    """
    seen = 0
    if _at_wanted(debugger, call, "user_syscall"):
        seen = 1
        if seen == call.occurrence:
            return
        debugger.step()
    while True:
        to_entry(debugger, check)
        if _matches(debugger, call):
            seen += 1
            if seen == call.occurrence:
                break
        debugger.step()
        check()
    back_to_user(debugger)


def to_entry(debugger: Debugger, check: Callable[[], None]) -> None:
    """At full speed to the first kernel instruction of the next call."""
    entry = debugger.kernel.path.entry
    if entry is None:
        raise WalkEndedError(
            Ending.NEVER_CAME, _("this kernel image has no entry point that systui knows")
        )
    while True:
        debugger.run_to((entry,))
        check()
        if debugger.stop.pc == entry:
            return
        if debugger.stop.reason is Reason.BREAKPOINT:
            raise WalkEndedError(Ending.STOPPED, _("a breakpoint was reached first"))


def back_to_user(debugger: Debugger) -> None:
    """From the kernel's first instruction to the user's that led there, where that can be."""
    if Capability.BACKWARD in debugger.target.capabilities:
        debugger.step_back()


def _at_wanted(debugger: Debugger, call: CallSpec, landmark: str) -> bool:
    here = debugger.landmark
    return here is not None and here.name == landmark and _matches(debugger, call)


def _matches(debugger: Debugger, call: CallSpec) -> bool:
    convention = _arch(debugger).syscall
    number = debugger.target.registers().get(convention.number)
    return number is not None and call.matches(convention.abi, number)


def _arch(debugger: Debugger) -> Architecture:
    return debugger.kernel.arch
