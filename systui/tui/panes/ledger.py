"""The ledger of each user register's fate."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.ledger import ledger_rows, verdict_rows
from systui.present.rows import Row
from systui.tui.panes.base import RowsPane
from systui.tui.theme import Theme


class LedgerPane(RowsPane):
    """User value, where it is kept, what changed it, what restored it, the value after."""

    pane = "ledger"
    sideways = True

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._made_of: tuple[object, ...] | None = None

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """A heading and a line for each register; made again only where something differs."""
        made_of = (snapshot.ledger, snapshot.verdicts, size)
        if made_of == self._made_of:
            return self.rows
        self._made_of = made_of
        return (*verdict_rows(snapshot.verdicts, size), *ledger_rows(snapshot.ledger, size))
