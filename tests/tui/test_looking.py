"""Panes, focus, search, help, themes: what moves nothing."""

from pathlib import Path

import pytest
from driving import Driver, Open

from systui.model.errors import BadInputError
from systui.session.debugger import Debugger
from systui.tui.actions import registry
from systui.tui.app import SystuiApp
from systui.tui.panes.registry import PANES
from systui.tui.theme import names

pytestmark = pytest.mark.slow


async def test_tab_goes_through_every_pane(open_app: Open) -> None:
    for size in ((80, 24), (100, 30), (120, 40), (200, 60)):
        async with open_app(size=size) as driver:
            panes = [pane for pane in PANES if pane != "tasks"]  # there is one task
            seen = [driver.focused]
            for _turn in panes:
                await driver.press("tab")
                seen.append(driver.focused)
                assert driver.app.main.desk.plan.shows(str(driver.focused))
            assert seen == [*panes, panes[0]]
            await driver.press("shift+tab")
            assert driver.focused == panes[-1]


async def test_the_focused_heading_is_drawn_heavier(open_app: Open) -> None:
    async with open_app() as driver:
        line = next(line for line in driver.text.splitlines() if " source " in line)
        assert "━ source ━" in line
        await driver.press("tab")
        line = next(line for line in driver.text.splitlines() if " registers " in line)
        assert "━ registers ━" in line
        assert "─ source ─" in line


async def test_search_finds_by_name_and_number_and_enter_follows(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.press("slash", *"accept")
        assert driver.focused == "table"
        found = driver.app.main.table.list.found
        assert {row.name for row in found} >= {"accept", "accept4"}
        assert "sendfile" not in driver.text
        await driver.press("backspace", "backspace", "backspace", "backspace")
        await driver.press("backspace", "backspace", "4", "3")
        assert any(row.number == 43 for row in driver.app.main.table.list.found)
        cursor = [row.number for row in driver.app.main.table.list.found].index(43)
        shown = await driver.press(*["down"] * cursor, "enter")
        assert shown.call is not None
        assert shown.call.number == 43
        assert shown.instruction is not None
        assert shown.instruction.mnemonic == "syscall"


async def test_escape_always_leads_back(open_app: Open) -> None:
    async with open_app() as driver:
        for keys in (("slash", "x"), ("F", "4"), ("g",), ("b",), ("l",), ("o",), ("tab", "tab")):
            await driver.press(*keys, "escape")
            assert driver.focused == "source"
            assert driver.app.main.footer.display
        for key in ("question_mark", "colon", "ctrl+p"):
            await driver.press(key, "escape")
            assert driver.app.screen is driver.app.main


async def test_a_bad_call_is_explained_where_it_was_typed(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.press("F", *"xyzzy", "enter")
        assert "no system call is named 'xyzzy'" in driver.text
        assert driver.app.main.prompt.display
        shown = await driver.press(*["backspace"] * 5, *"write", "enter")
        assert shown.call is not None
        assert shown.call.name == "write"
        assert not driver.app.main.prompt.display


async def test_a_call_that_never_comes_is_said(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.press("F", *"reboot", "enter")
        assert "reboot never came" in driver.text


async def test_help_and_palette_hold_every_action(open_app: Open) -> None:
    from systui.tui.help import help_rows
    from systui.tui.palette import find

    actions = registry()
    text = "\n".join(row.text for row in help_rows(actions))
    assert all(action.help in text for action in actions)
    assert {action.id for action in find("", actions)} == {a.id for a in actions} - {"palette"}
    async with open_app() as driver:
        await driver.press("question_mark")
        assert "Go back to the line before." in driver.text
        await driver.press("escape", "ctrl+p", *"next landmark")
        assert "Run to the next landmark" in driver.text
        await driver.press("enter")
        shown = await driver.settled()
        assert shown.landmark is not None
        assert shown.landmark.name == "user_syscall"


@pytest.mark.parametrize(
    ("query", "found"),
    [("后退", "step_back"), ("back line", "step_back"), ("theme", "theme"), ("主题", "theme")],
)
def test_the_palette_finds_by_chinese_and_by_english_words(query: str, found: str) -> None:
    from systui import words
    from systui.tui.palette import find

    words.use("zh")
    try:
        assert found in {action.id for action in find(query, registry())}
        assert words._("step") == "单步"
    finally:
        words.use("en")


def test_no_key_means_two_things() -> None:
    keys = [key for action in registry() for key in action.keys]
    assert len(keys) == len(set(keys))
    assert all(action.keys and action.help for action in registry())


async def test_every_action_can_be_done(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # one of them writes a picture
    async with open_app(follow="43") as driver:
        for action in registry():
            if action.id == "quit":
                continue
            driver.app.action_do(action.id)
            await driver.settled()
            if driver.app.screen is not driver.app.main:
                await driver.pilot.press("escape")


async def test_themes_follow_one_another(open_app: Open) -> None:
    async with open_app() as driver:
        seen = [driver.app.look.name]
        for _turn in names()[1:]:
            await driver.press("T")
            seen.append(driver.app.look.name)
            assert driver.app.look.title in driver.text
        assert seen == names()
    async with open_app(theme_name="light") as driver:
        assert driver.app.look.name == "light"


async def test_without_colour_nothing_is_coloured(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from systui.tui.picture import lines

    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(follow="43") as driver:
        await driver.press("s", "s")
        for line in lines(driver.app):
            for _text, style, _control in line:
                if style is not None:
                    assert style.color is None or style.color.is_default
                    assert style.bgcolor is None or style.bgcolor.is_default
        assert "▶" in driver.text


async def test_resizing_goes_through_all_forms(open_app: Open) -> None:
    async with open_app(size=(120, 40), follow="43") as driver:
        await driver.press("3")
        for size in ((80, 24), (200, 60), (100, 30), (60, 18), (300, 100), (120, 40)):
            await driver.pilot.resize_terminal(*size)
            await driver.settled()
            rows = driver.text.splitlines()
            assert len(rows) == size[1]
            assert all(len(row) <= size[0] for row in rows)
            assert "too small" not in driver.text
        await driver.pilot.resize_terminal(50, 15)
        await driver.settled()
        assert "too small: 50×15" in driver.text
        assert "registers" not in driver.text
        await driver.pilot.resize_terminal(80, 24)
        await driver.settled()
        assert "too small" not in driver.text


async def test_disassembly_in_place_of_lines(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("2", "d")
        assert "entry_64.S:27" in driver.text
        assert "swapgs" in driver.text
        assert driver.app.main.source.text is None
        await driver.press("d")
        assert driver.app.main.source.text is not None


async def test_quitting_ends_at_once(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.pilot.press("q")
        await driver.pilot.pause()
        assert not driver.app.is_running or driver.app._exit


async def test_a_target_that_cannot_be_made_ends_the_screen_with_its_error() -> None:
    def create() -> Debugger:
        raise BadInputError("not an ELF file")

    app = SystuiApp(create, title="broken")
    async with app.run_test() as pilot:
        await Driver(app, pilot).until(lambda: app.error is not None)
    assert isinstance(app.error, BadInputError)


async def test_an_unknown_theme_is_one_clear_line() -> None:
    with pytest.raises(BadInputError, match=r"no theme .pink.; there are dark, .*light, mono"):
        SystuiApp(lambda: pytest.fail("not made"), title="x", theme_name="pink")
