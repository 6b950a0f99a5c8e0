"""How long an answer may take: a limit, and more of it on a machine that is short of CPU time."""

import os
import time
from pathlib import Path

_LOOK = 0.25
"""Seconds over which it is looked how crowded the machine is."""
_CROWDED = 0.25
"""The share of a time in which something waited for a CPU, from which on it was a crowded one."""
_MOST = 5
"""So many times the limit are enough on any machine."""
_PRESSURE = Path("/proc/pressure/cpu")
_ACCOUNT = Path("/proc/stat")
"""What there is instead where the kernel was built or started without the former."""


class Patience:
    """Runs out after a limit in seconds; later, while others keep the machine's CPUs busy.

    gdb or QEMU that gets no CPU does not hang. How long tasks have waited for one the kernel
    tells (Documentation/accounting/psi.rst), or else whether any CPU was idle (proc_stat(5)); where
    it tells neither, the limit is all.
    """

    def __init__(self, seconds: float) -> None:
        """Begin to wait now."""
        now = time.monotonic()
        self.until = now + max(seconds - _LOOK, 0)
        """When to ask next whether it is over, in seconds of the monotonic clock."""
        self._most = now + _MOST * seconds
        self._seen: tuple[float, float] | None = None

    def over(self) -> bool:
        """Whether it has run out; where not, `until` is moved on when it was reached."""
        now = time.monotonic()
        if now < self.until:
            return False
        waited = _waited()
        seen, self._seen = self._seen, (now, waited)
        self.until = now + _LOOK
        if seen is None:
            return False
        crowded = waited - seen[1] > _CROWDED * (now - seen[0])
        return not crowded or now >= self._most


def _waited() -> float:
    """Seconds in which at least one task waited for a CPU, since the machine was started."""
    try:
        return int(_PRESSURE.read_text().partition("total=")[2].split()[0]) / 1e6
    except (OSError, ValueError, IndexError):
        return _without_an_idle_cpu()


def _without_an_idle_cpu() -> float:
    """Seconds since some moment in which none was, at least; 0 for ever where that is not told."""
    try:
        idle, for_input = map(int, _ACCOUNT.read_text().partition("\n")[0].split()[4:6])
    except (OSError, ValueError):
        return 0.0
    return time.monotonic() - (idle + for_input) / os.sysconf("SC_CLK_TCK")
