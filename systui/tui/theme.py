"""Themes: TOML files that give every role a look. The format is in themes/README.md."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.style import Style
from textual.theme import Theme as ScreenTheme

import systui
from systui.model.errors import BadInputError
from systui.words import _

DEFAULT = "dark"
MONOCHROME = "mono"

_ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "reverse"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TABLES = ("palette", "screen", "roles")
_NEEDED = ("pane", "text")
_PREFIX = "systui-"


@dataclass(frozen=True)
class Theme:
    """One theme, read and checked."""

    name: str
    title: str
    dark: bool
    screen: Mapping[str, str]
    """Textual's own colours by name."""
    looks: Mapping[str, Style]
    _layered: dict[tuple[str, str], Style] = field(default_factory=dict, repr=False, compare=False)

    def style(self, role: str, base: str = "") -> Style:
        """The look of `role` laid over the look of `base`; an unknown role looks like text."""
        found = self._layered.get((role, base))
        if found is None:
            own = self.looks.get(role, self.looks["text"])
            ground = self.looks.get(base, self.looks["pane"])
            found = _as_ground(self.looks["pane"]) + _as_ground(ground) + own
            self._layered[role, base] = found
        return found

    @property
    def screen_theme(self) -> ScreenTheme:
        """The same colours for Textual's own widgets."""
        colours: dict[str, Any] = dict(self.screen)
        return ScreenTheme(name=_PREFIX + self.name, dark=self.dark, **colours)


def names(directory: Path | None = None) -> list[str]:
    """Names of the themes that ship, the default one first."""
    found = sorted(path.stem for path in (directory or _directory()).glob("*.toml"))
    return sorted(found, key=lambda name: name != DEFAULT)


def load(name: str, directory: Path | None = None) -> Theme:
    """The theme called `name`; BadInputError where there is none or its file is wrong."""
    where = directory or _directory()
    if name not in names(where):
        raise BadInputError(
            _("no theme {name!r}; there are {known}").format(
                name=name, known=", ".join(names(where))
            )
        )
    return parse(name, _merged(name, where))


def parse(name: str, data: Mapping[str, Any]) -> Theme:
    """The theme that `data` describes; BadInputError names the key that is wrong."""
    palette = {key: _colour(name, key, value, {}) for key, value in data["palette"].items()}
    looks = {key: _look(name, key, value, palette) for key, value in data["roles"].items()}
    for role in _NEEDED:
        if role not in looks:
            raise BadInputError(_("theme {name}: no role {role!r}").format(name=name, role=role))
    return Theme(
        name=name,
        title=str(data.get("title", name)),
        dark=bool(data.get("dark", True)),
        screen={key: _colour(name, key, value, palette) for key, value in data["screen"].items()},
        looks=looks,
    )


def _directory() -> Path:
    """Where the themes lie: inside an installed package, beside it in a checkout."""
    package = Path(systui.__file__).parent
    packaged = package / "_data" / "themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


def _merged(name: str, where: Path) -> dict[str, Any]:
    """The tables of a theme's file over those of its base, one level deep."""
    data = _read(where / f"{name}.toml")
    base = data.get("base")
    below: dict[str, Any] = {}
    if base is not None:
        below = _read(where / f"{base}.toml")
    tables = {key: {**below.get(key, {}), **data.get(key, {})} for key in _TABLES}
    return {**below, **data, **tables}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(
            _("theme {path}: {error}").format(path=path.name, error=error)
        ) from error


def _look(name: str, role: str, value: object, palette: Mapping[str, str]) -> Style:
    """A look out of words like `bold amber on ember`."""
    settings: dict[str, Any] = {}
    target = "color"
    for word in str(value).split():
        if word in _ATTRIBUTES:
            settings[word] = True
        elif word == "on":
            target = "bgcolor"
        else:
            settings[target] = _colour(name, role, word, palette)
    return Style(**settings)


def _colour(name: str, key: str, value: object, palette: Mapping[str, str]) -> str:
    text = str(value)
    if text in palette:
        return palette[text]
    if _COLOUR.fullmatch(text):
        return text
    raise BadInputError(
        _("theme {name}: {key}: {value!r} is neither a colour nor in the palette").format(
            name=name, key=key, value=text
        )
    )


def _as_ground(look: Style) -> Style:
    """What a base adds under a role: its ground, and its weight for a screen without colours."""
    return Style(bgcolor=look.bgcolor, bold=look.bold or None, reverse=look.reverse or None)
