"""Rows into strips: roles get their looks from the theme here and nowhere else."""

from rich.segment import Segment
from textual.strip import Strip

from systui.present.rows import Row, Span
from systui.tui.theme import Theme


def paint(row: Row, theme: Theme, size: int, base: str = "") -> Strip:
    """`row` as a strip that fills `size` cells, or more where it is longer."""
    ground = base or row.base
    segments = [Segment(text, theme.style(role, ground)) for text, role in row.spans]
    strip = Strip(segments)
    if strip.cell_length < size:
        strip = strip.extend_cell_length(size, theme.style("text", ground))
    return strip


def paint_line(spans: list[Span], theme: Theme, size: int, base: str = "") -> Strip:
    """`spans` as a strip of exactly `size` cells."""
    return paint(Row(tuple(spans)), theme, size, base).crop(0, size)
