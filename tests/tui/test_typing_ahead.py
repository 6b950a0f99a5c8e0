"""Keys that come faster than they are drawn, or before there is anything to see."""

from collections.abc import Callable, Iterable
from threading import Event

from driving import ACCEPT, Driver, opened
from textual.events import Key
from textual.widgets import Input

from systui.cli.emulation import Emulation, Wanted
from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger
from systui.tui.app import SystuiApp


def typed(driver: Driver, keys: Iterable[str]) -> None:
    """All of `keys` are there before any of them was looked at."""
    for key in keys:
        driver.app.post_message(Key(key, key if len(key) == 1 else None))


async def entered(driver: Driver) -> Snapshot:
    """What Enter leads to, once the question is gone."""
    await driver.pilot.press("enter")
    await driver.until(lambda: not driver.app.main.prompt.display)
    return await driver.settled()


def reads(line: Input, text: str) -> Callable[[], bool]:
    """Whether `text` stands in `line`."""
    return lambda: line.value == text


async def test_what_is_typed_right_behind_a_question_s_key_is_its_answer() -> None:
    async with opened() as driver:
        typed(driver, "F43")
        shown = await entered(driver)
        assert shown.call is not None
        assert shown.call.name == "accept"
        typed(driver, f"g{shown.stop.position - 2}")
        assert (await entered(driver)).stop.position == shown.stop.position - 2


async def test_the_lines_of_panes_take_what_is_typed_behind_their_keys_too() -> None:
    async with opened(follow="43") as driver:
        for key, line in (
            ("slash", driver.app.main.table.search_line),
            ("colon", driver.app.main.console.line),
            ("m", driver.app.main.memory.line),
        ):
            typed(driver, (key, "3", "l"))
            await driver.until(reads(line, "3l"))
            await driver.press("escape")


async def test_a_call_asked_for_before_the_first_stop_is_followed_once_there_is_one() -> None:
    start = Emulation(Wanted(ACCEPT)).start
    asked = Event()

    def late() -> Debugger:
        asked.wait(20)
        return start()

    app = SystuiApp(late, title="accept_43")
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        typed(driver, "F43")
        await pilot.press("enter")
        asked.set()
        await driver.until(lambda: app.main.shown is not None and app.main.shown.call is not None)
        shown = await driver.settled()
        assert shown.call is not None
        assert shown.call.name == "accept"
