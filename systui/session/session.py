"""A debugger on a thread of its own: commands in, events out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Lock, Thread, current_thread
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from systui.model.errors import SystuiError
from systui.model.snapshot import Snapshot
from systui.model.stop import Output, Stop
from systui.target.protocol import Capability

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

_PULSE = 0.1
"""Seconds between two reports of a command's progress."""
_PATIENCE = 2.0
"""Seconds that `close` gives a command to end."""
_HEARD = 4096
"""Pieces of output that are kept while a command runs; more come with its stop."""
_AGAIN = 0.05
"""Seconds after which `close` asks again: a request may fall between two runs of a command."""

Command = Callable[["Debugger"], None]
"""What `Session.submit` takes: moves the debugger; the snapshot is made afterwards."""


Probe = Callable[["Debugger"], object]
"""What a screen wants to know at each stop beyond the snapshot; runs on the session's thread."""


class Stopped(NamedTuple):
    """The target stands; sent after every command and once at the start."""

    snapshot: Snapshot
    generation: int
    answers: Mapping[str, object] = MappingProxyType({})
    """What the session's probes found, by name; a SystuiError where one failed."""


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
    Every command submitted is answered by one `Stopped` or `Failed` with its generation.
    """

    def __init__(self, create: Callable[[], Debugger], emit: Callable[[Event], None]) -> None:
        self._create = create
        self._emit = emit
        self._queue: SimpleQueue[tuple[int, Command, str] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="session", daemon=True)
        self._lock = Lock()
        """Guards the numbers below; never held while anything runs."""
        self._submitted = 0
        self._dropped = 0
        """Commands up to this generation are not begun any more."""
        self._running: Debugger | None = None
        """The debugger while a command moves it."""
        self._last: Snapshot | None = None
        self._console: Callable[[bytes], None] | None = None
        self._heard: deque[Output] = deque(maxlen=_HEARD)
        self._shown = -1
        """`Debugger.changes` when the last snapshot was made."""
        self.probes: Mapping[str, Probe] = {}
        """Asked after every command. To be replaced, never changed; by any thread."""

    def start(self) -> None:
        """Begin: the debugger is made on the session's thread, and `Stopped` follows."""
        self._thread.start()

    def submit(self, command: Command, label: str) -> int:
        """Queue `command`; returns the generation that its events will carry."""
        with self._lock:
            self._submitted += 1
            generation = self._submitted
            self._queue.put((generation, command, label))
        return generation

    def interrupt(self) -> None:
        """Make the command under way end soon and forget those queued; never waits."""
        with self._lock:
            self._dropped = self._submitted
            running = self._running
        if running is not None:
            running.interrupt()

    def type(self, data: bytes) -> bool:
        """Have `data` typed at the target's console at once; False where it has none."""
        console = self._console
        if console is None:
            return False
        console(data)
        return True

    @property
    def heard(self) -> tuple[Output, ...]:
        """What was put out since the last stop was shown."""
        return tuple(self._heard.copy())

    def close(self) -> None:
        """End the session and the target; returns soon even when a command is under way.

        A command that cannot be interrupted is left behind with its thread, which does not
        keep the process alive.
        """
        self._queue.put(None)
        if not self._thread.is_alive() or self._thread is current_thread():
            return
        end = monotonic() + _PATIENCE
        while self._thread.is_alive() and monotonic() < end:
            self.interrupt()
            self._thread.join(_AGAIN)

    # --- on the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        try:
            debugger = self._made()
            if debugger is None:
                return
            try:
                debugger.rest()
                while (item := self._queue.get()) is not None:
                    self._do(debugger, *item)
                    debugger.rest()
            finally:
                debugger.target.close()
        finally:
            self._emit(Closed())

    def _made(self) -> Debugger | None:
        try:
            debugger = self._create()
            debugger.target.subscribe(self._heard.append)
            if Capability.CONSOLE in debugger.target.capabilities:
                self._console = debugger.target.send_input
            self._show(debugger, None, 0)
        except Exception as error:
            self._emit(_failure(error, 0))
            return None
        return debugger

    def _do(self, debugger: Debugger, generation: int, command: Command, label: str) -> None:
        if not self._begin(debugger, generation):
            if self._last is not None:
                self._emit(Stopped(self._last, generation))
            return
        progress = _Pulse(self._emit, generation)
        debugger.add_observer(progress)
        before = debugger.stop.position
        try:
            self._emit(Running(label, generation))
            command(debugger)
            self._end()
            self._show(debugger, before, generation)
        except Exception as error:
            self._emit(_failure(error, generation))
        finally:
            self._end()
            debugger.remove_observer(progress)

    def _begin(self, debugger: Debugger, generation: int) -> bool:
        """Enter the running state, unless the command was dropped meanwhile."""
        with self._lock:
            if generation <= self._dropped:
                return False
            debugger.clear_interrupt()
            self._running = debugger
        return True

    def _end(self) -> None:
        with self._lock:
            self._running = None

    def _show(self, debugger: Debugger, before: int | None, generation: int) -> None:
        if self._last is None or self._shown != debugger.changes:
            many = before is not None and debugger.stop.position > before + 1
            self._last = debugger.snapshot(since=before if many else None)
            self._shown = debugger.changes
            self._heard.clear()
        probes = self.probes
        answers = {name: _answer(probe, debugger) for name, probe in probes.items()}
        self._emit(Stopped(self._last, generation, answers))


class _Pulse:
    """An observer that reports the position of a long command now and then."""

    def __init__(self, emit: Callable[[Event], None], generation: int) -> None:
        self._emit = emit
        self._generation = generation
        self._next = monotonic() + _PULSE

    def __call__(self, stop: Stop) -> None:
        now = monotonic()
        if now >= self._next:
            self._next = now + _PULSE
            self._emit(Progress(stop.position, self._generation))


def _answer(probe: Probe, debugger: Debugger) -> object:
    try:
        return probe(debugger)
    except SystuiError as error:
        return error


def _failure(error: Exception, generation: int) -> Failed:
    return Failed(error, generation, internal=not isinstance(error, SystuiError))
