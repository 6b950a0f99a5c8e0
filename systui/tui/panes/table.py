"""The system call table with incremental search."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.timer import Timer
from textual.widgets import Input

from systui.arch.spec import Architecture
from systui.kernel.provenance import Provenance, provenance
from systui.kernel.syscalls import SyscallTable
from systui.model.call import SyscallRow
from systui.model.snapshot import Snapshot
from systui.present.provenance import short_provenance
from systui.present.rows import Span, row
from systui.present.table import table_rows
from systui.present.wrap import wrap
from systui.tui.messages import Chosen, CursorMoved, Wanted
from systui.tui.panes.base import BY_LINE, BY_PAGE, ListWithLine, RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _

_ROOMY = 8
"""Lines of the pane from which on it has room for more than the list."""
_MOST_LINES = 3
_REST = 0.15
"""Seconds after which a cursor is taken to have come to rest."""


class TableList(RowsPane):
    """The rows that the search left over, with a cursor."""

    pane = "table-list"

    DEFAULT_CSS = """
    TableList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *BY_LINE,
        *BY_PAGE,
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
        self.origin_of: Callable[[SyscallRow], Provenance] = provenance
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
        self.table, self._made_of = table, None
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
    def chosen(self) -> SyscallRow | None:
        """The row under the cursor."""
        found, cursor = self.found, self.cursor
        return found[cursor] if cursor < len(found) else None

    @property
    def origin(self) -> Provenance | None:
        """What is known at once of where the row under the cursor comes from."""
        return None if self.chosen is None else self.origin_of(self.chosen)

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
    """What answers the call under the cursor: handler and slot at once, the source line, and the
    slot as it is now, where there is room and the cursor has come to rest."""

    pane = "table-handler"
    ground = "bar"
    roomy = False
    row: SyscallRow | None = None
    """The row whose origin is shown."""

    DEFAULT_CSS = """
    HandlerLine { height: auto; min-height: 1; max-height: 3; background: $surface; }
    """

    def tell_of(self, origin: Provenance | None) -> None:
        """Show what is known at once."""
        self.row = None
        self._tell(origin, 1)

    def take_answer(self, answer: object) -> None:
        """Show all of where the row comes from."""
        if isinstance(answer, Provenance) and self.roomy:
            self.row = answer.row
            self._tell(answer, _MOST_LINES)

    def _tell(self, origin: Provenance | None, most: int) -> None:
        text = "" if origin is None else short_provenance(origin)
        # Before its first layout the line has no width to break at.
        lines = list(wrap(text, self.columns - 1) if self.columns > 1 else (text,))[:most]
        self.set_rows(tuple(row(Span(f" {line}", "muted")) for line in lines))


class TablePane(ListWithLine):
    """The search line and the list below it."""

    pane = "table"
    BINDINGS: ClassVar[list[BindingType]] = [*BY_LINE]

    def __init__(self, theme: Theme) -> None:
        self.list = TableList(theme)
        super().__init__(self.list)
        self.search_line = LineInput(self._entered, _("/ number or name; Enter follows the call"))
        self.handler = HandlerLine(theme)
        self.calls: Callable[[str], SyscallTable] | None = None
        """The table of the calls made through an ABI."""
        self._followed: tuple[str, int] | None = None
        self._asking: Timer | None = None

    def on_resize(self, event: Resize) -> None:
        """There is room for where a row comes from, or not."""
        self.handler.roomy = event.size.height >= _ROOMY

    def take_answer(self, answer: object) -> None:
        """Where the chosen row comes from."""
        if isinstance(answer, Provenance) and answer.row == self.list.chosen:
            self.handler.take_answer(answer)

    def compose(self) -> ComposeResult:
        """Search line above list."""
        yield self.search_line
        yield self.list
        yield self.handler

    @on(CursorMoved)
    def _moved(self, message: CursorMoved) -> None:
        message.stop()
        if self.handler.row is None or self.handler.row != self.list.chosen:
            self.handler.tell_of(self.list.origin)
            self._rest()

    def _rest(self) -> None:
        """Ask about the row once the cursor has come to rest."""
        if self._asking is not None:
            self._asking.stop()
        self._asking = self.set_timer(_REST, self._ask)

    def _ask(self) -> None:
        if self.handler.roomy and self.handler.row != self.list.chosen:
            self.post_message(Wanted("table"))

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Mark the call under way, and go to it when it is another one."""
        super().show(snapshot, architecture)
        call = snapshot.call
        if call is None or self.search_line.value:
            return
        if (call.abi, call.number) != self._followed:
            self._take_table_of(call.abi)
            self._followed = call.abi, call.number
            self.list.show_call(call.number)

    def _take_table_of(self, abi: str) -> None:
        """Show the table that calls of `abi` go by: 32-bit programs have one of their own."""
        table = None if self.calls is None else self.calls(abi)
        if table is not None and table is not self.list.table:
            self.list.take(table)

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, query: str) -> None:
        """Search, unless that is what the list shows: a key may come before its letter's turn."""
        if query != self.list.query_text:
            self.list.search(query)

    async def _entered(self, text: str) -> None:
        self._search(text)
        if self.list.choice is not None:
            await self.app.run_action(("app", "choose", (self.list.choice,)))

    def action_move(self, by: int) -> None:
        """Move the list's cursor while typing."""
        self._search(self.search_line.value)
        self.list.action_move(by)

    def restyle(self, theme: Theme) -> None:
        """Take another theme."""
        super().restyle(theme)
        self.handler.restyle(theme)
