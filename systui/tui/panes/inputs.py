"""A line to type in: without a frame, one row high."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from systui.tui.messages import Left


class LineInput(Input):
    """Textual's input as one bare row; Esc leaves it."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus {
        height: 1; border: none; padding: 0 1; background: $surface; color: $foreground;
        background-tint: $foreground 0%;
    }
    LineInput:focus { background: $panel; }
    LineInput > .input--placeholder { color: $foreground 80%; text-style: italic; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False)]

    def action_leave(self) -> None:
        """Give up what was typed."""
        self.value = ""
        self.post_message(Left())
