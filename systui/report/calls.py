"""Which calls a recording holds, found in one cheap pass over its stops."""

from typing import NamedTuple

from systui.model.call import Phase
from systui.session.debugger import Debugger


class Recorded(NamedTuple):
    """The stops of one call."""

    first: int
    """Position of its first stop: where the program made it, if that was recorded."""
    stops: int
    """Recorded stops inside the kernel."""
    whole: bool
    """It was recorded from its entry on."""
    pid: int


def recorded(debugger: Debugger) -> list[Recorded]:
    """All calls, in the order of their first stops; leaves `debugger` at the last stop."""
    found: dict[tuple[int, int], Recorded] = {}
    midway: dict[int, int] = {}
    before = -1
    while debugger.stop.position != before:
        before, pid = debugger.stop.position, debugger.stop.task.pid
        if debugger.phase is Phase.USER:
            midway.pop(pid, None)
        elif debugger.in_call:
            made = debugger.made_at
            first = midway.setdefault(pid, before) if made is None else made
            known = found.get((pid, first), Recorded(first, 0, made is not None, pid))
            found[pid, first] = known._replace(stops=known.stops + 1)
        debugger.step()
    return sorted(found.values())


def best(calls: list[Recorded]) -> Recorded | None:
    """The one with the most stops, sooner one that was recorded from its entry on."""
    return max(calls, key=lambda call: (call.whole, call.stops, -call.first), default=None)
