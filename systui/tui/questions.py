"""What a person types at the prompt: calls, positions, places; checked before anything moves."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.kernel.syscalls import SyscallTable
from systui.model.errors import BadInputError
from systui.target.protocol import Direction
from systui.tui.moves import Mover, Told, seek, toggle_breakpoint
from systui.words import _

if TYPE_CHECKING:
    from systui.follow.call import CallSpec

FINDS = ("find", "find_back")
"""The questions whose answer is searched for."""

Wanted = tuple[str, Mover]
"""A name for the movement, and the movement."""


def wanted(
    purpose: str,
    text: str,
    table: SyscallTable,
    tell: Told,
    follow: Callable[["CallSpec"], Mover],
) -> Wanted:
    """The movement that answers `purpose` with `text`; BadInputError where it cannot be one.

    `tell` is called on the session's thread with what there is to say in passing; `follow` gives
    the movement that follows a call.
    """
    match purpose:
        case "follow":
            from systui.follow.call import CallSpec

            return purpose, follow(CallSpec.parse(text, table))
        case "goto":
            return purpose, seek(_position(text))
        case "break":
            return purpose, toggle_breakpoint(text, tell)
    raise ValueError(purpose)


def asks(purpose: str) -> tuple[str, str]:
    """The label of the prompt for `purpose`, and an example of an answer."""
    what = _("rsp · pt_regs.ax · phase · restore")
    return {
        "find": (_("find the next"), what),
        "find_back": (_("find the last"), what),
        "follow": (_("follow"), _("43 · accept · write#2 · 64:accept")),
        "goto": (_("go to step"), _("a number")),
        "record": (_("record to"), _("a new file")),
        "note": (_("note on this stop"), _("goes into the recording")),
        "break": (_("breakpoint"), "__x64_sys_accept · do_syscall_64+0x10 · 0x401000"),
    }[purpose]


def search(text: str, purpose: str, arch: Architecture) -> Mover:
    """The movement to where `text` comes true next, or came true last; BadInputError."""
    from systui.session.search import Query

    query = Query.parse(text, arch)
    direction = Direction.BACKWARD if purpose == "find_back" else Direction.FORWARD
    return lambda debugger, _: debugger.search(query, direction)


def _position(text: str) -> int:
    digits = text.replace(",", "").replace("_", "")
    if not digits.isascii() or not digits.isdigit():
        raise BadInputError(_("not a step number: {text}").format(text=text))
    return int(digits)
