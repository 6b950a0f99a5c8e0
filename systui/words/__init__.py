"""Message catalogues: every sentence shown to a person passes through here.

Call `_("Stopped at {place}").format(place=...)`: the literal is the English text and the
catalogue's key; values are put in afterwards, by name, so that a translation may reorder them.
Look up at the moment of showing, never at import: the language can be chosen at run time.
Symbols, identifiers, JSON keys and log lines are not translated and do not come here.
"""

import gettext as _gettext
import os as _os
from collections.abc import Iterator as _Iterator
from collections.abc import Mapping
from contextlib import contextmanager as _contextmanager
from contextvars import ContextVar as _ContextVar
from pathlib import Path

DOMAIN = "systui"
LOCALES = Path(__file__).parent / "locale"
_active: _gettext.NullTranslations = _gettext.NullTranslations()
_plain: _ContextVar[bool] = _ContextVar("plain", default=False)


def use(language: str | None) -> None:
    """Choose the language of every later message (`en`, `zh`; None: the process's locale).

    A language without a catalogue falls back to English, which needs none.
    """
    global _active  # noqa: PLW0603  the one process-wide choice; the alternative is a parameter everywhere
    languages = of_locale(_os.environ) if language is None else [language]
    _active = _gettext.translation(DOMAIN, LOCALES, languages=languages, fallback=True)


def language() -> str:
    """The language of messages now: `en` where there is no catalogue."""
    return _active.info().get("language", "en")


def of_locale(environment: Mapping[str, str]) -> list[str]:
    """The languages that the locale prefers to English, the most wanted first.

    As gettext(3) has it: LANGUAGE is a list and goes before the locale's own name, but says
    nothing where the locale is C. English has no catalogue here, so the list ends before it.
    """
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in named if name), "C")
    if _is_english(locale) and not locale.startswith("en"):
        return []
    wanted = (environment.get("LANGUAGE") or locale).split(":")
    ends = next((place for place, name in enumerate(wanted) if _is_english(name)), len(wanted))
    return [name for name in wanted[:ends] if name]


def _is_english(locale: str) -> bool:
    name = locale.partition(".")[0].partition("@")[0]
    return name in ("C", "POSIX", "en") or name.startswith("en_")


@_contextmanager
def in_english() -> _Iterator[None]:
    """Within it, and in this thread alone, messages are the English ones."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


def _(message: str) -> str:
    """Return `message` in the chosen language."""
    return message if _plain.get() else _active.gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`, in the chosen language."""
    return _active.ngettext(one, many, count)
