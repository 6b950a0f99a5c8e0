"""Memory as rows: address, bytes in hexadecimal, characters; changed bytes marked."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from systui.present.rows import Row, Span, row
from systui.words import _


class Line(Protocol):
    """Bytes side by side."""

    @property
    def address(self) -> int:
        """Of the first."""

    @property
    def data(self) -> bytes | None:
        """None where they cannot be read."""

    @property
    def hidden(self) -> bool:
        """The page table that the CPU runs on does not have them."""


class Lines(Protocol):
    """A stretch of memory."""

    @property
    def address(self) -> int:
        """What is looked at."""

    @property
    def width(self) -> int:
        """Bytes of a line."""

    @property
    def lines(self) -> Sequence[Line]:
        """All of it."""

    @property
    def live(self) -> bool:
        """Whether what cannot be read is not there; else it was not recorded."""


def dump_rows(now: Lines, before: Lines | None, word: int) -> tuple[Row, ...]:
    """`now`, with the bytes marked that `before` had otherwise; addresses of `word` bytes."""
    known = {} if before is None else _bytes(before)
    return tuple(_row(line, now, known, 2 * word) for line in now.lines)


def dump_facts(dump: Lines | None) -> str:
    """What the sign before the characters of some lines means; empty where none has it."""
    if dump is None or not any(line.hidden for line in dump.lines):
        return ""
    return "⊘ " + _("hidden by the user's page table")


def _bytes(dump: Lines) -> Mapping[int, int]:
    return {
        line.address + index: byte
        for line in dump.lines
        for index, byte in enumerate(line.data or b"")
    }


def _row(line: Line, dump: Lines, known: Mapping[int, int], digits: int) -> Row:
    address = Span(f"{line.address:0{digits}x} ", "muted")
    if line.data is None:
        text = _("cannot be read") if dump.live else _("not recorded")
        return row(address, Span(" ??" * dump.width, "faint"), Span(f" {text}", "faint"))
    spans, characters = [address], []
    for index, byte in enumerate(line.data):
        at = line.address + index
        changed = known.get(at, byte) != byte
        role = "changed" if changed else "zero" if not byte else "number"
        mark = "▸" if at == dump.address else " "
        spans += [Span(mark, "mark.stack"), Span(f"{byte:02x}", role)]
        shown = chr(byte) if 0x20 <= byte < 0x7F else "·"
        characters.append(Span(shown, "changed" if changed else "text" if byte else "faint"))
    sign = Span(" ⊘ " if line.hidden else "   ", "warning")
    return row(*spans, sign, *characters, tag=line.address)
