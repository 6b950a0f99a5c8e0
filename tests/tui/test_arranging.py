"""Panes made larger, hidden, zoomed, jumped to: by key and by mouse."""

from driving import Driver, Open
from hypothesis import given
from hypothesis import strategies as some

from systui.tui.arranging import Arranging
from systui.tui.layout import MINIMUM, Box, Plan, plan
from systui.tui.panes.registry import PANES, PLACE_OF

SPLITS = (
    *("narrow.lower", "medium.right", "medium.lower", "wide.lower", "wide.right", "wide.stack"),
    *("huge.ledger", "huge.output", "huge.edge", "huge.right", "huge.stack"),
)


def arranged(**parts: object) -> Arranging:
    made = Arranging(PLACE_OF)
    made.restore(parts)
    return made


@given(
    some.integers(MINIMUM[0], 320),
    some.integers(MINIMUM[1] - 3, 120),
    some.lists(some.sampled_from(PANES)),
    some.dictionaries(some.sampled_from(SPLITS), some.floats(0, 1)),
    some.sampled_from((None, *PANES)),
    some.booleans(),
)
def test_whatever_is_hidden_or_moved_the_desk_is_full_and_the_source_readable(
    width: int,
    height: int,
    hidden: list[str],
    shares: dict[str, float],
    zoomed: str | None,
    with_code: bool,
) -> None:
    arranging = arranged(hidden=hidden, shares=shares)
    if zoomed is not None:
        arranging.use(zoomed)
        arranging.zoom(zoomed)
    made = plan(width, height, arranging.now, with_code=with_code)
    boxes = [*made.boxes.values(), *(heading.box for heading in made.headings), *made.rules]
    cells = [
        (x, y)
        for box in boxes
        for x in (box.x, box.x + box.width - 1)
        for y in (box.y, box.y + box.height - 1)
    ]
    assert all(0 <= x < width and 0 <= y < height for x, y in cells)
    assert sum(box.width * box.height for box in boxes) == width * height
    assert all(box.width > 0 and box.height > 0 for box in boxes)
    assert not set(made.boxes) & arranging.hidden
    assert "effect" in made.boxes
    if zoomed is None:
        assert made.boxes["source"].height >= 2
        assert made.boxes["source"].width >= 20


def test_a_border_drawn_to_a_cell_stands_there() -> None:
    arranging = arranged()
    made = plan(120, 37, arranging.now)
    rule = next(border for border in made.borders if border.beside)
    arranging.shares[rule.split] = rule.share(60, 5)
    moved = plan(120, 37, arranging.now)
    assert moved.rules[0].x == 60
    line = next(border for border in moved.borders if border.split == "wide.stack")
    arranging.shares[line.split] = line.share(100, 9)
    assert heading_row(plan(120, 37, arranging.now), "stack") == 9


def test_growing_there_and_back_leads_home() -> None:
    for size in ((80, 21), (100, 27), (120, 37), (200, 57)):
        for pane in ("source", "registers", "stack"):
            for beside in (False, True):
                arranging = arranged()
                arranging.use(pane)
                before = plan(*size, arranging.now)
                if not arranging.grow(before, pane, 1, beside=beside):
                    continue
                after = plan(*size, arranging.now)
                axis = 2 if beside else 3
                assert after.boxes[pane][axis] > before.boxes[pane][axis], (size, pane, beside)
                arranging.grow(after, pane, -1, beside=beside)
                assert plan(*size, arranging.now).boxes[pane] == before.boxes[pane]


def test_what_is_kept_comes_back_and_nonsense_does_not() -> None:
    arranging = arranged(hidden=["ledger"], shares={"wide.right": 0.4})
    again = arranged(**arranging.kept())
    assert again.hidden == {"ledger"}
    assert again.shares == {"wide.right": 0.4}
    odd = arranged(hidden=["source", "nowhere", 3], shares={"wide.right": "x", "a": 7})
    assert not odd.hidden
    assert not odd.shares


async def test_keys_make_panes_larger_and_back(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("tab")
        before = box(driver, "registers")
        await driver.press("plus", "less_than_sign")
        assert box(driver, "registers").height > before.height
        assert box(driver, "registers").width < before.width
        await driver.press("equals_sign")
        assert box(driver, "registers") == before


async def test_a_pane_is_hidden_and_comes_back(open_app: Open) -> None:
    async with open_app(size=(200, 60)) as driver:
        await driver.press("h")
        assert "The source stays" in driver.text
        await driver.press("l", "h")
        assert " ledger ─" not in driver.text
        assert driver.focused == "source"
        seen = {driver.focused}
        for _turn in PANES:
            await driver.press("tab")
            seen.add(driver.focused)
        assert seen == set(PANES) - {"ledger", "tasks"}
        await driver.press("l")
        assert driver.focused == "ledger"
        assert " ledger ━" in driver.text


async def test_the_whole_screen_for_one_pane(open_app: Open) -> None:
    async with open_app(size=(80, 24), follow="43") as driver:
        await driver.press("3", "tab", "tab", "z")
        assert driver.focused == "stack"
        for slot in ("ss", "orig_ax", "di", "r15"):
            assert f"{slot} " in driver.text
        await driver.press("tab")
        assert set(driver.app.main.desk.plan.boxes) == {"table", "effect"}
        await driver.press("z")
        assert driver.app.main.desk.plan.shows("source")


async def test_the_list_of_panes_jumps_and_hides(open_app: Open) -> None:
    async with open_app(size=(100, 30)) as driver:
        await driver.press("w", "3")
        assert driver.focused == "stack"
        await driver.press("w", "down", "down", "space")
        assert "hidden" in driver.text
        await driver.press("escape")
        assert "ledger" in driver.app.main.desk.arranging.hidden
        await driver.press("w", *["down"] * 2, "enter")
        assert driver.focused == "ledger"
        assert not driver.app.main.desk.arranging.hidden


async def test_lines_are_dragged(open_app: Open) -> None:
    async with open_app() as driver:
        rule = driver.app.main.desk.plan.rules[0]
        await drag(driver, (rule.x, 20), (rule.x - 10, 25))
        assert driver.app.main.desk.plan.rules[0].x == rule.x - 10
        row = heading_row(driver.app.main.desk.plan, "stack")
        await drag(driver, (100, row + 2), (105, row + 7))
        assert heading_row(driver.app.main.desk.plan, "stack") == row + 5


async def drag(driver: Driver, begin: tuple[int, int], end: tuple[int, int]) -> None:
    await driver.pilot.mouse_down(offset=begin)
    await driver.pilot.hover(offset=end)
    await driver.pilot.mouse_up(offset=end)
    await driver.settled()


def heading_row(made: Plan, pane: str) -> int:
    return next(heading.box.y for heading in made.headings if pane in heading.panes)


def box(driver: Driver, pane: str) -> Box:
    return driver.app.main.desk.plan.boxes[pane]
