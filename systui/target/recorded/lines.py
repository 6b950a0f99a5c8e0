"""A segment's lines as they lie in the file, looked through without being taken apart.

That is some ten times as fast. As a look for key stops does, it counts on lines that are written as
docs/session-format.md says.
"""

from collections.abc import Iterator
from functools import cached_property

from systui.target.recorded.format import MOST_LINES, MOST_STOPS, DamageError

_STOP = b'\n{"r":{"'
_TELLING = (b'\n{"again":', b'\n{"key":', b'\n{"p":')
"""Other lines that say something of a stop."""
_SAID = b'"%s":"'
"""Before the value of a register."""


class Lines:
    """One segment."""

    def __init__(self, content: bytes) -> None:
        self.content = content

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

    def end(self, index: int) -> int:
        """Where the line of stop `index` ends, that line of the next stop begins, or all ends."""
        at = 0
        for _stop in range(index + 1):
            at = self.content.find(_STOP, at + 1)
            if at < 0:
                return len(self.content)
        return at

    def index_of(self, offset: int) -> int:
        """The index of the stop in whose line `offset` is.

        `offset` may be that of the quotation mark which `_STOP` ends with.
        """
        return self.content.count(_STOP, 0, offset + 1)

    def values(self, register: str) -> frozenset[int]:
        """All that `register` is said to hold; DamageError."""
        parts = self.content.split(_SAID % register.encode())[1:]
        try:
            return frozenset([int(each[: each.find(b'"')], 16) for each in parts])
        except ValueError as error:
            raise DamageError from error

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
