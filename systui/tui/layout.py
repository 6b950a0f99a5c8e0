"""Where each pane stands at each size of the screen. Pure: sizes in, boxes out.

Four forms. `narrow` (80×24): source above, one tabbed place below. `medium` (100×30): source
above, registers and a tabbed place below it. `wide` (120×40): two columns. `huge` (200×60): three
columns and nothing hidden. A form is a tree of splits; a person may move the line of each split,
hide panes, and give the whole desk to one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MINIMUM = (60, 18)
"""Columns and rows below which nothing useful fits."""

PLACES = ("source", "registers", "stack", "table", "ledger", "output")
"""Every pane stands in one of these; panes and places that share room are its tabs."""

_REGISTER_ROWS = 14
"""Lines of two registers each, and one more in less than 50 columns."""
_SLOT_ROWS = 21
_LEFT, _RIGHT = 48, 50
"""Columns of the registers: beside two columns of slots in 100, beside the code in 120."""
_ROWS, _COLUMNS = 3, 20
"""The least that a person can make of a place: a heading and two lines."""


class Box(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether the cell is in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True)
class Heading:
    """A line with the names of the panes that share the place below it."""

    box: Box
    panes: tuple[str, ...]
    front: str


class Border(NamedTuple):
    """A line between two places, which can be moved."""

    split: str
    """Its name, the form's included."""
    line: Box
    beside: bool
    """True for a line with places to its left and right, else above and below."""
    first: Box
    second: Box

    def share(self, x: int, y: int) -> float:
        """What part of the room the second place has once the line is drawn to the cell."""
        begin, end = (
            (self.first.x, self.second.x + self.second.width)
            if self.beside
            else (self.first.y, self.second.y + self.second.height)
        )
        second = end - (x + 1 if self.beside else y)
        return max(0.0, min(1.0, second / (end - begin)))


@dataclass
class Plan:
    """The whole screen between the timeline and the footer."""

    boxes: dict[str, Box] = field(default_factory=dict)
    """Of panes that are seen, and of `code` (disassembly) and `effect`."""
    headings: list[Heading] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    """Lines between columns, each one cell wide."""
    borders: list[Border] = field(default_factory=list)
    """Lines that can be moved, the outermost first."""

    def shows(self, pane: str) -> bool:
        """Whether `pane` can be seen without bringing it to the front."""
        return pane in self.boxes

    def border_at(self, x: int, y: int) -> Border | None:
        """The line through the cell, the one that parts columns first."""
        found = [border for border in self.borders if border.line.holds(x, y)]
        return min(found, key=lambda border: not border.beside, default=None)

    def border_of(self, pane: str, *, beside: bool) -> tuple[Border, bool] | None:
        """The nearest line that sizes `pane` in one direction; True where it is the first's."""
        box = self.boxes.get(pane)
        for border in reversed(self.borders) if box else ():
            if border.beside is beside:
                for place, first in ((border.first, True), (border.second, False)):
                    if box is not None and place.holds(box.x, box.y):
                        return border, first
        return None


@dataclass(frozen=True)
class Arrangement:
    """What a person made of the desk."""

    places: Mapping[str, str]
    """Each pane's place, one of `PLACES`; in the order in which tabs stand."""
    recent: Sequence[str]
    """Panes, the last one used first."""
    hidden: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=dict)
    """By split: what part of its room the second place has, 0 to 1."""
    zoomed: str | None = None
    """The pane that has the whole desk."""


class _Leaf(NamedTuple):
    """Places that share room."""

    places: tuple[str, ...]


class _Split(NamedTuple):
    """Two parts, beside one another or one below the other."""

    name: str
    beside: bool
    first: "_Leaf | _Split"
    second: "_Leaf | _Split"
    size: int
    """Of the second one, where nobody moved the line."""
    least: int = _ROWS
    """Of the first one."""


_Node = _Leaf | _Split


