"""The settings file on the command line."""

import json
from pathlib import Path

import pytest

from systui import examples
from systui.cli import main
from systui.tui.actions import registry

ACCEPT = str(Path(examples.__file__).parent / "accept_43")
DOCS = Path(__file__).parent.parent.parent / "docs" / "settings.md"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "systui").mkdir()
    return tmp_path / "systui" / "config.toml"


def test_its_language_is_spoken_unless_another_is_asked_for(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("language = 'zh'")
    main(["doctor"])
    assert "已采用" in capsys.readouterr().out
    main(["doctor", "--lang", "en"])
    assert f"{file}  used" in capsys.readouterr().out


def test_a_wrong_file_is_one_line_and_status_2(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("thme = 'light'")
    assert main(["emulate", "--headless", ACCEPT]) == 2
    said = capsys.readouterr()
    assert said.err == f"systui: {file}: thme: 'thme' is not known; 'theme' is\n"
    assert not said.out


def test_doctor_and_help_speak_even_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("thme = 'light'")
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert f"{file}  wrong" in out
    assert "'theme' is" in out
    assert main(["--version"]) == 0


def test_doctor_tells_programs_too(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "themes").mkdir()
    (file.parent / "themes" / "mine.toml").write_text("")
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["settings"]
    assert told["file"] == str(file)
    assert not told["found"]
    assert told["own_themes"] == ["mine"]


def test_the_page_on_settings_lists_every_action() -> None:
    page = DOCS.read_text()
    for action in registry():
        keys = " ".join(f"`{key}`" for key in action.shown_keys.split())
        line = f"| `{action.id}` | {keys} | {action.help} |"
        assert line in page, f"docs/settings.md lacks: {line}"
