"""The list of panes: jump to one by its number, hide one or have it back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click, Key
from textual.screen import ModalScreen
from textual.widgets import Static

from systui.present.rows import Span, pad, row
from systui.tui.arranging import Arranging
from systui.tui.messages import Arranged, PaneChosen
from systui.tui.panes.base import RowsPane
from systui.tui.panes.registry import PANES, pane_title
from systui.tui.theme import Theme
from systui.words import _

_DIGITS = "1234567890"


class _Panes(RowsPane, can_focus=False):
    """A line for each pane; the cursor moves with the arrow keys."""

    ground = "bar"

    DEFAULT_CSS = """
    _Panes { height: auto; background: $surface; }
    """

    def __init__(self, look: Theme, arranging: Arranging) -> None:
        super().__init__(look)
        self.arranging = arranging
        self.cursor = PANES.index(arranging.recent[0])

    def present(self) -> None:
        """Number, name, and whether it is hidden."""
        hidden = self.arranging.hidden
        self.set_rows(
            tuple(
                row(
                    Span(f" {_DIGITS[index : index + 1]:1}  ", "key"),
                    Span(pad(pane_title(pane), 16), "muted" if pane in hidden else "strong"),
                    Span(_("hidden") if pane in hidden else "", "warning"),
                    tag=pane,
                )
                for index, pane in enumerate(PANES)
            )
        )

    def base_at(self, index: int) -> str:
        """The cursor's ground."""
        return "cursor" if index == self.cursor else ""

    def get_content_height(self, *_sizes: object) -> int:
        """A line for each."""
        return len(PANES)


class PaneList(ModalScreen[None]):
    """Over the desk, until one is chosen."""

    DEFAULT_CSS = """
    PaneList { align: center middle; background: $background 70%; }
    PaneList > Vertical {
        width: 46; max-width: 96%; height: auto; padding: 0 1;
        border: round $primary; background: $surface;
    }
    PaneList Static { height: auto; margin-top: 1; color: $foreground; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "choose", show=False),
        Binding("space,h", "hide", show=False),
    ]

    def __init__(self, look: Theme, arranging: Arranging) -> None:
        super().__init__()
        self.list = _Panes(look, arranging)

    def compose(self) -> ComposeResult:
        """The panes, and what the keys do."""
        with Vertical():
            yield self.list
            yield Static(_("number or Enter: go there · Space: hide or show"), markup=False)

    def action_move(self, by: int) -> None:
        """Move the cursor, around the ends."""
        self.list.cursor = (self.list.cursor + by) % len(PANES)
        self.list.refresh()

    def action_choose(self) -> None:
        """Go to the pane under the cursor."""
        self.dismiss()
        self.app.post_message(PaneChosen(PANES[self.list.cursor]))

    def action_hide(self) -> None:
        """Hide the pane under the cursor, or have it back."""
        pane, arranging = PANES[self.list.cursor], self.list.arranging
        if pane in arranging.hidden:
            arranging.hidden.discard(pane)
        else:
            arranging.hide(pane)
        self.list.present()
        self.app.post_message(Arranged())

    def on_key(self, event: Key) -> None:
        """A digit chooses."""
        index = _DIGITS.find(event.character or " ")
        if 0 <= index < len(PANES):
            event.stop()
            self.list.cursor = index
            self.action_choose()

    def on_click(self, event: Click) -> None:
        """A click goes to what it hits; one beside the list leaves it."""
        if event.widget is self.list and event.y < len(PANES):
            self.list.cursor = event.y
            self.action_choose()
        elif event.widget is self:
            self.dismiss()
