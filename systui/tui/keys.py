"""Keys: how they are written on the screen and in `config.toml`, and actions given others."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from systui.model.errors import BadInputError
from systui.settings.config import Settings, unknown
from systui.words import _

if TYPE_CHECKING:
    from systui.tui.actions import Action

_SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "space": "Space",
    "backspace": "⌫",
    "escape": "Esc",
    "tab": "Tab",
    "colon": ":",
    "plus": "+",
    "minus": "-",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def key_name(key: str) -> str:
    """`^P` for ctrl+p, `⇧F5` for shift+f5, `?` for question_mark."""
    if key.startswith("ctrl+"):
        return "^" + key_name(key.removeprefix("ctrl+")).upper()
    if key.startswith("shift+"):
        return "⇧" + key_name(key.removeprefix("shift+"))
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key, key)


_MODIFIERS = {"ctrl": "ctrl+", "shift": "shift+", "alt": "alt+", "^": "ctrl+", "⇧": "shift+"}
_WRITTEN = {shown.lower(): name for name, shown in _SHOWN.items()} | {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
}
_NAMED = frozenset(key.value for key in Keys)


def key_id(text: str) -> str:
    """Textual's name of a key written as `n`, `/`, `F5`, `^P`, `ctrl+p`, `⇧F5` or `Space`.

    BadInputError for what is no key.
    """
    modifiers, rest = _parted(text)
    last = _WRITTEN.get(rest.lower()) or (_of_character(rest) if len(rest) == 1 else rest.lower())
    known = len(rest) == 1 or last in _NAMED or last in _SHOWN
    if not rest or not known or (len(rest) == 1 and not rest.isprintable()):
        names = {name for name in _NAMED if "+" not in name and not name.startswith("<")}
        raise BadInputError(unknown(text, names))
    if "ctrl+" in modifiers:
        last = last.lower()
    return "".join(sorted(modifiers)) + last


def _parted(text: str) -> tuple[set[str], str]:
    """The modifiers in front of a key, and the key."""
    modifiers, rest = set(), text
    while len(rest) > 1:
        head, plus, tail = rest.partition("+")
        if plus and tail and head.lower() in _MODIFIERS:
            modifiers.add(_MODIFIERS[head.lower()])
            rest = tail
        elif rest[0] in _MODIFIERS:
            modifiers.add(_MODIFIERS[rest[0]])
            rest = rest[1:]
        else:
            break
    return modifiers, rest


def _of_character(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def rebound(actions: Sequence["Action"], settings: Settings) -> tuple["Action", ...]:
    """`actions` with the keys that `settings` give them.

    A key given to one action is taken from the one that had it. BadInputError, with file and key,
    for an action or a key that there is not, and a key given twice.
    """
    known = {action.id for action in actions}
    given: dict[str, str] = {}
    wanted: dict[str, tuple[str, ...]] = {}
    for name, texts in settings.keys.items():
        if name not in known:
            raise settings.bad(f"keys.{name}", unknown(name, known))
        wanted[name] = tuple(_read(settings, name, text) for text in texts)
        for key in wanted[name]:
            other = given.setdefault(key, name)
            if other != name:
                problem = _("{key} is given to {other} too").format(key=key_name(key), other=other)
                raise settings.bad(f"keys.{name}", problem)
    return tuple(
        replace(
            action,
            keys=wanted.get(action.id, tuple(key for key in action.keys if key not in given)),
        )
        for action in actions
    )


def _read(settings: Settings, name: str, text: str) -> str:
    try:
        return key_id(text)
    except BadInputError as error:
        raise settings.bad(f"keys.{name}", str(error)) from error
