"""Bytes by address, as far as they are known."""

_PAGE = 4096
_KNOWN = b"\x01" * _PAGE
_MOST_PAGES = 4096
"""Pages kept: 32 MB with what is known of them."""


class Pages:
    """Memory that does not change with time: code and constants. The latest word counts."""

    def __init__(self) -> None:
        self._pages: dict[int, tuple[bytearray, bytearray]] = {}

    def write(self, address: int, data: bytes) -> None:
        """Take `data` at `address`; nothing once there is no more room."""
        at = 0
        while at < len(data):
            number, offset = divmod(address + at, _PAGE)
            part = data[at : at + _PAGE - offset]
            page = self._pages.get(number)
            if page is None:
                if len(self._pages) >= _MOST_PAGES:
                    return
                page = self._pages[number] = (bytearray(_PAGE), bytearray(_PAGE))
            page[0][offset : offset + len(part)] = part
            page[1][offset : offset + len(part)] = _KNOWN[: len(part)]
            at += len(part)

    def read(self, address: int, size: int) -> bytes | None:
        """`size` bytes; None where not all of them are known."""
        number, offset = divmod(address, _PAGE)
        if offset + size <= _PAGE:
            page = self._pages.get(number)
            if page is None or page[1].find(0, offset, offset + size) >= 0:
                return None
            return bytes(page[0][offset : offset + size])
        first = _PAGE - offset
        if size > _PAGE * 64:
            return None
        head, tail = self.read(address, first), self.read(address + first, size - first)
        return None if head is None or tail is None else head + tail
