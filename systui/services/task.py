"""A task: what one thread of one program has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from systui.services.memory import AddressSpace
from systui.services.ports import Pager, ThreadRegisters, UserFrame
from systui.services.state import Stateful
from systui.services.user import UserMemory

if TYPE_CHECKING:
    from systui.services.system import System

FIRST_PID = 1000


class Task(Stateful):
    """One thread; with one program there is one."""

    STATE = ("comm", "umask")

    def __init__(self, system: System, pager: Pager, thread: ThreadRegisters) -> None:
        self.system = system
        self.thread = thread
        self.pid = FIRST_PID
        self.memory = AddressSpace(pager, system.options.memory)
        self.user = UserMemory(pager)
        self.frame: UserFrame
        """pt_regs of the call under way."""
        self.comm = system.options.program.rpartition("/")[2][:15]
        self.umask = 0o022

    def save(self) -> object:
        """Its own state and its address space's."""
        return (super().save(), self.memory.save())

    def restore(self, saved: object) -> None:
        """Be exactly as at `save`."""
        own, memory = cast("tuple[object, object]", saved)
        super().restore(own)
        self.memory.restore(memory)
