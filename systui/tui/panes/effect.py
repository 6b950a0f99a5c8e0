"""What ran last, in words."""

from collections.abc import Callable

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.present.effects import effect_rows
from systui.present.rows import Row
from systui.tui.panes.base import RowsPane
from systui.tui.theme import Theme
from systui.words import _


class EffectLine(RowsPane):
    """✓, the instruction, and what it did; why the target stands comes first."""

    pane = "effect"
    ground = "effect"
    can_focus = False

    DEFAULT_CSS = """
    EffectLine { background: $surface; }
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.coming = ""
        """The walk's sentence for the stop that is shown next."""
        self._note = ""
        self.noted: Callable[[int], str] = lambda _position: ""
        """What people noted on the stop at a position."""

    def show(self, snapshot: Snapshot, architecture: Architecture) -> None:
        """Show another stop; a sentence stays as long as its stop does."""
        if self.coming or self.snapshot is None or self.snapshot.stop != snapshot.stop:
            self._note, self.coming = self.coming, ""
        super().show(snapshot, architecture)

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """As many lines as there are."""
        said = [self._note] if self._note else []
        own = self.noted(snapshot.stop.position)
        if own:
            said.append(_("note: {text}").format(text=own))
        return effect_rows(snapshot, size, max(1, self.size.height), "\n".join(said))
