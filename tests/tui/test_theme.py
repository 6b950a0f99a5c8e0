"""Themes: the files that ship, and files that are wrong."""

import re
from pathlib import Path

import pytest

import systui
from systui.model.errors import BadInputError
from systui.tui import theme

ROOT = Path(systui.__file__).parent


def roles_in_use() -> set[str]:
    """Every role that presenters and panes name."""
    texts = [
        path.read_text(encoding="utf-8")
        for room in ("present", "tui")
        for path in (ROOT / room).rglob("*.py")
    ]
    spans = re.findall(r"Span\([^()]*(?:\([^()]*\)[^()]*)*, \"([a-z.]+)\"\)", "\n".join(texts))
    return set(spans)


@pytest.mark.parametrize("name", theme.names())
def test_each_theme_has_every_role(name: str) -> None:
    known = set(theme.load(name).looks)
    assert roles_in_use() <= known
    assert len(roles_in_use()) > 20


def test_the_default_comes_first() -> None:
    assert theme.names()[0] == "dark"
    assert {"dark", "light", "mono"} <= set(theme.names())


@pytest.mark.parametrize("name", ["dark", "light"])
def test_text_can_be_read_on_its_ground(name: str) -> None:
    looks = theme.load(name)
    grounds = ("pane", "bar", "current", "ran", "just", "cursor", "effect")
    for role in ("text", "strong", "number", "changed", "name.changed", "error", "key"):
        for ground in grounds:
            style = looks.style(role, ground)
            assert style.color is not None
            assert style.bgcolor is not None
            assert contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) >= 4.5
    for role in ("muted", "name", "title", "key.label"):
        style = looks.style(role)
        assert style.color is not None
        assert style.bgcolor is not None
        assert contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) >= 4.5


def contrast(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """WCAG 2.1's contrast ratio."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG 2.1's relative luminance."""
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = [", "bad"),
        ('[palette]\na = "red"\n[screen]\n[roles]\n', "'red' is neither"),
        ('[palette]\n[screen]\n[roles]\ntext = ""\n', "no role 'pane'"),
        ('[palette]\n[screen]\n[roles]\npane = "loud"\n', "roles|'loud'"),
        ('base = "nowhere"\n', "nowhere"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadInputError, match=told) as found:
        theme.load("bad", tmp_path)
    assert "\n" not in str(found.value)


def test_a_base_lends_what_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        'title = "One"\n[palette]\na = "#101010"\nb = "#fafafa"\n[screen]\nprimary = "a"\n'
        '[roles]\npane = "b on a"\ntext = "b"\nmatch = "bold a on b"\n'
    )
    (tmp_path / "two.toml").write_text('base = "one"\ndark = false\n[palette]\na = "#ffffff"\n')
    two = theme.load("two", tmp_path)
    assert not two.dark
    assert two.screen["primary"] == "#ffffff"
    assert two.looks["match"].bold
