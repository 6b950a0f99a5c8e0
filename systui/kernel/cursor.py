"""A place in DWARF data that reads on; running off the end is `DamageError`, never more data."""

_LONGEST_LEB = 10
"""Bytes of a 64-bit LEB128 number; longer ones only waste time."""


class DamageError(Exception):
    """The data contradicts itself or ends early; callers say which part they go without."""


class Cursor:
    """Little-endian reader over `data` (DWARF 5, section 7)."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def done(self) -> bool:
        """Nothing is left."""
        return self.at >= len(self.data)

    def number(self, size: int) -> int:
        """An unsigned number of `size` bytes."""
        end = self.at + size
        if end > len(self.data):
            raise DamageError
        value = int.from_bytes(self.data[self.at : end], "little")
        self.at = end
        return value

    def u8(self) -> int:
        """One byte."""
        return self.number(1)

    def u16(self) -> int:
        """Two bytes."""
        return self.number(2)

    def u32(self) -> int:
        """Four bytes."""
        return self.number(4)

    def address(self, size: int) -> int:
        """A target address of `size` bytes."""
        return self.number(size)

    def offset(self, wide: bool) -> int:
        """An offset into another section: 8 bytes in 64-bit DWARF, else 4."""
        return self.number(8 if wide else 4)

    def initial_length(self) -> tuple[int, bool]:
        """A unit's length and whether the unit is 64-bit DWARF (DWARF 5, 7.2.2)."""
        length = self.number(4)
        if length == 0xFFFFFFFF:
            return self.number(8), True
        if length >= 0xFFFFFFF0:
            raise DamageError
        return length, False

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        if size > len(self.data) - self.at:
            raise DamageError
        self.at += size

    def uleb(self) -> int:
        """An unsigned LEB128 number."""
        if self.at < len(self.data) and (first := self.data[self.at]) < 0x80:
            self.at += 1
            return first  # nearly all of them
        value = shift = 0
        for byte in self.data[self.at : self.at + _LONGEST_LEB]:
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise DamageError

    def sleb(self) -> int:
        """A signed LEB128 number."""
        start = self.at
        value = self.uleb()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) else value

    def string(self) -> bytes:
        """Bytes up to a zero, which is passed over."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise DamageError
        text = self.data[self.at : end]
        self.at = end + 1
        return text
