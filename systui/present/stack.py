"""The kernel stack as rows: pt_regs slot by slot while it is being built, then bare words.

High addresses stand at the top, so that a push adds a line at the bottom, where rsp is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.model.frame import PtRegs, Slot, StackKind, Written
from systui.model.snapshot import Snapshot, StackView
from systui.present.edits import by_whom
from systui.present.registers import stack_title
from systui.present.rows import BLANK, Row, Span, clip, hexadecimal, row
from systui.words import _

_POINTER = "▸"
_REMEMBERED = 4096
_NOTE_COLUMN = 34
"""Cells before the words at a slot's end: mark, address, name, value and two blanks."""
_COLUMN = 26
"""Cells of a slot beside others: mark, name, mark, value and a blank."""


def stack_rows(
    snapshot: Snapshot, architecture: Architecture, size: int, height: int | None = None
) -> tuple[Row, ...]:
    """The frame of the call under way, if there is one, and the words between rsp and it.

    Where a slot a line is more than `height` lines, the slots stand in columns as far as `size`
    cells allow; a line below them then tells all of the one just written, or where rsp is.
    """
    frame, stack = snapshot.frame, snapshot.stack
    word = architecture.pt_regs.word
    if frame is None:
        return tuple(_words(stack, len(stack.words)))
    just = frame.just_written
    slots = [
        _slot(slot, slot.name == just, size, stack.pointer, architecture) for slot in frame.slots
    ]
    columns = _columns(len(slots), size, height)
    if columns > 1:
        focus = _focus(snapshot)
        told = [line for line in slots if line.tag == focus]
        slots = [*_abreast(frame, stack.pointer, columns, word), *told]
    distance = (frame.address - stack.pointer) // stack.word
    if not 0 < distance <= len(stack.words):
        return tuple(slots)
    return (*slots, *_words(stack, distance))


def stack_facts(snapshot: Snapshot) -> str:
    """Which stack rsp is on and how far the frame is, for the pane's title."""
    kind = stack_title(snapshot.stack.kind)
    frame = snapshot.frame
    if frame is None:
        return kind
    written = sum(slot.written is Written.YES for slot in frame.slots)
    if written == len(frame.slots):
        return _("{stack} · pt_regs complete").format(stack=kind)
    return _("{stack} · pt_regs {written} of {all}").format(
        stack=kind, written=written, all=len(frame.slots)
    )


def stack_focus(snapshot: Snapshot, rows: Sequence[Row]) -> int | None:
    """Index of the row that a reader should see: the slot just written, else where rsp is."""
    focus = _focus(snapshot)
    for index, line in enumerate(rows):
        if focus == line.tag or (isinstance(line.tag, str) and focus in line.tag.split()):
            return index
    return None


def _focus(snapshot: Snapshot) -> str | int | None:
    """Name of the slot just written, else of the one where rsp is, else rsp itself."""
    frame = snapshot.frame
    if frame is None:
        return snapshot.stack.pointer
    if frame.just_written is not None:
        return frame.just_written
    return next(
        (slot.name for slot in frame.slots if slot.address == snapshot.stack.pointer),
        frame.slots[0].name if frame.slots else None,
    )


