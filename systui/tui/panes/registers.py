"""The registers."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.registers import accumulator_meaning, register_rows
from systui.present.rows import Row
from systui.tui.panes.base import RowsPane


class RegistersPane(RowsPane):
    """All registers; what the last move changed is marked."""

    pane = "registers"

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """Two or three abreast, as the width allows."""
        return register_rows(snapshot, architecture, size)

    def tell(self, snapshot: Snapshot) -> str:
        """What rax means, as a call's number or result."""
        return accumulator_meaning(snapshot)
