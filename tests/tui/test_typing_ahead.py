"""Keys that come faster than they are drawn, or before there is anything to see."""

from collections.abc import Callable, Iterable
from threading import Event

from driving import ACCEPT, Driver, opened
from textual.events import Key
from textual.widgets import Input

from systui.cli.emulation import Emulation, Wanted
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.tui.app import SystuiApp
from systui.tui.help import HelpScreen
from systui.tui.moves import Move


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


async def test_until_there_is_a_debugger_the_screen_says_what_is_waited_for() -> None:
    start = Emulation(Wanted(ACCEPT)).start
    booted = Event()
    waits = ["the guest boots"]

    def late() -> Debugger:
        booted.wait(20)
        return start()

    app = SystuiApp(late, title="accept_43", waits=waits.pop)
    waits.insert(0, "the guest starts the program")
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: "the guest boots · 0 s · q leaves" in driver.text)
        await driver.until(lambda: "the guest starts the program · 0 s" in driver.text)
        waits.extend([""] * 1000)
        await driver.until(lambda: "starting · " in driver.text)
        await pilot.press("escape")
        booted.set()
        shown = await driver.settled()
        assert "leaves" not in driver.text.splitlines()[0]
        assert (await driver.press("i")).stop.position == shown.stop.position + 1


async def test_what_is_typed_behind_a_question_s_answer_reaches_the_screen_in_order() -> None:
    async with opened() as driver:
        typed(driver, ("F", *"43", "enter", *"iil"))
        shown = await driver.settled()
        assert shown.call is not None
        assert shown.call.name == "accept"
        assert shown.call.entered_at == shown.stop.position - 2
        assert driver.focused == "ledger"
        typed(driver, ("b", *"do_syscall_64", "enter", "c"))
        shown = await driver.settled()
        assert shown.stop.reason is Reason.BREAKPOINT
        typed(driver, ("g", *"12", "escape", "I", *"g20", "enter", "question_mark"))
        await driver.until(lambda: isinstance(driver.app.screen, HelpScreen))
        assert (await driver.settled()).stop.position == 20


async def test_what_is_typed_behind_an_answer_that_will_not_do_mends_it() -> None:
    async with opened() as driver:
        typed(driver, ("F", *"4e", "enter", "backspace", "3", "enter", "i"))
        shown = await driver.settled()
        assert shown.call is not None
        assert shown.call.name == "accept"


async def test_commands_typed_at_once_are_done_one_after_the_other() -> None:
    async with opened(follow="43") as driver:
        typed(driver, ("colon", *"p 1", "enter", *"p 2", "enter", "f11"))
        shown = await driver.settled()
        assert driver.app.main.console.line.history[-2:] == ["p 1", "p 2"]
        assert driver.app.main.console.line.value == ""
        assert ": p 1" in driver.text
        assert ": p 2" in driver.text
        assert shown.phase is Phase.ENTRY


async def test_a_command_that_finds_something_running_is_not_lost() -> None:
    async with opened() as driver:
        ended = Event()
        driver.app.steering.move(Move("walk", lambda _debugger, _should_stop: ended.wait(20)))
        typed(driver, ("colon", *"p 1", "enter"))
        await driver.until(reads(driver.app.main.console.line, "p 1"))
        assert "Something runs already" in driver.text
        ended.set()


async def test_an_address_and_a_search_typed_with_what_follows() -> None:
    async with opened() as driver:
        typed(driver, ("m", *"$ip", "enter", "i"))
        assert (await driver.settled()).stop.position == 1
        assert driver.app.main.memory.line.value == "$ip"
        typed(driver, ("slash", *"acce", "down", "enter"))
        shown = await driver.settled()
        assert shown.call is not None or "accept4" in driver.text
        typed(driver, ("ctrl+p", *"zoom", "enter", "ctrl+q"))
        await driver.until(lambda: not driver.app.is_running)


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
