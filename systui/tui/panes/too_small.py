"""What is shown where nothing useful fits."""

from textual.strip import Strip
from textual.widget import Widget

from systui.present.rows import Span, cells, clip
from systui.tui.layout import MINIMUM
from systui.tui.paint import paint_line
from systui.tui.theme import Theme
from systui.words import _


class TooSmall(Widget):
    """Covers the screen and says how large it must be."""

    DEFAULT_CSS = """
    TooSmall {
        layer: over; display: none; width: 100%; height: 100%; background: $background;
        position: absolute; offset: 0 0;
    }
    """

    def __init__(self, look: Theme) -> None:
        super().__init__(id="too-small")
        self.look = look

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        self.look = look
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Two sentences in the middle."""
        size, columns, rows = self.size, *MINIMUM
        lines = (
            _("This terminal is too small: {width}×{height}.").format(
                width=size.width, height=size.height
            ),
            _("systui needs {columns}×{rows}; q quits.").format(columns=columns, rows=rows),
        )
        index = y - max(0, size.height // 2 - 1)
        text = clip(lines[index], size.width) if 0 <= index < len(lines) else ""
        left = " " * max(0, (size.width - cells(text)) // 2)
        return paint_line([Span(left + text, "strong")], self.look, size.width)
