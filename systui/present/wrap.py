"""Breaking a sentence into lines of a given width in cells."""

import re
from collections.abc import Iterator

from systui.present.rows import cells

_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_PIECES = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")


def wrap(text: str, size: int) -> Iterator[str]:
    """The lines of `text`, broken at blanks and between Chinese characters.

    A single word wider than `size` cells is cut: a number never is, having at most 18 digits.
    """
    line = ""
    for found in _PIECES.finditer(text):
        piece = found[0]
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


def _head(word: str, size: int) -> str:
    """As much of `word` as fits, at least one character."""
    end = 1
    while end < len(word) and cells(word[: end + 1]) <= size:
        end += 1
    return word[:end]
