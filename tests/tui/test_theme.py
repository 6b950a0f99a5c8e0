"""Themes: the files that ship, what a terminal makes of them, and files that are wrong."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

import systui
from systui.model.errors import BadInputError
from systui.tui import theme
from systui.tui.colours import ANSI, RGB, Depth, contrast, nearest
from systui.tui.looks import Looks
from systui.tui.theme import Theme

ROOT = Path(systui.__file__).parent

CODE = ("code", "code.directive", "code.keyword", "code.label", "code.number", "code.register")
WHERE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("pane", "current", "ran"): (
        *(*CODE, "code.string", "code.comment", "line", "line.here", "faint", "muted", "text"),
        *("mark.next", "mark.ran", "mark.break", "strong", "symbol"),
    ),
    ("pane", "just"): (
        *("name", "name.changed", "number", "zero", "changed", "muted", "mark.stack"),
        *("slot.written", "slot.unwritten", "slot.unknown", "slot.restored", "ring.user"),
    ),
    ("pane", "cursor"): ("number", "symbol", "symbol.strong", "match", "muted", "mark.next", "key"),
    ("bar",): ("bar.name", "bar.muted", "key", "key.label", "strong", "warning", "error", "accent"),
    ("effect",): ("effect", "effect.mark", "effect.code", "muted", "warning", "error"),
    ("pane",): (
        *("flag", "ring.user", "ring.kernel", "warning", "error", "accent", "heading", "title"),
        *("title.active", "title.focus", "rule", "rule.focus", "stdout", "stderr"),
        *("phase.here", "phase.done", "phase.ahead"),
    ),
}
"""Which roles stand on which grounds."""
QUIET = {"faint", "zero", "line", "phase.ahead", "slot.unknown"}
"""What is there to be overlooked at first: the large-text threshold of WCAG 2.1."""
LINES = {"rule", "slot.unwritten"}
"""Lines, which no one reads."""
DEPTHS = list(Depth)


def roles_in_use() -> set[str]:
    """Every role that presenters and panes name."""
    texts = [
        path.read_text(encoding="utf-8")
        for room in ("present", "tui")
        for path in (ROOT / room).rglob("*.py")
    ]
    spans = re.findall(r"Span\([^()]*(?:\([^()]*\)[^()]*)*, \"([a-z.]+)\"\)", "\n".join(texts))
    return set(spans)


def test_each_role_has_a_look() -> None:
    assert roles_in_use() <= set(theme.load("dark").looks)
    assert len(roles_in_use()) > 20


def test_the_default_comes_first() -> None:
    assert theme.names()[0] == "dark"
    assert {"dark", "light", "high-contrast", "colour-blind", "mono"} <= set(theme.names())


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", sorted({*theme.names()} - {theme.MONOCHROME}))
def test_every_role_reads_on_every_ground_it_stands_on(name: str, depth: Depth) -> None:
    looks = theme.load(name, depth=depth)
    text, quiet, lines = (7, 4.5, 3) if name == "high-contrast" else (4.5, 3, 1.4)
    poor = []
    for grounds, roles in WHERE.items():
        for ground in grounds:
            for role in roles:
                least = lines if role in LINES else quiet if role in QUIET else text
                found = ratio(looks, role, ground)
                if found < least:
                    poor.append(f"{role} on {ground}: {found:.2f} < {least}")
    assert not poor


def ratio(looks: Theme, role: str, ground: str) -> float:
    style = looks.style(role, ground)
    assert style.color is not None
    assert style.bgcolor is not None
    return contrast(tuple(style.color.get_truecolor()), tuple(style.bgcolor.get_truecolor()))


def test_contrast_is_wcags() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


SIMULATED = {  # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear components
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                   (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                     (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
                   (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


@pytest.mark.parametrize("weakness", SIMULATED)
def test_the_colour_blind_theme_tells_apart_what_differs_in_colour(weakness: str) -> None:
    looks = theme.load("colour-blind")
    roles = ("text", "changed", "slot.restored", "error", "accent", "muted")
    seen = {}
    for role in roles:
        colour = looks.style(role).color
        assert colour is not None
        seen[role] = simulated(tuple(colour.get_truecolor()), weakness)
    for one, other in combinations(roles, 2):
        assert difference(seen[one], seen[other]) > 12, (one, other)


def simulated(colour: tuple[int, ...], weakness: str) -> RGB:
    linear = [(part / 255) ** 2.2 for part in colour]
    shares = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in SIMULATED[weakness]]
    red, green, blue = (round(255 * max(0.0, min(1.0, share)) ** (1 / 2.2)) for share in shares)
    return red, green, blue


def difference(a: RGB, b: RGB) -> float:
    """In CIELAB; 2.3 can just be noticed, and 12 is five times that."""
    from systui.tui.colours import distance

    return distance(a, b)


@pytest.mark.parametrize(
    ("depth", "system"),
    [(Depth.SIXTEEN, ColorSystem.STANDARD), (Depth.MANY, ColorSystem.EIGHT_BIT)],
)
def test_the_terminal_gets_the_colours_that_were_chosen(depth: Depth, system: ColorSystem) -> None:
    for level in range(0, 256, 5):
        chosen = nearest((level, 255 - level, level // 2), depth)
        assert Color.from_rgb(*chosen).downgrade(system).get_truecolor() is not None
    for number, colour in enumerate(ANSI.values()):
        assert Color.from_rgb(*colour).downgrade(ColorSystem.STANDARD).number == number
        assert nearest(colour, Depth.SIXTEEN) == colour


def test_sixteen_colours_show_where_the_cursor_and_the_current_line_are() -> None:
    for name in theme.names():
        looks = theme.load(name, depth=Depth.SIXTEEN)
        if name == theme.MONOCHROME:
            continue  # weight tells it there
        pane = looks.style("text").bgcolor
        assert looks.style("text", "cursor").bgcolor != pane, name
        assert looks.style("text", "current").bgcolor != pane, name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = [", "bad.toml: "),
        ("title = 3\nroles = 4\n", "roles: must be a table"),
        ('dark = "yes"\n', "dark: must be true or false"),
        ("contrast = 99\n", "contrast: must be a number"),
        ('colours = "x"\n', "colours: 'colours' is not known"),
        ('[palette]\na = "red"\n', "a: 'red' is neither"),
        ('[roles]\ncurent = "bold"\n', "curent: 'curent' is not known; 'current' is"),
        ('[roles]\npane = "loud"\n', "pane: 'loud' is neither"),
        ('[screen]\nbackgrund = "#000000"\n', "'background' is"),
        ('[palette-16]\nnoon = "bleu"\n', "palette-16.noon: 'bleu' is not known; 'blue' is"),
        ('[palette-16]\nnone = "blue"\n', "palette-16.none"),
        ('base = "nowhere"\n', "base: no theme 'nowhere'"),
        ('base = "bad"\n', "base: is the theme itself"),
        ("x = " + "[" * 5000, "bad.toml"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadInputError, match=told) as found:
        theme.load("bad", tmp_path)
    assert "\n" not in str(found.value)
    assert str(tmp_path) in str(found.value)


def test_a_name_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("")
    for name in (f"../{tmp_path.name}/own", str(tmp_path / "own"), "", ".."):
        with pytest.raises(BadInputError, match="no theme"):
            theme.load(name, tmp_path)


def test_a_base_lends_what_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('base = "light"\n[palette]\nazure = "#101010"\n')
    (tmp_path / "two.toml").write_text('base = "one"\n[roles]\nmatch = "bold"\n')
    two = theme.load("two", tmp_path)
    assert not two.dark
    assert two.screen["primary"] == "#101010"
    assert two.looks["match"].color is None
    assert two.looks["text"] == theme.load("light").looks["text"]


def test_a_persons_own_theme_goes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "light.toml").write_text('base = "light"\ntitle = "Mine"\n')
    (tmp_path / "blue.toml").write_text('[palette]\nground = "#000040"\n')
    assert theme.load("light", tmp_path).title == "Mine"
    assert "blue" in theme.names(tmp_path)
    looks = Looks(tmp_path, "truecolor")
    ground = looks.named("blue").style("text").bgcolor
    assert ground is not None
    assert ground.get_truecolor().hex == "#000040"


def test_a_broken_theme_is_passed_over_and_said(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("title = [")
    looks, seen, told = Looks(tmp_path, "truecolor"), [], ""
    look = looks.first(None, "broken")
    assert look.name == "dark"
    for _turn in theme.names():
        seen.append(look.name)
        look, problem = looks.after(look)
        told += problem
    assert sorted(seen) == sorted(theme.names())
    assert "broken.toml" in told


@pytest.mark.parametrize(
    ("system", "depth"),
    [("truecolor", Depth.ALL), ("256", Depth.MANY), ("standard", Depth.SIXTEEN), (None, 16)],
)
def test_the_terminal_says_how_many_colours_it_has(
    tmp_path: Path, system: str | None, depth: Depth
) -> None:
    assert Looks(tmp_path, system).first(None, None).depth == depth
