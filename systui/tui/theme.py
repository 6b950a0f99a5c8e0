"""Themes: TOML files that give every role a look. The format is in themes/README.md."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.color import Color
from rich.style import Style
from textual.theme import Theme as ScreenTheme

import systui
from systui.model.errors import BadInputError
from systui.settings.config import unknown
from systui.tui.colours import ANSI, RGB, Depth, contrast, hexadecimal, nearest, readable, rgb
from systui.words import _

DEFAULT = "dark"
MONOCHROME = "mono"

_ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "reverse"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TABLES = ("palette", "palette-16", "screen", "roles")
_KEYS = frozenset({"title", "dark", "base", "contrast", *_TABLES})
_SCREEN = frozenset(
    {
        *("background", "surface", "panel", "foreground"),
        *("primary", "secondary", "accent", "success", "warning", "error"),
    }
)
_PREFIX = "systui-"
_READS = 4.5
"""The contrast that a look keeps where a terminal has few colours, if its theme does not say:
WCAG 2.1's for text (AA)."""


@dataclass(frozen=True)
class Theme:
    """One theme, read and checked."""

    name: str
    title: str
    dark: bool
    screen: Mapping[str, str]
    """Textual's own colours by name."""
    looks: Mapping[str, Style]
    """As the file has them; `style` gives them as the terminal can show them."""
    depth: Depth = Depth.ALL
    contrast: float = _READS
    """What a look keeps of its contrast, at the most, where there are few colours."""
    chosen: Mapping[RGB, RGB] = field(default_factory=dict)
    """What the file wants on sixteen colours, in place of the colour most alike."""
    _layered: dict[tuple[str, str], Style] = field(default_factory=dict, repr=False, compare=False)

    def style(self, role: str, base: str = "") -> Style:
        """The look of `role` laid over the look of `base`; an unknown role looks like text."""
        found = self._layered.get((role, base))
        if found is None:
            own = self.looks.get(role, self.looks["text"])
            ground = self.looks.get(base, self.looks["pane"])
            found = self._shown(_as_ground(self.looks["pane"]) + _as_ground(ground) + own)
            self._layered[role, base] = found
        return found

    @property
    def screen_theme(self) -> ScreenTheme:
        """The same colours for Textual's own widgets."""
        colours: dict[str, Any] = {
            key: hexadecimal(self._known(rgb(value))) for key, value in self.screen.items()
        }
        return ScreenTheme(name=_PREFIX + self.name, dark=self.dark, **colours)

    def _known(self, colour: RGB) -> RGB:
        if self.depth is Depth.SIXTEEN and colour in self.chosen:
            return self.chosen[colour]
        return nearest(colour, self.depth)

    def _shown(self, look: Style) -> Style:
        """`look` in the terminal's colours, as easy to read as with all of them."""
        if self.depth is Depth.ALL or look.color is None or look.bgcolor is None:
            return look
        ink, ground = rgb(look.color.name), rgb(look.bgcolor.name)
        wanted = min(contrast(ink, ground), self.contrast)
        ink_known, ground_known = self._known(ink), self._known(ground)
        if contrast(ink_known, ground_known) < wanted:
            ink_known = readable(ink, ground_known, wanted, self.depth)
        return look + Style.from_color(Color.from_rgb(*ink_known), Color.from_rgb(*ground_known))


def shipped() -> Path:
    """Where the themes lie that come with systui: in an installed package, beside a checkout."""
    package = Path(systui.__file__).parent
    packaged = package / "_data" / "themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


def names(own: Path | None = None) -> list[str]:
    """Names of all themes, the default one first; `own` is the directory of the user's."""
    found = {path.stem for where in _directories(own) for path in where.glob("*.toml")}
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def load(name: str, own: Path | None = None, depth: Depth = Depth.ALL) -> Theme:
    """The theme called `name`, of `own` before those that ship, for a terminal of `depth`.

    BadInputError where there is none, or its file is wrong.
    """
    files = _files(name, own)
    if not files:
        raise BadInputError(
            _("no theme {name!r}; there are {known}").format(name=name, known=", ".join(names(own)))
        )
    data = _merged(files, own, ())
    return _Reader(files[0], data, _roles()).theme(name, depth)


def _directories(own: Path | None) -> Sequence[Path]:
    return [shipped()] if own is None else [own, shipped()]


def _files(name: str, own: Path | None) -> list[Path]:
    """Where a theme of that name lies, the user's before the one that ships."""
    files = (where / f"{name}.toml" for where in _directories(own))
    return [file for file in files if Path(name).name == name and file.is_file()]


