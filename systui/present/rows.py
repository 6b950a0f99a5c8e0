"""Rows of (text, role) spans: what presenters make and every screen and printer shows.

A role is a name that a theme gives a look to (`themes/README.md` lists them). Widths are in
terminal cells, so a Chinese character counts two.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_WIDE = "\u2e80-\uffef"
"""Scripts that are written without blanks, with their punctuation: any place may be a break."""
_BREAK = re.compile(rf"(?<=[\s,(){{}}\[\]:;{_WIDE}])|(?=[\s,(){{}}\[\]:;$%{_WIDE}])")

ELLIPSIS = "…"


class Span(NamedTuple):
    """A piece of a row that looks alike."""

    text: str
    role: str = "text"


class Row(NamedTuple):
    """One line of a pane."""

    spans: tuple[Span, ...]
    base: str = ""
    """A role laid under the whole line, e.g. `current`; empty for none."""
    tag: int | str | None = None
    """What the line stands for (a line, a call's number, a slot's name), for clicks and keys."""

    @property
    def text(self) -> str:
        """The line without its looks."""
        return "".join(span.text for span in self.spans)


BLANK = Row(())


def row(*spans: Span, base: str = "", tag: int | str | None = None) -> Row:
    """A row of `spans`, empty ones left out."""
    return Row(tuple([span for span in spans if span[0]]), base, tag)


def cells(text: str) -> int:
    """How many terminal cells `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def width(spans: Iterable[Span]) -> int:
    """How many cells `spans` take side by side."""
    return sum([cells(span[0]) for span in spans])


def pad(text: str, size: int) -> str:
    """`text` filled with blanks on the right up to `size` cells."""
    if text.isascii():
        return text.ljust(size)
    return text + " " * (size - cells(text))


@lru_cache(maxsize=4096)
def clip(text: str, size: int) -> str:
    """`text` in at most `size` cells, cut between words and never inside a number."""
    if cells(text) <= size:
        return text
    if size <= 0:
        return ""
    kept = ""
    for piece in _BREAK.split(text):
        if cells(kept + piece) >= size:
            break
        kept += piece
    return kept.rstrip(" ,") + ELLIPSIS


def gap(left: Iterable[Span], right: Iterable[Span], size: int, role: str = "text") -> Span:
    """The blank span that pushes `right` to the right end of a line of `size` cells."""
    return Span(" " * max(1, size - width(left) - width(right)), role)


@lru_cache(maxsize=8192)
def hexadecimal(value: int, digits: int, role: str = "number") -> tuple[Span, ...]:
    """`value` in `digits` hexadecimal digits, its leading zeros set apart by a role."""
    text = f"{value:0{digits}x}"
    if value == 0:
        return (Span(text, "zero" if role == "number" else role),)
    zeros = len(text) - len(text.lstrip("0"))
    if not zeros:
        return (Span(text, role),)
    return Span(text[:zeros], "zero"), Span(text[zeros:], role)


def visible(text: str) -> str:
    """`text` with tabs laid out to eight columns and control characters made visible."""
    laid = text.expandtabs(8)
    if laid.isprintable():
        return laid
    return "".join(
        character if character.isprintable() else _control_picture(character) for character in laid
    )


def _control_picture(character: str) -> str:
    """Unicode's picture of a control character; a replacement mark for what has none."""
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"
