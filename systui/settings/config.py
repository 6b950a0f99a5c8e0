"""`config.toml`: theme, language, rebound keys, source folders. Described in docs/settings.md."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from systui.model.errors import BadInputError
from systui.settings import places
from systui.words import _

LANGUAGES = ("en", "zh")

NAME = "config.toml"

_KEYS = ("theme", "language", "source", "remember", "keys")
_LARGEST = 1 << 20
"""Bytes that a settings file may have; no person writes more."""


@dataclass(frozen=True)
class Settings:
    """A settings file, read and checked; without one, what systui does by itself."""

    path: Path
    found: bool = False
    theme: str | None = None
    language: str | None = None
    sources: tuple[Path, ...] = ()
    """Directories with source text, after those that the command line names."""
    remember: bool = True
    """Whether what is arranged on the screen is kept for the next time."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys by action, as they were written."""

    @property
    def themes(self) -> Path:
        """The directory of the person's own themes; it need not be there."""
        return self.path.parent / "themes"

    def bad(self, key: str, problem: str) -> BadInputError:
        """That `key` of this file is wrong, in one line."""
        return BadInputError(
            _("{path}: {key}: {problem}").format(path=self.path, key=key, problem=problem)
        )


def read() -> Settings:
    """The person's settings; BadInputError, in one line with file and key, for a wrong file."""
    path = places.configuration() / NAME
    settings = Settings(path)
    data = _data(settings)
    return settings if data is None else _checked(settings, data)


def _data(settings: Settings) -> dict[str, Any] | None:
    """The file's contents; None where there is no file."""
    try:
        with settings.path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadInputError(f"{settings.path}: {error.strerror}") from error
    import tomllib

    try:
        if len(raw) > _LARGEST:
            raise ValueError(_("is too large"))
        return tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{settings.path}: {error}") from error


def _checked(settings: Settings, data: Mapping[str, Any]) -> Settings:
    for key in data:
        if key not in _KEYS:
            raise settings.bad(key, unknown(key, _KEYS))
    keys = data.get("keys", {})
    if not isinstance(keys, dict):
        raise settings.bad("keys", _("must be a table"))
    remember = data.get("remember", True)
    if not isinstance(remember, bool):
        raise settings.bad("remember", _("must be true or false"))
    language = _text(settings, data, "language")
    if language is not None and language not in LANGUAGES:
        raise settings.bad("language", unknown(language, LANGUAGES))
    return Settings(
        path=settings.path,
        found=True,
        theme=_text(settings, data, "theme"),
        language=language,
        sources=tuple(map(_directory, _texts(settings, data, "source"))),
        remember=remember,
        keys={action: _texts(settings, keys, action, "keys.") for action in keys},
    )


def _directory(text: str) -> Path:
    """A directory; `~` is the home, and stays as it is for a person that there is not."""
    return Path(os.path.expanduser(text))  # noqa: PTH111  Path's own raises there


def _text(settings: Settings, data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise settings.bad(key, _("must be a text in quotes"))
    return value


def _texts(
    settings: Settings, data: Mapping[str, Any], key: str, before: str = ""
) -> tuple[str, ...]:
    """One text or a list of them."""
    value = data.get(key, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each and "\0" not in each for each in values):
        raise settings.bad(before + key, _("must be a text in quotes, or a list of them"))
    return tuple(values)


def unknown(name: str, known: Iterable[str]) -> str:
    """That there is no such name, and which one may be meant."""
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known), 1)
    if near:
        return _("{name!r} is not known; {near!r} is").format(name=name, near=near[0])
    return _("{name!r} is not known").format(name=name)
