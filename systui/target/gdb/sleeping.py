"""Whether the tasks that a run waits for sleep, and in which call: asked while the guest stands."""

import time
from collections.abc import Callable, Mapping

from systui.arch.spec import Architecture
from systui.kernel.syscalls import bundled
from systui.target.gdb.linux import Linux

_PATIENCE = 0.5
"""Seconds without a stop after which a call under way is looked at for the first time."""
_MOST_PATIENCE = 8.0
_NAPS = frozenset(("nanosleep", "clock_nanosleep", "clock_nanosleep_time64"))
"""These end by themselves."""
_READS = frozenset(
    ("read", "readv", "poll", "ppoll", "ppoll_time64", "select", "pselect6", "_newselect")
)
"""What is typed may end these."""


class Look:
    """When to look whether a task that should come back sleeps: ever more seldom."""

    def __init__(self) -> None:
        self._pause = _PATIENCE
        self._at = time.monotonic() + _PATIENCE

    @property
    def patient(self) -> bool:
        """Whether it is early enough to give a busy guest more time."""
        return self._pause < _MOST_PATIENCE / 4

    def left(self) -> float:
        """Seconds until then."""
        return max(self._at - time.monotonic(), 0.001)

    def later(self) -> None:
        """It does not: look again in twice the time."""
        self._pause = min(2 * self._pause, _MOST_PATIENCE)
        self._at = time.monotonic() + self._pause


class Sleepers:
    """Those of one guest."""

    def __init__(
        self, linux: Linux, running: Callable[[], set[int | None]], refresh: Callable[[], None]
    ) -> None:
        """`running`: the tasks that stand on its CPUs. `refresh` forgets what was read before."""
        self._linux = linux
        self._running = running
        self._refresh = refresh
        self.fed = False
        """Whether more is to be typed at the console, without anybody asked for it."""

    def all_sleep(self, pointer: int, patient: bool, alone: bool) -> bool:
        """Whether neither this task goes on by itself nor, unless `alone`, one that stems from it.

        With `patient`, a guest that is at work may still be about to wake it.
        """
        self._refresh()
        running = self._running()
        if pointer in running or not self._waits(pointer):
            return False
        if patient and any(self._linux.task(one).pid for one in running if one is not None):
            return False
        if alone:
            return True
        number = self._linux.task(pointer).pid
        stem = (
            at
            for at in self._linux.processes()
            if any(task.pid == number for task in self._linux.forebears(at))
        )
        return all(self._linux.stands(at) or (at not in running and self._waits(at)) for at in stem)

    def _waits(self, pointer: int) -> bool:
        """Not just for time to pass, or for what is still to be typed."""
        if not self._linux.asleep(pointer):
            return False
        call = _name(self._linux.arch, self._linux.user_frame(pointer))
        return call not in _NAPS and not (self.fed and call in _READS)


def _name(arch: Architecture, frame: Mapping[str, int]) -> str | None:
    """The usual name of the call that `frame` was made for."""
    compat = arch.compat is not None and frame.get("cs") == arch.compat_cs
    row = bundled("i386" if compat else arch.name).by_number(frame.get("orig_ax", -1))
    return None if row is None else row.name


def call_of(arch: Architecture, frame: Mapping[str, int]) -> str:
    """A call's number with its usual name."""
    name, number = _name(arch, frame), frame.get("orig_ax", "?")
    return f"{number}" if name is None else f"{number} ({name})"
