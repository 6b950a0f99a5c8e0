"""The map of the call's way on the screen."""

import program_builder
from driving import Open

from systui.tui.panes.way import WayPane


async def test_the_way_is_marked_as_it_is_gone(open_app: Open) -> None:
    async with open_app(follow="43", size=(200, 60)) as driver:
        await driver.press("y")
        assert driver.focused == "way"
        pane = driver.app.main.desk.panes["way"]
        assert isinstance(pane, WayPane)
        assert not any("✓" in row.text for row in pane.rows)
        for _landmark in range(4):
            await driver.press("space")
        passed = [row.text for row in pane.rows if "✓" in row.text]
        here = [row.text for row in pane.rows if "▶" in row.text]
        assert len(here) == 1
        assert any("[entry]" in text for text in passed)
        await driver.press("S")
        assert [row.text for row in pane.rows if "▶" in row.text]
        for _landmark in range(24):
            await driver.press("space")
            landmark = (await driver.settled()).landmark
            if landmark is not None and landmark.name == "user_return":
                break
        passed = [row.text for row in pane.rows if "✓" in row.text]
        assert any("[sysret]" in text for text in passed)
        assert not any("[iret]" in text for text in passed)


async def test_another_door_has_another_map(open_app: Open) -> None:
    program = program_builder.built("gate80")
    async with open_app(program, follow="i386:20", size=(200, 60)) as driver:
        await driver.press("y", "space", "space")
        pane = driver.app.main.desk.panes["way"]
        assert isinstance(pane, WayPane)
        assert any("entry_INT80_compat" in row.text for row in pane.rows)
        table = driver.app.main.table.list
        assert table.chosen is not None
        assert (table.chosen.abi, table.chosen.name) == ("i386", "getpid")
        assert table.origin is not None
        assert table.origin.symbol == "__ia32_sys_getpid"
        assert not any("sysret" in row.text for row in pane.rows)
