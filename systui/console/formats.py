"""gdb's /FMT: a count, a letter for how, a letter for how large."""

import re
from typing import NamedTuple

from systui.console.values import Value
from systui.kernel.harmless import harmless
from systui.model.errors import BadInputError
from systui.words import _

_FORM = re.compile(r"(-?\d*)([a-z]*)", re.ASCII)
_LETTERS = "xduotacsiz"
_SIZES = {"b": 1, "h": 2, "w": 4, "g": 8}
_MOST = 4096
"""Units that one command may show."""


class Format(NamedTuple):
    """What a /FMT says; None for what it leaves open."""

    units: int = 1
    letter: str | None = None
    size: int | None = None


def parse_format(text: str) -> Format:
    """Read what follows the stroke; BadInputError."""
    match = _FORM.fullmatch(text)
    letters = "" if match is None else match[2]
    kinds = [letter for letter in letters if letter in _LETTERS]
    sizes = [_SIZES[letter] for letter in letters if letter in _SIZES]
    if match is None or len(kinds) + len(sizes) != len(letters) or len(kinds) > 1 or len(sizes) > 1:
        raise BadInputError(
            _("/{text}: a count, one of {letters}, one of {sizes}").format(
                text=text, letters=" ".join(_LETTERS), sizes=" ".join(_SIZES)
            )
        )
    count = int(match[1][:9]) if match[1] not in ("", "-") else 1
    if not 1 <= count <= _MOST:
        raise BadInputError(_("/{text}: from 1 to {most} units").format(text=text, most=_MOST))
    return Format(count, kinds[0] if kinds else None, sizes[0] if sizes else None)


def number_text(number: int, size: int, letter: str, *, padded: bool = False) -> str:
    """`number`, of `size` bytes, as `letter` wants it; `padded` with zeros to its full width."""
    bits = 8 * size
    number &= (1 << bits) - 1
    match letter:
        case "d":
            return str(number - (1 << bits) if number >> (bits - 1) else number)
        case "u":
            return str(number)
        case "o":
            return f"0{number:o}" if number else "0"
        case "t":
            return f"{number:0{bits}b}" if padded else f"{number:b}"
        case "c":
            return _character(number & 0xFF)
        case "z":
            return f"0x{number:0{2 * size}x}"
    return f"0x{number:0{2 * size}x}" if padded else f"{number:#x}"


def value_text(value: Value, letter: str | None) -> str:
    """A value as `p` shows it: numbers as their type says, addresses in hexadecimal."""
    assert value.number is not None
    size = value.type.width
    if letter is None and value.type.pointers:
        return number_text(value.number, size, "x")
    if letter is None and size == 1:
        return f"{value.number} {_character(value.number & 0xFF)}"
    if letter is None:
        return str(value.number)
    return number_text(value.number, size, letter)


def string_text(data: bytes, ended: bool) -> str:
    """A C string in quotes; dots after it where its end was not found."""
    text = data.decode("utf-8", "backslashreplace").replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f'"{harmless(text)}"{"" if ended else "…"}'


def _character(code: int) -> str:
    if code == 0:
        return "'\\0'"
    return f"'{chr(code)}'" if 0x20 <= code < 0x7F else f"'\\{code:03o}'"
