"""A call as one line: its arguments and what came of it."""

from collections.abc import Sequence
from typing import NamedTuple

from systui.decode.errno import NAMES
from systui.decode.forms import (
    buffers,
    capabilities,
    files,
    signals,
    sockets,
    structures,
    times,
    waiting,
)
from systui.decode.forms.asked import FILLED, SPELLINGS, Asked, Told, pointer
from systui.decode.forms.behind import behind
from systui.decode.forms.results import named_result
from systui.decode.forms.signatures import Item, signature
from systui.decode.forms.special import texts
from systui.model.call import Parameter
from systui.model.stop import Read

LOADED = (buffers, capabilities, files, signals, sockets, structures, times, waiting)
"""The modules that register spellings."""
_RESTARTS = {
    512: "To be restarted if SA_RESTART is set",
    513: "To be restarted",
    514: "To be restarted if no handler",
    516: "Interrupted by signal",
}
_PAIR = "ll"
"""64 bits in two registers, where they are of 32."""
_CHANGED = frozenset(("length>", "off>", "loff>"))
"""Kinds that are read and overwritten."""
_KEPT = frozenset(("rest>", "iovec>", "sent>", "clone_args>"))
"""Kinds that are filled in, or shown as given, though the call has failed."""


class _Place(NamedTuple):
    """One argument, and where it is passed."""

    item: Item
    at: int
    words: int
    value: int


class Call:
    """One call: what was asked is read when it is made, what was filled in when it has ended."""

    def __init__(
        self,
        name: str,
        values: Sequence[int],
        read: Read,
        parameters: Sequence[Parameter] | None = None,
        bits: int = 64,
        *,
        short: bool = False,
    ) -> None:
        """`parameters`: its prototype, where one is known; `bits`: of the caller's long.

        `short`: for a line of a screen.
        """
        asked = Asked(name, values, read, None, bits=bits, short=short)
        found = behind(asked)
        self.asked_as = name
        """The name of its number: `socketcall`, where it was made that way."""
        self.through = "" if found is None else found.through
        """And with what it was told to be: `socketcall(SYS_BIND)`."""
        if found is not None:
            asked = asked._replace(call=found.name, values=found.values)
            parameters = found.parameters
        self.name = asked.call
        self.parameters, self.values = parameters, asked.values
        """Of the call that is meant."""
        self._asked = asked._replace(read=_unread)
        self._places = _places(signature(self.name, bits, parameters), asked)
        self._rooms = self._before(asked)
        self.given = self._told(asked)
        """What was asked."""

    @property
    def title(self) -> str:
        """`bind`, or `socketcall(SYS_BIND) bind`."""
        return f"{self.through} {self.name}" if self.through else self.name

    @property
    def spelled(self) -> tuple[str, ...]:
        """What was asked, each argument as it stands on a line; addresses where it is filled in."""
        return tuple(
            f"{self.values[told.at]:#x}" if told.text is None else told.on_the_line
            for told in self.given
        )

    def _told(self, asked: Asked) -> list[Told]:
        own = texts(asked)
        if own is not None:
            return own
        found = (Told(place.at, _text(asked, place), place.words) for place in self._places)
        return [told for told in found if told.text != ""]

    def _before(self, asked: Asked) -> dict[int, str]:
        """Of arguments that are read and overwritten: what stood there."""
        found = {}
        for place in self._places:
            if place.item.kind in _CHANGED and place.value:
                text = SPELLINGS[place.item.kind](asked, place.value)
                if text is not None:
                    found[place.at] = text
        return found

    def ended(self, read: Read, result: int) -> list[Told]:
        """All arguments, with what was filled in."""
        asked = self._asked._replace(read=read, result=result)
        own = texts(asked)
        if own is not None:
            return own
        after = {
            place.at: self._changed(place, _text(asked, place), asked.failed)
            for place in self._places
            if place.item.kind in FILLED
        }
        return [told._replace(text=after.get(told.at, told.text)) for told in self.given]

    def _changed(self, place: _Place, text: str | None, failed: bool) -> str | None:
        room = self._rooms.get(place.at)
        if room is None or text == room:
            return text
        if failed or text is None:
            return room
        if place.item.kind == "length>":
            return f"{room[:-1]} => {text[1:]}"
        return f"{room} => {text}"

    def result(self, read: Read, result: int) -> str:
        """`3`, `0x7f…`, `-1 ENOENT (No such file or directory)`, `? ERESTARTSYS (…)`."""
        if -result in _RESTARTS:
            return f"? {NAMES[-result]} ({_RESTARTS[-result]})"
        if -4095 <= result < 0:
            return f"-1 {NAMES.get(-result, f'ERRNO_{-result}')} ({_message(-result)})"
        return named_result(self._asked._replace(read=read, result=result), self.given)


def _unread(_address: int, _size: int) -> bytes | None:
    return None


def _places(items: Sequence[Item], asked: Asked) -> list[_Place]:
    found, index, values = [], 0, asked.values
    for item in items:
        paired = item.kind == _PAIR and asked.word == 4
        if index + paired >= len(values):
            break
        value = values[index] | values[index + 1] << 32 if paired else values[index]
        found.append(_Place(item, index, 1 + paired, value))
        index += 1 + paired
    return found


def _text(asked: Asked, place: _Place) -> str | None:
    """None: it is filled in later."""
    item, value = place.item, place.value
    asked = asked._replace(option=item.option)
    out = item.kind in FILLED
    if not value and (out or item.kind in _POINTED):
        return "NULL"
    if out and asked.result is None:
        return None
    hidden = out and asked.failed and item.kind not in _KEPT
    text = None if hidden else SPELLINGS[item.kind](asked, value)
    return pointer(value) if text is None else text


_POINTED = frozenset(
    (
        *("path", "buf", "iovec", "strings", "variables", "timespec", "timeval", "itimerval"),
        *("itimerspec", "utimes", "timevals", "utimbuf", "rlimit", "pollfds", "fdset", "event"),
        *("sigset", "sigset_argument", "sigaction", "sigstack", "siginfo", "sockaddr", "optval"),
        *("msghdr", "ints", "ids", "ids16", "loff", "off", "word", "processors", "segment"),
        *("flock", "open_how", "text"),
    )
)


def _message(number: int) -> str:
    import os

    return os.strerror(number)
