"""The settings file: what it says, and what is wrong with it in one line."""

import sys
from pathlib import Path

import platformdirs
import pytest

from systui.model.errors import BadInputError
from systui.settings import config, places

WHOLE = """
theme = "light"
language = "zh"
source = ["/usr/src/linux", "~/lab"]
remember = false
[keys]
step = "n"
follow = ["F", "^F"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "systui").mkdir()
    return tmp_path / "systui" / "config.toml"


def test_without_a_file_systui_does_as_it_does(file: Path) -> None:
    settings = config.read()
    assert settings == config.Settings(file)
    assert settings.remember


def test_all_of_a_file(file: Path) -> None:
    file.write_text(WHOLE)
    settings = config.read()
    assert settings.found
    assert (settings.theme, settings.language, settings.remember) == ("light", "zh", False)
    assert settings.sources == (Path("/usr/src/linux"), Path.home() / "lab")
    assert settings.keys == {"step": ("n",), "follow": ("F", "^F")}
    assert settings.themes == file.parent / "themes"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("theme = ", "config.toml: Invalid value"),
        ("thme = 'x'", "config.toml: thme: 'thme' is not known; 'theme' is"),
        ("theme = 3", "config.toml: theme: must be a text in quotes"),
        ("language = 'de'", "config.toml: language: 'de' is not known"),
        ("source = [1]", "config.toml: source: must be a text in quotes, or a list"),
        ("source = ''", "config.toml: source: must be"),
        ('source = "a\\u0000b"', "config.toml: source: must be"),
        ("remember = 1", "config.toml: remember: must be true or false"),
        ("keys = 'x'", "config.toml: keys: must be a table"),
        ("[keys]\nstep = 3", "config.toml: keys.step: must be a text"),
        ("a = " + "[" * 5000, "config.toml"),
        ("#" * (2 << 20), "config.toml: is too large"),
    ],
)
def test_a_wrong_file_is_one_line_with_file_and_key(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(BadInputError, match=told) as found:
        config.read()
    assert "\n" not in str(found.value)
    assert str(file) in str(found.value)


def test_bytes_and_directories_in_its_place(file: Path) -> None:
    file.write_bytes(b"theme = '\xff'")
    with pytest.raises(BadInputError, match=r"config\.toml"):
        config.read()
    file.unlink()
    file.mkdir()
    with pytest.raises(BadInputError, match=r"config\.toml: Is a directory"):
        config.read()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize("home", [None, "/somewhere/else"])
def test_the_places_are_the_platforms(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        if home is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, home)
    assert places.configuration() == platformdirs.user_config_path("systui", appauthor=False)
    assert places.state() == platformdirs.user_state_path("systui", appauthor=False)
