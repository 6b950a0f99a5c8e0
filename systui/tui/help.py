"""The help, made from the registry of actions."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Static

from systui.present.rows import Row, Span, cells, pad, row
from systui.tui.actions import Action
from systui.tui.paint import paint
from systui.tui.theme import Theme
from systui.words import _


class HelpScreen(ModalScreen[None]):
    """Every key and what it does."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen > VerticalScroll {
        width: 76; max-width: 96%; height: auto; max-height: 92%;
        background: $surface; padding: 0 1; border: round $primary; scrollbar-size-vertical: 1;
        scrollbar-background: $surface; scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface; scrollbar-color: $foreground 35%;
    }
    HelpScreen Static { height: auto; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "app.pop_screen", show=False)
    ]

    def __init__(self, look: Theme, actions: Sequence[Action]) -> None:
        super().__init__()
        self.look = look
        self.actions = actions

    def compose(self) -> ComposeResult:
        """One block of text that scrolls."""
        from rich.text import Text

        with VerticalScroll():
            text = Text()
            for line in help_rows(self.actions):
                for segment in paint(line, self.look, 0, "bar"):
                    text.append(segment.text, segment.style)
                text.append("\n")
            text.rstrip()
            yield Static(text)

    def on_click(self, event: Click) -> None:
        """A click beside the help leaves it."""
        if event.widget is self:
            self.dismiss()


def help_rows(actions: Sequence[Action]) -> list[Row]:
    """Groups of keys with their sentences."""
    size = max(cells(action.shown_keys) for action in actions) + 2
    rows = [row(Span(_("systui · keys"), "strong"), Span("   " + _("Esc closes"), "faint"))]
    group = ""
    for action in actions:
        if action.group != group:
            group = action.group
            rows += [row(), row(Span(group, "heading"))]
        keys = Span(pad(action.shown_keys, size), "key")
        rows.append(row(Span("  "), keys, Span(action.help, "text")))
    rows += [row(), row(Span(_("Mouse"), "heading"))]
    rows += [row(Span("  " + text, "text")) for text in _mouse()]
    return rows


def _mouse() -> tuple[str, ...]:
    return (
        _("A click focuses a pane or chooses a tab; on the bar of phases it goes there."),
        _("A double click on a call of the table follows it. The wheel scrolls."),
        _("A line between two panes can be dragged."),
    )
