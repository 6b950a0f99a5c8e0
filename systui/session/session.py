"""A debugger on a thread of its own: commands in, events out."""

from collections.abc import Callable
from typing import NamedTuple

from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger

Command = Callable[[Debugger], None]
"""What `Session.submit` takes: moves the debugger; the snapshot is made afterwards."""


class Stopped(NamedTuple):
    """The target stands; sent after every command and once at the start."""

    snapshot: Snapshot
    generation: int


class Running(NamedTuple):
    """A command has begun."""

    label: str
    generation: int


class Progress(NamedTuple):
    """A long command has come this far."""

    position: int
    generation: int


class Failed(NamedTuple):
    """A command failed; the session goes on."""

    error: Exception
    generation: int
    internal: bool = False
    """True for anything but a SystuiError: a fault of systui's own."""


class Closed(NamedTuple):
    """The session is over; nothing follows."""


Event = Stopped | Running | Progress | Failed | Closed


class Session:
    """Owns one debugger on one thread, and makes it there.

    `emit` is called on that thread; whoever has a loop of his own passes the event on to it.
    """

    def __init__(self, create: Callable[[], Debugger], emit: Callable[[Event], None]) -> None:
        self._create = create
        self._emit = emit

    def start(self) -> None:
        """Begin: the debugger is made on the session's thread, and `Stopped` follows."""
        raise NotImplementedError

    def submit(self, command: Command, label: str) -> int:
        """Queue `command`; returns the generation that its events will carry."""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Make the command under way end soon and forget those queued; never waits."""
        raise NotImplementedError

    def close(self) -> None:
        """End the session and the target; returns soon even when a command is under way."""
        raise NotImplementedError
