"""The map of a call's way: its parts, their blocks, and arrows for where each leads."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from systui.kernel.flow import Block, FlowMap, Part
from systui.present.rows import Row, Span, cells, clip, pad, row, width
from systui.words import _

_LANES = 6
"""Columns of arrows; where they don't suffice, a block says where it leads."""
_MARKS = 28
"""Cells for what happens in a block; where it takes more, what follows moves to the right."""
_MOST_CALLS = 4

Passed = Callable[[int], bool]
"""Whether the call under way has passed an address."""


def nowhere(_address: int) -> bool:
    """The `Passed` of a map without a call."""
    return False


class _Line(NamedTuple):
    """A line for a part, or for a block of it."""

    part: Part
    block: Block | None


class _Arrow(NamedTuple):
    """To one line from others."""

    to: int
    sources: tuple[int, ...]

    @property
    def lines(self) -> range:
        """All lines that it passes."""
        ends = (self.to, *self.sources)
        return range(min(ends), max(ends) + 1)


def flow_rows(
    flow: FlowMap, size: int, passed: Passed = nowhere, here: int | None = None
) -> tuple[Row, ...]:
    """The map in lines of `size` cells; blocks passed are marked, and the one that holds `here`.

    The row of a block has its address as its tag.
    """
    lines = list(_lines(flow))
    columns, left = _columns(_arrows(lines))
    marks = max((cells(_marks(line.block)) for line in lines if line.block is not None), default=0)
    rows = []
    for index, line in enumerate(lines):
        spans = [Span(_gutter(index, columns) + " ", "muted")]
        if line.block is None:
            spans += _part(line.part)
        else:
            spans += _block(line.block, line.part, min(marks, _MARKS), passed, here)
            told = [_title(lines[each.to]) for each in left if index in each.sources]
            spans += _said(line.block, told)
        rows.append(row(*_cut(spans, size), tag=line.block and line.block.address))
    return tuple(rows)


def _lines(flow: FlowMap) -> Iterator[_Line]:
    for part in flow.parts:
        yield _Line(part, None)
        if part.place != "work":
            for block in part.blocks:
                yield _Line(part, block)


# --- parts and blocks ----------------------------------------------------------------------------


def _part(part: Part) -> Iterator[Span]:
    yield Span(part.name, "heading")
    yield Span(f"  {part.address:x}", "muted")
    if part.size is not None:
        yield Span("  " + _("{size} bytes").format(size=f"{part.size:,}"), "muted")
    if part.place == "work":
        calls = dict.fromkeys(call for block in part.blocks for call in block.calls)
        if calls:
            yield Span("  " + _("may call {calls}").format(calls=_listed(list(calls))), "muted")


def _block(
    block: Block, part: Part, marks: int, passed: Passed, here: int | None
) -> Iterator[Span]:
    inside = here is not None and block.address <= here < block.end
    was = passed(block.address)
    mark, role = ("▶", "mark.next") if inside else ("✓" if was else " ", "mark.ran")
    yield Span(f"{mark} ", role)
    yield Span(f"+{block.address - part.address:<#6x}{block.instructions:>3} ", "muted")
    yield Span(pad(_marks(block), marks) + " ", "accent")
    seen = "text" if was or passed is nowhere else "muted"
    yield Span(f"… {block.last}", "strong" if inside else seen)


def _marks(block: Block) -> str:
    return " ".join(map(mark_words, block.marks))


def _said(block: Block, told: Sequence[str]) -> Iterator[Span]:
    if told:
        yield Span("  → " + ", ".join(told), "muted")
    if block.calls:
        yield Span("  " + _("calls {calls}").format(calls=_listed(block.calls)), "muted")


def mark_words(mark: str) -> str:
    """What happens in a block: a landmark by its name in brackets, all else in words."""
    words = {
        "range_check": _("range check"),
        "bad_number": _("bad number"),
        "tracing": _("tracing"),
    }
    return words.get(mark, f"[{mark}]")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_CALLS])
    return shown if len(names) <= _MOST_CALLS else f"{shown}, …"


def _title(line: _Line) -> str:
    if line.block is None or line.block.address == line.part.address:
        return line.part.name
    return f"{line.part.name}+{line.block.address - line.part.address:#x}"


def _cut(spans: Sequence[Span], size: int) -> Iterator[Span]:
    """`spans` in at most `size` cells."""
    room = size
    for span in spans:
        if room > 0:
            yield Span(clip(span.text, room), span.role)
        room -= width([span])


# --- arrows --------------------------------------------------------------------------------------


def _arrows(lines: Sequence[_Line]) -> list[_Arrow]:
    """One for each line that is led to other than from the line above, the shortest first."""
    at: dict[int, int] = {}
    for index, line in reversed(list(enumerate(lines))):
        at[line.part.address if line.block is None else line.block.address] = index
    sources: dict[int, set[int]] = {}
    for index, line in enumerate(lines):
        for edge in () if line.block is None else line.block.edges:
            target = at.get(edge.to)
            if target is not None and not _is_below(lines, index, target):
                sources.setdefault(target, set()).add(index)
    found = [_Arrow(to, tuple(sorted(each))) for to, each in sources.items()]
    return sorted(found, key=lambda arrow: (len(arrow.lines), arrow.to))


def _is_below(lines: Sequence[_Line], index: int, target: int) -> bool:
    """Whether `target` is the line of the next block, or of the part that it begins."""
    following = index + 1
    while following < len(lines) and following != target and lines[following].block is None:
        following += 1
    return following == target


def _columns(arrows: Sequence[_Arrow]) -> tuple[list[list[_Arrow]], list[_Arrow]]:
    """Arrows by column, the innermost column first; and those that found no room."""
    columns: list[list[_Arrow]] = []
    left = []
    for arrow in arrows:
        free = next((each for each in columns if not any(_meet(arrow, one) for one in each)), None)
        if free is not None:
            free.append(arrow)
        elif len(columns) < _LANES:
            columns.append([arrow])
        else:
            left.append(arrow)
    return columns, left


def _meet(one: _Arrow, other: _Arrow) -> bool:
    return one.lines.start < other.lines.stop and other.lines.start < one.lines.stop


def _gutter(index: int, columns: Sequence[Sequence[_Arrow]]) -> str:
    """The arrows that pass line `index`: one character a column, and a head."""
    text, head = "", " "
    for column in reversed(columns):
        arrow = next((each for each in column if index in each.lines), None)
        ends = arrow is not None and index in (arrow.to, *arrow.sources)
        if arrow is None:
            text += "─" if head != " " else " "
        elif not ends:
            text += "┼" if head != " " else "│"
        else:
            text += _corner(index, arrow, crossed=head != " ")
            head = "▸" if index == arrow.to or head == "▸" else "─"
    return text + head


def _corner(index: int, arrow: _Arrow, *, crossed: bool) -> str:
    if index == arrow.lines.start:
        return "┬" if crossed else "╭"
    if index == arrow.lines.stop - 1:
        return "┴" if crossed else "╰"
    return "┼" if crossed else "├"
