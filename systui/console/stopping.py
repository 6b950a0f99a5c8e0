"""Commands about breakpoints and watchpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.expression import evaluate, place_of
from systui.console.places import resolve, spelled, split_condition
from systui.console.registry import Command
from systui.console.values import Memory
from systui.model.errors import BadInputError
from systui.model.stop import MemoryRange
from systui.session.points import Condition, Point
from systui.target.protocol import Access, Watchpoint
from systui.words import _, plural

if TYPE_CHECKING:
    from systui.console.console import Console, Line


def _break(console: Console, line: Line, temporary: bool = False) -> None:
    place, text = split_condition(line.rest)
    spot = resolve(place, console.debugger, console.scope)
    condition = _both(spot.condition, _condition(console, text))
    points = console.debugger.points
    point = points.set(spot.spelling, spot.addresses, temporary=temporary, condition=condition)
    console.say(point_text(console, point))


def _condition(console: Console, text: str) -> Condition | None:
    """The expression, tried out now so that a mistake in it is told at once."""
    if not text:
        return None
    evaluate(text, console.scope)

    def holds() -> bool:
        try:
            return bool(evaluate(text, console.stop_scope).number)
        except BadInputError:
            return True  # what cannot be told is looked at by the person

    return Condition(text, holds)


def _both(one: Condition | None, other: Condition | None) -> Condition | None:
    if one is None or other is None:
        return one or other
    return Condition(f"{one.text} && {other.text}", lambda: one.holds() and other.holds())


def _watch(console: Console, line: Line, access: Access) -> None:
    if not line.rest:
        raise BadInputError(_("watch what? Memory, as in *(int *)$rsp or pt_regs.r11"))
    value = place_of(line.rest, console.scope)
    if not isinstance(value.place, Memory):
        raise BadInputError(
            _("{text} does not lie in memory; *{text} is what it points to").format(text=line.rest)
        )
    size = value.type.width
    where = MemoryRange(value.place.space, value.place.address, size)
    point = console.debugger.points.watch(line.rest, Watchpoint(where, access))
    console.say(point_text(console, point))


def _delete(console: Console, line: Line) -> None:
    points = console.debugger.points
    if not line.rest:
        numbers = [point.number for point in points]
    else:
        numbers = [_number(word) for word in line.rest.replace(",", " ").split()]
    for number in numbers:
        if not points.delete(number):
            raise BadInputError(_("there is no breakpoint {number}").format(number=number))
    console.say(
        plural("{count} breakpoint deleted", "{count} breakpoints deleted", len(numbers)).format(
            count=len(numbers)
        )
    )


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise BadInputError(_("not a breakpoint's number: {word}").format(word=word))
    return int(word[:9])


def point_text(console: Console, point: Point) -> str:
    """One line about a breakpoint or watchpoint."""
    if point.watch is not None:
        where = point.watch.range
        kind = {
            Access.WRITE: _("watchpoint {number}"),
            Access.READ: _("read watchpoint {number}"),
            Access.ANY: _("access watchpoint {number}"),
        }[point.watch.access].format(number=point.number)
        parts = [kind, point.spelling, f"{where.address:#x}/{where.size}"]
    else:
        kind = _("temporary breakpoint {number}") if point.temporary else _("breakpoint {number}")
        parts = [kind.format(number=point.number), point.spelling]
        for address in sorted(point.addresses):
            location = console.debugger.locate(address)
            parts.append(
                " ".join(each for each in (f"{address:#x}", spelled(location.source)) if each)
            )
    if point.condition is not None:
        parts.append(_("if {condition}").format(condition=point.condition.text))
    if point.hits:
        parts.append(
            plural("hit {count} time", "hit {count} times", point.hits).format(count=point.hits)
        )
    return "  ".join(parts)


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Stopping")

    def temporary(console: Console, line: Line) -> None:
        _break(console, line, temporary=True)

    def watch(access: Access, name: str, sentence: str) -> Command:
        return Command(
            name,
            (),
            "MEMORY",
            sentence,
            lambda console, line: _watch(console, line, access),
            group,
            completes="expression",
        )

    return (
        Command(
            "break",
            ("b", "br"),
            "[PLACE] [if EXPR]",
            _("Stop at a symbol, *ADDRESS, LINE, FILE:LINE or `syscall N`."),
            _break,
            group,
            completes="place",
        ),
        Command(
            "tbreak",
            ("tb",),
            "[PLACE] [if EXPR]",
            _("The same, once only."),
            temporary,
            group,
            completes="place",
        ),
        watch(Access.WRITE, "watch", _("Stop when memory is written.")),
        watch(Access.READ, "rwatch", _("Stop when memory is read.")),
        watch(Access.ANY, "awatch", _("Stop when memory is read or written.")),
        Command(
            "delete", ("d", "del"), "[N…]", _("Delete breakpoints; all without N."), _delete, group
        ),
    )
