"""Memory from an expression on, read anew at every stop as far as it is in sight."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from systui.arch.spec import Architecture
from systui.console.dump import Dump
from systui.model.snapshot import Snapshot
from systui.present.dump import dump_facts, dump_rows
from systui.present.rows import Span, row
from systui.tui.messages import Wanted
from systui.tui.panes.base import BY_LINE, BY_PAGE, ListWithLine, RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _

_USUAL = "$sp"
"""What is looked at before anything was asked for."""


class MemoryList(RowsPane):
    """Sixteen bytes a line (eight where it is narrow); the arrow keys move through memory."""

    pane = "memory-list"

    DEFAULT_CSS = """
    MemoryList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *BY_LINE,
        *BY_PAGE,
        Binding("home", "home", show=False),
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.lines = 0
        """How far below the expression the first line is."""
        self.dump: Dump | None = None
        self.before: Dump | None = None
        self.problem = ""

    def take_answer(self, answer: object) -> None:
        """What was read for the stop that is about to be shown."""
        self.problem = str(answer) if isinstance(answer, Exception) else ""
        if isinstance(answer, Dump):
            if self.dump is None or answer.changes != self.dump.changes:
                self.before = self.dump
            self.dump = answer
        self.present()

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Another stop: its memory was taken already."""
        self.snapshot, self.architecture = snapshot, architecture
        self.present()

    def present(self) -> None:
        """The bytes, those that differ from the stop before marked."""
        if not self.columns:
            return
        if self.problem:
            self.set_rows((row(Span(" " + self.problem, "error")),))
        elif self.dump is not None and self.architecture is not None:
            self.set_rows(dump_rows(self.dump, self.before, self.architecture.word))

    def action_move(self, by: int) -> None:
        """Look further down or up."""
        self.lines += by
        self.post_message(Wanted("memory"))

    def action_page(self, by: int) -> None:
        """By what is in sight."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_home(self) -> None:
        """Back to the expression."""
        self.action_move(-self.lines)

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves through memory too."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """And back."""
        self.action_move(-3)


class MemoryPane(ListWithLine):
    """The expression above, memory below."""

    pane = "memory"

    def __init__(self, theme: Theme) -> None:
        self.list = MemoryList(theme)
        super().__init__(self.list)
        self.line = LineInput(self._entered, _("an address: $sp, pt_regs, %gs:X, user:X, phys:X"))
        self.expression = _USUAL

    def compose(self) -> ComposeResult:
        """Line above list."""
        yield self.line
        yield self.list

    @property
    def wish(self) -> tuple[str, int, int, int]:
        """Expression, first line, how many, bytes of each. Any thread."""
        size = self.list.size
        return self.expression, self.list.lines, max(1, size.height), 16 if size.width > 76 else 8

    def take_answer(self, answer: object) -> None:
        """What was read for the stop that is about to be shown."""
        self.list.take_answer(answer)
        self.facts = dump_facts(self.list.dump)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()

    async def _entered(self, text: str) -> None:
        self.expression, self.list.lines = text.strip() or _USUAL, 0
        self.post_message(Wanted("memory"))
        self.screen.set_focus(self.list)
