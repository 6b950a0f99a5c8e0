"""What a person changed by hand."""

from typing import NamedTuple

HAND = "hand"
"""Who wrote a slot that was edited, where else an instruction's text or `CPU` stands."""


class Edit(NamedTuple):
    """One change of a register or of memory, made while the target stood at `position`."""

    position: int
    name: str
    """The register, `pt_regs.` and the field, or empty for other memory."""
    address: int | None
    """Where in memory; None for a register."""
    size: int
    """Bytes."""
    old: int | None
    """None where it could not be read."""
    new: int
