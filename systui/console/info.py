"""`info`: what is known of registers, breakpoints, pt_regs, symbols and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.expression import evaluate
from systui.console.formats import number_text
from systui.console.frames import tell_frame
from systui.console.places import spelled
from systui.console.registry import Command
from systui.console.scope import register_name
from systui.console.stopping import point_text
from systui.model.errors import BadInputError
from systui.model.frame import Written
from systui.present import call as call_line
from systui.present.flags import flag_names
from systui.present.rows import Span, row
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line


def _info(console: Console, line: Line) -> None:
    word, _blank, rest = line.rest.partition(" ")
    topics = {
        "registers": _registers,
        "breakpoints": _breakpoints,
        "watchpoints": _breakpoints,
        "display": _displays,
        "frame": _frame_info,
        "pt_regs": _pt_regs,
        "symbol": _symbol,
        "syscall": _syscall,
    }
    found = [name for name in topics if word and name.startswith(word)]
    if word not in topics and len(found) != 1:
        raise BadInputError(_("info about one of {topics}").format(topics=", ".join(topics)))
    topics[word if word in topics else found[0]](console, rest.strip())


def _registers(console: Console, rest: str) -> None:
    arch = console.debugger.kernel.arch
    values, digits = console.scope.registers, 2 * arch.word
    names = [register_name(each, arch)[1] for each in rest.replace("$", "").split()]
    for name in names or arch.register_names:
        if name not in arch.register_names:
            raise BadInputError(_("there is no register ${name}").format(name=name))
        value = values.get(name)
        if value is None:
            console.show([row(Span(f"{name:<15}", "name"), Span(_("unknown"), "faint"))])
            continue
        if name == arch.flags_register:
            told = f"[ {' '.join(flag_names(value, arch))} ]"
        else:
            told = console.named(value) or number_text(value, arch.word, "d")
        console.show(
            [
                row(
                    Span(f"{name:<15}", "name"),
                    Span(f"0x{value:0{digits}x}  ", "number"),
                    Span(told),
                )
            ]
        )


def _breakpoints(console: Console, _rest: str) -> None:
    points = list(console.debugger.points)
    if not points:
        console.say(_("no breakpoints and no watchpoints"))
    for point in points:
        console.say(point_text(console, point))


def _displays(console: Console, _rest: str) -> None:
    if not console.displays:
        console.say(_("nothing is displayed"))
    console.show(console.display())


def _frame_info(console: Console, _rest: str) -> None:
    tell_frame(console)


def _pt_regs(console: Console, _rest: str) -> None:
    frame = console.debugger.snapshot().frame
    if frame is None:
        raise BadInputError(_("there is no pt_regs here: no way into the kernel is open"))
    digits = 2 * console.debugger.kernel.arch.word
    for slot in frame.slots:
        kept = None if slot.written is Written.NO else slot.value
        value = _("not written") if kept is None else f"0x{kept:0{digits}x}"
        console.show(
            [
                row(
                    Span(f"{slot.address:#x}  ", "muted"),
                    Span(f"{slot.name:<9}", "name"),
                    Span(value, "faint" if kept is None else "number"),
                    Span(f"  {slot.by}" if slot.by else "", "muted"),
                )
            ]
        )


def _symbol(console: Console, rest: str) -> None:
    address = evaluate(rest or "$pc", console.scope).address
    location = console.debugger.locate(address)
    if location.symbol is None:
        raise BadInputError(_("no symbol is known for {address:#x}").format(address=address))
    console.say(f"{address:#x}  {location.name}  {spelled(location.source)}".rstrip())


def _syscall(console: Console, _rest: str) -> None:
    call = console.debugger.snapshot().call
    if call is None:
        raise BadInputError(_("no system call is under way"))
    console.say(f"{call.number}  {call_line.line(call)}")


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Looking")
    return (
        Command(
            "info",
            ("i",),
            "TOPIC",
            _("Show registers, breakpoints, display, frame, pt_regs, symbol or syscall."),
            _info,
            group,
            completes="info",
        ),
    )
