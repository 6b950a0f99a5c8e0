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
        assert "__ia32_sys_getpid" in table.handler
        assert not any("sysret" in row.text for row in pane.rows)


async def test_the_table_says_where_a_row_comes_from(open_app: Open) -> None:
    async with open_app(follow="43", size=(120, 40)) as driver:
        await driver.press("slash", *"134")
        where = driver.app.main.table.handler
        for _wait in range(100):
            await driver.pilot.pause(0.05)
            if where.row is not None and where.row.number == 134:
                break
        told = " ".join(row.text.strip() for row in where.rows)
        table = program_builder.kernel().symbol("sys_call_table")
        assert table is not None
        assert f"sys_call_table + 134*8 = {table.address + 134 * 8:#x}" in told
        assert "→ __x64_sys_ni_syscall" in told
        assert "kernel/sys_ni.c" in told
        assert "not implemented" in told
