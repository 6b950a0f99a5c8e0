"""Commands that look at code: its instructions and its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.expression import evaluate
from systui.console.places import resolve
from systui.console.registry import Command
from systui.console.values import Value
from systui.model.errors import BadInputError
from systui.present.rows import Row, Span, row, visible
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line


_LINES = 10
_MOST_INSTRUCTIONS = 400


def label(console: Console, address: int) -> str:
    """An address as the first word of a line, with its name."""
    return f"{address:#x} {console.named(address)}".rstrip() + ":"


def instruction_rows(console: Console, address: int, count: int) -> tuple[list[Row], Value]:
    """`count` instructions from `address`, and where the next ones would begin."""
    rows = []
    pc = console.debugger.stop.pc
    for _turn in range(count):
        instruction = console.debugger.instruction(address)
        if instruction is None:
            rows.append(row(Span(f"   {label(console, address)}", "muted"), Span("  ?", "faint")))
            break
        here = address == pc
        target = "" if instruction.target is None else console.named(instruction.target)
        rows.append(
            row(
                Span("=> " if here else "   ", "mark.next"),
                Span(label(console, address), "muted"),
                Span(f"  {instruction.text}", "code"),
                Span(f"  {target}" if target else "", "muted"),
                base="current" if here else "",
            )
        )
        address = instruction.end
    return rows, Value(address)


def _disassemble(console: Console, line: Line) -> None:
    begin, _comma, end_text = line.rest.partition(",")
    address = resolve(begin, console.debugger, console.scope).addresses[0]
    if end_text.strip():
        start = address
        text = end_text.strip()
        last = evaluate(text.removeprefix("+"), console.scope).address
        end = start + last if text.startswith("+") else last
    else:
        start, end = _function(console, address)
    rows: list[Row] = []
    while start < end and len(rows) < _MOST_INSTRUCTIONS:
        part, behind = instruction_rows(console, start, 1)
        rows += part
        if behind.address == start:
            break
        start = behind.address
    console.show(rows)


def _function(console: Console, address: int) -> tuple[int, int]:
    location = console.debugger.locate(address)
    if location.symbol is None:
        return address, address + 64
    start = address - location.offset
    for view in (console.debugger.kernel, console.debugger.program):
        found = None if view is None else view.image.locate(address - view.slide)
        if view is not None and found is not None and found[0].size:
            return start, start + found[0].size
    end = address + 1
    while end - start < 4096 and console.debugger.locate(end).symbol == location.symbol:
        end += 1
    return start, end


def _list(console: Console, line: Line) -> None:
    if line.rest in ("", "-") and console.listed is not None:
        file, last = console.listed
        first = last + 1 if not line.rest else last - 2 * _LINES + 1
    elif line.rest in ("", "-"):
        source = console.frame.location.source
        if source is None:
            raise BadInputError(_("no source line is known here; disassemble shows the code"))
        file, first = source.file, source.line - _LINES // 2
    else:
        spot = resolve(line.rest, console.debugger, console.scope)
        source = console.debugger.locate(spot.addresses[0]).source
        if source is None:
            raise BadInputError(_("no source line is known for {place}").format(place=line.rest))
        file, first = source.file, source.line - _LINES // 2
    _list_from(console, file, max(1, first))


def _list_from(console: Console, file: str, first: int) -> None:
    text = console.debugger.source_of(file)
    if text is None:
        raise BadInputError(_("the text of {file} is not at hand").format(file=file))
    if first > len(text.lines):
        raise BadInputError(_("{file} has {count} lines").format(file=file, count=len(text.lines)))
    here = console.frame.location.source
    last = min(first + _LINES - 1, len(text.lines))
    for number in range(first, last + 1):
        current = here is not None and (here.file, here.line) == (file, number)
        mark = Span(f"{number:>6}  ", "mark.next" if current else "line")
        body = Span(visible(text.lines[number - 1]), "code")
        console.show([row(mark, body, base="current" if current else "")])
    console.listed = file, last


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Looking")
    return (
        Command(
            "list",
            ("l",),
            "[PLACE | -]",
            _("Show ten lines of source, then the next ten."),
            _list,
            group,
            completes="place",
            repeats=True,
            goes_on=True,
        ),
        Command(
            "disassemble",
            ("disas",),
            "[PLACE[,END]]",
            _("Show a function's instructions."),
            _disassemble,
            group,
            completes="place",
        ),
    )
