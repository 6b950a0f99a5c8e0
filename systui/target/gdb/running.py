"""The guest running under gdb: started, waited for, interrupted from any thread.

While it runs, gdb takes no commands: a signal is all that reaches it.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from systui.model.errors import TargetError, TargetGoneError
from systui.target.gdb.mi import Record
from systui.target.gdb.packets import Halt
from systui.target.gdb.patience import Patience
from systui.target.gdb.transport import ANSWER_LIMIT, Gdb
from systui.words import _

_SIGNAL_AGAIN = 0.8
"""Seconds after which an interrupt that was not followed by a stop is sent once more.

By a second one that reaches it while it waits, gdb gives the guest up: not too soon.
"""
_STOP_LIMIT = 2.0
"""Seconds after an interrupt until gdb or the stub is taken to hang."""
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

    def __init__(self, gdb: Gdb) -> None:
        self._gdb = gdb
        self._lock = threading.Lock()
        self._runs = False
        self._moving = False
        self.asked = False
        """Whether `interrupt` was called since the move under way began."""
        self._interrupted: tuple[Patience, Patience] | None = None
        """How long SIGINT, once sent for the run under way, may go without effect: until it is
        sent again, and altogether. None while it was not sent."""
        self._insisted = False
        """Whether a second SIGINT was sent for the run under way."""

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
                self._signal()

    def proceed(self, patience: float | None = None) -> Halt | None:
        """Let all CPUs run until something stops them; None after `patience` seconds without.

        After None the guest still runs: call `halt` next.
        """
        self._start()
        return self._wait(patience)

    def halt(self) -> Halt:
        """Stop a guest that runs and wait until it stands."""
        with self._lock:
            self._signal()
        stop = self._wait(None)
        assert stop is not None
        return stop

    def _start(self) -> None:
        with self._lock:
            self._interrupted = None
            self._insisted = False
            self._runs = True
        try:
            result = self._gdb.ask("-exec-continue", limit=ANSWER_LIMIT)[0]
            if result.name == "error":
                raise failure(result)
        except TargetError:
            self._runs = False
            raise
        with self._lock:
            if self.asked:
                self._signal()

    def _signal(self) -> None:
        """Send SIGINT, once for each run: by a second one gdb would give the guest up."""
        if self._runs and self._interrupted is None:
            self._interrupted = Patience(_SIGNAL_AGAIN), Patience(_STOP_LIMIT - _SLICE)
            self._gdb.interrupt()

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
        """One of several SIGINTs is lost under a storm of stops: send it again, then give up."""
        if self._interrupted is None:
            return
        again, altogether = self._interrupted
        if altogether.over():
            self._runs = False
            raise self._gdb.give_up(_STOP_LIMIT)
        if not self._insisted and again.over():
            self._insisted = True
            self._gdb.interrupt()

    def _stop_in(self, record: Record) -> Halt | None:
        """The stop that `record` reports; raises where it says that there will be none."""
        if record.kind == "*" and record.name == "stopped":
            with self._lock:
                self._runs = False
            # gdb may still have something to do; and a SIGINT that came too late makes it answer
            # its next command by `Quit`.
            self._gdb.ask(_NOTHING)
            return _halt(record)
        if record.kind == "^" and record.name == "error":
            with self._lock:
                self._runs = False
            raise failure(record)
        if record.kind == "=" and record.name == "thread-group-exited":
            with self._lock:
                self._runs = False
            if self._insisted:
                raise TargetGoneError(_("The guest does not react; gdb has given it up."))
            raise TargetGoneError(_("The guest is gone: QEMU ended or closed the connection."))
        self._gdb.notices.append(record)
        return None


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
