"""Names and lines that travel in a recording, at link-time addresses."""

from bisect import bisect_right, insort
from collections.abc import Callable
from typing import TypeVar

from systui.kernel.elf import Section, Segment
from systui.model.code import SourceLine, SourceText, Symbol
from systui.target.recorded.format import (
    DamageError,
    Pairs,
    integer,
    items,
    number,
    pairs,
    text,
)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_MOST = 200_000
"""Names and lines kept of each kind."""
_MOST_TEXTS = 64
_MOST_TEXT = 1 << 22
"""Characters of source text kept."""


class Names:
    """What a recording knows of one image: `Named`, `NamedLines`, `Texts` of `kernel.named`."""

    def __init__(self) -> None:
        self._symbols: dict[str, Symbol] = {}
        self._places: dict[int, tuple[Symbol, int]] = {}
        self._addresses: list[int] = []
        self._lines: dict[int, SourceLine] = {}
        self._sections: dict[str, Section] = {}
        self._texts: dict[str, SourceText] = {}
        self._text_left = _MOST_TEXT
        self.missed: Callable[[int | None], None] = _nothing
        """Called before an answer is none, with the address whose line was asked for, or with
        None where anything may help: to `add` what was passed over."""

    def add(self, facts: object) -> None:
        """Take in what a line says of this image; DamageError."""
        said = pairs(facts)
        for name, value in pairs(said.get("symbols", {})).items():
            address, size = _span(value)
            _put(self._symbols, text(name), Symbol(text(name), address, size))
        for name, value in pairs(said.get("sections", {})).items():
            address, size = _span(value)
            _put(self._sections, text(name), Section(0, text(name), 0, 0, address, 0, size, 0))
        for each in items(said.get("places", [])):
            self._add_place(items(each))
        for each in items(said.get("lines", [])):
            at, file, line = _three(each)
            _put(self._lines, number(at), SourceLine(text(file), integer(line)))
        for file, value in pairs(said.get("texts", {})).items():
            self._add_text(text(file), [text(line) for line in items(value)])

    def _add_text(self, file: str, lines: list[str]) -> None:
        size = sum(len(line) + 64 for line in lines)
        if file in self._texts or len(self._texts) >= _MOST_TEXTS or size > self._text_left:
            return
        self._text_left -= size
        self._texts[file] = SourceText(file, tuple(lines))

    def _add_place(self, value: list[object]) -> None:
        if len(value) != 4:
            raise DamageError
        name = text(value[0])
        address, size, reach = (number(each) for each in value[1:])
        known = self._places.get(address)
        if known is None:
            if len(self._places) >= _MOST:
                return
            insort(self._addresses, address)
        elif known[0].name == name:
            reach = max(reach, known[1])
        self._places[address] = (Symbol(name, address, size), reach)

    # --- answers -----------------------------------------------------------------------------

    @property
    def segments(self) -> tuple[Segment, ...]:
        """None: a recording holds no image."""
        return ()

    bits = 64

    def symbol(self, name: str) -> Symbol | None:
        """The symbol called `name`, where it was ever asked for or come by."""
        found = self._symbols.get(name)
        if found is not None:
            return found
        return next((each for each, _ in self._places.values() if each.name == name), None)

    def locate(self, address: int) -> tuple[Symbol, int] | None:
        """The symbol that the recording has for `address`, and the distance in bytes."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        symbol, reach = self._places[self._addresses[index]]
        if address > reach and address >= symbol.address + symbol.size:
            return None
        return symbol, address - symbol.address

    def read(self, address: int, size: int) -> bytes | None:
        """Nothing: a recording holds no image, only the memory that was seen."""
        return None

    def content_of(self, name: str) -> bytes:
        """Nothing: a recording holds no image."""
        return b""

    def section(self, name: str) -> Section | None:
        """The section called `name`, where it was asked for."""
        return self._sections.get(name)

    def at(self, address: int) -> SourceLine | None:
        """The line of the code at `address`, where it ran or was asked for."""
        if address not in self._lines:
            self.missed(address)
        return self._lines.get(address)

    def files(self, name: str) -> tuple[str, ...]:
        """The files called `name`, or whose path ends in it, of which a line ran."""
        self.missed(None)
        end = "/" + name.lstrip("/")
        files = {each.file for each in self._lines.values()}
        return tuple(sorted(each for each in files if each == name or each.endswith(end)))

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """Where code of a line begins, as far as it ran: the first of addresses in a row."""
        self.missed(None)
        wanted = SourceLine(file, line)
        return tuple(sorted(at for at, each in self._lines.items() if each == wanted))

    def beginning(self, start: str, most: int) -> list[str]:
        """Names that begin with `start` among those that were asked for or come by."""
        names = {*self._symbols, *(each.name for each, _ in self._places.values())}
        return sorted(each for each in names if each.startswith(start))[:most]

    def text(self, file: str) -> SourceText | None:
        """The source text that was recorded, where whoever recorded it wanted that."""
        return self._texts.get(file)


def _nothing(_address: int | None) -> None:
    """There is no more to be had."""


def _put(table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(table) < _MOST:
        table[key] = value


def _span(value: object) -> tuple[int, int]:
    found = items(value)
    if len(found) != 2:
        raise DamageError
    return number(found[0]), number(found[1])


def _three(value: object) -> tuple[object, object, object]:
    found = items(value)
    if len(found) != 3:
        raise DamageError
    return found[0], found[1], found[2]


def facts_of(facts: Pairs, kernel: Names, program: Names) -> None:
    """Take in the names of one `facts` object; DamageError."""
    if "kernel" in facts:
        kernel.add(facts["kernel"])
    if "program" in facts:
        program.add(facts["program"])
