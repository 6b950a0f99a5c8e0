"""Tasks side by side on the screen."""

import program_builder
import pytest
from driving import Open

from systui.tui.panes.tasks import TasksPane


async def test_one_task_takes_no_room(open_app: Open) -> None:
    async with open_app(follow="43", size=(200, 60)) as driver:
        desk = driver.app.main.desk
        assert not any("tasks" in heading.panes for heading in desk.plan.headings)
        assert "tasks" not in desk.arranging.visible
        await driver.press("j")
        assert driver.focused == "tasks"
        assert "1 task" in driver.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_line_and_a_column_for_each(open_app: Open, size: tuple[int, int]) -> None:
    program = program_builder.built("tcppair", "static")
    async with open_app(program, follow="connect", size=size) as driver:
        desk = driver.app.main.desk
        assert any("tasks" in heading.panes for heading in desk.plan.headings)
        stop = (await driver.press("j")).stop
        pane = desk.panes["tasks"]
        assert isinstance(pane, TasksPane)
        assert len(pane.rows) <= pane.size.height
        assert [row.tag for row in pane.rows[1:3]] == [1000, 1001]
        assert pane.rows[1].text.startswith("▶ 1000 tcppair")
        assert "accept, waiting for a connection" in pane.rows[2].text
        here = next(row for row in pane.rows if row.base == "current")
        assert here.tag == stop.position
        assert "connect(" in here.text
        assert here.text.rstrip().endswith("┊")


async def test_enter_and_a_click_go_to_the_stop(open_app: Open) -> None:
    program = program_builder.built("tcppair", "static")
    async with open_app(program, follow="connect", size=(200, 60)) as driver:
        await driver.press("j")
        pane = driver.app.main.desk.panes["tasks"]
        assert isinstance(pane, TasksPane)
        accept = next(at for at, row in enumerate(pane.rows) if "accept ·" in row.text)
        here = next(at for at, row in enumerate(pane.rows) if row.base == "current")
        stop = (await driver.press(*["up"] * (here - accept), "enter")).stop
        assert stop.task.pid == 1001
        assert stop.position == pane.rows[accept].tag
        bind = next(at for at, row in enumerate(pane.rows) if "bind(" in row.text)
        await driver.pilot.click(pane, offset=(20, bind))
        shown = await driver.settled()
        assert shown.call is not None
        assert (shown.call.name, shown.stop.task.pid) == ("bind", 1001)
