"""Which calls a recording holds, found in one cheap pass over its stops."""

from collections.abc import Sequence
from typing import NamedTuple

from systui.follow.call import CallSpec
from systui.kernel.view import KernelView
from systui.model.call import Made, Phase
from systui.model.errors import BadInputError
from systui.session.debugger import Debugger
from systui.words import _

_MOST_NAMED = 12


class Recorded(NamedTuple):
    """The stops of one call."""

    first: int
    """Position of its first stop: where the program made it, if that was recorded."""
    stops: int
    """Recorded stops inside the kernel."""
    pid: int
    made: Made

    @property
    def whole(self) -> bool:
        """It was recorded from its entry on."""
        return self.made.at is not None


def recorded(debugger: Debugger) -> list[Recorded]:
    """All calls, in the order of their first stops; leaves `debugger` at the last stop."""
    found: dict[tuple[int, int], Recorded] = {}
    midway: dict[int, int] = {}
    before = -1
    while debugger.stop.position != before:
        before, pid, made = debugger.stop.position, debugger.stop.task.pid, debugger.made
        if debugger.phase is Phase.USER:
            midway.pop(pid, None)
        elif made is not None:
            first = midway.setdefault(pid, before) if made.at is None else made.at
            known = found.get((pid, first), Recorded(first, 0, pid, made))
            found[pid, first] = known._replace(stops=known.stops + 1)
        debugger.step()
    return sorted(found.values(), key=lambda call: call.first)


def chosen(calls: Sequence[Recorded], wanted: CallSpec | None, kernel: KernelView) -> Recorded:
    """The call that is `wanted`, else the one with the most stops; BadInputError.

    Those that were recorded from their entry on come before others.
    """
    if not calls:
        raise BadInputError(_("no system call was recorded, so there is nothing to tell"))
    if wanted is None:
        return max(calls, key=lambda call: (call.whole, call.stops, -call.first))
    meant = [call for call in calls if _is(call.made, wanted)]
    meant.sort(key=lambda call: not call.whole)
    if len(meant) < wanted.occurrence:
        raise BadInputError(
            _("the recording does not hold {call}; it holds {others}").format(
                call=wanted, others=_names(calls, kernel)
            )
        )
    return meant[wanted.occurrence - 1]


def _is(made: Made, wanted: CallSpec) -> bool:
    return made.number is not None and wanted.matches(made.abi, made.number, made.first)


def _names(calls: Sequence[Recorded], kernel: KernelView) -> str:
    """What they are called, each once, as it may be asked for; of very many the first ones."""
    names = list(dict.fromkeys(_name(call.made, kernel) for call in calls))
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


def _name(made: Made, kernel: KernelView) -> str:
    if made.number is None:
        return "?"
    row = kernel.calls(made.abi).by_number(made.number)
    name = str(made.number) if row is None else row.name
    usual = "i386" if kernel.table.is_i386 else "64"
    return name if made.abi == usual else f"{made.abi}:{name}"
