"""The ledger of each user register's fate."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.ledger import ledger_rows
from systui.present.rows import Row
from systui.tui.panes.base import RowsPane


class LedgerPane(RowsPane):
    """User value, where it is kept, what changed it, what restored it, the value after."""

    pane = "ledger"

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """A heading and a line for each register."""
        return ledger_rows(snapshot.ledger, size)
