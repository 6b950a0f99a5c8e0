"""The map of the call's way through the entry code, with what it has passed."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.flow import flow_rows
from systui.present.rows import Row, Span, row
from systui.session.route import Route
from systui.tui.panes.base import RowsPane
from systui.words import _


class WayPane(RowsPane):
    """Blocks and where each leads; those passed are marked, and the one that is next."""

    pane = "way"
    sideways = True
    _route: Route | None = None
    _problem = ""

    def take_answer(self, answer: object) -> None:
        """The route of the stop that is about to be shown."""
        self._problem = str(answer) if isinstance(answer, Exception) else ""
        if isinstance(answer, Route):
            self._route = answer
        self.present()

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """The map, or why there is none."""
        if self._problem:
            return (row(Span(" " + self._problem, "error")),)
        route = self._route
        if route is None:
            return ()
        if route.flow is None:
            return (row(Span(" " + _("This kernel's entry code is not understood."), "muted")),)
        return flow_rows(route.flow, _WIDE, route.passed.__contains__, route.here)

    def focus_row(self, snapshot: Snapshot) -> int | None:
        """The block that is next."""
        for index, each in enumerate(self.rows):
            if any(span.role == "mark.next" for span in each.spans):
                return index
        return None


_WIDE = 120
"""Cells of a line; what does not fit is scrolled to."""
