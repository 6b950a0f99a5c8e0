"""Programs that wait, run on, crash, or write what a terminal would obey."""

import pytest
from driving import Open
from program_builder import built

from systui.model.stop import Reason

pytestmark = pytest.mark.slow


async def test_typed_input_reaches_a_program_that_waits(open_app: Open) -> None:
    async with open_app(built("greeter", "static")) as driver:
        shown = await driver.press("c")
        assert shown.stop.reason is Reason.BLOCKED
        assert "name?" in driver.text
        await driver.press("o")
        shown = await driver.press(*"bob", "enter")
        assert shown.stop.reason is Reason.EXIT
        assert "hello bob" in driver.text
        assert "3 bytes" in driver.text


async def test_the_end_of_input_is_one_key(open_app: Open) -> None:
    async with open_app(built("greeter", "static")) as driver:
        await driver.press("c", "o")
        shown = await driver.press("ctrl+d")
        assert shown.stop.exit_status == 3
        assert "nobody" in driver.text


async def test_a_long_run_says_so_and_is_interrupted_at_once(open_app: Open) -> None:
    async with open_app(built("endless")) as driver:
        await driver.pilot.press("c")
        await driver.until(lambda: bool(driver.app.main.header.running))
        assert "Esc stops it" in driver.text
        await driver.pilot.press("s")
        await driver.pilot.pause()
        assert "Something runs already" in driver.text
        await driver.pilot.press("escape")
        shown = await driver.settled()
        assert shown.stop.reason is Reason.INTERRUPTED
        assert not driver.app.main.header.running
        assert "Something runs already" not in driver.text
        position = shown.stop.position
        assert (await driver.press("i")).stop.position == position + 1
        assert (await driver.press("I")).stop.position == position


async def test_escape_interrupts_from_the_input_line_too(open_app: Open) -> None:
    async with open_app(built("endless")) as driver:
        await driver.press("o", "tab")
        driver.app.main.output.input_line.focus()
        await driver.pilot.pause()
        driver.app.action_do("continue")
        await driver.pilot.pause()
        await driver.pilot.press("escape")
        shown = await driver.settled()
        assert shown.stop.reason is Reason.INTERRUPTED
        await driver.press("escape")
        assert driver.focused == "source"


async def test_with_nothing_running_ctrl_c_tells_the_way_out(open_app: Open) -> None:
    async with open_app(built("endless")) as driver:
        await driver.press("tab")
        await driver.press("ctrl+c")
        assert driver.focused == "source"
        assert "Nothing is running" not in driver.text
        await driver.press("ctrl+c")
        assert "Nothing is running. q leaves systui." in driver.text
        await driver.press("i")
        assert "Nothing is running" not in driver.text


async def test_quitting_while_it_runs_does_not_hang(open_app: Open) -> None:
    async with open_app(built("endless")) as driver:
        await driver.pilot.press("c")
        await driver.pilot.pause(0.05)
        await driver.pilot.press("q")
        await driver.pilot.pause()


async def test_a_crash_says_what_where_and_by_which_instruction(open_app: Open) -> None:
    async with open_app(built("crime", "static"), arguments=["write-null"]) as driver:
        shown = await driver.press("c")
        assert shown.stop.reason is Reason.EXIT
        assert shown.stop.exit_status is not None
        assert shown.stop.exit_status > 128
        assert "Killed by SIG" in driver.text
        assert "r runs it again" in driver.text
