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


async def test_the_table_shown_is_that_of_the_call_at_hand(open_app: Open) -> None:
    """The number is the same when the 32-bit call's table takes the place of the program's."""
    program = program_builder.built("sysenter", "bare32")
    async with open_app(program, follow="write", size=(120, 40)) as driver:
        shown = [row.text.split() for row in driver.app.main.table.list.rows]
        assert "write" in next(words for words in shown if "4" in words[:2])
