"""The desk: lays panes out by `layout.plan`, draws the lines between them, moves the focus."""

from collections.abc import Iterator, Mapping, Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.events import Click
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from systui.present.rows import Span, cells
from systui.tui.layout import PANES, Heading, Plan, plan
from systui.tui.messages import PaneChosen
from systui.tui.paint import paint_line
from systui.tui.theme import Theme
from systui.words import _


def pane_title(pane: str) -> str:
    """What a pane is called."""
    return {
        "source": _("source"),
        "registers": _("registers"),
        "stack": _("stack"),
        "table": _("call table"),
        "ledger": _("ledger"),
        "output": _("output"),
    }[pane]


class HeadingLine(Widget):
    """The line over a place: its panes' names as tabs, and what the front one has to say."""

    DEFAULT_CSS = """
    HeadingLine { background: $background; height: 1; }
    """

    def __init__(self, desk: "Desk", index: int) -> None:
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
        facts = self.desk.facts.get(heading.front, "")
        left = sum(cells(span.text) for span in spans)
        if facts and left + cells(facts) + 4 <= size:
            tail = [Span(f" {facts} ", "muted"), Span(line[0], line[1])]
            fill = size - left - cells(facts) - 3
        else:
            tail, fill = [], size - left
        return paint_line([*spans, Span(line[0] * fill, line[1]), *tail], self.desk.look, size)

    def _names(self, heading: Heading, line: tuple[str, str], focused: bool) -> Iterator[Span]:
        self._tabs = []
        at = 1
        for index, pane in enumerate(heading.panes):
            if index:
                yield Span(*line)
                at += 1
            text = f" {pane_title(pane)} "
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


class _DeskLayout(Layout):
    """Places the desk's children as its plan says."""

    name = "desk"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        assert isinstance(parent, Desk)
        parent.replan(size)
        boxes = dict(parent.plan.boxes)
        for index, heading in enumerate(parent.plan.headings):
            boxes[f"heading-{index}"] = heading.box
        return [
            WidgetPlacement(Region(*boxes[child.id]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in boxes
        ]


class Desk(Widget):
    """All panes, and which of them are in front."""

    DEFAULT_CSS = """
    Desk { background: $background; height: 1fr; }
    """
    _HEADINGS = len(PANES)

    def __init__(self, panes: Sequence[Widget], look: Theme) -> None:
        super().__init__(id="desk")
        self.panes = {pane.id or "": pane for pane in panes}
        self.look = look
        self.recent: list[str] = list(PANES)
        self.plan: Plan = Plan()
        self.facts: dict[str, str] = {}
        self.focused_pane: str | None = None
        self.with_code = True
        self._layout = _DeskLayout()

    @property
    def layout(self) -> Layout:
        """The desk's own."""
        return self._layout

    def compose(self) -> ComposeResult:
        """A line for each place that a plan may have, then the panes."""
        for index in range(self._HEADINGS):
            yield HeadingLine(self, index)
        yield from self.panes.values()

    def replan(self, size: Size) -> None:
        """Plan for `size`; called by the layout."""
        self.plan = plan(size.width, size.height, self.recent, with_code=self.with_code)

    def show_code(self, wanted: bool) -> None:
        """Have the disassembly under the source, or give its place to the source."""
        if wanted != self.with_code:
            self.with_code = wanted
            self._relay()

    def _relay(self) -> None:
        """Have the children laid out anew; it is a child that has to ask for it."""
        self.children[0].refresh(layout=True)
        self.refresh_headings()
        self.refresh()

    def bring(self, pane: str, *, focus: bool = True) -> None:
        """Bring `pane` to the front of its place."""
        self.recent.remove(pane)
        self.recent.insert(0, pane)
        if not self.plan.shows(pane):
            self._relay()
        if focus:
            self.focus_pane(pane)

    def focus_pane(self, pane: str) -> None:
        """Focus `pane`, or the first part of it that takes the focus."""
        widget = self.panes[pane]
        parts = [widget, *widget.walk_children(Widget)]
        lists = [part for part in parts if part.can_focus and part.has_class("first")]
        target = next(iter(lists), next((part for part in parts if part.can_focus), None))
        if target is not None:
            target.focus(scroll_visible=False)

    def step_focus(self, by: int) -> None:
        """The next pane, or the one before, hidden ones included."""
        here = PANES.index(self.focused_pane) if self.focused_pane in PANES else -by
        self.bring(PANES[(here + by) % len(PANES)])

    def note_focus(self, widget: Widget | None) -> None:
        """The focus moved to `widget`."""
        pane = None
        while widget is not None and widget is not self:
            if widget.id in self.panes:
                pane = widget.id
            parent = widget.parent
            widget = parent if isinstance(parent, Widget) else None
        if pane != self.focused_pane:
            self.focused_pane = pane
            self.refresh_headings()

    def refresh_headings(self) -> None:
        """Draw the lines over the places again."""
        for heading in self.query(HeadingLine):
            heading.refresh()

    def take_facts(self, facts: Mapping[str, str]) -> None:
        """Have the headings say `facts`, by pane."""
        changed = {pane for pane, text in facts.items() if self.facts.get(pane, "") != text}
        self.facts.update(facts)
        for heading in self.query(HeadingLine):
            if heading.heading is not None and heading.heading.front in changed:
                heading.refresh()

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        self.look = look
        self.refresh()
        self.refresh_headings()

    def render_line(self, y: int) -> Strip:
        """The lines between columns, joined to the headings that meet them."""
        size = self.size.width
        style = self.look.style("rule")
        spans = [" "] * size
        for rule in self.plan.rules:
            if rule.y <= y < rule.y + rule.height:
                spans[rule.x] = self._joint(rule.x, y)
        return Strip([Segment("".join(spans), style)], size)

    def _joint(self, x: int, y: int) -> str:
        starts = any(h.box.y == y and h.box.x == x + 1 for h in self.plan.headings)
        ends = any(h.box.y == y and h.box.x + h.box.width == x for h in self.plan.headings)
        top = y == 0
        if starts and ends:
            return "┬" if top else "┼"
        if starts:
            return "├"
        return "┤" if ends else "│"
