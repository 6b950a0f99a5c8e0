"""The line at the bottom: keys and what they do, or something to tell."""

from collections.abc import Sequence

from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from systui.present.rows import Span, cells
from systui.tui.actions import Action
from systui.tui.messages import ActionChosen
from systui.tui.paint import paint_line
from systui.tui.theme import Theme


class Footer(Widget):
    """As many actions as fit; a click does one. A message takes its place until the next move."""

    DEFAULT_CSS = """
    Footer { height: 1; background: $surface; }
    """

    def __init__(self, look: Theme, actions: Sequence[Action]) -> None:
        super().__init__(id="footer")
        named = (action for action in actions if action.footer and action.keys)
        self.actions = sorted(named, key=lambda action: action.footer)
        self.look = look
        self.message = ""
        self.role = "warning"
        self._hits: list[tuple[int, int, str]] = []

    def say(self, text: str, role: str = "warning") -> None:
        """Tell `text` in place of the keys; empty brings the keys back."""
        if (text, role) != (self.message, self.role):
            self.message, self.role = text, role
            self.refresh()

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        self.look = look
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Keys, or the message."""
        size = self.size.width
        if self.message:
            self._hits = []
            return paint_line([Span(f" {self.message}", self.role)], self.look, size, "bar")
        return paint_line(self._keys(size), self.look, size, "bar")

    def _keys(self, size: int) -> list[Span]:
        shown = self.actions
        kept, at = [], 1
        last = [action for action in shown if action.id in {"help", "quit"}]
        reserve = sum(cells(f"{a.shown_key} {a.label}  ") for a in last)
        for action in shown:
            if action in last:
                reserve -= cells(f"{action.shown_key} {action.label}  ")
            if at + cells(f"{action.shown_key} {action.label}  ") + reserve <= size:
                kept.append(action)
                at += cells(f"{action.shown_key} {action.label}  ")
        spans, at = [Span(" ")], 1
        self._hits = []
        for action in kept:
            text = f"{action.shown_key} {action.label}"
            self._hits.append((at, at + cells(text), action.id))
            spans += [Span(action.shown_key, "key"), Span(f" {action.label}  ", "key.label")]
            at += cells(text) + 2
        return spans

    def on_click(self, event: Click) -> None:
        """Do what was clicked."""
        for begin, end, action in self._hits:
            if begin <= event.x < end:
                self.post_message(ActionChosen(action))
