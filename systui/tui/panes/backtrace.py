"""The frames: kernel and program, cut at the entry; the one that is looked at is marked."""

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.rows import Row, Span, row
from systui.tui.messages import FrameChosen
from systui.tui.panes.base import BY_LINE, SIDEWAYS, RowsPane
from systui.tui.theme import Theme


class BacktracePane(RowsPane):
    """One frame a line; Enter looks at it."""

    pane = "backtrace"
    sideways = True

    BINDINGS: ClassVar[list[BindingType]] = [
        *BY_LINE,
        *SIDEWAYS,
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._frames: tuple[Row, ...] = ()
        self._selected = 0

    def take_answer(self, answer: object) -> None:
        """The frames of the stop that is about to be shown, the selected one's ground set."""
        if isinstance(answer, Exception):
            self._frames = (row(Span(f" {answer}", "error")),)
        elif isinstance(answer, list):
            self._frames = tuple(answer)
        bases = [bool(each.base) for each in self._frames]
        self._selected = bases.index(True) if True in bases else 0
        self.present()

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """What was taken."""
        return self._frames

    def focus_row(self, snapshot: Snapshot) -> int | None:
        """The frame that is looked at."""
        return self._selected

    def action_move(self, by: int) -> None:
        """Look at the frame beside it."""
        self._choose(self._selected + by)

    def on_click(self, event: Click) -> None:
        """A click looks at the frame that it hits."""
        self._choose(event.y + self.scroll_offset.y)

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._frames):
            self.post_message(FrameChosen(number))
