"""The guest running under gdb: started, waited for, interrupted from any thread.

While it runs, gdb takes no commands. It is halted by a word to the stub, and gdb hears of that as
of every other stop. A SIGINT to gdb itself would do in most moments, but one that comes while gdb
takes up a stop makes it forget the stop.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from systui.model.errors import TargetError, TargetGoneError
from systui.target.gdb.mi import Record
from systui.target.gdb.packets import Halt
from systui.target.gdb.patience import Patience
from systui.target.gdb.transport import ANSWER_LIMIT, Gdb
from systui.words import _

_ASK_AGAIN = 0.8
"""Seconds after which a halt that was not followed by a stop is asked for once more."""
_STOP_LIMIT = 2.0
"""Seconds after a halt was asked for until gdb or the stub is taken to hang."""
_SLICE = 0.25
_GONE = (
    "connection closed",
    "Command aborted",
    "Remote communication error",
    "connection reset",
    "Broken pipe",
)
_NOTHING = "-gdb-show confirm"
"""A command that asks nothing of the guest: its answer says that gdb stands idle again."""
_HALT_FIELDS = re.compile(r'(?:^|,)(reason|thread-id|signal-name)="([^"]*)"')


class Running:
    """Runs the guest of one gdb, and knows whether it runs."""

    def __init__(self, gdb: Gdb, halt: Callable[[bool], None]) -> None:
        """`halt(True)` is to stop the guest, however it goes on, until `halt(False)`."""
        self._gdb = gdb
        self._halt = halt
        self._bell, self._button = os.pipe()
        """Read by the thread that drives gdb, written by those that interrupt it."""
        os.set_blocking(self._button, False)
        gdb.watch(self._bell, self._rung)
        self._lock = threading.RLock()  # a signal handler may interrupt the thread that holds it
        self._runs = False
        self._moving = False
        self.asked = False
        """Whether `interrupt` was called since the move under way began."""
        self._interrupted: tuple[Patience, Patience] | None = None
        """How long a halt of the run under way may go without effect: until it is asked for
        again, and altogether. None while it was not asked for."""

    @contextmanager
    def moving(self) -> Iterator[None]:
        """The time during which `interrupt` has something to interrupt."""
        with self._lock:
            self._moving, self.asked = True, False
        try:
            yield
        finally:
            with self._lock:
                self._moving = False

    def interrupt(self) -> None:
        """Make a move under way end soon; harmless without one. Any thread; never waits."""
        with self._lock:
            if self._moving:
                self.asked = True
                with suppress(BlockingIOError):
                    os.write(self._button, b"!")

    def close(self) -> None:
        """Let go of what it holds; harmless when done before."""
        with self._lock:
            self._moving = False
            if self._bell >= 0:
                self._gdb.unwatch(self._bell)
                os.close(self._bell)
                os.close(self._button)
                self._bell = self._button = -1

    def proceed(
        self, patience: float | None = None, meanwhile: Callable[[], None] = lambda: None
    ) -> Halt | None:
        """Let all CPUs run until something stops them; None after `patience` seconds without.

        After None the guest still runs: call `halt` next. `meanwhile` is called while it runs.
        """
        self._start()
        meanwhile()
        return self._wait(patience)

    def halt(self) -> Halt:
        """Stop a guest that runs and wait until it stands."""
        self._stop_soon()
        stop = self._wait(None)
        assert stop is not None
        return stop

    def _start(self) -> None:
        self._runs = True
        self._interrupted = None
        try:
            result = self._gdb.ask("-exec-continue", limit=ANSWER_LIMIT)[0]
            if result.name == "error":
                raise failure(result)
        except TargetError:
            self._runs = False
            raise
        if self.asked:
            self._stop_soon()

    def _rung(self) -> None:
        os.read(self._bell, 64)
        if self.asked:
            self._stop_soon()

    def _stop_soon(self) -> None:
        if self._runs and self._interrupted is None:
            self._interrupted = Patience(_ASK_AGAIN), Patience(_STOP_LIMIT - _SLICE)
            self._halt(True)

    def _wait(self, patience: float | None) -> Halt | None:
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            record = self._gdb.record(_next_look(deadline))
            if record is None:
                if deadline is not None and time.monotonic() >= deadline:
                    return None
                self._nudge()
                continue
            halt = self._stop_in(record)
            if halt is not None:
                return halt

    def _nudge(self) -> None:
        """A halt that a stop overtook is lost where gdb goes on by itself: ask again."""
        if self._interrupted is None:
            return
        again, altogether = self._interrupted
        if altogether.over():
            self._runs = False
            raise self._gdb.give_up(_STOP_LIMIT)
        if again.over():
            self._halt(True)

    def _stop_in(self, record: Record) -> Halt | None:
        """The stop that `record` reports; raises where it says that there will be none."""
        if record.kind == "*" and record.name == "stopped":
            self._stands()
            # gdb may still have something to say to the stub.
            self._gdb.ask(_NOTHING)
            return _halt(record)
        if record.kind == "^" and record.name == "error":
            self._stands()
            raise failure(record)
        if record.kind == "=" and record.name == "thread-group-exited":
            self._stands()
            raise TargetGoneError(_("The guest is gone: QEMU ended or closed the connection."))
        self._gdb.notices.append(record)
        return None

    def _stands(self) -> None:
        self._runs = False
        if self._interrupted is not None:
            self._halt(False)


def _next_look(deadline: float | None) -> float:
    soon = time.monotonic() + _SLICE
    return soon if deadline is None else min(soon, deadline)


def _halt(record: Record) -> Halt:
    """Read by patterns: the full parser takes as long as all the rest."""
    found = dict(_HALT_FIELDS.findall(record.body))
    return Halt(
        found.get("reason", ""), int(found.get("thread-id", 1)), found.get("signal-name", "")
    )


def check(reply: Record) -> None:
    """Raise the error that `reply` is, where it is one."""
    if reply.name == "error":
        raise failure(reply)


def failure(reply: Record) -> TargetError:
    """gdb's error as one of ours."""
    words = str(reply.results.get("msg", "")).strip().splitlines()
    message = words[0] if words else _("no reason given")
    if any(sign in message for sign in _GONE):
        return TargetGoneError(
            _("The guest is gone: QEMU ended or closed the connection ({reason}).").format(
                reason=message
            )
        )
    return TargetError(_("gdb says: {reason}").format(reason=message))
