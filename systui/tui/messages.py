"""What panes and the session's thread tell the app."""

from collections.abc import Sequence

from textual.message import Message

from systui.model.code import Location
from systui.present.rows import Row
from systui.session.session import Event


class SessionEvent(Message):
    """Something came from the session's thread."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__()


class Told(Message):
    """Answers that a command read off the debugger for the screen."""

    def __init__(self, facts: object) -> None:
        self.facts = facts
        super().__init__()


class Chosen(Message):
    """A call of the table shall be followed."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class PhaseChosen(Message):
    """A phase on the timeline was clicked."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__()


class ActionChosen(Message):
    """An action was clicked in the footer or chosen elsewhere."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__()


class PaneChosen(Message):
    """A pane shall come to the front and take the focus."""

    def __init__(self, pane: str) -> None:
        self.pane = pane
        super().__init__()


class Arranged(Message):
    """The person changed the arrangement of the panes."""


class Answered(Message):
    """What the console answered to a line, and where breakpoints are now."""

    def __init__(
        self,
        text: str,
        rows: Sequence[Row],
        breakpoints: tuple[Location, ...],
        names: tuple[str, ...],
    ) -> None:
        self.text = text
        self.rows = rows
        self.breakpoints = breakpoints
        self.names = names
        super().__init__()


class Completing(Message):
    """The end of `text` shall be completed."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Completed(Message):
    """`text` is `new` with its last word completed; `found` are the ways to go on from there."""

    def __init__(self, text: str, new: str, found: Sequence[str]) -> None:
        self.text = text
        self.new = new
        self.found = found
        super().__init__()


class Wanted(Message):
    """A pane wants to know something of the stop at hand that was not asked for."""

    def __init__(self, pane: str) -> None:
        self.pane = pane
        super().__init__()


class FrameChosen(Message):
    """A frame of the backtrace shall be looked at."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()


class StopChosen(Message):
    """The stop at a position shall be gone to."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__()


class CursorMoved(Message):
    """The cursor of a list stands on another row."""


class PanesSeen(Message):
    """Other panes are in sight now."""


class Noted(Message):
    """The walk's script has a sentence for the stop that is about to be shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Said(Message):
    """A command has something to tell in passing."""

    def __init__(
        self,
        text: str,
        breakpoints: tuple[Location, ...] | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        self.text = text
        self.names = names
        """Of the breakpoints that are to be there the next time."""
        self.breakpoints = breakpoints
        """Where breakpoints are set now; None where that did not change."""
        super().__init__()