def plan(width: int, height: int, arranged: Arrangement, *, with_code: bool = True) -> Plan:
    """Lay out `width` × `height` cells.

    `with_code`: a few instructions under the source; needless where it shows nothing else.
    """
    if width >= 170 and height >= 41:
        form, code, effect = _huge(width, height), max(6, height // 7), 4
    elif width >= 116 and height >= _REGISTER_ROWS + _SLOT_ROWS - 4:
        form, code, effect = _wide(width, height), 4, 4
    elif width >= 100 and height >= 25:
        form, code, effect = _medium(height), 1, 3
    else:
        form, code, effect = _narrow(height), 1, 2
    builder = _Builder(arranged, code if with_code else 0, effect)
    whole = Box(0, 0, width, height)
    if arranged.zoomed is not None:
        builder.zoom(arranged.zoomed, whole)
    else:
        builder.lay(builder.kept(form) or _Leaf(("source",)), whole)
    return builder.plan


def _narrow(height: int) -> _Split:
    """80×24 and what is too low or too narrow for more."""
    lower = max(5, min(_REGISTER_ROWS + 1, height // 2))
    rest = _Leaf(PLACES[1:])
    return _Split("narrow.lower", False, _Leaf(("source",)), rest, lower, 7)


def _medium(height: int) -> _Split:
    """100×30: registers stay in sight."""
    rest = _Leaf(PLACES[2:])
    machine = _Split("medium.right", True, _Leaf(("registers",)), rest, -_LEFT, _COLUMNS)
    lower = min(_REGISTER_ROWS + 2, height - 9)
    return _Split("medium.lower", False, _Leaf(("source",)), machine, lower, 8)


def _wide(width: int, height: int) -> _Split:
    """120×40: code and words on the left, the machine on the right."""
    right = _RIGHT if width < 136 else min(62, width // 2 - 18)
    lower = max(9, height // 3 - 1)
    code = _Split("wide.lower", False, _Leaf(("source",)), _Leaf(PLACES[3:]), lower, 12)
    return _Split("wide.right", True, code, _machine("wide", height), right, 32)


def _huge(width: int, height: int) -> _Split:
    """200×60: everything at once."""
    middle = 56
    right = min(66, (width - middle) * 2 // 5)
    ledger, output = min(20, height // 3), max(6, height // 4)
    code = _Split("huge.ledger", False, _Leaf(("source",)), _Leaf(("ledger",)), ledger, 14)
    edge = _Split("huge.output", False, _Leaf(("table",)), _Leaf(("output",)), output)
    inner = _Split("huge.edge", True, _machine("huge", height), edge, right, _COLUMNS)
    return _Split("huge.right", True, code, inner, middle + right + 1, 32)


def _machine(form: str, height: int) -> _Split:
    """Registers above the stack."""
    registers = min(_REGISTER_ROWS + 1, height // 2)
    stack = height - registers
    return _Split(f"{form}.stack", False, _Leaf(("registers",)), _Leaf(("stack",)), stack)


class _Builder:
    def __init__(self, arranged: Arrangement, code: int, effect: int) -> None:
        self.arranged = arranged
        self.code_rows = code
        self.effect_rows = effect
        self.plan = Plan()

    def kept(self, node: _Node) -> _Node | None:
        """`node` without the places where nothing is to be seen."""
        if isinstance(node, _Leaf):
            return node if self._panes(node) else None
        first, second = self.kept(node.first), self.kept(node.second)
        if first is None or second is None:
            return first or second
        return node._replace(first=first, second=second)

    def lay(self, node: _Node, box: Box) -> None:
        """Place `node` in `box`."""
        if isinstance(node, _Leaf):
            self._place(box, self._panes(node))
            return
        extent = box.width if node.beside else box.height
        second = self._size(node, extent)
        x, y, width, height = box
        if node.beside:
            line = Box(x + width - second - 1, y, 1, height)
            boxes = Box(x, y, width - second - 1, height), Box(line.x + 1, y, second, height)
            self.plan.rules.append(line)
        else:
            line = Box(x, y + height - second, width, 1)
            boxes = Box(x, y, width, height - second), Box(x, line.y, width, second)
        self.plan.borders.append(Border(node.name, line, node.beside, *boxes))
        self.lay(node.first, boxes[0])
        self.lay(node.second, boxes[1])

    def zoom(self, pane: str, box: Box) -> None:
        """The whole desk for `pane`; the words for what ran last stay."""
        if pane == "source":
            self._place(box, (pane,))
            return
        x, y, width, height = box
        self._place(Box(x, y, width, height - self.effect_rows), (pane,))
        self.plan.boxes["effect"] = Box(x, y + height - self.effect_rows, width, self.effect_rows)

    def _size(self, node: _Split, extent: int) -> int:
        """Of the second part of `node`, which keeps a line between the two where it needs one."""
        room = extent - (1 if node.beside else 0)
        share = self.arranged.shares.get(node.name)
        usual = node.size if node.size > 0 else room + node.size
        wanted = usual if share is None else round(share * extent)
        least = _COLUMNS if node.beside else _ROWS
        return max(min(least, room - 1), min(wanted, room - node.least))

    def _panes(self, leaf: _Leaf) -> tuple[str, ...]:
        """Those of its panes that are not hidden, in the order of their places."""
        places, hidden = self.arranged.places, self.arranged.hidden
        return tuple(
            pane
            for place in leaf.places
            for pane in places
            if places[pane] == place and pane not in hidden
        )

    def _place(self, box: Box, panes: tuple[str, ...]) -> None:
        """A heading with `panes` as its tabs, and under it the one used last."""
        x, y, width, height = box
        front = min(panes, key=self._age)
        if "source" in panes:
            height = self._under_source(box, self.code_rows if front == "source" else 0)
        self.plan.headings.append(Heading(Box(x, y, width, 1), panes, front))
        self.plan.boxes[front] = Box(x, y + 1, width, height - 1)

    def _under_source(self, box: Box, code: int) -> int:
        """Place the disassembly and the words for what ran last; the height left above them."""
        x, y, width, height = box
        code = min(code, max(0, height - self.effect_rows - 3))
        source = height - code - self.effect_rows
        if code:
            self.plan.boxes["code"] = Box(x, y + source, width, code)
        self.plan.boxes["effect"] = Box(x, y + source + code, width, self.effect_rows)
        return source

    def _age(self, pane: str) -> int:
        recent = self.arranged.recent
        return recent.index(pane) if pane in recent else len(recent)
