"""What a person changed by hand, in words."""

from collections.abc import Iterable

from systui.model.edit import HAND, Edit
from systui.present.numbers import hexadecimal
from systui.words import _

MARK = "✎"


def edit_text(edit: Edit) -> str:
    """`pt_regs.r11: 0x246 → 0x0`."""
    name = edit.name or f"{{{edit.size}}}{edit.address or 0:#x}"
    return f"{name}: {hexadecimal(edit.old)} → {hexadecimal(edit.new)}"


def by_whom(text: str) -> str:
    """Who stored or changed something: an instruction, `CPU`, or a person."""
    return _("by hand") if text == HAND else text


def edits_sentence(edits: Iterable[Edit]) -> str:
    """One sentence for all changes made at one position; empty where there are none."""
    texts = ", ".join(map(edit_text, edits))
    return _("Changed by hand here: {edits}").format(edits=texts) if texts else ""


def edited_registers(edits: Iterable[Edit]) -> frozenset[str]:
    """The registers among what was changed."""
    return frozenset(edit.name for edit in edits if edit.address is None)
