"""Tasks side by side: where each stands, and who did what when; Enter goes to that stop."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.lanes import beat_rows, lane_rows
from systui.present.rows import Row, Span, row
from systui.session.lanes import Lanes
from systui.tui.messages import StopChosen
from systui.tui.panes.base import BY_LINE, BY_PAGE, SIDEWAYS, RowsPane
from systui.tui.theme import Theme
from systui.words import plural


class TasksPane(RowsPane):
    """A line for each task, then a column for each."""

    pane = "tasks"
    sideways = True

    BINDINGS: ClassVar[list[BindingType]] = [
        *BY_LINE,
        *BY_PAGE,
        *SIDEWAYS,
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._lanes: Lanes | None = None
        self._problem = ""
        self._cursor: int | None = None
        """The beat that the arrow keys have come to; None: the last one that has come."""
        self._first = 0
        """The first beat that is shown."""

    def take_answer(self, answer: object) -> None:
        """The tasks at the stop that is about to be shown."""
        self._problem = str(answer) if isinstance(answer, Exception) else ""
        if isinstance(answer, Lanes):
            self._lanes = answer
            self._cursor = None
        self.present()

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """Tasks above, and as many beats as there is room for, those around the cursor."""
        lanes = self._lanes
        if self._problem:
            return (row(Span(" " + self._problem, "error")),)
        if lanes is None:
            return ()
        above = lane_rows(lanes)
        most = max(2, self.size.height // 2)
        if len(above) > most:
            current = next((at for at, lane in enumerate(lanes.lanes, 1) if lane.current), 1)
            begin = max(1, min(current - 1, len(above) - most + 1))
            above = (above[0], *above[begin : begin + most - 1])
        room = max(1, self.size.height - len(above) - 1)
        self._above = len(above) + 1
        return (*above, *beat_rows(lanes, size, self._shown(len(lanes.beats), room)))

    def _shown(self, count: int, room: int) -> range:
        """The beats in sight: the cursor's stays at its line as long as it can."""
        at, margin = self._at, min(2, (room - 1) // 2)
        if not self._first + margin <= at < self._first + room - margin:
            self._first = at - room * 3 // 5
        self._first = max(0, min(self._first, count - room))
        return range(self._first, min(count, self._first + room))

    @property
    def _at(self) -> int:
        """The beat under the cursor."""
        if self._lanes is None:
            return 0
        return max(0, self._lanes.here) if self._cursor is None else self._cursor

    _above = 0
    """Lines above the first beat."""

    def tell(self, snapshot: Snapshot) -> str:
        """How many live."""
        if self._lanes is None:
            return ""
        count = sum(not lane.gone for lane in self._lanes.lanes)
        return plural("{count} task", "{count} tasks", count).format(count=count)

    def base_at(self, index: int) -> str:
        """The cursor's ground."""
        here = self._cursor is not None and index == self._above + self._cursor - self._first
        return "cursor" if here else ""

    def action_move(self, by: int) -> None:
        """Move the cursor, which begins where the stop is."""
        if self._lanes is not None and self._lanes.beats:
            self._cursor = max(0, min(len(self._lanes.beats) - 1, self._at + by))
            self.present()
            self.refresh()

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self.size.height - self._above))

    def action_choose(self) -> None:
        """Go to the stop of the line under the cursor."""
        if self._cursor is not None and self._lanes is not None:
            self.post_message(StopChosen(self._lanes.beats[self._cursor].position))

    def on_click(self, event: Click) -> None:
        """A click goes to the line that it hits."""
        index = event.y - self._above + self._first
        if self._lanes is not None and self._first <= index < len(self._lanes.beats):
            self._cursor = index
            self.action_choose()

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves through time too."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """And back."""
        self.action_move(-3)
