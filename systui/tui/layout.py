"""Where each pane stands at each size of the screen. Pure: sizes in, boxes out.

Four forms. `narrow` (80×24): source above, one tabbed pane below. `medium` (100×30): source
above, registers and a tabbed pane below it. `wide` (120×40): two columns. `huge` (200×60): three
columns and nothing hidden. A pane is listed once; panes that share a place are its tabs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MINIMUM = (60, 18)
"""Columns and rows below which nothing useful fits."""

PANES = ("source", "registers", "stack", "table", "ledger", "output")
"""Panes that take the focus, in the order of the Tab key."""

_REGISTER_ROWS = 14
_SLOT_ROWS = 21
_RIGHT = 50


class Box(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Heading:
    """A line with the names of the panes that share the place below it."""

    box: Box
    panes: tuple[str, ...]
    front: str


@dataclass
class Plan:
    """The whole screen between the timeline and the footer."""

    boxes: dict[str, Box] = field(default_factory=dict)
    """Of panes that are seen, and of `code` (disassembly) and `effect`."""
    headings: list[Heading] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    """Lines between columns, each one cell wide."""

    def shows(self, pane: str) -> bool:
        """Whether `pane` can be seen without bringing it to the front."""
        return pane in self.boxes


def plan(width: int, height: int, recent: Sequence[str], *, with_code: bool = True) -> Plan:
    """Lay out `width` × `height` cells; `recent` lists panes, the last one used first.

    `with_code`: a few instructions under the source; needless where it shows nothing else.
    """
    builder = _Builder(recent, with_code)
    if width >= 170 and height >= 41:
        builder.huge(width, height)
    elif width >= 116 and height >= _REGISTER_ROWS + _SLOT_ROWS - 4:
        builder.wide(width, height)
    elif width >= 100 and height >= 25:
        builder.medium(width, height)
    else:
        builder.narrow(width, height)
    return builder.plan


class _Builder:
    def __init__(self, recent: Sequence[str], with_code: bool) -> None:
        self.recent = recent
        self.with_code = with_code
        self.plan = Plan()

    def narrow(self, width: int, height: int) -> None:
        """80×24 and what is too low or too narrow for more."""
        tail = 3
        lower = max(5, min(_REGISTER_ROWS + 1, height // 2))
        upper = height - lower
        self.code(Box(0, 0, width, upper), code=1, effect=tail - 1)
        self.place(Box(0, upper, width, lower), "registers", "stack", "table", "ledger", "output")

    def medium(self, width: int, height: int) -> None:
        """100×30: registers stay in sight."""
        lower = _REGISTER_ROWS + 1
        upper = height - lower
        self.code(Box(0, 0, width, upper), code=1, effect=3)
        right = width - _RIGHT - 1
        self.place(Box(0, upper, _RIGHT, lower), "registers")
        self.rule(Box(_RIGHT, upper, 1, lower))
        self.place(Box(_RIGHT + 1, upper, right, lower), "stack", "table", "ledger", "output")

    def wide(self, width: int, height: int) -> None:
        """120×40: code and words on the left, the machine on the right."""
        right = _RIGHT if width < 136 else min(62, width // 2 - 18)
        left = width - right - 1
        lower = max(9, height // 3 - 1)
        self.code(Box(0, 0, left, height - lower), code=4, effect=4)
        self.place(Box(0, height - lower, left, lower), "table", "ledger", "output")
        self.rule(Box(left, 0, 1, height))
        self.machine(Box(left + 1, 0, right, height))

    def huge(self, width: int, height: int) -> None:
        """200×60: everything at once."""
        middle = 56
        right = min(66, (width - middle) * 2 // 5)
        left = width - middle - right - 2
        ledger = min(20, height // 3)
        self.code(Box(0, 0, left, height - ledger), code=max(6, height // 7), effect=4)
        self.place(Box(0, height - ledger, left, ledger), "ledger")
        self.rule(Box(left, 0, 1, height))
        self.machine(Box(left + 1, 0, middle, height))
        self.rule(Box(left + 1 + middle, 0, 1, height))
        edge, output = left + middle + 2, max(6, height // 4)
        self.place(Box(edge, 0, right, height - output), "table")
        self.place(Box(edge, height - output, right, output), "output")

    def code(self, box: Box, *, code: int, effect: int) -> None:
        """The source with its disassembly and the words for what ran last under it."""
        x, y, width, height = box
        code = code if self.with_code else 0
        source = height - code - effect
        self.place(Box(x, y, width, source), "source")
        if code:
            self.plan.boxes["code"] = Box(x, y + source, width, code)
        self.plan.boxes["effect"] = Box(x, y + source + code, width, effect)

    def machine(self, box: Box) -> None:
        """Registers above the stack."""
        x, y, width, height = box
        registers = min(_REGISTER_ROWS + 1, height // 2)
        self.place(Box(x, y, width, registers), "registers")
        self.place(Box(x, y + registers, width, height - registers), "stack")

    def place(self, box: Box, *panes: str) -> None:
        """A heading with `panes` as its tabs, and under it the one used last."""
        x, y, width, height = box
        front = min(panes, key=self._age)
        self.plan.headings.append(Heading(Box(x, y, width, 1), panes, front))
        self.plan.boxes[front] = Box(x, y + 1, width, height - 1)

    def rule(self, box: Box) -> None:
        """A line between two columns."""
        self.plan.rules.append(box)

    def _age(self, pane: str) -> int:
        return self.recent.index(pane) if pane in self.recent else len(self.recent)
