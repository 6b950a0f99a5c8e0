"""What one instruction, or a run of them, did: parts as data; `present` puts it in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Store:
    """A write to memory, as seen."""

    address: int
    size: int
    value: int | None
    """None where the stored value is not known (a string instruction, a served call)."""
    slot: str | None = None
    """The pt_regs field that it hit."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What ran last.

    `kind` is a stable identifier that `present` has a sentence for (`push_slot`, `swapgs`,
    `cr3_switch`, `sysret_check`, `syscall`, `sysret`, `iret`, `call`, `served`, `fault`, …);
    `parts` are the values that the sentence needs, JSON-able, and part of the JSON output.
    """

    kind: str
    position: int
    """Position before it ran; the stop that shows it stands later."""
    instruction: str
    parts: Mapping[str, int | str | bool | None] = field(default_factory=dict)
    stores: tuple[Store, ...] = ()
    steps: int = 1
    """How many instructions it covers (at a landmark: all since the stop shown before)."""
