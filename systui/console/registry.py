"""All commands: names, grammar, help and what completes them, in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str
    """Its full name, which any beginning that no other has stands for too."""
    short: tuple[str, ...]
    """Other names, as gdb has them."""
    usage: str
    """What follows the name."""
    help: str
    """One sentence, in the chosen language."""
    run: Callable[[Console, Line], None]
    group: str
    completes: str = ""
    """What its argument is completed to: `place`, `expression`, `call`, `info` or `command`."""
    formats: bool = False
    """It takes a /FORMAT."""
    repeats: bool = False
    """An empty line after it does it again."""
    goes_on: bool = False
    """Without its argument then: it goes on behind where it was."""


def commands() -> tuple[Command, ...]:
    """Every command, in the order of the help, in the chosen language."""
    from systui.console import changing, code, frames, info, looking, moving, others, stopping

    rooms = (moving, stopping, looking, code, frames, info, changing, others)
    return tuple(command for room in rooms for command in room.commands())


def find(word: str) -> Command:
    """The command that `word` names or begins; BadInputError where that is none or not one."""
    known = commands()
    for command in known:
        if word == command.name or word in command.short:
            return command
    begun = [command for command in known if command.name.startswith(word)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        names = ", ".join(command.name for command in begun)
        raise BadInputError(_("{word} may be {names}").format(word=word, names=names))
    raise BadInputError(_("there is no command {word}; help lists them").format(word=word))
