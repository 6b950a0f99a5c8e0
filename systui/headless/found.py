"""Printing where a search comes true: of a whole execution, or of one call."""

from systui.follow.call import CallSpec
from systui.follow.finder import Search
from systui.follow.outcome import Ending, WalkEndedError
from systui.headless import (
    STATUS_FAILED,
    STATUS_INTERRUPTED,
    Printer,
    StandardInput,
    interruptible,
    say,
)
from systui.model.call import Phase
from systui.model.errors import NotFoundError
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.session.search import Query
from systui.words import _

_ENDS = frozenset((Reason.EXIT, Reason.BLOCKED, Reason.LIMIT, Reason.OOPS, Reason.INTERRUPTED))


def print_found(
    debugger: Debugger,
    stdin: StandardInput,
    query: Query,
    call: CallSpec | None,
    printer: Printer,
) -> int:
    """Print each stop from here on at which `query` came true; returns systui's exit status.

    With `call`: from the instruction that makes the call to the one that it returns to.
    """
    debugger.target.subscribe(printer.output)
    debugger.shows_code = False  # the instruction at pc alone is printed
    with interruptible(debugger, stdin) as was_interrupted:
        try:
            if call is not None:
                Search(debugger, call, lambda: _check(debugger)).run()
            count = _print_each(debugger, query, call is not None, printer)
        except WalkEndedError as error:
            say(error.reason)
            return STATUS_FAILED
        except NotFoundError as error:
            say(str(error))
            return STATUS_FAILED
    if was_interrupted():
        say(_("interrupted"))
        return STATUS_INTERRUPTED
    return 0 if count else STATUS_FAILED


def _print_each(debugger: Debugger, query: Query, to_return: bool, printer: Printer) -> int:
    """How many were printed; NotFoundError where there is none."""
    count, before = 0, debugger.stop.position
    while True:
        try:
            stop = debugger.search(query)
        except NotFoundError:
            if not count:
                raise
            return count
        if stop.reason is Reason.INTERRUPTED:
            return count
        printer.stop(debugger.snapshot(since=before), None)
        count, before = count + 1, stop.position
        if to_return and debugger.phase is Phase.USER:
            return count


def _check(debugger: Debugger) -> None:
    stop = debugger.stop
    if stop.reason in _ENDS and not stop.goes_on:
        raise WalkEndedError(Ending.NEVER_CAME, stop.detail or stop.reason.value)
