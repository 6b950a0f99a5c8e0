"""The line at the top: what is debugged, and the call under way."""

from textual.strip import Strip
from textual.widget import Widget

from systui.model.snapshot import Snapshot
from systui.present.header import header_spans
from systui.tui.paint import paint_line
from systui.tui.theme import Theme


class Header(Widget):
    """One row; while something long runs it says so."""

    DEFAULT_CSS = """
    Header { height: 1; background: $surface; }
    """

    def __init__(self, look: Theme, title: str) -> None:
        super().__init__(id="header")
        self.look = look
        self.title_text = title
        self.snapshot: Snapshot | None = None
        self.running = ""
        self.recording = False

    def show(self, snapshot: Snapshot) -> None:
        """Show the call of another stop."""
        changed = self.snapshot is None or self.snapshot.call != snapshot.call
        self.snapshot = snapshot
        if changed:
            self.refresh()

    def say_running(self, text: str) -> None:
        """Say that something runs; empty when nothing does any more."""
        if text != self.running:
            self.running = text
            self.refresh()

    def say_recording(self, recording: bool) -> None:
        """Say whether what happens is recorded."""
        if recording is not self.recording:
            self.recording = recording
            self.refresh()

    def take_title(self, title: str) -> None:
        """Say what is debugged, now that it is known."""
        self.title_text = title
        self.refresh()

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        self.look = look
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Program and machine to the left, the call to the right."""
        size = self.size.width
        call = None if self.snapshot is None else self.snapshot.call
        spans = header_spans(self.title_text, call, self.running, size, recording=self.recording)
        return paint_line(spans, self.look, size, "bar")
