"""How long something takes, on a machine whose CPUs others use as well."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from systui.target.gdb import patience

LIMIT = 2.0
"""Seconds that a person may be left waiting."""
_MOST = 5
"""So many times a limit are enough on any machine, as they are to systui."""
_PRESSURE = Path("/proc/pressure/cpu")


@contextmanager
def soon(limit: float = LIMIT) -> Iterator[None]:
    """What happens inside takes no longer, but for the time in which tasks waited for a CPU."""
    began, before = time.monotonic(), _crowded()
    yield
    took = time.monotonic() - began
    assert took < _MOST * limit
    assert took - (_crowded() - before) < limit


def _crowded() -> float:
    """Seconds of that kind until now; where the kernel does not tell, all may have been."""
    if not _PRESSURE.exists():
        return time.monotonic()
    return int(_PRESSURE.read_text().partition("total=")[2].split()[0]) / 1e6


@contextmanager
def uncrowded() -> Iterator[None]:
    """Inside, the machine's CPUs are idle as far as systui knows: it stretches no limit."""
    with pytest.MonkeyPatch.context() as patch:
        for source in ("_PRESSURE", "_ACCOUNT"):
            patch.setattr(patience, source, Path("/nowhere"))
        yield
