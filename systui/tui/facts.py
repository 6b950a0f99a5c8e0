"""What the screen needs to know of a debugger once, read on its own thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.kernel.syscalls import SyscallTable
from systui.model.call import SyscallRow
from systui.model.code import Location
from systui.present.source import Namer, no_names
from systui.target.recordable import Annotated
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger


def no_handler(entry: SyscallRow) -> str:
    """What answers a call as the table's source has it, where no kernel is at hand."""
    return entry.entry or ""


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
    handler: Callable[[SyscallRow], str] = no_handler
    """The symbol and the address of what answers a call of the table."""
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
        calls=debugger.kernel.calls,
        name=_names(debugger),
        handler=_handlers(debugger),
        noted=_notes(debugger),
    )


def _handlers(debugger: Debugger) -> Callable[[SyscallRow], str]:
    """By the table of a kernel, else by the names that handlers have."""
    kernel = debugger.kernel

    @lru_cache(maxsize=4096)
    def handler(entry: SyscallRow) -> str:
        if entry.address is not None:
            return f"{entry.symbol or entry.entry} {entry.address + kernel.slide:#x}"
        compat = (f"__ia32_{entry.compat}", f"__ia32_{entry.entry}")
        native = (f"__x64_{entry.entry}", entry.entry or "")
        for name in (*compat, *native) if entry.abi == "i386" else (*native, *compat):
            found = kernel.image.symbol(name)
            if found is not None:
                return f"{name} {found.address + kernel.slide:#x}"
        return entry.entry or ""

    return handler


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
