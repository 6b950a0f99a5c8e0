"""What a person arranged is there the next time."""

from pathlib import Path

import pytest
from driving import opened

from systui.settings import state
from systui.settings.config import Settings


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def settings(**parts: object) -> Settings:
    return Settings(Path("/none/config.toml"), **parts)  # type: ignore[arg-type]


async def test_panes_theme_and_breakpoints_come_back() -> None:
    async with opened(settings=settings()) as driver:
        await driver.press("l", "h", "tab", "plus", "T")
        await driver.press("b", *"do_syscall_64", "enter")
        theme, plan = driver.app.look.name, driver.app.main.desk.plan
        assert theme != "dark"
    async with opened(settings=settings()) as driver:
        assert driver.app.look.name == theme
        assert driver.app.main.desk.plan.boxes["registers"] == plan.boxes["registers"]
        assert "ledger" in driver.app.main.desk.arranging.hidden
        assert "1 breakpoint of the last time" in driver.text
        shown = await driver.press("c")
        assert shown.location.symbol == "do_syscall_64"
        await driver.press("b", *"do_syscall_64", "enter")
    async with opened(settings=settings()) as driver:
        assert "of the last time" not in driver.text


async def test_a_followed_call_comes_before_old_breakpoints() -> None:
    async with opened(settings=settings()) as driver:
        await driver.press("b", *"main", "enter")
    async with opened(settings=settings(), follow="43") as driver:
        shown = await driver.settled()
        assert shown.instruction is not None
        assert shown.instruction.mnemonic == "syscall"
        assert "1 breakpoint of the last time" in driver.text


async def test_a_theme_asked_for_since_goes_before_the_one_kept() -> None:
    async with opened(settings=settings()) as driver:
        await driver.press("T")
    async with opened(settings=settings(theme="light")) as driver:
        assert driver.app.look.name == "light"
    async with opened(settings=settings(), theme_name="mono") as driver:
        assert driver.app.look.name == "mono"


async def test_a_damaged_state_is_said_and_does_no_harm() -> None:
    state.path().parent.mkdir()
    state.path().write_text('{"version": 1')
    async with opened(settings=settings(), size=(200, 60)) as driver:
        assert "state.json cannot be read" in driver.text
        await driver.press("T")
    assert state.read().problem == ""


async def test_odd_things_in_the_state_are_left_out() -> None:
    state.path().parent.mkdir()
    state.path().write_text(
        '{"version": 1, "theme": ["x"], "panes": {"hidden": 3, "shares": {"wide.right": "x"}},'
        ' "programs": 7}'
    )
    async with opened(settings=settings()) as driver:
        assert driver.app.look.name == "dark"
        assert driver.app.main.desk.plan.shows("registers")


async def test_nothing_is_kept_where_that_is_not_wanted() -> None:
    async with opened(settings=settings(remember=False)) as driver:
        await driver.press("T", "plus")
    assert not state.path().exists()
