"""The call table's pane: what it says of the row under its cursor."""

import program_builder
from driving import Open


async def test_the_table_tells_the_handler_under_its_cursor(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        shown = await driver.press("slash", *"accept")
        told = " ".join(row.text.strip() for row in driver.app.main.table.handler.rows)
        assert "→ __x64_sys_accept 0xffffffff81" in told
        await driver.press("enter")
        assert (await driver.settled()).stop.position >= shown.stop.position


async def test_the_table_says_where_a_row_comes_from(open_app: Open) -> None:
    async with open_app(follow="43", size=(120, 40)) as driver:
        await driver.press("slash", *"134")
        where = driver.app.main.table.handler
        await driver.until(lambda: where.row is not None and where.row.number == 134)
        told = " ".join(row.text.strip() for row in where.rows)
        table = program_builder.kernel().symbol("sys_call_table")
        assert table is not None
        assert f"sys_call_table + 134*8 = {table.address + 134 * 8:#x}" in told
        assert "→ __x64_sys_ni_syscall" in told
        assert "kernel/sys_ni.c" in told
        assert "not implemented" in told
