"""The command palette: every action by its name, found while typing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Input

from systui.present.rows import Row, Span, cells, clip, pad, row
from systui.tui.actions import Action, registry
from systui.tui.panes.base import RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _, in_english

_LABEL = 18


class CommandList(RowsPane, can_focus=False):
    """The actions found; the cursor moves with the arrow keys."""

    ground = "bar"

    DEFAULT_CSS = """
    CommandList { height: auto; background: $surface; }
    """

    def __init__(self, look: Theme, actions: Sequence[Action]) -> None:
        super().__init__(look)
        self.actions = actions
        self.found: tuple[Action, ...] = ()
        self.query_text = ""
        self.cursor = 0

    def search(self, query: str) -> None:
        """Show the actions that `query` finds."""
        self.query_text = query
        self.found = find(query, self.actions)
        self.cursor = 0
        self.present()
        self.refresh()

    def present(self) -> None:
        """A line for each action found."""
        size = self.columns
        self.set_rows(tuple(_line(action, size) for action in self.found))

    def move(self, by: int) -> None:
        """Move the cursor, around the ends."""
        if self.found:
            self.cursor = (self.cursor + by) % len(self.found)
            self.reveal(self.cursor)
            self.refresh()

    def base_at(self, index: int) -> str:
        """The cursor's ground."""
        return "cursor" if index == self.cursor else ""

    def get_content_height(self, *_sizes: object) -> int:
        """As high as there are actions, within the screen."""
        return max(1, min(len(self.found), self.app.size.height * 7 // 10))


class Palette(ModalScreen[None]):
    """A line to type in and what it finds."""

    DEFAULT_CSS = """
    Palette { align: center top; background: $background 70%; }
    Palette > Vertical {
        width: 76; max-width: 96%; height: auto; margin-top: 3; padding: 0 1;
        border: round $primary; background: $surface;
    }
    Palette LineInput { margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
    ]

    def __init__(self, look: Theme, actions: Sequence[Action]) -> None:
        super().__init__()
        self.line = LineInput(self._entered, _("what to do; Enter does it"))
        self.list = CommandList(look, actions)

    def compose(self) -> ComposeResult:
        """Line above list."""
        with Vertical():
            yield self.line
            yield self.list

    def on_mount(self) -> None:
        """All actions at first."""
        self.list.search("")

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._search(self.line.value)
        self.list.move(by)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, query: str) -> None:
        """Search, unless that is what the list shows: a key may come before its letter's turn."""
        if query != self.list.query_text:
            self.list.search(query)

    async def _entered(self, text: str) -> None:
        self._search(text)
        await self._choose(self.list.cursor)

    async def on_click(self, event: Click) -> None:
        """A click does what it hits; one beside the palette leaves it."""
        if event.widget is self.list:
            await self._choose(event.y + self.list.scroll_offset.y)
        elif event.widget is self:
            self.dismiss()

    async def _choose(self, index: int) -> None:
        if index < len(self.list.found):
            action = self.list.found[index].id
            self.dismiss()
            await self.app.run_action(("app", "do", (action,)))


def find(query: str, actions: Sequence[Action]) -> tuple[Action, ...]:
    """The actions that hold every word of `query`; those whose name begins with it first.

    In whatever language the screen is, a word may be English too, or the action's name.
    """
    words = query.lower().split()
    found = [
        action
        for action in actions
        if action.id != "palette" and all(word in _text(action) for word in words)
    ]
    start = query.strip().lower()
    found.sort(key=lambda action: not (start and _text(action).startswith(start)))
    return tuple(found)


def _text(action: Action) -> str:
    told = f"{_label(action)} {action.help} {action.group} {action.id}".lower()
    return f"{told} {_english().get(action.id, '')}"


@lru_cache(maxsize=1)
def _english() -> Mapping[str, str]:
    """What is said of each action in English."""
    with in_english():
        return {action.id: f"{action.label} {action.help}".lower() for action in registry()}


def _label(action: Action) -> str:
    return action.label or action.id.replace("_", " ")


def _line(action: Action, size: int) -> Row:
    keys = action.shown_keys
    label = pad(clip(_label(action), _LABEL), _LABEL)
    room = size - cells(label) - cells(keys) - 3
    return row(
        Span(" " + label, "strong"),
        Span(pad(clip(action.help, room), room), "muted"),
        Span(f" {keys}", "key"),
        tag=action.id,
    )
