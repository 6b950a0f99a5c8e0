"""The kernel stack: pt_regs while it is being built."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.rows import Row
from systui.present.stack import stack_facts, stack_focus, stack_rows
from systui.tui.panes.base import RowsPane


class StackPane(RowsPane):
    """Slot by slot: value, who wrote it, where rsp stands."""

    pane = "stack"

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """The frame, and the words between it and rsp."""
        return stack_rows(snapshot, architecture, size, self.size.height)

    def tell(self, snapshot: Snapshot) -> str:
        """Which stack it is and how far the frame is."""
        return stack_facts(snapshot)

    def focus_row(self, snapshot: Snapshot) -> int | None:
        """The slot just written, else where rsp is."""
        return stack_focus(snapshot, self.rows)
