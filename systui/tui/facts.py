"""What the screen needs to know of a debugger once, read on its own thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.kernel.provenance import Provenance, provenance
from systui.kernel.syscalls import SyscallTable
from systui.model.call import SyscallRow
from systui.model.code import Location
from systui.present.kernel_name import kernel_name
from systui.present.source import Namer, no_names
from systui.target.recordable import Annotated, Recordable
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
    calls: Callable[[str], SyscallTable] | None = None
    """The table of the calls made through an ABI, where there are several."""
    origin: Callable[[SyscallRow], Provenance] = provenance
    """Where a row of the call table comes from, as far as that is known without a look."""
    noted: Callable[[int], str] = lambda _position: ""
    """What people noted on the stop at a position."""
    program: str = ""
    """The program's name without its directories."""
    recorded: Recordable | None = None
    """What can be recorded; the screen asks it only whether it is, which any thread may."""


def read_facts(debugger: Debugger) -> Facts:
    """What does not change while `debugger` lives."""
    info = debugger.target.info
    program = (info.program or "").rpartition("/")[2]
    parts = (program, _kind(info.kind), kernel_name(info.kernel))
    return Facts(
        title=" · ".join(part for part in parts if part),
        key=f"{info.kind} {_whole(info.program or info.kernel)}",
        architecture=debugger.kernel.arch,
        table=debugger.kernel.table,
        calls=debugger.kernel.calls,
        name=_names(debugger),
        origin=_origins(debugger),
        noted=_notes(debugger),
        program=program,
        recorded=debugger.target if isinstance(debugger.target, Recordable) else None,
    )


def _origins(debugger: Debugger) -> Callable[[SyscallRow], Provenance]:
    """By the image's symbols and table, which never change."""
    image, slide = debugger.kernel.image, debugger.kernel.slide
    return lru_cache(maxsize=4096)(lambda row: provenance(row, image, slide=slide))


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
