"""How a program ended, in words."""

from systui.model.code import Instruction, Location
from systui.model.stop import Killed, Stop
from systui.words import _


def ending(
    stop: Stop, place: Location | None = None, instruction: Instruction | None = None
) -> str:
    """The end that `stop` is: a status, or a signal with where and at which instruction it came.

    `place` and `instruction` belong to `stop.killed.pc`.
    """
    if stop.killed is None:
        return _("the program ended with status {status}").format(status=stop.exit_status)
    text = _("the program was killed by {signal}").format(signal=stop.killed.signal)
    if place is not None:
        text = _("{killed} at {place}").format(killed=text, place=_named(place))
    if instruction is not None:
        text += f", {instruction.text}"
    return text + _reason(stop.killed)


def _named(place: Location) -> str:
    address = f"{place.address:#x}"
    named = address if place.symbol is None else f"{place.name} ({address})"
    if place.source is None:
        return named
    return f"{named}, {place.source.file}:{place.source.line}"


def _reason(killed: Killed) -> str:
    if killed.address is None:
        return ""
    return _(": it may not access {address}").format(address=f"{killed.address:#x}")
