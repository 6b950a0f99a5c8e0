"""What panes have in common: rows in, strips out, and only what changed painted again."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.rows import Row, width
from systui.tui.paint import paint
from systui.tui.theme import Theme

BY_LINE: tuple[BindingType, ...] = (
    Binding("up", "move(-1)", show=False),
    Binding("down", "move(1)", show=False),
)
BY_PAGE: tuple[BindingType, ...] = (
    Binding("pageup", "page(-1)", show=False),
    Binding("pagedown", "page(1)", show=False),
)
SIDEWAYS: tuple[BindingType, ...] = (
    Binding("left", "scroll_left", show=False),
    Binding("right", "scroll_right", show=False),
)
"""Keys that panes share which have a cursor, pages, or rows longer than they are wide."""


class RowsPane(ScrollView, can_focus=True):
    """A pane over rows; a subclass says in `build` which rows a snapshot gives."""

    pane: ClassVar[str] = ""
    """Its name in `registry.KINDS`."""
    ground: ClassVar[str] = ""
    """A role laid under all of it; empty for the theme's own ground."""
    sideways: ClassVar[bool] = False
    """Whether rows longer than the pane can be scrolled to."""

    DEFAULT_CSS = """
    RowsPane {
        background: $background; scrollbar-size: 0 1;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background; scrollbar-color: $foreground 35%;
        scrollbar-color-hover: $primary; scrollbar-color-active: $primary;
    }
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(id=self.pane or None)
        self.look = theme
        self.snapshot: Snapshot | None = None
        self.architecture: Architecture | None = None
        self.rows: tuple[Row, ...] = ()
        self.facts = ""
        """What the pane's heading says at its right end."""

    @property
    def columns(self) -> int:
        """Cells of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Show another stop."""
        self.snapshot = snapshot
        self.architecture = architecture
        self.present()

    def take_answer(self, answer: object) -> None:
        """What the pane's probe found for the stop that is about to be shown, if it has one."""

    def restyle(self, theme: Theme) -> None:
        """Take another theme."""
        self.look = theme
        self.refresh()

    def present(self) -> None:
        """Make the rows of the stop at hand, paint the ones that differ, keep the eye on it."""
        if self.snapshot is None or self.architecture is None or not self.columns:
            return
        self.set_rows(self.build(self.snapshot, self.architecture, self.columns))
        self.facts = self.tell(self.snapshot)
        target = self.focus_row(self.snapshot)
        if target is not None:
            self.reveal(target)

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """The rows of `snapshot` in lines of `size` cells."""
        raise NotImplementedError

    def tell(self, snapshot: Snapshot) -> str:
        """What the pane's heading says at its right end."""
        return ""

    def focus_row(self, snapshot: Snapshot) -> int | None:
        """Index of the row that should be in sight; None leaves the scroll position alone."""
        return None

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Take `rows`, and paint those that differ."""
        old, self.rows = self.rows, rows
        longest = max((width(row.spans) for row in rows), default=0) if self.sideways else 0
        self.resize_content(longest, len(rows))
        for first, count in changed_runs(old, rows):
            self.repaint(first, count)

    def resize_content(self, columns: int, height: int) -> None:
        """Tell the scroll view how large its content is."""
        size = self.virtual_size.with_height(height).with_width(max(columns, self.columns))
        if size != self.virtual_size:
            self.virtual_size = size

    def repaint(self, first: int, count: int = 1) -> None:
        """Paint `count` rows from row `first` on again, those that are in sight."""
        top = first - self.scroll_offset.y
        region = Region(0, top, self.columns, count).intersection(self.size.region)
        if region:
            self.refresh(region)

    def reveal(self, index: int) -> None:
        """Scroll so that row `index` is in sight with some rows around it; else stay."""
        height = self.size.height
        if height <= 0:
            return
        margin = min(2, (height - 1) // 2)
        top = self.scroll_offset.y
        wanted = top
        if not top + margin <= index < top + height - margin:
            wanted = index - height * 2 // 5
        wanted = max(0, min(wanted, self.virtual_size.height - height))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    def on_resize(self) -> None:
        """Rows depend on the width."""
        self.present()

    def watch_show_vertical_scrollbar(self) -> None:
        """The bar, which says that there is more, takes a column or gives it back."""
        self.call_after_refresh(self.on_resize)

    def row_at(self, index: int) -> Row | None:
        """Row `index`, if there is one."""
        return self.rows[index] if 0 <= index < len(self.rows) else None

    def base_at(self, index: int) -> str:
        """A role to lay under row `index` for the pane's own reasons (a cursor)."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        x, top = self.scroll_offset
        size = self.columns
        found = self.row_at(top + y)
        if found is None:
            return Strip.blank(size, self.look.style("text", self.ground))
        base = self.base_at(top + y) or found.base or self.ground
        strip = paint(found, self.look, x + size, base)
        if strip.cell_length > x + size:
            more = Strip([Segment("›", self.look.style("faint", base))], 1)
            return Strip.join([strip.crop(x, x + size - 1), more])
        return strip.crop(x, x + size)


class ListWithLine(Vertical):
    """A pane of a list of rows and a line to type in."""

    pane: ClassVar[str] = ""
    facts = ""
    """What the pane's heading says at its right end."""

    DEFAULT_CSS = """
    ListWithLine { background: $background; }
    """

    def __init__(self, rows: RowsPane) -> None:
        super().__init__(id=self.pane)
        self.rows = rows
        rows.add_class("first")

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Show another stop."""
        self.rows.show(snapshot, architecture)

    def take_answer(self, answer: object) -> None:
        """What the pane's probe found for the stop that is about to be shown, if it has one."""

    def restyle(self, theme: Theme) -> None:
        """Take another theme."""
        self.rows.restyle(theme)


def changed_runs(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[int, int]]:
    """(first, count) of the runs of rows in which `new` differs from `old`."""
    runs: list[tuple[int, int]] = []
    for index in range(max(len(old), len(new))):
        same = index < len(old) and index < len(new) and old[index] == new[index]
        if same:
            continue
        if runs and sum(runs[-1]) == index:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((index, 1))
    return runs
