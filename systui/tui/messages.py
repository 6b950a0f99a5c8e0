"""What panes and the session's thread tell the app."""

from textual.message import Message

from systui.model.code import Location
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


class Asked(Message):
    """The prompt was answered."""

    def __init__(self, purpose: str, text: str) -> None:
        self.purpose = purpose
        self.text = text
        super().__init__()


class Left(Message):
    """The prompt or an input was left without an answer."""


class Typed(Message):
    """A line for the program's standard input; empty bytes are its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        super().__init__()


class Noted(Message):
    """The walk's script has a sentence for the stop that is about to be shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Said(Message):
    """A command has something to tell in passing."""

    def __init__(self, text: str, breakpoints: tuple[Location, ...] | None = None) -> None:
        self.text = text
        self.breakpoints = breakpoints
        """Where breakpoints are set now; None where that did not change."""
        super().__init__()
