"""Commands that move: gdb's words, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from systui.console.expression import evaluate
from systui.console.places import resolve
from systui.console.registry import Command
from systui.follow.call import CallSpec
from systui.model.errors import BadInputError
from systui.target.protocol import Direction
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line
    from systui.session.debugger import Debugger

_FORWARD, _BACKWARD = Direction.FORWARD, Direction.BACKWARD
_MOST = 1_000_000


def _count(console: Console, line: Line) -> int:
    """How often; 1 where nothing is said."""
    if not line.rest:
        return 1
    number = evaluate(line.rest, console.scope).number or 0
    if not 0 < number <= _MOST:
        raise BadInputError(_("a count from 1 to {most:,}").format(most=_MOST))
    return number


Move = Callable[["Debugger"], object]


def _counted(name: str, short: str, sentence: str, run: Move) -> Command:
    """A move that may be done several times."""

    def do(console: Console, line: Line) -> None:
        console.move(lambda: run(console.debugger), _count(console, line))

    group = _("Moving")
    return Command(name, tuple(short.split()), "[N]", sentence, do, group, repeats=True)


def _once(name: str, short: str, sentence: str, run: Move) -> Command:
    """A move that takes nothing after it."""

    def do(console: Console, line: Line) -> None:
        if line.rest:
            raise BadInputError(_("{name} takes nothing after it").format(name=name))
        console.move(lambda: run(console.debugger))

    return Command(name, tuple(short.split()), "", sentence, do, _("Moving"), repeats=True)


def _until(console: Console, line: Line) -> None:
    if line.rest:
        _advance(console, line)
        return
    debugger = console.debugger
    start = debugger.locate(debugger.stop.pc)

    def later() -> None:
        while True:
            position = debugger.stop.position
            debugger.over()
            here = debugger.locate(debugger.stop.pc)
            lines = here.source, start.source
            back = (
                here.symbol == start.symbol
                and None not in lines
                and lines[0] is not None
                and lines[1] is not None
                and lines[0].file == lines[1].file
                and lines[0].line <= lines[1].line
            )
            if not back or debugger.stop.position == position or console.has_stopped():
                return

    console.move(later)


def _advance(console: Console, line: Line) -> None:
    if not line.rest:
        raise BadInputError(_("advance to where? A symbol, an address, FILE:LINE"))
    spot = resolve(line.rest, console.debugger, console.scope)

    def there() -> None:
        while True:
            position = console.debugger.stop.position
            stop = console.debugger.run_to(spot.addresses)
            wrong = stop.pc in spot.addresses and spot.condition is not None
            if not wrong or spot.condition is None or spot.condition.holds():
                return
            if stop.position == position or console.should_stop():
                return

    console.move(there)


def _follow(console: Console, line: Line) -> None:
    if not line.rest:
        raise BadInputError(_("follow which call? 43, accept, write#2"))
    call = CallSpec.parse(line.rest, console.debugger.kernel.table)
    run = console.follow(call)
    console.move(lambda: run(console.debugger, console.should_stop))


def _seek(console: Console, line: Line) -> None:
    position = evaluate(line.rest.replace(",", ""), console.scope).number or 0
    console.move(lambda: console.debugger.seek(position))


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    return (*_forwards(), *_backwards(), *_to_places())


def _forwards() -> tuple[Command, ...]:
    return (
        _counted("step", "s", _("Run to the next line, into calls."), lambda d: d.line(_FORWARD)),
        _counted("stepi", "si", _("Run one instruction."), lambda d: d.step()),
        _counted("next", "n", _("Run to the next line, over calls."), lambda d: d.over(_FORWARD)),
        _counted(
            "nexti",
            "ni",
            _("Run one instruction, over calls."),
            lambda d: d.over_instruction(_FORWARD),
        ),
        _once("finish", "fin", _("Run until this function returns."), lambda d: d.finish(_FORWARD)),
        _counted(
            "continue",
            "c fg",
            _("Run until a breakpoint or the program's end."),
            lambda d: d.resume(_FORWARD),
        ),
    )


def _backwards() -> tuple[Command, ...]:
    return (
        _counted(
            "reverse-step", "rs", _("Go back to the line before."), lambda d: d.line(_BACKWARD)
        ),
        _counted(
            "reverse-stepi", "rsi", _("Go back over one instruction."), lambda d: d.step_back()
        ),
        _counted(
            "reverse-next",
            "rn",
            _("Go back to the line before, over calls."),
            lambda d: d.over(_BACKWARD),
        ),
        _counted(
            "reverse-nexti",
            "rni",
            _("Go back over one instruction, over calls."),
            lambda d: d.over_instruction(_BACKWARD),
        ),
        _once(
            "reverse-finish",
            "rf",
            _("Go back to where this function was called."),
            lambda d: d.finish(_BACKWARD),
        ),
        _counted(
            "reverse-continue",
            "rc",
            _("Go back until a breakpoint or the earliest position."),
            lambda d: d.resume(_BACKWARD),
        ),
    )


def _to_places() -> tuple[Command, ...]:
    group = _("Moving")
    return (
        Command(
            "until",
            ("u",),
            "[PLACE]",
            _("Run on to a place; without one, past the end of a loop."),
            _until,
            group,
            completes="place",
            repeats=True,
        ),
        Command(
            "advance",
            (),
            "PLACE",
            _("Run on to a place."),
            _advance,
            group,
            completes="place",
        ),
        Command(
            "follow",
            (),
            "CALL",
            _("Run to a system call: a name or number, #n for the nth time."),
            _follow,
            group,
            completes="call",
        ),
        Command("seek", ("goto",), "STEP", _("Go to a position by its step number."), _seek, group),
        _once("run", "r start", _("Run the program again from its start."), lambda d: d.restart()),
    )
