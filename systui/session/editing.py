"""Changing registers and memory by hand, with each change kept as an `Edit`."""

from typing import TYPE_CHECKING

from systui.model.edit import Edit
from systui.model.errors import MemoryFaultError, NotSupportedError
from systui.model.stop import MemoryRange, Space
from systui.session.tracker import Tracker
from systui.target.protocol import Capability, Writable
from systui.target.recordable import Recordable
from systui.words import _

if TYPE_CHECKING:
    from systui.session.picture import Picture


class Editor:
    """Edits one target. Every method may raise what the target raises."""

    def __init__(self, tracker: Tracker, picture: "Picture") -> None:
        self._tracker = tracker
        self._picture = picture

    def register(self, name: str, value: int) -> Edit:
        """Set register `name` to `value`; NotSupportedError where that cannot be."""
        bits = {each.name: each.bits for each in self._tracker.kernel.arch.registers}[name]
        value &= (1 << bits) - 1
        edit = Edit(
            self._tracker.stop.position,
            name,
            None,
            bits // 8,
            self._tracker.values.get(name),
            value,
        )
        self._writable().write_registers({name: value})
        self._done(edit, ())
        return edit

    def memory(self, space: Space, address: int, size: int, value: int) -> Edit:
        """Store the low `size` bytes of `value`; MemoryFaultError, NotSupportedError."""
        target, where = self._writable(), MemoryRange(space, address, size)
        old = self._tracker.target.read_memory([where])[0]
        if old is None:
            raise MemoryFaultError(
                _("nothing can be read at {address:#x}, so nothing is written").format(
                    address=address
                )
            )
        value &= (1 << 8 * size) - 1
        slots = self._slots(space, address, size)
        edit = Edit(
            self._tracker.stop.position,
            f"pt_regs.{slots[0]}" if len(slots) == 1 else "",
            address,
            size,
            int.from_bytes(old, "little"),
            value,
        )
        target.write_memory(space, address, value.to_bytes(size, "little"))
        self._done(edit, slots)
        return edit

    def _writable(self) -> Writable:
        target = self._tracker.target
        if not isinstance(target, Writable):
            raise NotSupportedError(_("this target can be looked at, not changed"))
        if Capability.WRITE not in target.capabilities:
            target.write_registers({})  # it says why
        return target

    def _slots(self, space: Space, address: int, size: int) -> tuple[str, ...]:
        """The fields of pt_regs that a write touches."""
        way = self._tracker.track.way
        if way is None or way.frame is None or space is Space.PHYSICAL:
            return ()
        layout, first = self._tracker.kernel.arch.pt_regs, address - way.frame
        return tuple(
            name
            for name, offset in layout.fields
            if offset < first + size and first < offset + layout.word
        )

    def _done(self, edit: Edit, slots: tuple[str, ...]) -> None:
        self._tracker.edited(slots)
        self._picture.edited(edit)
        target = self._tracker.target
        if isinstance(target, Recordable):
            target.edited(self._picture.edits_at(edit.position))
