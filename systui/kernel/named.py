"""What is asked of an image once it runs: names, lines, texts. A file answers, or a recording."""

from typing import Protocol

from systui.kernel.elf import Section, Segment
from systui.model.code import SourceLine, SourceText, Symbol


class Named(Protocol):
    """An image's names and bytes, at link-time addresses; `systui.kernel.image.Image` is one."""

    @property
    def bits(self) -> int:
        """Of an address."""

    def symbol(self, name: str) -> Symbol | None:
        """The symbol called `name`."""

    def locate(self, address: int) -> tuple[Symbol, int] | None:
        """The nearest symbol at or below `address` in its section, and the distance in bytes."""

    def read(self, address: int, size: int) -> bytes | None:
        """The bytes that loading puts at `address`; None where not all are known."""

    def beginning(self, start: str, most: int) -> list[str]:
        """Names of symbols that begin with `start`, at most `most`, by the alphabet."""

    def content_of(self, name: str) -> bytes:
        """All that the file holds for the section called `name`; empty where that is nothing."""

    def section(self, name: str) -> Section | None:
        """The section called `name`."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What is loaded, and where; empty where only names are known."""


class NamedLines(Protocol):
    """Source lines by link-time address; `systui.kernel.lines.Lines` is one."""

    def at(self, address: int) -> SourceLine | None:
        """The line that the code at `address` was made from."""

    def files(self, name: str) -> tuple[str, ...]:
        """The files called `name`, or whose path ends in it, as `at` spells them."""

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """Where code of `line` of `file` (spelt as `at` spells it) begins, lowest first."""


class Texts(Protocol):
    """Source text by file name; `systui.kernel.sources.Sources` is one."""

    def text(self, file: str) -> SourceText | None:
        """The text of `file`."""
