"""Where panes stand: nothing overlaps, nothing is lost, at any size."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some

from systui.present.rows import cells
from systui.tui.heading import tabs
from systui.tui.layout import MINIMUM, PLACES, Arrangement, Box, Heading, Plan
from systui.tui.layout import plan as lay_out
from systui.tui.panes.registry import PANES, PLACE_OF

SIZES = some.tuples(some.integers(MINIMUM[0], 320), some.integers(MINIMUM[1] - 3, 120))
"""Of the desk: the screen less the top line, the timeline and the footer."""


def plan(width: int, height: int, recent: Sequence[str], *, with_code: bool = True) -> Plan:
    return lay_out(width, height, Arrangement(PLACE_OF, recent), with_code=with_code)


@given(SIZES, some.permutations(PANES), some.booleans())
def test_places_fill_the_desk_without_overlap(
    size: tuple[int, int], recent: list[str], with_code: bool
) -> None:
    width, height = size
    made = plan(width, height, recent, with_code=with_code)
    boxes = [*made.boxes.values(), *(heading.box for heading in made.headings), *made.rules]
    covered = 0
    for box in boxes:
        assert box.width > 0
        assert box.height > 0
        assert 0 <= box.x <= box.x + box.width <= width
        assert 0 <= box.y <= box.y + box.height <= height
        covered += box.width * box.height
    assert covered == width * height
    for index, box in enumerate(boxes):
        assert not any(overlap(box, other) for other in boxes[index + 1 :])


@given(SIZES, some.permutations(PANES))
def test_each_pane_has_one_place_and_the_last_used_is_seen(
    size: tuple[int, int], recent: list[str]
) -> None:
    made = plan(*size, recent)
    listed = [pane for heading in made.headings for pane in heading.panes]
    assert sorted(listed) == sorted(PANES)
    assert made.shows("source")
    assert made.shows(recent[0])
    for heading in made.headings:
        assert heading.front == min(heading.panes, key=recent.index)
        assert made.shows(heading.front)


def test_the_usual_sizes_have_their_forms() -> None:
    def seen(width: int, height: int) -> set[str]:
        return set(plan(width, height - 3, PANES).boxes) - {"code", "effect"}

    assert seen(80, 24) == {"source", "registers"}
    assert seen(100, 30) == {"source", "registers", "stack"}
    assert seen(120, 40) == {"source", "registers", "stack", "table"}
    assert seen(200, 60) == set(PLACES)


def test_the_usual_wide_screen_holds_all_registers_and_all_of_pt_regs() -> None:
    boxes = plan(120, 37, PANES).boxes
    assert boxes["registers"].height == 14
    assert boxes["stack"].height == 21


@given(some.permutations(PANES[1:]), some.integers(1, 200), some.integers(0, len(PANES) - 2))
def test_the_front_panes_name_is_always_on_its_line(
    panes: list[str], room: int, front: int
) -> None:
    heading = Heading(Box(0, 0, room + 1, 1), tuple(panes), panes[front])
    shown = tabs(heading, room)
    names = [pane for text, pane in shown if text not in "‹›"]
    assert panes[front] in names
    at = panes.index(names[0])
    assert names == panes[at : at + len(names)]
    needed = sum(cells(text) for text, _pane in shown) + len(shown) - 1
    assert needed <= room or len(names) == 1
    if names != panes:
        assert {pane for text, pane in shown if text in "‹›"} <= set(panes) - set(names)


def overlap(a: Box, b: Box) -> bool:
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )
