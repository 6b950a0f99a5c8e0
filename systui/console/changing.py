"""`set`: changing registers, memory, pt_regs and the console's own variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from systui.console.expression import evaluate, place_of
from systui.console.registry import Command
from systui.console.scope import register_name
from systui.console.values import Memory, Value
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line

_FORM = re.compile(r"(?:var(?:iable)?\s+)?(?P<what>[^=]+?)\s*=(?!=)\s*(?P<value>.+)", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)", re.ASCII)


def _set(console: Console, line: Line) -> None:
    match = _FORM.fullmatch(line.rest)
    if match is None:
        raise BadInputError(_("write set $REGISTER = VALUE, or pt_regs.FIELD, or *ADDRESS"))
    value = evaluate(match["value"], console.scope)
    name = _VARIABLE.fullmatch(match["what"])
    if name is not None and not _is_register(console, name[1]):
        console.variables[name[1]] = value._replace(place=None)
        return
    _store(console, place_of(match["what"], console.scope), match["what"], value)


def _is_register(console: Console, name: str) -> bool:
    arch = console.debugger.kernel.arch
    return register_name(name, arch)[1] in arch.register_names


def _store(console: Console, target: Value, text: str, value: Value) -> None:
    number = value.number or 0
    if console.selected and isinstance(target.place, str):
        raise BadInputError(_("registers are set in frame 0: this frame's are worked out"))
    if isinstance(target.place, Memory):
        space, address, _field = target.place
        edit = console.debugger.write_memory(space, address, target.type.width, number)
    elif target.place is not None:
        edit = console.debugger.write_register(target.place, number)
    else:
        raise BadInputError(
            _("{text} cannot be set: it is no register and not in memory").format(text=text)
        )
    console.tell_edit(edit)


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    return (
        Command(
            "set",
            (),
            "WHAT = EXPR",
            _("Change $REGISTER, pt_regs.FIELD, *ADDRESS or a $variable."),
            _set,
            _("Changing"),
            completes="expression",
        ),
    )
