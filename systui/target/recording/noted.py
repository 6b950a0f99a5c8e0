"""Images that note what they were asked, so that a recording can give the same answers."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from json import dumps
from typing import Protocol

from systui.kernel.elf import Section, Segment
from systui.kernel.named import Named, NamedLines, Texts
from systui.model.code import SourceLine, SourceText, Symbol

Facts = dict[str, object]
"""What the format's `facts` say of one image."""

SHF_WRITE = 1
_LONGEST_TEXT = 1 << 19
"""Bytes of a source file as JSON; the format's lines may be twice as long."""
_MOST_TEXT = 1 << 22
_MOST_IN_A_LINE = 2000
"""Facts of each kind that are told on one line."""


class Listed(Named, Protocol):
    """An image that can also name its sections and all its symbols."""

    def symbols(self) -> Sequence[Symbol]:
        """All symbols by address."""

    def section_at(self, address: int) -> Section | None:
        """The loaded section that holds `address`."""


class Notes:
    """An image with its lines: `Named`, `NamedLines` and `Texts`, keeping every answer."""

    def __init__(self, image: Listed, lines: NamedLines | None) -> None:
        self.image = image
        self._source = lines
        self._sources: Texts | None = None
        self._texts: dict[str, SourceText] = {}
        self._text_left = _MOST_TEXT
        self._symbols: dict[str, Symbol] = {}
        self._sections: dict[str, Section] = {}
        self._places: dict[int, tuple[Symbol, int]] = {}
        self._lines: dict[int, SourceLine] = {}
        self._fresh: set[tuple[str, str | int]] = set()

    # --- answering ---------------------------------------------------------------------------

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The image's own, which are not kept: live memory is."""
        return self.image.segments

    @property
    def bits(self) -> int:
        """The image's."""
        return self.image.bits

    def symbol(self, name: str) -> Symbol | None:
        """The image's answer."""
        found = self.image.symbol(name)
        if found is not None and name not in self._symbols:
            self._symbols[name] = found
            self._fresh.add(("symbols", name))
        return found

    def locate(self, address: int) -> tuple[Symbol, int] | None:
        """The image's answer."""
        found = self.image.locate(address)
        if found is not None:
            symbol = found[0]
            known = self._places.get(symbol.address)
            if known is None or known[1] < address:
                self._places[symbol.address] = symbol, address
                self._fresh.add(("places", symbol.address))
        return found

    def read(self, address: int, size: int) -> bytes | None:
        """The image's answer, which is not kept: live memory is."""
        return self.image.read(address, size)

    def content_of(self, name: str) -> bytes:
        """The image's answer, which is not kept."""
        return self.image.content_of(name)

    def offset_of(self, name: str) -> int | None:
        """The address of the symbol called `name`: for a per-CPU variable, its offset."""
        found = self.symbol(name)
        return None if found is None else found.address

    def section(self, name: str) -> Section | None:
        """The image's answer."""
        found = self.image.section(name)
        if found is not None and name not in self._sections:
            self._sections[name] = found
            self._fresh.add(("sections", name))
        return found

    def at(self, address: int) -> SourceLine | None:
        """The line table's answer."""
        found = None if self._source is None else self._source.at(address)
        if found is not None and address not in self._lines:
            self._lines[address] = found
            self._fresh.add(("lines", address))
        return found

    def files(self, name: str) -> tuple[str, ...]:
        """The line table's answer."""
        return () if self._source is None else self._source.files(name)

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """The line table's answer; the lines of these addresses are kept."""
        found = () if self._source is None else self._source.addresses(file, line)
        for address in found:
            self.ask(address)
        return found

    def beginning(self, start: str, most: int) -> list[str]:
        """The image's answer, which is not kept."""
        return self.image.beginning(start, most)

    def keep_texts(self, sources: Texts) -> None:
        """Have source text among the answers, out of `sources`."""
        self._sources = sources

    def text(self, file: str) -> SourceText | None:
        """The answer of what `keep_texts` was given; a text that is too large is not kept."""
        found = None if self._sources is None else self._sources.text(file)
        if found is not None and file not in self._texts:
            size = len(dumps(found.lines))
            if size <= min(_LONGEST_TEXT, self._text_left):
                self._text_left -= size
                self._texts[file] = found
                self._fresh.add(("texts", file))
        return found

    # --- telling -----------------------------------------------------------------------------

    def ask(self, address: int) -> None:
        """Have the names of `address` among the answers."""
        self.locate(address)
        self.at(address)

    def ask_all(self, start: int, end: int) -> None:
        """Have every label from `start` to `end` among the answers."""
        symbols = self.image.symbols()
        first = bisect_left(symbols, start, key=lambda symbol: symbol.address)
        last = bisect_left(symbols, end, first, key=lambda symbol: symbol.address)
        for symbol in symbols[first:last]:
            self.locate(symbol.address)

    def is_constant(self, address: int) -> bool:
        """Whether `address` lies in a section that is never written."""
        section = self.image.section_at(address)
        return section is not None and not section.flags & SHF_WRITE

    def place(self, address: int) -> tuple[Symbol, int] | None:
        """The place that was answered with for a symbol's address, and how far it reaches."""
        return self._places.get(address)

    def line(self, address: int) -> SourceLine | None:
        """The line that was answered with."""
        return self._lines.get(address)

    def told(self, address: int, found: tuple[Symbol, int] | None) -> None:
        """What `address` is called is said elsewhere: it is not fresh."""
        self._fresh.discard(("lines", address))
        if found is not None:
            self._fresh.discard(("places", found[0].address))

    def everything(self) -> Iterator[Facts]:
        """All answers so far but the lines; none is fresh any more."""
        self._fresh.clear()
        return _facts(
            list(self._symbols.items()),
            list(self._sections.values()),
            list(self._places.values()),
            [],
            list(self._texts.values()),
        )

    def fresh(self) -> Iterator[Facts]:
        """The answers since `fresh` or `everything` was called last."""
        if not self._fresh:
            return iter(())
        fresh, self._fresh = self._fresh, set()
        names = {kind: [key for each, key in fresh if each == kind] for kind, _ in fresh}
        return _facts(
            [(str(name), self._symbols[str(name)]) for name in names.get("symbols", ())],
            [self._sections[str(name)] for name in names.get("sections", ())],
            [self._places[int(address)] for address in names.get("places", ())],
            [(int(each), self._lines[int(each)]) for each in names.get("lines", ())],
            [self._texts[str(file)] for file in names.get("texts", ())],
        )


