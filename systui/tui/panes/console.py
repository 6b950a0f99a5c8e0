"""The console: what was typed and answered, and a line to type in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.rows import Row, Span, row, visible
from systui.tui.messages import Completing
from systui.tui.panes.base import SIDEWAYS, ListWithLine, RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _

_KEPT = 2000
"""Lines that can be scrolled back to."""


class ConsoleList(RowsPane):
    """Commands and answers, the newest at the bottom; below them what is displayed."""

    pane = "console-list"
    sideways = True

    DEFAULT_CSS = """
    ConsoleList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *SIDEWAYS,
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._said: tuple[Row, ...] = ()
        self.displayed: tuple[Row, ...] = ()

    def say(self, rows: Sequence[Row]) -> None:
        """Add `rows` at the bottom."""
        self._said = (*self._said, *rows)[-_KEPT:]
        self.present()

    def present(self) -> None:
        """All of it, the end in sight."""
        if self.columns:
            self.set_rows((*self._said, *self.displayed))
            self.scroll_to(y=max(0, len(self.rows) - self.size.height), animate=False, force=True)

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Another stop: only what is displayed can be another."""
        before, self.snapshot = self.snapshot, snapshot
        if before is not snapshot:
            self.present()


class CommandLine(LineInput):
    """The line: the arrow keys go through what was typed before, Tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older(1)", show=False),
        Binding("down", "older(-1)", show=False),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, entered: Callable[[str], Awaitable[object]]) -> None:
        super().__init__(
            entered,
            placeholder=_("a command, as in gdb; Tab completes, help lists them"),
            select_on_focus=False,
        )
        self.history: list[str] = []
        """What was typed, the oldest first."""
        self._back = 0
        self._draft = ""

    def remember(self, text: str) -> None:
        """Put `text` behind what was typed before."""
        self._back = 0
        if text.strip() and self.history[-1:] != [text]:
            self.history.append(text)

    def action_older(self, by: int) -> None:
        """Bring back what was typed `by` lines before."""
        if self._back == 0:
            self._draft = self.value
        self._back = max(0, min(self._back + by, len(self.history)))
        self.value = self.history[-self._back] if self._back else self._draft
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        """Have the word before the cursor completed."""
        self.post_message(Completing(self.value[: self.cursor_position]))

    def complete(self, old: str, new: str) -> None:
        """Take the completion of `old`, unless something else was typed meanwhile."""
        if self.value[: self.cursor_position] == old:
            rest = self.value[self.cursor_position :]
            self.value = new + rest
            self.cursor_position = len(new)


class ConsolePane(ListWithLine):
    """Answers above, the command line below."""

    pane = "console"

    def __init__(self, theme: Theme) -> None:
        self.list = ConsoleList(theme)
        super().__init__(self.list)
        self.line = CommandLine(self._entered)

    def compose(self) -> ComposeResult:
        """List above line."""
        yield self.list
        yield self.line

    def take_answer(self, answer: object) -> None:
        """What is displayed at the stop that is about to be shown."""
        self.list.displayed = tuple(answer) if isinstance(answer, list) else ()

    def answer(self, text: str, rows: Sequence[Row]) -> None:
        """Show what `text` was answered with."""
        typed = row(Span(": ", "key"), Span(visible(text), "strong"))
        self.list.say([typed, *rows] if text.strip() else rows)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()

    async def _entered(self, text: str) -> None:
        self.line.value = ""
        self.line.remember(text)
        await self.app.run_action(("app", "command", (text,)))
