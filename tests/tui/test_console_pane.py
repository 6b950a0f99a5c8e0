"""The console, memory and backtrace panes on the real emulator."""

from pathlib import Path

import pytest
from driving import Driver, Open

from systui.settings.config import Settings

pytestmark = pytest.mark.slow

KEYS = {" ": "space", "$": "dollar_sign", "/": "slash", "=": "equals_sign", "_": "underscore",
        ".": "full_stop", "*": "asterisk", ":": "colon", "+": "plus"}  # fmt: skip


async def type_line(driver: Driver, text: str) -> None:
    """Type `text` at the console and Enter."""
    if not driver.app.main.console.line.has_focus:
        await driver.press("colon")
    await driver.press(*(KEYS.get(letter, letter) for letter in text), "enter")


async def test_a_command_is_answered_above_the_line(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await type_line(driver, "p $rax")
        assert "$1 = 43" in driver.text
        assert ": p $rax" in driver.text
        shown = await driver.settled()
        await type_line(driver, "si 3")
        moved = await driver.settled()
        assert moved.stop.position == shown.stop.position + 3
        await type_line(driver, "rsi 3")
        assert (await driver.settled()).registers == shown.registers
        await type_line(driver, "p nothing_at_all")
        assert "nothing is called" in driver.text
        await driver.press("escape")
        assert driver.focused == "source"


async def test_history_and_completion(open_app: Open) -> None:
    async with open_app() as driver:
        line = driver.app.main.console.line
        await type_line(driver, "p 1")
        await type_line(driver, "p 2")
        await driver.press("up", "up")
        assert line.value == "p 1"
        await driver.press("down", "down")
        assert line.value == ""
        await driver.press("b", "space")
        await driver.press(*"do", "underscore", *"sysc", "tab")
        assert line.value.startswith("b do_syscall_")
        assert "do_syscall_64" in driver.text
        await driver.press("6", "tab")
        assert line.value == "b do_syscall_64 "
        await driver.press("enter", "escape", "c")
        assert (await driver.settled()).location.name == "do_syscall_64"


async def test_history_is_there_the_next_time(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = Settings(tmp_path / "config.toml", remember=True)
    async with open_app(settings=settings) as driver:
        await type_line(driver, "p 12345")
        await type_line(driver, "b syscall 43")
    async with open_app(settings=settings) as driver:
        await driver.press("colon", "up", "up")
        assert driver.app.main.console.line.value == "p 12345"
        await driver.press("escape", "c")
        shown = await driver.settled()
        assert shown.location.name == "entry_SYSCALL_64"
        assert shown.registers["rax"] == 43


async def test_what_is_displayed_follows_every_key(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await type_line(driver, "display $rip")
        await driver.press("escape", "i", "i")
        shown = await driver.settled()
        assert f"1: $rip = {shown.stop.pc:#x}" in driver.text


async def test_memory_follows_an_expression_and_marks_what_changed(open_app: Open) -> None:
    async with open_app(follow="43", size=(200, 60)) as driver:
        await driver.press("s", "m")
        await driver.press(*"pt", "underscore", *"regs", "enter")
        assert "there is no pt_regs here" in driver.text
        await driver.press("escape", *["s"] * 12)
        frame = (await driver.settled()).frame
        assert frame is not None
        assert f"{frame.address & ~15:016x}" in driver.text
        rows = driver.app.main.memory.list.rows
        assert any(span.role == "changed" for row in rows for span in row.spans)
        await driver.press("m")
        await driver.press(*"0x10", "enter")
        assert "cannot be read" in driver.text
        assert "00 00 00 00" not in "\n".join(row.text for row in driver.app.main.memory.list.rows)


async def test_memory_that_isolation_hides_is_said_to_be_hidden(open_app: Open) -> None:
    async with open_app(size=(200, 60)) as driver:
        await driver.press("m")
        await driver.press(*"do", "underscore", *"syscall", "underscore", *"64", "enter")
        assert "⊘ hidden by the user's page table" in driver.text
        assert all("⊘" in row.text for row in driver.app.main.memory.list.rows)
        assert not any("??" in row.text for row in driver.app.main.memory.list.rows)
        await driver.press("down", "down")
        assert driver.app.main.memory.list.lines == 2


async def test_a_frame_shows_its_source_and_registers(open_app: Open) -> None:
    async with open_app(follow="43", size=(200, 60)) as driver:
        user = await driver.settled()
        await driver.press("4", "k")
        pane = driver.app.main.desk.panes["backtrace"]
        assert "entry_SYSCALL_64_after_hwframe" in driver.text
        assert driver.focused == "backtrace"
        for _turn in range(4):
            await driver.press("down")
        assert pane is not None
        assert "accept_43.c:6" in driver.app.main.source.facts
        assert f"{user.registers['rsp']:x}" in driver.text
        await driver.press("i")
        assert "accept_43.c:6" not in driver.app.main.source.facts


async def test_an_edit_is_seen_at_once_and_again_when_come_back_to(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("4", "e")
        await driver.press(*"pt", "underscore", *"regs", "full_stop", *"r11", "equals_sign", "0")
        await driver.press("enter")
        assert "Changed by hand here: pt_regs.r11" in driver.text
        assert "by hand" in driver.text
        await driver.press("escape", "I")
        assert "Changed by hand here" not in driver.text
        await driver.press("i")
        assert "Changed by hand here" in driver.text


async def test_running_to_the_cursor_and_back_and_a_breakpoint_there(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        begin = await driver.press("3")
        source = begin.location.source
        assert source is not None
        line = source.line
        await driver.press("down", "down", "down", "u")
        there = await driver.settled()
        assert there.location.source is not None
        assert there.location.source.line > line
        assert there.stop.position > begin.stop.position
        await driver.press(*["up"] * (there.location.source.line - line), "U")
        back = await driver.settled()
        assert back.location.source is not None
        assert back.location.source.line == line
        await driver.press("down", "down", "down", "t")
        assert "breakpoint at" in driver.text
        assert "●" in driver.text
        await driver.press("c")
        again = await driver.settled()
        assert again.location.source == there.location.source
        await driver.press("t")
        assert "●" not in driver.app.main.source.row_at(driver.app.main.source.cursor).text  # type: ignore[union-attr]
        await driver.press("d", "down", "u")
        moved = await driver.settled()
        assert moved.stop.position > again.stop.position
