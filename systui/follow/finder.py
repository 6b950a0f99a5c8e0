"""Coming to a wanted call without knowing the program: at full speed to its way in.

The entry's first instruction is where every call of an ABI passes with its number still in the
register. A target that can filter stops by a register is not held up there by other calls.
"""

from collections.abc import Callable

from systui.follow.call import NUMBER_MASK, CallSpec
from systui.follow.outcome import Ending, WalkEndedError
from systui.model.call import Phase
from systui.model.errors import BadInputError
from systui.model.stop import Reason, Stop
from systui.session.debugger import Debugger
from systui.target.protocol import Capability, RegisterIs
from systui.words import _, plural

Check = Callable[[], None]
"""Looks at the stop stood at; raises WalkEndedError where every way ends."""


class Search:
    """Looks for `call`, counted from where the debugger stands.

    `check` looks at each stop and raises WalkEndedError where the way must end; `run` may be
    called again then, and goes on counting. BadInputError where this kernel has no such way in.
    """

    def __init__(self, debugger: Debugger, call: CallSpec, check: Check) -> None:
        if not entries_of(debugger, call):
            raise BadInputError(
                _("call {call}: the way in through {abi} cannot be followed on this kernel").format(
                    call=call, abi=call.abi
                )
            )
        self._debugger = debugger
        self._call = call
        self._check = check
        self._seen = 0

    def run(self) -> bool:
        """Stand at the user's instruction of the call; True: it is seen from its beginning.

        Where the target cannot go back over that instruction: at the first one of the kernel's.
        """
        debugger, call = self._debugger, self._call
        if not self._seen and _at(debugger, "user_syscall") and _matches(debugger, call):
            self._seen = 1
            if self._seen == call.occurrence:
                return True
            debugger.step()
        try:
            while self._seen < call.occurrence:
                _to_matching(debugger, call, self._check)
                self._seen += 1
        except WalkEndedError as end:
            raise WalkEndedError(end.ending, _counted(end.reason, self._seen)) from end
        back_to_user(debugger)
        return True


def _counted(reason: str, seen: int) -> str:
    if not seen:
        return reason
    return plural(
        "{reason}, after it had come {count} time",
        "{reason}, after it had come {count} times",
        seen,
    ).format(reason=reason, count=seen)


def _to_matching(debugger: Debugger, call: CallSpec, check: Check) -> None:
    """To the kernel's first instruction of the next call that `call` means."""
    quick = Capability.FILTER in debugger.target.capabilities and call.selector is None
    if quick and debugger.phase in {Phase.USER, Phase.ENTRY}:
        only = RegisterIs(debugger.kernel.arch.syscall.number, call.number, NUMBER_MASK)
        entries = entries_of(debugger, call)
        _run(debugger, entries, lambda: debugger.run_filtered(entries, only), check)
        if not _matches(debugger, call):
            raise WalkEndedError(Ending.STOPPED, _("a breakpoint was reached first"))
        return
    to_entry(debugger, check)
    while not _matches(debugger, call):
        to_entry(debugger, check)


def entries_of(debugger: Debugger, call: CallSpec) -> frozenset[int]:
    """Where calls such as `call` arrive; empty where this kernel has no such way in."""
    return debugger.kernel.path.entries_of("64" if call.abi == "x32" else call.abi)


def to_entry(debugger: Debugger, check: Check) -> None:
    """At full speed to the first kernel instruction of the next call."""
    entries = frozenset(debugger.kernel.path.entries)
    _run(debugger, entries, lambda: debugger.run_to(entries), check)


def _run(
    debugger: Debugger, entries: frozenset[int], move: Callable[[], Stop], check: Check
) -> None:
    """Have `move` run to one of `entries`, through whatever is no reason to stop."""
    if not entries:
        raise WalkEndedError(
            Ending.NEVER_CAME, _("this kernel image has no entry point that systui knows")
        )
    while True:
        stop = move()
        check()
        if stop.pc in entries:
            return
        if stop.reason is Reason.BREAKPOINT:
            raise WalkEndedError(Ending.STOPPED, _("a breakpoint was reached first"))


def back_to_user(debugger: Debugger) -> None:
    """From the kernel's first instruction to the user's that led there, where that can be."""
    if Capability.BACKWARD in debugger.target.capabilities and not debugger.stop.leap:
        debugger.step_back()


def _at(debugger: Debugger, name: str) -> bool:
    here = debugger.landmark
    return here is not None and here.name == name


def _matches(debugger: Debugger, call: CallSpec) -> bool:
    convention = debugger.convention
    registers = debugger.target.registers()
    number, first = (registers.get(each) for each in (convention.number, convention.arguments[0]))
    return number is not None and call.matches(convention.abi, number, first)
