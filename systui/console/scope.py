"""What names in expressions stand for: one stop, or one frame of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from systui.arch.spec import Architecture
from systui.console.values import LONG, MASK, TYPES, VOID, Memory, Type, Value
from systui.decode.disassembly import full_width
from systui.model.errors import BadInputError
from systui.model.frame import Written
from systui.model.stop import MemoryRange, Space
from systui.target.protocol import Capability
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

_HIGH = frozenset(("ah", "bh", "ch", "dh"))
_ADDRESS = VOID._replace(pointers=1)


class Scope(Protocol):
    """Answers an expression's questions; BadInputError for what has no answer."""

    def register(self, name: str) -> Value:
        """`$name`."""

    def symbol(self, name: str) -> Value:
        """A name of the kernel or the program: its address."""

    def slot(self, name: str) -> Value:
        """A field of pt_regs; the frame's address for an empty name."""

    def per_cpu(self, offset: int) -> Value:
        """What lies `offset` bytes into the CPU's area."""

    def space(self, address: int) -> Space:
        """Which way an address is looked up where nothing else was said."""

    def load(self, value: Value) -> Value:
        """`value` with its number looked up where it has none yet."""


class StopScope:
    """The present stop of a debugger, or a frame that called what runs there."""

    def __init__(
        self,
        debugger: "Debugger",
        registers: Mapping[str, int],
        variables: Mapping[str, Value],
    ) -> None:
        """`registers`: the stop's or a frame's; `variables`: `$`-names that are no registers."""
        self._debugger = debugger
        self.registers = registers
        """By name; those of the frame that is looked at."""
        self._variables = variables

    def register(self, name: str) -> Value:
        """A register, a part of one, or a variable."""
        if name in self._variables:
            return self._variables[name]
        arch = self._debugger.kernel.arch
        named, whole = register_name(name, arch)
        bits = {each.name: each.bits for each in arch.registers}.get(whole)
        if bits is None:
            raise BadInputError(_("there is no register ${name}").format(name=name))
        value = self.registers.get(whole)
        if value is None:
            raise BadInputError(_("${name} is not known here").format(name=name))
        if whole != named:
            bits = _width(named)
        if named in _HIGH:
            value >>= 8
        if whole in (arch.pc, arch.sp) and bits == arch.bits:
            return Value(value, _ADDRESS, whole)
        kind = LONG if bits == 64 else Type(f"int{bits}_t", bits // 8, True)
        return Value(kind.fit(value), kind, whole if whole == named else None)

    def symbol(self, name: str) -> Value:
        """The kernel's symbol, else the program's."""
        for view in (self._debugger.kernel, self._debugger.program):
            found = None if view is None else view.image.symbol(name)
            if view is not None and found is not None:
                return Value(found.address + view.slide & MASK, _ADDRESS)
        raise BadInputError(
            _("nothing is called {name!r} in the kernel or the program").format(name=name)
        )

    def slot(self, name: str) -> Value:
        """A field of the frame of the way that is open."""
        frame = self._debugger.snapshot().frame
        if frame is None:
            raise BadInputError(_("there is no pt_regs here: no way into the kernel is open"))
        if not name:
            return Value(frame.address, _ADDRESS)
        slot = next((each for each in frame.slots if each.name == name), None)
        if slot is None:
            names = ", ".join(each.name for each in frame.slots)
            raise BadInputError(
                _("pt_regs has no {name!r}; it has {names}").format(name=name, names=names)
            )
        kind = LONG if self._debugger.kernel.arch.word == LONG.size else TYPES["int"]
        return Value(None, kind, Memory(self.space(slot.address), slot.address, name))

    def per_cpu(self, offset: int) -> Value:
        """At the kernel's GS base, wherever `swapgs` has it now."""
        start = self._debugger.kernel.arch.kernel_start
        bases = [self.registers.get(name, 0) for name in ("gs_base", "kernel_gs_base")]
        base = next((each for each in bases if each >= start), None)
        if base is None:
            raise BadInputError(_("the per-CPU area is not known here"))
        return Value(None, LONG, Memory(Space.KERNEL, base + offset & MASK), area=True)

    def space(self, address: int) -> Space:
        """The two halves never overlap."""
        kernel = address >= self._debugger.kernel.arch.kernel_start
        return Space.KERNEL if kernel else Space.USER

    def load(self, value: Value) -> Value:
        """Out of memory, where it lies there."""
        place = value.place
        if value.number is not None or not isinstance(place, Memory):
            return value
        if place.field and self._unwritten(place.field):
            raise BadInputError(_("pt_regs.{name} is not written yet").format(name=place.field))
        where = MemoryRange(place.space, place.address, value.type.width)
        data = self._debugger.target.read_memory([where])[0]
        if data is None:
            raise self.unreadable(place.address)
        return value._replace(number=value.type.fit(int.from_bytes(data, "little")))

    @property
    def live(self) -> bool:
        """Whether what cannot be read is not there; else it was not recorded."""
        return Capability.LIVE in self._debugger.target.capabilities

    def unreadable(self, address: int) -> BadInputError:
        """What is to be said where memory is asked for that cannot be read."""
        if self.live:
            return BadInputError(_("nothing can be read at {address:#x}").format(address=address))
        return BadInputError(_("not recorded: memory at {address:#x}").format(address=address))

    def _unwritten(self, field: str) -> bool:
        frame = self._debugger.snapshot().frame
        return frame is not None and frame.slot(field).written is Written.NO


def register_name(name: str, arch: Architecture) -> tuple[str, str]:
    """A register's own name for one of gdb's, and the name of the whole that it is (a part of)."""
    others = {
        "pc": arch.pc,
        "sp": arch.sp,
        "fp": arch.holder["bp"],
        **dict.fromkeys(("flags", "eflags", "rflags"), arch.flags_register),
    }
    named = others.get(name, name)
    return named, full_width(named, arch.bits)


def _width(part: str) -> int:
    """Bits of a part of a register, by its name."""
    if part[-1] in "lhb":
        return 8
    return 32 if part[0] == "e" or part[-1] == "d" else 16
