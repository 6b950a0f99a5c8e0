"""What an effect is told from: one step with what was known on both sides of it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from systui.decode.fold import Step
from systui.decode.way import Track, Way
from systui.kernel.path import EntryPath
from systui.model.frame import StackKind
from systui.model.operation import Operation
from systui.model.stop import Read

Parts = Mapping[str, int | str | bool | None]
"""Parts of an effect by name."""


class Names(NamedTuple):
    """What things are called."""

    place: Callable[[int], str]
    """An address as `symbol+0x1c`."""
    call: Callable[[int, str], str | None]
    """A system call's name by its number and ABI."""
    stack: Callable[[int, Track], StackKind]
    """Which stack an address lies on."""


class Scene(NamedTuple):
    """One step, its surroundings, and where to look things up."""

    step: Step
    was: Track
    now: Track
    path: EntryPath
    names: Names
    read: Read

    def call_name(self, number: int) -> str | None:
        """What the call under way is called, or another of its ABI."""
        way = self.now.call if self.now.ways else self.was.call
        return self.names.call(number, self.step.arch.syscall.abi if way is None else way.abi)

    @property
    def operation(self) -> Operation:
        """The instruction that ran."""
        return self.step.operation

    @property
    def before(self) -> Mapping[str, int]:
        """Registers before it."""
        return self.step.before

    @property
    def after(self) -> Mapping[str, int]:
        """Registers after it."""
        return self.step.after

    @property
    def address(self) -> int:
        """Where it stands."""
        return self.operation.instruction.address

    @property
    def way(self) -> Way | None:
        """The innermost way before the step."""
        return self.was.way

    def changed(self, register: str) -> bool:
        """Whether a register has another value now."""
        return self.before.get(register) != self.after.get(register)