def _columns(count: int, size: int, height: int | None) -> int:
    """In how many columns `count` slots stand, so that they fit into `height` lines if they can."""
    if height is None or height <= 1 or count <= height:
        return 1
    return max(1, min(-(-count // (height - 1)), (size + 1) // _COLUMN))


def _abreast(frame: PtRegs, pointer: int, columns: int, word: int) -> list[Row]:
    """The slots' names and values, running down the columns."""
    height = -(-len(frame.slots) // columns)
    lines = []
    for index in range(height):
        slots = frame.slots[index::height]
        spans = [span for slot in slots for span in _brief(slot, frame.just_written, pointer, word)]
        lines.append(row(*spans[:-1], tag=" ".join(slot.name for slot in slots)))
    return lines


def _brief(slot: Slot, just: str | None, pointer: int, word: int) -> tuple[Span, ...]:
    """A slot in `_COLUMN` cells: ▸ for rsp, its name, • where just written or ↑ where restored."""
    shown = _Shown(
        *(slot.name, slot.address, slot.value, slot.written, slot.restored, "", "", 2 * word)
    )
    is_just = slot.name == just
    mark = "•" if is_just else "↑" if slot.restored else " "
    return (
        Span(_POINTER if slot.address == pointer else " ", "mark.stack"),
        Span(f"{slot.name:<7}", "name.changed" if is_just else "name"),
        Span(mark, "changed" if is_just else "slot.restored"),
        *_value(shown, is_just),
        Span(" "),
    )


def _slot(slot: Slot, just: bool, size: int, pointer: int, architecture: Architecture) -> Row:
    note, role = _note(slot, just, architecture)
    digits = 2 * architecture.word
    shown = _Shown(
        *(slot.name, slot.address, slot.value, slot.written, slot.restored, note, role, digits)
    )
    return _slot_row(shown, just, slot.address == pointer, size)


class _Shown(NamedTuple):
    """What of a slot is on its line."""

    name: str
    address: int
    value: int | None
    written: Written
    restored: bool
    note: str
    role: str
    digits: int


@lru_cache(maxsize=_REMEMBERED)
def _slot_row(slot: _Shown, just: bool, here: bool, size: int) -> Row:
    room = size - _NOTE_COLUMN
    return row(
        *_address(slot.address, here),
        Span(f" {slot.name:<8} ", "name.changed" if just else "name"),
        *_value(slot, just),
        Span("  " + clip(slot.note, room) if slot.note and room > 0 else "", slot.role),
        base="just" if just else "",
        tag=slot.name,
    )


def _value(slot: _Shown, just: bool) -> tuple[Span, ...]:
    if slot.written is Written.NO:
        return (Span("┈" * slot.digits, "slot.unwritten"),)
    if slot.value is None:
        return (Span("?" * slot.digits, "slot.unknown"),)
    if slot.written is Written.UNKNOWN:
        return (Span(f"{slot.value:0{slot.digits}x}", "slot.unknown"),)
    role = "changed" if just else "slot.restored" if slot.restored else "slot.written"
    return hexadecimal(slot.value, slot.digits, role)


def _note(slot: Slot, just: bool, architecture: Architecture) -> tuple[str, str]:
    """Who wrote the slot, or what became of it, with the role to say it in."""
    if slot.restored:
        register = dict(architecture.pt_regs.registers).get(slot.name, slot.name)
        return _("→ {register} restored").format(register=register), "slot.restored"
    if slot.written is Written.UNKNOWN:
        return _("unknown"), "slot.unknown"
    if slot.written is Written.NO:
        return "", "slot.unwritten"
    by = by_whom(slot.by or "")
    return (f"◀ {by}", "changed") if just else (by, "muted")


def _words(stack: StackView, count: int) -> list[Row]:
    """The `count` words from rsp upwards, highest first."""
    user, word = stack.kind is StackKind.USER, stack.word
    shown = [
        _word(stack.pointer + index * word, value, index == 0, user, 2 * word)
        for index, value in enumerate(stack.words[:count])
    ]
    return list(reversed(shown)) or [BLANK]


@lru_cache(maxsize=_REMEMBERED)
def _word(address: int, value: int | None, here: bool, user: bool, digits: int) -> Row:
    shown = (Span("?" * digits, "faint"),) if value is None else hexadecimal(value, digits)
    label = Span(" " * 10, "ring.user" if user else "text")
    return row(*_address(address, here), label, *shown, tag=address)


def _address(address: int, here: bool) -> tuple[Span, Span]:
    """The mark of rsp and an address by its last digits; all of a stack's words share the rest."""
    return (
        Span(_POINTER if here else " ", "mark.stack"),
        Span(f"…{address & 0xFFFF:04x}", "mark.stack" if here else "faint"),
    )
