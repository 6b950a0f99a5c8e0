"""Keys that a person gives to actions."""

from pathlib import Path

import pytest
from driving import opened

from systui.model.errors import BadInputError
from systui.settings.config import Settings
from systui.tui.actions import Action, registry
from systui.tui.keys import key_id, key_name, rebound


def settings(**keys: tuple[str, ...]) -> Settings:
    return Settings(Path("/home/me/config.toml"), remember=False, keys=keys)


def of(actions: tuple[Action, ...], name: str) -> Action:
    return next(action for action in actions if action.id == name)


@pytest.mark.parametrize("key", sorted({key for action in registry() for key in action.keys}))
def test_what_the_screen_shows_of_a_key_can_be_written_in_the_settings(key: str) -> None:
    assert key_id(key) == key
    assert key_id(key_name(key)) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("n", "n"),
        ("N", "N"),
        ("/", "slash"),
        ("+", "plus"),
        ("ctrl+P", "ctrl+p"),
        ("^p", "ctrl+p"),
        ("F5", "f5"),
        ("⇧F5", "shift+f5"),
        ("Ctrl+Shift+F5", "ctrl+shift+f5"),
        ("Space", "space"),
        ("Esc", "escape"),
        ("alt+left", "alt+left"),
        ("é", "é"),
    ],
)
def test_keys_are_written_as_people_write_them(written: str, key: str) -> None:
    assert key_id(written) == key


@pytest.mark.parametrize("written", ["", "spcae", "ctrl+", "hyper+x+y", "f99", "\t"])
def test_what_is_no_key_is_said(written: str) -> None:
    with pytest.raises(BadInputError):
        key_id(written)


def test_a_key_given_to_one_action_is_taken_from_another() -> None:
    actions = rebound(registry(), settings(step=("n", "^N")))
    assert of(actions, "step").shown_keys == "n ^N"
    assert of(actions, "over").keys == ("f10",)
    assert of(actions, "finish") == of(registry(), "finish")


def test_an_action_may_have_no_key() -> None:
    assert of(rebound(registry(), settings(quit=())), "quit").shown_key == ""


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"stepp": ("s",)}, "config.toml: keys.stepp: 'stepp' is not known; 'step' is"),
        ({"step": ("spcae",)}, "config.toml: keys.step: 'spcae' is not known; 'space' is"),
        ({"step": ("x",), "over": ("x",)}, "keys.over: x is given to step too"),
    ],
)
def test_wrong_keys_are_one_line_with_file_and_key(
    keys: dict[str, tuple[str, ...]], told: str
) -> None:
    with pytest.raises(BadInputError, match=told) as found:
        rebound(registry(), settings(**keys))
    assert "\n" not in str(found.value)


async def test_footer_help_and_palette_show_the_keys_as_given() -> None:
    given = settings(instruction=("x",), step=("f9",), help=("ctrl+t",), palette=("f2",))
    async with opened(settings=given, follow="43") as driver:
        assert "F9 step" in driver.text
        assert "x instruction" in driver.text
        before = (await driver.settled()).stop.position
        shown = await driver.press("x")
        assert shown.stop.position == before + 1
        shown = await driver.press("i")
        assert shown.stop.position == before + 1
        await driver.press("ctrl+t")
        assert "  x " in driver.text
        await driver.press("escape", "f2", *"one instruction")
        assert " x" in driver.text
