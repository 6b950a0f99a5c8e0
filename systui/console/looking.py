"""Commands that look at values and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.code import instruction_rows, label
from systui.console.expression import evaluate, place_of
from systui.console.formats import Format, number_text, string_text
from systui.console.registry import Command
from systui.console.values import MASK, WORD, Memory, Value
from systui.model.errors import BadInputError
from systui.model.stop import MemoryRange, Space
from systui.present.rows import Row, Span, row
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Display, Line

_A_LINE = {1: 8, 2: 8, 4: 4, 8: 2}
"""Units on a line, by their bytes, as gdb lays them out."""
_LONGEST_STRING = 200


def _print(console: Console, line: Line) -> None:
    if not line.rest:
        raise BadInputError(_("print what? $rax, pt_regs.ip, *(int *)$rsp"))
    value = evaluate(line.rest, console.scope)
    letter = None if line.format is None else line.format.letter
    if letter == "s":
        text = _string(console, value)
    elif letter == "i":
        raise BadInputError(_("instructions are shown by x/i"))
    else:
        text = console.shown_value(value, letter)
    console.say(f"${console.keep(value)} = {text}")


def _string(console: Console, value: Value) -> str:
    space = value.space or console.scope.space(value.address)
    data, ended = _read_string(console, Memory(space, value.address))
    if data is None:
        raise console.scope.unreadable(value.address)
    return string_text(data, ended)


def _display(console: Console, line: Line) -> None:
    from systui.console.console import Display

    if not line.rest:
        console.show(console.display())
        return
    number = max((each.number for each in console.displays), default=0) + 1
    made = Display(number, line.rest, line.format)
    place_of(line.rest, console.scope)
    console.displays.append(made)
    console.show(display_rows(console, made))


def display_rows(console: Console, display: Display) -> list[Row]:
    """`1: $rax = 43`; memory, strings and instructions on lines of their own."""
    form = display.format or Format()
    head = f"{display.number}: {display.text}"
    try:
        if form.letter in ("i", "s") or form.size is not None or form.units > 1:
            start = _start(console, display.text)
            rows = _memory_rows(console, start, form)[0]
            return [row(Span(head, "muted")), *rows]
        text = console.shown_value(evaluate(display.text, console.scope), form.letter)
    except BadInputError as error:
        return [row(Span(f"{head}: ", "muted"), Span(str(error), "faint"))]
    return [row(Span(f"{head} = ", "muted"), Span(text))]


def _undisplay(console: Console, line: Line) -> None:
    known = {str(each.number): each for each in console.displays}
    for word in line.rest.split() or list(known):
        if word not in known:
            raise BadInputError(_("there is no display {number}").format(number=word))
        console.displays.remove(known[word])


# --- memory ------------------------------------------------------------------------------------


def _examine(console: Console, line: Line) -> None:
    form = line.format or console.look_format
    console.look_format = form
    if line.rest:
        start = _start(console, line.rest)
    elif console.looked is not None:
        start = console.looked
    else:
        raise BadInputError(_("look at which address?"))
    rows, behind = _memory_rows(console, start, form)
    console.looked = behind
    console.variables["_"] = start
    console.show(rows)


def _start(console: Console, text: str) -> Value:
    """The address to look at: a value, or where something is that stands for memory."""
    value = place_of(text, console.scope)
    if value.area and isinstance(value.place, Memory):
        return Value(value.place.address, value.type, None, value.place.space)
    return console.scope.load(value)


def _memory_rows(console: Console, start: Value, form: Format) -> tuple[list[Row], Value]:
    """The rows, and where the next ones would begin."""
    if form.letter == "i":
        return instruction_rows(console, start.address, form.units)
    space = start.space or console.scope.space(start.address)
    if form.letter == "s":
        return _string_rows(console, start, space, form.units)
    size = form.size or (1 if form.letter == "c" else WORD)
    letter = form.letter or "x"
    rows = []
    at, left = start.address, form.units
    while left:
        count = min(left, _A_LINE[size])
        units = read_units(console, space, at, size, count)
        shown = [
            Span(_shown(console, unit, size, letter), "faint" if unit is None else "number")
            for unit in units
        ]
        spans = [part for span in shown for part in (Span("  "), span)]
        if None in units and not console.scope.live:
            spans.append(Span("  " + _("not recorded"), "faint"))
        rows.append(row(Span(label(console, at), "muted"), *spans))
        at, left = at + count * size & MASK, left - count
    return rows, start._replace(number=at, place=None, space=space)


def _shown(console: Console, unit: int | None, size: int, letter: str) -> str:
    if unit is None:
        return "?" * (2 + 2 * size)
    if letter == "a":
        return f"{unit:#x} {console.named(unit)}".rstrip()
    return number_text(unit, size, letter, padded=letter in "xtz")


def read_units(
    console: Console, space: Space, address: int, size: int, count: int
) -> list[int | None]:
    """`count` numbers of `size` bytes; None for each that cannot be read."""
    ranges = [MemoryRange(space, address + index * size & MASK, size) for index in range(count)]
    found = console.debugger.target.read_memory(ranges)
    return [None if data is None else int.from_bytes(data, "little") for data in found]


def _string_rows(
    console: Console, start: Value, space: Space, count: int
) -> tuple[list[Row], Value]:
    rows, at = [], start.address
    for _turn in range(count):
        data, ended = _read_string(console, Memory(space, at))
        if data is None:
            rows.append(row(Span(label(console, at), "muted"), Span("  ?", "faint")))
            break
        text = string_text(data, ended)
        rows.append(row(Span(label(console, at), "muted"), Span(f"  {text}")))
        at += len(data) + 1
    return rows, start._replace(number=at, place=None, space=space)


def _read_string(console: Console, place: Memory) -> tuple[bytes | None, bool]:
    """The bytes up to a zero, and whether one came; None where nothing can be read."""
    found = b""
    target = console.debugger.target
    while len(found) < _LONGEST_STRING:
        at = place.address + len(found)
        size = min(_LONGEST_STRING - len(found), 4096 - at % 4096)
        data = target.read_memory([MemoryRange(place.space, at, size)])[0]
        if data is None:
            return found or None, False
        end = data.find(b"\0")
        if end >= 0:
            return found + data[:end], True
        found += data
    return found, False


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Looking")
    return (
        Command(
            "print",
            ("p",),
            "[/F] EXPR",
            _("Show a value: x d u o t a c s."),
            _print,
            group,
            completes="expression",
            formats=True,
        ),
        Command(
            "x",
            (),
            "[/NFU] ADDRESS",
            _("Show memory: N units of size b h w g, as p, or i, or s."),
            _examine,
            group,
            completes="expression",
            formats=True,
            repeats=True,
            goes_on=True,
        ),
        Command(
            "display",
            (),
            "[/F] [EXPR]",
            _("Show a value after every move."),
            _display,
            group,
            completes="expression",
            formats=True,
        ),
        Command("undisplay", (), "[N…]", _("Show it no more."), _undisplay, group),
    )
