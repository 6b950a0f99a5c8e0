"""A navigation script: what to walk to, what to expect there, what to say. Pure data.

The file format is described in docs/follow-scripts.md; `systui.follow.reader` reads it.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from systui.model.call import Phase

LANDMARKS = (
    "user_syscall",
    "entry",
    "kernel_cr3",
    "kernel_stack",
    "frame_complete",
    "do_syscall",
    "dispatch",
    "bad_number",
    "handler",
    "served",
    "handler_return",
    "exit_work",
    "restore",
    "sysret_check",
    "sysret_path",
    "iret_path",
    "trampoline",
    "user_cr3",
    "sysret",
    "iret",
    "user_return",
)
"""The landmarks of a call's way that a script may name, in the order they come."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Pace(Enum):
    """Which stops on the way are shown."""

    TARGET = "run_to"
    """Only the place itself."""
    LANDMARKS = "walk"
    LINES = "line"
    INSTRUCTIONS = "step"


class Move(NamedTuple):
    """Go on to the first of some places, or by a count, showing the stops that `pace` names."""

    pace: Pace
    places: tuple[str, ...] = ()
    """Landmarks, symbols or addresses (`0x…`), the first to come is meant; or `repeat` stops."""
    repeat: int = 0
    optional: bool = False
    """Passed over in silence where a later place of the script comes first."""
    inside: bool = False
    """Whether the handler is walked through as well, instead of run over."""


class Expectation(NamedTuple):
    """What must hold at a stop; None and empty mean: not asked."""

    phase: Phase | None = None
    landmark: str | None = None
    symbol: str | None = None
    registers: Mapping[str, int] = _NOTHING
    slots: Mapping[str, int] = _NOTHING
    """pt_regs fields that must be written and hold these values."""
    unwritten: tuple[str, ...] = ()
    """pt_regs fields that must not be written yet."""
    result: str | int | None = None
    """The call's result: a number, or an errno's name."""


class ScriptStep(NamedTuple):
    """One `[[step]]`: an optional move, then an optional check, then an optional sentence."""

    number: int
    """Counted from 1, as messages name it."""
    move: Move | None = None
    expect: Expectation | None = None
    note: str | None = None
    notes: Mapping[str, str] = _NOTHING
    """Sentences for the landmarks shown on the way."""


class Script(NamedTuple):
    """A whole script."""

    name: str
    """The file's name, for messages."""
    title: str
    steps: tuple[ScriptStep, ...]
    call: str | None = None
    """The call it is about, when the user names none."""
