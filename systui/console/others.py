"""`help`, and what is passed on to the target's own debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.registry import Command, find
from systui.console.registry import commands as all_commands
from systui.model.errors import BadInputError, NotSupportedError
from systui.present.rows import Row, Span, pad, row
from systui.target.protocol import Commandable
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line

_NAME = 34


def _help(console: Console, line: Line) -> None:
    if line.rest:
        console.show([_row(find(line.rest))])
        return
    group = ""
    for command in all_commands():
        if command.group != group:
            group = command.group
            console.say(group, "heading")
        console.show([_row(command)])
    console.say(
        _("Expressions: C's, with $rax, symbols, pt_regs.ip, %gs:X, user:X, phys:X."), "muted"
    )


def _row(command: Command) -> Row:
    names = " ".join((command.name, *command.short[:2]))
    usage = f"{names} {command.usage}".rstrip()
    return row(Span(f"  {pad(usage, _NAME)} ", "key"), Span(command.help))


def _gdb(console: Console, line: Line) -> None:
    target = console.debugger.target
    if not isinstance(target, Commandable):
        raise NotSupportedError(_("this target has no debugger of its own under it"))
    if not line.rest:
        raise BadInputError(_("gdb what? The rest of the line goes to it as it is"))
    said = console.debugger.command(target, line.rest)
    for each in said.splitlines():
        console.say(each)


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Others")
    return (
        Command(
            "gdb",
            ("!",),
            "LINE",
            _("Pass a line on to the gdb under this target."),
            _gdb,
            group,
        ),
        Command(
            "help", ("h", "?"), "[COMMAND]", _("Show this."), _help, group, completes="command"
        ),
    )
