"""What the screen needs to know of a debugger once, read on its own thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.kernel.syscalls import SyscallTable
from systui.model.code import Location
from systui.present.source import Namer, no_names
from systui.target.recordable import Annotated
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger


@dataclass(frozen=True)
class Facts:
    """Immutable parts of a debugger that another thread may read."""

    title: str
    key: str
    """Under what name things of this program are kept for the next time."""
    architecture: Architecture
    table: SyscallTable
    name: Namer = no_names
    """What an address of the kernel or the program is called."""
    noted: Callable[[int], str] = lambda _position: ""
    """What people noted on the stop at a position."""


def read_facts(debugger: Debugger) -> Facts:
    """What does not change while `debugger` lives."""
    info = debugger.target.info
    program = (info.program or "").rpartition("/")[2]
    parts = (program, _kind(info.kind), info.kernel)
    return Facts(
        title=" · ".join(part for part in parts if part),
        key=f"{info.kind} {_whole(info.program or info.kernel)}",
        architecture=debugger.kernel.arch,
        table=debugger.kernel.table,
        name=_names(debugger),
        noted=_notes(debugger),
    )


def _notes(debugger: Debugger) -> Callable[[int], str]:
    target = debugger.target
    return target.noted if isinstance(target, Annotated) else lambda _position: ""


def _whole(program: str) -> str:
    """A program's path from the root on, where it is a file's."""
    return os.path.realpath(program) if os.path.exists(program) else program  # noqa: PTH110


def _names(debugger: Debugger) -> Namer:
    """Names out of the images' symbols, which never change."""
    kernel, program = debugger.kernel, debugger.program
    border = kernel.arch.kernel_start

    @lru_cache(maxsize=4096)
    def name(address: int) -> str:
        view = kernel if address >= border else program
        found = None if view is None else view.image.locate(address - view.slide)
        return "" if found is None else Location(address, found[0].name, found[1]).name

    return name


def _kind(kind: str) -> str:
    return {
        "emulator": _("emulator"),
        "gdb": _("gdb"),
        "recording": _("recording"),
    }.get(kind, kind)
