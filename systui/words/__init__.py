"""Message catalogues: every sentence shown to a person passes through here.

Call `_("Stopped at {place}").format(place=...)`: the literal is the English text and the
catalogue's key; values are put in afterwards, by name, so that a translation may reorder them.
Look up at the moment of showing, never at import: the language can be chosen at run time.
Symbols, identifiers, JSON keys and log lines are not translated and do not come here.
"""

import gettext as _gettext
from pathlib import Path

_DOMAIN = "systui"
_active: _gettext.NullTranslations = _gettext.NullTranslations()


def use(language: str | None) -> None:
    """Choose the language of every later message (`en`, `zh`; None: the process's locale).

    A language without a catalogue falls back to English, which needs none.
    """
    global _active  # noqa: PLW0603  the one process-wide choice; the alternative is a parameter everywhere
    _active = _gettext.translation(
        _DOMAIN,
        Path(__file__).parent / "locale",
        languages=None if language is None else [language],
        fallback=True,
    )


def _(message: str) -> str:
    """Return `message` in the chosen language."""
    return _active.gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`, in the chosen language."""
    return _active.ngettext(one, many, count)
