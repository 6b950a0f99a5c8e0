"""Breaking a sentence into lines of a given width in cells."""

from collections.abc import Iterator

from systui.present.rows import cells

_FIRST_WIDE = "\u2e80"
"""Where the scripts begin that are written without blanks."""
_CLOSING = "，。、；：？！）】」》"
"""Never at a line's beginning."""
_OPENING = "（【「《"
"""Never at a line's end."""


def wrap(text: str, size: int) -> Iterator[str]:
    """The lines of `text`, broken at blanks and between Chinese characters.

    A single word wider than `size` cells is cut: a number never is, having at most 18 digits.
    """
    line = ""
    for piece in _pieces(text):
        if cells(line + piece) <= size:
            line += piece
            continue
        if line.strip():
            yield line.rstrip()
        line = "" if piece.isspace() else piece
        while cells(line) > size:
            head = _head(line, size)
            yield head
            line = line[len(head) :]
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Words, runs of blanks, and single wide characters."""
    piece = ""
    for character in text:
        wide = character >= _FIRST_WIDE
        if piece and _may_part(piece[-1], character, wide):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_part(before: str, character: str, wide: bool) -> bool:
    if character in _CLOSING or before in _OPENING:
        return before.isspace()
    return wide or before >= _FIRST_WIDE or before.isspace() != character.isspace()


def _head(word: str, size: int) -> str:
    """As much of `word` as fits, at least one character."""
    end = 1
    while end < len(word) and cells(word[: end + 1]) <= size:
        end += 1
    return word[:end]
