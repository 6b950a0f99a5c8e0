"""The desk: lays panes out by `layout.plan`, draws the lines between them, moves the focus."""

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.events import MouseDown, MouseMove, MouseUp
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from systui.tui.arranging import Arranging
from systui.tui.heading import HeadingLine
from systui.tui.layout import Border, Plan, plan
from systui.tui.messages import Arranged, PanesSeen
from systui.tui.panes.registry import KINDS, PANES, PLACE_OF
from systui.tui.theme import Theme


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
        self.arranging = Arranging(PLACE_OF)
        self.arranging.absent.update(kind.pane for kind in KINDS if kind.waits)
        self.plan: Plan = Plan()
        self.facts: dict[str, str] = {}
        self.focused_pane: str | None = None
        self.with_code = True
        self._dragged: Border | None = None
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
        before = set(self.plan.boxes)
        self.plan = plan(size.width, size.height, self.arranging.now, with_code=self.with_code)
        if set(self.plan.boxes) != before:
            self.app.post_message(PanesSeen())  # what the screen causes does not bubble to it

    def show_code(self, wanted: bool) -> None:
        """Have the disassembly under the source, or give its place to the source."""
        if wanted != self.with_code:
            self.with_code = wanted
            self.lay_out()

    def lay_out(self) -> None:
        """Lay the children out anew; it is one of them that has to ask for it."""
        self.children[0].refresh(layout=True)
        self.refresh_headings()
        self.refresh()

    def bring(self, pane: str, *, focus: bool = True) -> None:
        """Bring `pane` to the front of its place."""
        self.arranging.use(pane)
        if not self.plan.shows(pane):
            self.lay_out()
        if focus:
            self.focus_pane(pane)

    def offer(self, pane: str) -> None:
        """`pane` has something to show from now on."""
        if pane in self.arranging.absent:
            self.arranging.absent.discard(pane)
            self.lay_out()

    def focus_pane(self, pane: str) -> None:
        """Focus `pane`, or the first part of it that takes the focus."""
        widget = self.panes[pane]
        parts = [widget, *widget.walk_children(Widget)]
        lists = [part for part in parts if part.can_focus and part.has_class("first")]
        target = next(iter(lists), next((part for part in parts if part.can_focus), None))
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)

    def step_focus(self, by: int) -> None:
        """The next pane, or the one before, those behind others included."""
        panes = self.arranging.visible
        here = panes.index(self.focused_pane) if self.focused_pane in panes else -by
        self.bring(panes[(here + by) % len(panes)])

    def rearrange(self) -> None:
        """The arrangement was changed: lay out by it, and say so."""
        self.lay_out()
        self.post_message(Arranged())

    # Lines that are dragged

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of the line under the pointer; a heading's own names stay clicks."""
        x, y = event.screen_x - self.region.x, event.screen_y - self.region.y
        self._dragged = self.plan.border_at(x, y)
        if self._dragged is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Draw the line along."""
        if self._dragged is None:
            return
        share = self._dragged.share(event.screen_x - self.region.x, event.screen_y - self.region.y)
        if share != self.arranging.shares.get(self._dragged.split):
            self.arranging.shares[self._dragged.split] = share
            self.lay_out()

    def on_mouse_up(self, event: MouseUp) -> None:
        """Let go."""
        if self._dragged is not None:
            self._dragged = None
            self.release_mouse()
            self.post_message(Arranged())

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
