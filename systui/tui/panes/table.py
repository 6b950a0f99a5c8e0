"""The system call table with incremental search."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.widgets import Input

from systui.arch.spec import Architecture
from systui.kernel.syscalls import SyscallTable
from systui.model.call import SyscallRow
from systui.model.snapshot import Snapshot
from systui.present.rows import Span, row
from systui.present.table import table_rows
from systui.tui.facts import no_handler
from systui.tui.messages import Chosen, CursorMoved
from systui.tui.panes.base import ListWithLine, RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _


class TableList(RowsPane):
    """The rows that the search left over, with a cursor."""

    pane = "table-list"

    DEFAULT_CSS = """
    TableList { height: 1fr; scrollbar-size: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-100000)", show=False),
        Binding("end", "move(100000)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.table: SyscallTable | None = None
        self.found: list[SyscallRow] = []
        self.query_text = ""
        self.cursor = 0
        self.handler_of: Callable[[SyscallRow], str] = no_handler
        self._made_of: tuple[str, int, int | None] | None = None

    def present(self) -> None:
        """The rows found; made again only where something in them differs."""
        call = None if self.snapshot is None else self.snapshot.call
        made_of = (self.query_text, self.columns, None if call is None else call.number)
        if self.table is not None and self.columns and made_of != self._made_of:
            self._made_of = made_of
            self.set_rows(table_rows(self.found, made_of[0], made_of[2], made_of[1]))

    def take(self, table: SyscallTable) -> None:
        """Show `table`."""
        self.table = table
        self.search(self.query_text)

    def search(self, query: str) -> None:
        """Show what matches `query`, the best match chosen."""
        self.query_text = query
        if self.table is None:
            return
        self.found = list(self.table.search(query) if query.strip() else self.table.rows)
        self.cursor = 0
        self.present()
        self.scroll_to(y=0, animate=False)
        self.refresh()
        self.post_message(CursorMoved())

    def base_at(self, index: int) -> str:
        """The cursor's ground."""
        return "cursor" if index == self.cursor else ""

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        old, last = self.cursor, max(0, len(self.found) - 1)
        self.cursor = max(0, min(last, old + by))
        self.repaint(old)
        self.repaint(self.cursor)
        self.reveal(self.cursor)
        self.post_message(CursorMoved())

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self.size.height - 1))

    @property
    def handler(self) -> str:
        """What answers the call under the cursor: its symbol and address."""
        if self.cursor >= len(self.found):
            return ""
        return self.handler_of(self.found[self.cursor])

    @property
    def choice(self) -> str | None:
        """The call under the cursor, as the prompt would take it."""
        if self.cursor >= len(self.found):
            return None
        chosen = self.found[self.cursor]
        abi = f"{chosen.abi}:" if chosen.abi in {"x32", "i386"} else ""
        return f"{abi}{chosen.number}"

    def action_choose(self) -> None:
        """Follow the call under the cursor."""
        if self.choice is not None:
            self.post_message(Chosen(self.choice))

    def on_click(self, event: Click) -> None:
        """A click chooses a row, a second one follows it."""
        index = event.y + self.scroll_offset.y
        if index < len(self.found):
            self.action_move(index - self.cursor)
            if event.chain == 2:
                self.action_choose()

    def show_call(self, number: int) -> None:
        """Bring the row of call `number` into sight and put the cursor on it."""
        for index, entry in enumerate(self.found):
            if entry.number == number:
                self.action_move(index - self.cursor)
                return


class HandlerLine(RowsPane, can_focus=False):
    """The symbol and the address of what answers the call under the cursor."""

    pane = "table-handler"
    ground = "bar"

    DEFAULT_CSS = """
    HandlerLine { height: 1; background: $surface; }
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._handler = ""

    def tell_of(self, handler: str) -> None:
        """Show `handler`."""
        self._handler = handler
        self.present()

    def present(self) -> None:
        """One line."""
        text = self._handler or _("no handler: -ENOSYS")
        self.set_rows((row(Span(f" → {text}", "muted")),))


class TablePane(ListWithLine):
    """The search line and the list below it."""

    pane = "table"

    def __init__(self, theme: Theme) -> None:
        self.list = TableList(theme)
        super().__init__(self.list)
        self.search_line = LineInput(placeholder=_("/ number or name; Enter follows the call"))
        self.handler = HandlerLine(theme)
        self._followed: int | None = None

    def compose(self) -> ComposeResult:
        """Search line above list."""
        yield self.search_line
        yield self.list
        yield self.handler

    @on(CursorMoved)
    def _moved(self, message: CursorMoved) -> None:
        message.stop()
        self.handler.tell_of(self.list.handler)

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Mark the call under way, and go to it when it is another one."""
        super().show(snapshot, architecture)
        call = snapshot.call
        if call is not None and call.number != self._followed and not self.search_line.value:
            self._followed = call.number
            self.list.show_call(call.number)

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.list.search(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.list.choice is not None:
            self.post_message(Chosen(self.list.choice))

    def key_up(self) -> None:
        """Arrow keys move the list's cursor while typing."""
        self.list.action_move(-1)

    def key_down(self) -> None:
        """Arrow keys move the list's cursor while typing."""
        self.list.action_move(1)

    def restyle(self, theme: Theme) -> None:
        """Take another theme."""
        super().restyle(theme)
        self.handler.restyle(theme)
