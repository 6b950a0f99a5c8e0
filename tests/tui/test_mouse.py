"""The mouse does what the keys do."""

import pytest
from driving import Open
from textual.events import MouseScrollDown
from textual.widget import Widget

from systui.model.call import Phase
from systui.tui.panes.registry import PANES

pytestmark = pytest.mark.slow


async def test_a_click_on_the_timeline_goes_there(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        row = driver.text.splitlines()[1]
        await driver.pilot.click("#timeline", offset=(row.index("handler") + 2, 0))
        shown = await driver.settled()
        assert shown.phase is Phase.HANDLER
        await driver.pilot.click("#timeline", offset=(row.index("entry") + 1, 0))
        assert (await driver.settled()).phase is Phase.ENTRY


async def test_a_double_click_on_a_call_follows_it(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.press("slash", *"write", "escape", "slash")
        table = driver.app.main.table.list
        index = [row.name for row in table.found].index("write")
        table.reveal(index)
        offset = (10, index - table.scroll_offset.y)
        await driver.pilot.click("#table-list", offset=offset)
        assert table.cursor == index
        assert driver.focused == "table"
        await driver.pilot.click("#table-list", offset=offset, times=2)
        shown = await driver.settled()
        assert shown.call is not None
        assert shown.call.name == "write"


async def test_a_click_on_a_tab_brings_its_pane(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as driver:
        for name, pane in (("ledger", "ledger"), ("output", "output"), ("stack", "stack")):
            lines = driver.text.splitlines()
            y = next(i for i, line in enumerate(lines) if " ledger " in line and i > 2)
            await driver.pilot.click(offset=(lines[y].index(f" {name} ") + 2, y))
            await driver.settled()
            assert driver.focused == pane
            assert driver.app.main.desk.plan.shows(pane)


async def test_a_click_focuses_and_the_wheel_scrolls(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("3")
        await driver.pilot.click("#registers", offset=(5, 5))
        await driver.settled()
        assert driver.focused == "registers"
        source = driver.app.main.source
        before = source.scroll_offset.y
        for _turn in range(3):
            source._on_mouse_scroll_down(_wheel(source))
        await driver.pilot.pause(0.3)
        assert source.scroll_offset.y > before


async def test_a_click_in_the_footer_does_it(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        begin = (await driver.settled()).stop.position
        line = driver.text.splitlines()[-1]
        await driver.pilot.click("#footer", offset=(line.index("s step") + 1, 0))
        assert (await driver.settled()).stop.position > begin


def _wheel(widget: Widget) -> MouseScrollDown:
    return MouseScrollDown(widget, 5, 5, 0, 0, 0, False, False, False)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_every_pane_takes_a_click_and_the_wheel(
    open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(follow="43", size=size) as driver:
        await driver.press("4")
        for pane in PANES:
            driver.app.main.desk.bring(pane, focus=False)
            await driver.settled()
            await driver.pilot.click(f"#{pane}", offset=(8, 1))
            await driver.settled()
            assert driver.focused == pane
            widget = driver.app.focused
            assert widget is not None
            widget.post_message(_wheel(widget))
            await driver.settled()
            assert driver.focused == pane
