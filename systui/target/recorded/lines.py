"""A segment's lines as they lie in the file, looked through without being taken apart.

That is some ten times as fast, and all that passing over stops needs. As a look for key stops does,
it counts on lines that are written as docs/session-format.md says.
"""

from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from itertools import accumulate

from systui.target.recorded.format import (
    MOST_LINES,
    MOST_STOPS,
    DamageError,
    Pairs,
    load,
    number,
    pairs,
)

_STOP = b'\n{"r":{"'
_TELLING = (b'\n{"again":', b'\n{"key":', b'\n{"p":')
"""Other lines that say something of a stop."""
_SAID = b'"%s":"'
"""Before the value of a register."""
_LONGEST = 16
"""Digits of a value."""


class Lines:
    """One segment."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._values: dict[tuple[str, int, int], frozenset[int]] = {}

    @cached_property
    def count(self) -> int:
        """Stops, each a position further than the one before; 0 where that is not certain."""
        content = self.content
        if not content.startswith(b'{"key":'):
            return 0
        count, lines = 1 + content.count(_STOP), content.count(b"\n")
        if count > MOST_STOPS or lines > MOST_LINES:
            return 0
        telling = lines != count and any(each in content for each in _TELLING)
        return 0 if telling else count

    @cached_property
    def key(self) -> Pairs:
        """The key stop; DamageError."""
        return load(self.content[: self.content.find(b"\n") + 1])

    @cached_property
    def registers(self) -> Mapping[str, int]:
        """Those of the key stop; DamageError."""
        return {name: number(value) for name, value in pairs(self.key.get("r")).items()}

    def end(self, index: int) -> int:
        """Where the line of stop `index` ends, that line of the next stop begins, or all ends."""
        if index + 1 >= self.count > 0:
            return len(self.content)
        ends = self._ends
        return ends[index] + index * len(_STOP) if index < len(ends) else len(self.content)

    @cached_property
    def _ends(self) -> list[int]:
        """Where they would end, were `_STOP` of no length."""
        return list(accumulate(map(len, self.content.split(_STOP))))

    @cached_property
    def key_end(self) -> int:
        """Where the key stop's line ends."""
        found = self.content.find(_STOP)
        return len(self.content) if found < 0 else found

    def index_of(self, offset: int) -> int:
        """The index of the stop in whose line `offset` is.

        `offset` may be that of the quotation mark which `_STOP` ends with.
        """
        return self.content.count(_STOP, 0, offset + 1)

    def values(self, register: str, start: int, end: int) -> frozenset[int]:
        """All that `register` is said to hold from `start` to `end`; DamageError."""
        known = self._values.get((register, start, end))
        if known is None:
            texts = {each[: _LONGEST + 1] for each in self._said(register, start, end)[1:]}
            known = self._values[register, start, end] = frozenset([_value(each) for each in texts])
        return known

    def first_with(self, register: str, values: Set[int], start: int, end: int) -> int | None:
        """The index of the first stop, from `start` to `end`, that says `register` holds one.

        None where none says so; DamageError.
        """
        at, *parts = self._said(register, start, end) if values else [b""]
        offset = start + len(at)
        for each in parts:
            if _value(each) in values:
                return self.index_of(offset)
            offset += len(_SAID % register.encode()) + len(each)
        return None

    def _said(self, register: str, start: int, end: int) -> list[bytes]:
        """What is before, between and behind the places where something is said of `register`."""
        return self.content[start:end].split(_SAID % register.encode())

    def last_with(self, register: str, value: int, last: int) -> int | None:
        """The index of the last stop, up to `last`, at which `register` holds `value`."""
        said = _SAID % register.encode()
        sought, end = b'%s%x"' % (said, value), len(self.content)
        at = self.content.rfind(sought)
        if at >= 0 and last + 1 < self.count:
            end = self.end(last)
            at = self.content.rfind(sought, 0, end)
        if at < 0:
            return None
        # Where nothing is said of it, it is as at the stop before.
        changed = self.content.find(said, at + 1, end)
        after = last + 1 if changed < 0 else self.index_of(changed)
        return min(after - 1, last)

    def facts(self, but: tuple[bytes, ...] = ()) -> Iterator[bytes]:
        """The facts on its lines that begin with none of `but`, each as the object that it is."""
        for each in self.content.split(b'"facts":')[1:]:
            if not each.startswith(but):
                yield each[: each.find(b"\n")].removesuffix(b"}")

    def fact_of(self, address: int) -> bytes | None:
        """The first of them that tells what line is at `address`."""
        content = self.content
        at = content.find(b'["%x",' % address)
        start = content.rfind(b'"facts":', 0, max(at, 0))
        if start < 0:
            return None
        return content[start + len(b'"facts":') : content.find(b"\n", at)].removesuffix(b"}")

    def code(self) -> Iterator[bytes]:
        """The code of its stops, each as facts would say it."""
        for key, name in ((b',"c":', b"code"), (b',"b":', b"built")):
            for each in self.content.split(key)[1:]:
                yield b'{"%s":%s}' % (name, each[: each.find(b"}") + 1])


def _value(text: bytes) -> int:
    """The number that `text` begins with, up to a quotation mark; DamageError."""
    try:
        return int(text[: text.find(b'"')], 16)
    except ValueError as error:
        raise DamageError from error
