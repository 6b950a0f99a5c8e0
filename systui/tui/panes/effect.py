"""What ran last, in words."""

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.effects import effect_rows
from systui.present.rows import Row
from systui.tui.panes.base import RowsPane


class EffectLine(RowsPane):
    """✓, the instruction, and what it did; why the target stands comes first."""

    pane = "effect"
    ground = "effect"
    can_focus = False

    DEFAULT_CSS = """
    EffectLine { background: $surface; }
    """

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """As many lines as there are."""
        return effect_rows(snapshot, size, max(1, self.size.height))