def _facts(
    symbols: list[tuple[str, Symbol]],
    sections: list[Section],
    places: list[tuple[Symbol, int]],
    lines: list[tuple[int, SourceLine]],
    texts: list[SourceText],
) -> Iterator[Facts]:
    """As many objects as keep each one's line short, none of them empty."""
    most = max(len(symbols), len(sections), len(places), len(lines))
    for at in range(0, most, _MOST_IN_A_LINE):
        part = slice(at, at + _MOST_IN_A_LINE)
        facts: Facts = {
            "symbols": {
                name: [f"{each.address:x}", f"{each.size:x}"] for name, each in symbols[part]
            },
            "sections": {
                each.name: [f"{each.address:x}", f"{each.size:x}"] for each in sections[part]
            },
            "places": [place_fact(symbol, reach) for symbol, reach in places[part]],
            "lines": [line_fact(address, line) for address, line in lines[part]],
        }
        yield {key: value for key, value in facts.items() if value}
    for text in texts:
        yield {"texts": {_shortened(text.file): list(text.lines)}}


def place_fact(symbol: Symbol, reach: int) -> list[str]:
    """[name, address, size, highest address that is known to be called by it]."""
    return [symbol.name, f"{symbol.address:x}", f"{symbol.size:x}", f"{reach:x}"]


def line_fact(address: int, line: SourceLine) -> list[str | int]:
    """[address, file, line]."""
    return [f"{address:x}", _shortened(line.file), line.line]


def _shortened(file: str) -> str:
    """Of an absolute path only the name: the rest is the machine's."""
    return file.rpartition("/")[2] if file.startswith("/") else file
