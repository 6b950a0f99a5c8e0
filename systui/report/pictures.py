"""The report's drawings as SVG: pt_regs step by step, and how deep the stack was."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from systui.model.frame import Written
from systui.present.edits import by_whom
from systui.present.ledger import shown_value
from systui.present.phase import phase_name
from systui.report.story import Picture, Station, Story
from systui.words import _

_CELL, _ROW, _LABEL = 15, 17, 62
_MOST_COLUMNS = 60
_CHART = (860, 190)
_LEFT, _BOTTOM = 52, 34


def frame_picture(pictures: Sequence[Picture]) -> str:
    """A column for each stop at which the frame changed, a row for each slot."""
    if not pictures:
        return ""
    shown = _thinned(pictures)
    names = [slot.name for slot in shown[0].frame.slots]
    width = _LABEL + _CELL * len(shown) + 150
    height = _ROW * (len(names) + 3)
    parts = [_svg(width, height, _("pt_regs as it is built and unwound"))]
    for row, name in enumerate(names):
        parts.append(_text(_LABEL - 6, _y(row) + 12, name, "label", "end"))
    before: dict[str, tuple[Written, bool]] = {}
    for column, picture in enumerate(shown):
        x = _LABEL + column * _CELL
        for row, slot in enumerate(picture.frame.slots[: len(names)]):
            state = (slot.written, slot.restored)
            fresh = column > 0 and before.get(slot.name) != state
            kind = "restored" if slot.restored else slot.written.value
            value = "?" if slot.value is None else f"{slot.value:0{picture.frame.digits}x}"
            by, at = by_whom(slot.by or "–"), f"{picture.place} @{picture.position:,}"
            title = f"{slot.name} = {value} · {by} · {at}"
            parts.append(
                f'<rect class="slot {kind}{" fresh" if fresh else ""}" x="{x + 1}" y="{_y(row)}" '
                f'width="{_CELL - 2}" height="{_ROW - 2}"><title>{escape(title)}</title></rect>'
            )
            before[slot.name] = state
    last = shown[-1]
    x = _LABEL + len(shown) * _CELL + 6
    for row, slot in enumerate(last.frame.slots[: len(names)]):
        value = "–" if slot.written is Written.NO else shown_value(slot.value)
        parts.append(_text(x, _y(row) + 12, value, "value"))
    foot = _y(len(names)) + 14
    parts.append(_text(_LABEL, foot, f"{shown[0].position:,}", "axis"))
    end = _LABEL + len(shown) * _CELL
    parts.append(_text(end, foot, f"{last.position:,}", "axis", "end"))
    parts.append("</svg>")
    return "".join(parts)


def depth_chart(story: Story) -> str:
    """The kernel stack's depth over the call, phases underneath; empty where it had none."""
    depths = [each.depth for each in story.stations]
    most = max((depth for depth in depths if depth is not None), default=0)
    if not most:
        return ""
    width, height = _CHART
    across = (width - _LEFT - 10) / max(len(depths) - 1, 1)
    most = max(most, 64)
    down = (height - _BOTTOM - 12) / most
    parts = [_svg(width, height, _("depth of the kernel stack over the call"))]
    parts += _bands(story.stations, across, height)
    for stretch in _stretches(depths):
        points = " ".join(
            f"{_LEFT + index * across:.1f},{12 + depth * down:.1f}"
            for index, depth in _corners(stretch, max(1, round(1 / across)))
        )
        parts.append(f'<polyline class="depth" points="{points}"/>')
    for value in (0, most // 2, most):
        label = f"−{value:,}" if value else "0"
        parts.append(_text(_LEFT - 6, 12 + value * down + 4, label, "axis", "end"))
    parts.append("</svg>")
    return "".join(parts)


_Points = list[tuple[int, int]]


def _stretches(depths: Sequence[int | None]) -> list[_Points]:
    """The runs of known depths, each with its place among all."""
    known = [(index, depth) for index, depth in enumerate(depths) if depth is not None]
    runs = groupby(enumerate(known), key=lambda each: each[1][0] - each[0])
    return [[point for _order, point in run] for _key, run in runs]


def _corners(points: _Points, apart: int) -> _Points:
    """Those that the line needs: of `apart` neighbours, which share a pixel, the ends and extremes.

    Points amid others of the same depth are left out.
    """
    kept: _Points = []
    for _pixel, group in groupby(points, key=lambda point: point[0] // apart):
        near = list(group)
        kept += sorted({near[0], min(near, key=_depth), max(near, key=_depth), near[-1]})
    return [
        point
        for before, point, after in zip([None, *kept], kept, [*kept[1:], None], strict=False)
        if before is None or after is None or not before[1] == point[1] == after[1]
    ]


def _depth(point: tuple[int, int]) -> int:
    return point[1]


def _bands(stations: Sequence[Station], across: float, height: int) -> list[str]:
    parts = []
    start = 0
    for index in range(1, len(stations) + 1):
        if index < len(stations) and stations[index].phase is stations[start].phase:
            continue
        x, wide = _LEFT + start * across, max((index - start) * across, 1)
        phase = stations[start].phase
        parts.append(
            f'<rect class="band {phase.value}" x="{x:.1f}" y="{height - _BOTTOM + 8}" '
            f'width="{wide:.1f}" height="8"><title>{escape(phase_name(phase))}</title></rect>'
        )
        if wide > 56:
            parts.append(_text(x + 2, height - 4, phase_name(phase), "axis"))
        start = index
    return parts


def _thinned(pictures: Sequence[Picture]) -> Sequence[Picture]:
    """At most as many as fit, the first and the last among them."""
    if len(pictures) <= _MOST_COLUMNS:
        return pictures
    step = (len(pictures) - 1) / (_MOST_COLUMNS - 1)
    return [pictures[round(index * step)] for index in range(_MOST_COLUMNS)]


def _y(row: int) -> int:
    return _ROW + row * _ROW


def _svg(width: int, height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img"><title>{escape(title)}</title>'
    )


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )
