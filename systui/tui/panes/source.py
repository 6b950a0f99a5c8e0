"""The source's text with ▶ at what runs next and ✓ at what ran last; and the disassembly."""

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click

from systui.arch.spec import Architecture
from systui.model.code import Location, SourceText
from systui.model.snapshot import Snapshot
from systui.present.rows import Row
from systui.present.source import (
    Marks,
    Namer,
    SourceRows,
    disassembly_rows,
    no_names,
    place,
)
from systui.tui.messages import ActionChosen
from systui.tui.panes.base import BY_LINE, BY_PAGE, SIDEWAYS, RowsPane
from systui.tui.theme import Theme
from systui.tui.trail import Trail

_FILES_KEPT = 32
"""Coloured files remembered; a call's way goes to and fro between a few."""


class _Coded(RowsPane):
    """What the source and the disassembly have in common: marks, names, breakpoints."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.trail = Trail()
        """Where the stops shown so far stood; the screen has one for all."""
        self.name_of: Namer = no_names
        self.breaks: tuple[Location, ...] = ()
        """Where breakpoints are set."""

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """As many instructions as fit, the one that runs next among them."""
        marks = Marks(
            snapshot.stop.pc,
            self.trail.ran_address(snapshot),
            frozenset(found.address for found in self.breaks),
        )
        return disassembly_rows(snapshot, marks, max(1, self.size.height), self.name_of)


class SourcePane(_Coded):
    """The whole file of the current line; the disassembly where no line or text is known."""

    pane = "source"

    BINDINGS: ClassVar[list[BindingType]] = [
        *BY_LINE,
        *BY_PAGE,
        *SIDEWAYS,
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.text: SourceRows | None = None
        self._known: dict[str, SourceRows] = {}
        self.marks = Marks()
        self.disassembled = False
        """True where the user asked for instructions in place of lines."""
        self.cursor = 0
        """Index of the row that `u` runs to and `t` sets a breakpoint at."""
        self._home = 0
        """Where it stands at a new stop: at what runs next."""

    def present(self) -> None:
        """Turn to the text of the stop at hand, or to its instructions."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        source, text = snapshot.location.source, snapshot.source_text
        if self.disassembled or source is None or text is None:
            self._leave_text()
            super().present()
            here = (index for index, row in enumerate(self.rows) if row.tag == snapshot.stop.pc)
            self._put_cursor(next(here, 0))
            return
        self._turn_to(text)
        breaks = [found.source for found in self.breaks if found.source is not None]
        lines = frozenset(found.line for found in breaks if found.file == source.file)
        self._mark(Marks(source.line, self.trail.ran_line(snapshot), lines))
        self.facts = self.tell(snapshot)
        self._put_cursor(source.line - 1)
        self.reveal(source.line - 1)

    # The cursor

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Show another stop; the cursor goes along, and stays where only a pane asked again."""
        if snapshot is not self.snapshot:
            self._home = -1
        super().show(snapshot, architecture)

    def _put_cursor(self, home: int) -> None:
        if home != self._home:
            self._home = home
            self._set_cursor(home)

    def _set_cursor(self, index: int) -> None:
        old, self.cursor = self.cursor, index
        self.repaint(old)
        self.repaint(index)

    def base_at(self, index: int) -> str:
        """The cursor's ground, once it was moved away from what runs next."""
        return "cursor" if index == self.cursor != self._home else ""

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        count = len(self.rows) if self.text is None else len(self.text)
        self._set_cursor(max(0, min(count - 1, self.cursor + by)))
        self.reveal(self.cursor)

    def action_page(self, by: int) -> None:
        """Move it by a screenful."""
        self.action_move(by * max(1, self.size.height - 1))

    def on_click(self, event: Click) -> None:
        """A click puts the cursor there, a second one sets or clears a breakpoint."""
        self.action_move(event.y + self.scroll_offset.y - self.cursor)
        if event.chain == 2:
            self.post_message(ActionChosen("break_here"))

    @property
    def at_cursor(self) -> str | None:
        """The place under the cursor as the console would take it: `file:line` or `*address`."""
        if self.text is not None:
            return f"{self.text.text.file}:{self.cursor + 1}"
        row = self.row_at(self.cursor)
        return f"*{row.tag:#x}" if row is not None and isinstance(row.tag, int) else None

    def tell(self, snapshot: Snapshot) -> str:
        """File and line, and the symbol."""
        where = place(snapshot.location)
        return f"{where} · {snapshot.location.name}" if where else snapshot.location.name

    def row_at(self, index: int) -> Row | None:
        """A line of the text, made when it is asked for; else of the disassembly."""
        if self.text is None:
            return super().row_at(index)
        if 0 <= index < len(self.text):
            return self.text.row(index + 1, self.marks)
        return None

    def _turn_to(self, text: SourceText) -> None:
        if self.text is not None and self.text.text is text:
            return
        known = self._known.pop(text.file, None)
        self.text = known if known is not None and known.text is text else SourceRows(text)
        self._known[text.file] = self.text
        if len(self._known) > _FILES_KEPT:
            del self._known[next(iter(self._known))]
        self.rows = ()
        self.resize_content(self.text.width, len(self.text))
        self.refresh()

    def _leave_text(self) -> None:
        if self.text is not None:
            self.text = None
            self.refresh()

    def _mark(self, marks: Marks) -> None:
        """Move the marks, painting the lines they leave and the lines they come to."""
        old, self.marks = self.marks, marks
        moved = {
            old.current,
            old.ran,
            marks.current,
            marks.ran,
            *(set(old.breaks) ^ set(marks.breaks)),
        }
        for line in moved - {None}:
            if line is not None:
                self.repaint(line - 1)


class CodePane(_Coded):
    """The instructions around the one that runs next, under the source."""

    pane = "code"
    can_focus = False
