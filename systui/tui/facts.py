"""What the screen needs to know of a debugger once, read on its own thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.kernel.syscalls import SyscallTable
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger


@dataclass(frozen=True)
class Facts:
    """Immutable parts of a debugger that another thread may read."""

    title: str
    architecture: Architecture
    table: SyscallTable


def read_facts(debugger: Debugger) -> Facts:
    """What does not change while `debugger` lives."""
    info = debugger.target.info
    program = (info.program or "").rpartition("/")[2]
    parts = (program, _kind(info.kind), info.kernel)
    return Facts(
        title=" · ".join(part for part in parts if part),
        architecture=debugger.kernel.arch,
        table=debugger.kernel.table,
    )


def _kind(kind: str) -> str:
    return {
        "emulator": _("emulator"),
        "gdb": _("gdb"),
        "recording": _("recording"),
    }.get(kind, kind)
