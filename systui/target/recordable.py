"""What the screen may ask of a target that can be recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from systui.model.edit import Edit


@runtime_checkable
class Annotated(Protocol):
    """A target to whose stops people write notes."""

    def noted(self, position: int) -> str:
        """What was noted on the stop at `position`, a line each; empty: nothing. Any thread."""


@runtime_checkable
class Recordable(Protocol):
    """A target whose stops can be written to a file; `systui.target.recorder` makes them."""

    problem: str | None
    """Why the last recording ended by itself; None where it did not."""

    @property
    def path(self) -> Path | None:
        """The file being written; None while nothing is recorded."""

    def start_recording(self, path: Path) -> None:
        """Record from the present stop on, to `path`; BadInputError where that cannot be."""

    def stop_recording(self) -> int:
        """End the file properly; returns how many stops it holds."""

    def settle(self) -> None:
        """Nobody moves on for now: have what stands here in the file."""

    @property
    def curious(self) -> bool:
        """What is known at the present stop is to go into the file."""

    def know(self, known: Mapping[str, object]) -> None:
        """Put it down, as `systui.decode.remembered` tells it."""

    def edited(self, edits: Sequence[Edit]) -> None:
        """Put down all that was changed by hand at the present position."""

    def note(self, text: str) -> None:
        """Put a person's note on the present stop into the recording."""
