"""The bar of phases."""

from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from systui.model.snapshot import Snapshot
from systui.present.timeline import History, Station, timeline
from systui.tui.messages import PhaseChosen
from systui.tui.paint import paint
from systui.tui.theme import Theme


class Timeline(Widget):
    """Where the call is on its way; a click on a phase goes there."""

    DEFAULT_CSS = """
    Timeline { height: 1; background: $background; }
    """

    def __init__(self, look: Theme) -> None:
        super().__init__(id="timeline")
        self.look = look
        self.history = History()
        self.snapshot: Snapshot | None = None
        self._stations: tuple[Station, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        """Show another stop's place."""
        self.history.record(snapshot)
        self.snapshot = snapshot
        self.refresh()

    def forget(self) -> None:
        """Another run begins."""
        self.history = History()

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        self.look = look
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The bar."""
        size = self.size.width
        bar, self._stations = timeline(self.snapshot, self.history, size)
        return paint(bar, self.look, size).crop(0, size)

    def on_click(self, event: Click) -> None:
        """Go to the phase under the pointer."""
        for station in self._stations:
            if station.begin <= event.x < station.end:
                self.post_message(PhaseChosen(station.index))
                return
