"""Without a screen: run a program to its end, or walk a script and print the trace."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from systui.follow.call import CallSpec
from systui.follow.outcome import Ending, Outcome
from systui.follow.runner import run
from systui.follow.script import Pace, Script
from systui.model.snapshot import Snapshot
from systui.model.stop import Channel, Output, Reason, Stop
from systui.present.ending import ending
from systui.session.debugger import Debugger
from systui.words import _

if TYPE_CHECKING:
    from systui.session.calls import Event

STATUS_FAILED = 1
STATUS_INTERRUPTED = 130
"""As a shell reports a program that SIGINT ended: 128 + 2."""

_LEFT = {
    *(Reason.EXIT, Reason.BLOCKED, Reason.LIMIT, Reason.OOPS),
    *(Reason.INTERRUPTED, Reason.END_OF_RECORDING),
}
"""Reasons after which the program does not go on by itself."""


_GOES_ON = {Ending.WALKED, Ending.UNEXPECTED}
"""Endings of a walk after which the program runs on."""


class Printer(Protocol):
    """What a trace is written with: text, or JSON lines."""

    def stop(self, snapshot: Snapshot, note: str | None) -> None:
        """One stop of the walk."""

    def output(self, output: Output) -> None:
        """Something that the program wrote."""

    def walked(self) -> None:
        """The walk is over; the program runs on."""

    def end(self, stop: Stop, words: str) -> None:
        """The program stands for good; `words` say how it ended, if it did."""


class Route(NamedTuple):
    """What is to be walked, and which stops are to be shown."""

    script: Script
    call: CallSpec | None
    pace: Pace | None
    to_the_end: bool = True
    """Whether the program runs on after it: one that systui did not start goes its own way."""


class StandardInput:
    """systui's own standard input as the program's: what is piped in, or typed into a terminal."""

    def __init__(self) -> None:
        self.waiting = False
        """A read is under way, which may last."""
        self.interrupted = False
        """Nothing is to be waited for any more."""

    def __call__(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end, and where there is no standard input."""
        self.waiting = True
        if self.interrupted:
            raise KeyboardInterrupt
        try:
            return os.read(0, size)
        except OSError:
            return b""
        finally:
            self.waiting = False


def watch(debugger: Debugger, stdin: StandardInput, show: Callable[["Event"], None]) -> int:
    """Run the program to its end, its output unchanged, and have `show` told of each call."""
    from systui.session.calls import CallWatch

    debugger.target.subscribe(_copy)
    stop = debugger.stop
    with interruptible(debugger, stdin) as was_interrupted:
        for event in CallWatch(debugger.target, debugger.kernel).events():
            show(event)
            if isinstance(event, Stop):
                stop = event
    if stop.reason is Reason.EXIT and stop.exit_status is not None:
        return stop.exit_status
    return _standing(stop, was_interrupted())


def pass_through(debugger: Debugger, stdin: StandardInput) -> int:
    """Run the program to its end, its output unchanged; returns its exit status."""
    debugger.target.subscribe(_copy)
    with interruptible(debugger, stdin) as was_interrupted:
        stop = _to_the_end(debugger)
    if stop.reason is Reason.EXIT and stop.exit_status is not None:
        if stop.killed is not None:
            say(_ending(debugger, stop))
        return stop.exit_status
    return _standing(stop, was_interrupted())


def trace(debugger: Debugger, stdin: StandardInput, route: Route, printer: Printer) -> int:
    """Walk and print, then let the program run on to its end; returns systui's exit status."""
    debugger.target.subscribe(printer.output)
    debugger.shows_code = False  # a trace prints the instruction at pc alone
    with interruptible(debugger, stdin) as was_interrupted:
        outcome = run(
            debugger, route.script, route.call, printer.stop, was_interrupted, pace=route.pace
        )
        printer.walked()
        stop = outcome.stop
        others_live = outcome.ending is Ending.PROGRAM_ENDED and stop.reason is not Reason.EXIT
        if route.to_the_end and (others_live or outcome.ending in _GOES_ON):
            stop = _to_the_end(debugger)
        printer.end(stop, _ending(debugger, stop))
    if outcome.ending is Ending.WALKED and not route.to_the_end and not was_interrupted():
        return 0
    return _status(outcome, stop, was_interrupted())


def _status(outcome: Outcome, stop: Stop, interrupted: bool) -> int:
    if interrupted:
        say(_("interrupted"))
        return STATUS_INTERRUPTED
    if not outcome.walked:
        say(outcome.reason)
        return STATUS_FAILED
    if stop.reason is not Reason.EXIT:
        _standing(stop, interrupted)
    return 0


def _ending(debugger: Debugger, stop: Stop) -> str:
    place = None if stop.killed is None else stop.killed.pc
    if place is None:
        return ending(stop)
    return ending(stop, debugger.locate(place), debugger.instruction(place))


def _standing(stop: Stop, interrupted: bool) -> int:
    """The program stands but has not ended: say why."""
    if interrupted or stop.reason is Reason.INTERRUPTED:
        say(_("interrupted"))
        return STATUS_INTERRUPTED
    if stop.reason is Reason.BLOCKED:
        say(_("the program cannot go on: {what}").format(what=stop.detail))
    elif stop.reason is Reason.LIMIT:
        more = "--max-instructions, --max-memory"
        say(_("stopped: {what}; {options} allow more").format(what=stop.detail, options=more))
    else:
        say(_("stopped: {what}").format(what=stop.detail or stop.reason.value))
    return STATUS_FAILED


def _to_the_end(debugger: Debugger) -> Stop:
    stop = debugger.stop
    while stop.reason not in _LEFT or stop.goes_on:
        if stop.goes_on:
            say(stop.detail)
        stop = debugger.resume()
    return stop


def say(text: str) -> None:
    """One line of systui's own, on standard error."""
    print(f"systui: {text}", file=sys.stderr, flush=True)


def _copy(output: Output) -> None:
    descriptor = 2 if output.channel in (Channel.STDERR, Channel.DEBUGGER) else 1
    write_all(descriptor, output.data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`; BrokenPipeError when its reader went away."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def interruptible(debugger: Debugger, stdin: StandardInput) -> Iterator[Callable[[], bool]]:
    """While inside, Ctrl-C stops the target; a second one, or one while it reads, ends systui."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stdin.interrupted or stdin.waiting:
            raise KeyboardInterrupt
        stdin.interrupted = True
        debugger.interrupt()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: stdin.interrupted
    finally:
        signal.signal(signal.SIGINT, before)
