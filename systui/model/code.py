"""Code as text: symbols, source lines, instructions."""

from typing import NamedTuple


class Symbol(NamedTuple):
    """A named address in an image. Addresses are link-time ones; `size` 0 means unknown."""

    name: str
    address: int
    size: int = 0


class SourceLine(NamedTuple):
    """A line of a source file as the line table names it."""

    file: str
    """The path as the image spells it, shortened to what a reader knows it by."""
    line: int
    """Counted from 1."""


class SourceText(NamedTuple):
    """A source file's text, where it can be had."""

    file: str
    lines: tuple[str, ...]


class Instruction(NamedTuple):
    """One machine instruction, disassembled from the live bytes."""

    address: int
    code: bytes
    mnemonic: str
    operands: str
    """In AT&T syntax, as the kernel's own sources are written."""
    target: int | None = None
    """Where a direct jump or call goes."""
    built: str | None = None
    """What the kernel's image has at the address, where the running kernel has patched it."""

    @property
    def text(self) -> str:
        """Mnemonic and operands, one blank between."""
        return f"{self.mnemonic} {self.operands}".rstrip()

    @property
    def end(self) -> int:
        """Address of the byte after it."""
        return self.address + len(self.code)


class Location(NamedTuple):
    """What an address is called."""

    address: int
    symbol: str | None = None
    offset: int = 0
    source: SourceLine | None = None

    @property
    def name(self) -> str:
        """`symbol+0x1c`, the symbol alone at its start, or the bare address."""
        if self.symbol is None:
            return f"{self.address:#x}"
        return f"{self.symbol}+{self.offset:#x}" if self.offset else self.symbol
