"""pt_regs as it is being built: a way's marks and the frame's bytes to a `PtRegs`."""

from systui.arch.spec import PtRegsLayout
from systui.decode.way import Mark, Way
from systui.model.frame import PtRegs, Slot, StackKind, Written

_SELECTORS = frozenset(("cs", "ss"))
_UNSEEN = Mark(None, None)


def decode_frame(
    way: Way, layout: PtRegsLayout, raw: bytes | None, stack: StackKind, position: int
) -> PtRegs | None:
    """The frame of `way` at `position`; None while its place is not known.

    `raw` are the frame's bytes; None where they cannot be read.
    """
    if way.frame is None:
        return None
    frame = way.frame
    slots = tuple(
        _slot(way, name, frame + offset, offset, layout.word, raw)
        for name, offset in reversed(layout.fields)
    )
    fresh = [slot.name for slot in slots if slot.position == position]
    return PtRegs(frame, stack, slots, way.moved_from, fresh[-1] if fresh else None)


def _slot(way: Way, name: str, address: int, offset: int, size: int, raw: bytes | None) -> Slot:
    mark = way.slots.get(name)
    written = Written.YES if mark else Written.UNKNOWN if name in way.possible else Written.NO
    value = None
    if raw is not None and written is not Written.NO:
        value = int.from_bytes(raw[offset : offset + size], "little")
        if name in _SELECTORS:
            value &= 0xFFFF
    by, position = mark or _UNSEEN
    return Slot(name, address, value, written, by, position, name in way.restored)
