"""What is asked of an image once it runs: names, lines, texts. A file answers, or a recording."""

from typing import Protocol

from systui.kernel.elf import Section, Segment
from systui.model.code import SourceLine, SourceText, Symbol


class Named(Protocol):
    """An image's names and bytes, at link-time addresses; `systui.kernel.image.Image` is one."""

    def symbol(self, name: str) -> Symbol | None:
        """The symbol called `name`."""

    def locate(self, address: int) -> tuple[Symbol, int] | None:
        """The nearest symbol at or below `address` in its section, and the distance in bytes."""

    def read(self, address: int, size: int) -> bytes | None:
        """The bytes that loading puts at `address`; None where not all are known."""

    def section(self, name: str) -> Section | None:
        """The section called `name`."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What is loaded, and where; empty where only names are known."""


class NamedLines(Protocol):
    """Source lines by link-time address; `systui.kernel.lines.Lines` is one."""

    def at(self, address: int) -> SourceLine | None:
        """The line that the code at `address` was made from."""


class Texts(Protocol):
    """Source text by file name; `systui.kernel.sources.Sources` is one."""

    def text(self, file: str) -> SourceText | None:
        """The text of `file`."""
