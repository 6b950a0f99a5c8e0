"""The line over a place: the names of its panes as tabs, and what the front one has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from systui.present.rows import Span, cells, clip
from systui.tui.layout import Heading
from systui.tui.messages import PaneChosen
from systui.tui.paint import paint_line
from systui.tui.panes.registry import pane_title

if TYPE_CHECKING:
    from systui.tui.desk import Desk


class HeadingLine(Widget):
    """The line over a place: its panes' names as tabs, and what the front one has to say."""

    DEFAULT_CSS = """
    HeadingLine { background: $background; height: 1; }
    """

    def __init__(self, desk: Desk, index: int) -> None:
        super().__init__(id=f"heading-{index}")
        self.desk = desk
        self.index = index
        self._tabs: list[tuple[int, int, str]] = []

    @property
    def heading(self) -> Heading | None:
        """What the plan says of this line now."""
        headings = self.desk.plan.headings
        return headings[self.index] if self.index < len(headings) else None

    def render_line(self, y: int) -> Strip:
        """`── registers ───────── rax = 43 accept ──`."""
        heading = self.heading
        size = self.size.width
        if heading is None:
            return Strip.blank(size, self.desk.look.style("text"))
        focused = self.desk.focused_pane == heading.front
        line = ("━", "rule.focus") if focused else ("─", "rule")
        spans = [Span(line[0], line[1])]
        spans += self._names(heading, line, focused)
        left = sum(cells(span.text) for span in spans)
        facts = clip(self.desk.facts.get(heading.front, ""), size - left - 4)
        if cells(facts) > 1:
            tail = [Span(f" {facts} ", "muted"), Span(line[0], line[1])]
            fill = size - left - cells(facts) - 3
        else:
            tail, fill = [], size - left
        return paint_line([*spans, Span(line[0] * fill, line[1]), *tail], self.desk.look, size)

    def _names(self, heading: Heading, line: tuple[str, str], focused: bool) -> Iterator[Span]:
        """The names of as many panes as there is room for, the front one's among them."""
        self._tabs = []
        at = 1
        for index, (text, pane) in enumerate(tabs(heading, self.size.width - at)):
            if index:
                yield Span(*line)
                at += 1
            if pane != heading.front:
                role = "title"
            elif focused:
                role = "title.focus"
            else:
                role = "title.active"
            yield Span(text, role)
            self._tabs.append((at, at + cells(text), pane))
            at += cells(text)

    def on_click(self, event: Click) -> None:
        """A click on a name brings its pane."""
        heading = self.heading
        if heading is None:
            return
        hit = next((pane for begin, end, pane in self._tabs if begin <= event.x < end), None)
        self.post_message(PaneChosen(hit or heading.front))


def tabs(heading: Heading, room: int) -> list[tuple[str, str]]:
    """What stands on the line, and which pane each brings: names, ‹ and › for those left out.

    In `room` cells, a line's cell between two; the front pane's name is always there.
    """
    panes = heading.panes
    first = last = panes.index(heading.front)

    def shown(begin: int, end: int) -> list[tuple[str, str]]:
        names = [(f" {pane_title(pane)} ", pane) for pane in panes[begin : end + 1]]
        before = [("‹", panes[begin - 1])] if begin else []
        after = [("›", panes[end + 1])] if end + 1 < len(panes) else []
        return [*before, *names, *after]

    def fits(begin: int, end: int) -> bool:
        made = shown(begin, end)
        return sum(cells(text) for text, _pane in made) + len(made) - 1 <= room

    while first and fits(first - 1, last):
        first -= 1
    while last + 1 < len(panes) and fits(first, last + 1):
        last += 1
    return shown(first, last)
