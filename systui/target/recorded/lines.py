"""A segment's lines as they lie in the file, looked through without being taken apart.

That is some ten times as fast, and all that passing over stops needs. As a look for key stops does,
it counts on lines that are written as docs/session-format.md says.
"""

from collections.abc import Iterator, Mapping
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
_LONGEST = 16
"""Digits of a value."""


class Lines:
    """One segment."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._values: dict[tuple[str, int, int | None], frozenset[int]] = {}

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

    def values(self, register: str, start: int = 0, end: int | None = None) -> frozenset[int]:
        """All that `register` is said to hold from `start` to `end`; DamageError."""
        known = self._values.get((register, start, end))
        if known is not None:
            return known
        part = self.content[start:end]
        texts = {each[: _LONGEST + 1] for each in part.split(b'"%s":"' % register.encode())[1:]}
        try:
            found = frozenset([int(each[: each.find(b'"')], 16) for each in texts])
        except ValueError as error:
            raise DamageError from error
        self._values[register, start, end] = found
        return found

    def last_with(self, register: str, value: int, last: int) -> int | None:
        """The index of the last stop, up to `last`, at which `register` holds `value`."""
        said = b'"%s":"' % register.encode()
        sought, end = b'%s%x"' % (said, value), len(self.content)
        at = self.content.rfind(sought)
        if at >= 0 and last + 1 < self.count:
            end = self.end(last)
            at = self.content.rfind(sought, 0, end)
        if at < 0:
            return None
        # Where nothing is said of it, it is as at the stop before.
        changed = self.content.find(said, at + 1, end)
        # The quotation mark that `_STOP` ends with may be the one that `said` begins with.
        after = last + 1 if changed < 0 else self.content.count(_STOP, 0, changed + 1)
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
