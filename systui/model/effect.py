"""What one instruction, or a run of them, did: parts as data; `present` puts it in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_NO_PARTS: Mapping[str, int | str | bool | None] = MappingProxyType({})


class Store(NamedTuple):
    """A write to memory, as seen."""

    address: int
    size: int
    value: int | None
    """None where the stored value is not known (a string instruction, a served call)."""
    slot: str | None = None
    """The pt_regs field that it hit."""


class Effect(NamedTuple):
    """What ran last.

    `kind` is a stable identifier that `present` has a sentence for (`push_slot`, `swapgs`,
    `cr3_switch`, `sysret_check`, `syscall`, `sysret`, `iret`, `call`, `served`, `fault`, …);
    `parts` are the values that the sentence needs, JSON-able, and part of the JSON output.
    """

    kind: str
    position: int
    """Position before it ran; the stop that shows it stands later."""
    instruction: str
    parts: Mapping[str, int | str | bool | None] = _NO_PARTS
    stores: tuple[Store, ...] = ()
    steps: int | None = 1
    """How many instructions it covers (at a landmark: all since the stop shown before); None
    where some of them ran at full speed and nobody counted them."""
