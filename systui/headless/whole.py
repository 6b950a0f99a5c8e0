"""Printing every stop of a recording, one after the other."""

from systui.headless import Printer
from systui.model.stop import Reason
from systui.present.ending import ending
from systui.session.debugger import Debugger
from systui.target.recordable import Annotated

_ENDS = frozenset(
    (Reason.EXIT, Reason.OOPS, Reason.END_OF_RECORDING, Reason.INTERRUPTED, Reason.BLOCKED)
)


def print_all(debugger: Debugger, printer: Printer) -> int:
    """Print all stops from the present one on; returns systui's exit status."""
    target = debugger.target
    target.subscribe(printer.output)
    before: int | None = None
    while True:
        stop = debugger.stop
        if before == stop.position:
            break
        gap = before is not None and stop.position != before + 1
        note = target.noted(stop.position) if isinstance(target, Annotated) else ""
        printer.stop(debugger.snapshot(since=before if gap else None), note or None)
        if stop.reason in _ENDS:
            break
        before = stop.position
        debugger.step()
    printer.walked()
    printer.end(debugger.stop, ending(debugger.stop))
    return 0