def _roles() -> frozenset[str]:
    """Every role there is: the default theme names them all."""
    return frozenset(_read(shipped() / f"{DEFAULT}.toml")["roles"])


def _merged(files: Sequence[Path], own: Path | None, above: Sequence[Path]) -> dict[str, Any]:
    """The tables of a theme's first file over those of its base.

    A theme that has its own name for a base means the shipped one of that name; one that names
    none has the default theme for a base, which alone has none.
    """
    file = next((each for each in files if each not in above), None)
    if file is None:
        raise _bad(files[0], "base", _("is the theme itself"))
    data = _read(file)
    base = data.get("base", DEFAULT)
    if file == shipped() / f"{DEFAULT}.toml":
        return {**{table: {} for table in _TABLES}, **data}
    below_files = _files(str(base), own)
    if not below_files:
        raise _bad(file, "base", _("no theme {name!r}").format(name=base))
    below = _merged(below_files, own, (*above, file))
    return {**below, **data, **{t: {**below[t], **data.get(t, {})} for t in _TABLES}}


def _read(file: Path) -> dict[str, Any]:
    """The file's tables; each of `_TABLES` is one, where it is there."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInputError(_("theme {path}: {error}").format(path=file, error=error)) from error
    for key, value in data.items():
        if key not in _KEYS:
            raise _bad(file, key, unknown(key, _KEYS))
        if key in _TABLES and not isinstance(value, dict):
            raise _bad(file, key, _("must be a table"))
        if key == "contrast" and not (isinstance(value, int | float) and 1 <= value <= 21):
            raise _bad(file, key, _("must be a number from 1 to 21"))
        if key == "dark" and not isinstance(value, bool):
            raise _bad(file, key, _("must be true or false"))
    return data


class _Reader:
    """Makes a theme of its merged tables; BadInputError names the file and the key."""

    def __init__(self, file: Path, data: Mapping[str, Any], roles: frozenset[str]) -> None:
        self.file = file
        self.data = data
        self.roles = roles
        self.palette: dict[str, str] = {}

    def theme(self, name: str, depth: Depth) -> Theme:
        """The theme."""
        data = self.data
        self.palette = {key: self.colour(key, value) for key, value in data["palette"].items()}
        looks = {key: self.look(key, value) for key, value in data["roles"].items()}
        return Theme(
            name=name,
            title=str(data.get("title", name)),
            dark=data.get("dark", True),
            screen=self.screen(data["screen"]),
            looks=looks,
            depth=depth,
            contrast=data.get("contrast", _READS),
            chosen=dict(self.ansi(key, value) for key, value in data["palette-16"].items()),
        )

    def screen(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Textual's own colours."""
        for key in data:
            if key not in _SCREEN:
                raise _bad(self.file, f"screen.{key}", unknown(key, _SCREEN))
        return {key: self.colour(key, value) for key, value in data.items()}

    def look(self, role: str, value: object) -> Style:
        """A look out of words like `bold amber on ember`."""
        if role not in self.roles:
            raise _bad(self.file, role, unknown(role, self.roles))
        settings: dict[str, Any] = {}
        target = "color"
        for word in str(value).split():
            if word in _ATTRIBUTES:
                settings[word] = True
            elif word == "on":
                target = "bgcolor"
            else:
                settings[target] = self.colour(role, word)
        return Style(**settings)

    def colour(self, key: str, value: object) -> str:
        """`#rrggbb` of a colour or a name of the palette."""
        text = str(value)
        if text in self.palette:
            return self.palette[text]
        if _COLOUR.fullmatch(text):
            return text
        problem = _("{value!r} is neither a colour nor in the palette").format(value=text)
        raise _bad(self.file, key, problem)

    def ansi(self, key: str, value: object) -> tuple[RGB, RGB]:
        """A colour of the palette, and which of the sixteen stands for it."""
        if key not in self.palette:
            raise _bad(self.file, f"palette-16.{key}", unknown(key, self.palette))
        if value not in ANSI:
            raise _bad(self.file, f"palette-16.{key}", unknown(str(value), ANSI))
        return rgb(self.palette[key]), ANSI[str(value)]


def _bad(file: Path, key: str, problem: str) -> BadInputError:
    return BadInputError(
        _("theme {path}: {key}: {problem}").format(path=file, key=key, problem=problem)
    )


def _as_ground(look: Style) -> Style:
    """What a base adds under a role: its ground, and its weight for a screen without colours."""
    return Style(bgcolor=look.bgcolor, bold=look.bold or None, reverse=look.reverse or None)
