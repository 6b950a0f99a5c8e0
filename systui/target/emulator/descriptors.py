"""The descriptor table of a real kernel image's first task, shown the program's descriptors.

`init_files` is initialised by the compiler (fs/file.c): its pointers into itself tell where the
table, its array of files and the bits of open descriptors lie, whatever the kernel's version.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from systui.kernel.image import Image
from systui.services.ports import DescriptorView
from systui.target.emulator.mmu import Mmu

_LARGEST = 4096
_SMALLEST, _MOST = 16, 1024


class Table(NamedTuple):
    """Where a descriptor table lies."""

    limit: int
    """Descriptors that it has room for."""
    files: int
    """Address of the array of `struct file *`."""
    open_bits: int
    """Address of the bit map of open descriptors."""


def find_table(image: Image) -> Table | None:
    """The table that `init_files` starts with; None where it is not understood."""
    symbol = image.symbol("init_files")
    if symbol is None or not 64 <= symbol.size <= _LARGEST:
        return None
    data = image.read(symbol.address, symbol.size)
    if data is None:
        return None
    wide = image.bits // 8
    size = len(data) // wide
    words = struct.unpack(f"<{size}{'Q' if wide == 8 else 'I'}", data[: size * wide])
    inside = range(symbol.address, symbol.address + symbol.size)
    for word in words:
        index = (word - symbol.address) // wide
        if word in inside and word % wide == 0 and index + 4 < size:
            # struct fdtable: max_fds, fd, close_on_exec, open_fds, full_fds_bits
            limit, files, close_on_exec, open_bits = words[index : index + 4]
            pointers = (files, close_on_exec, open_bits)
            if _SMALLEST <= limit <= _MOST and all(each in inside for each in pointers):
                return Table(limit, files, open_bits)
    return None


class Descriptors:
    """Shows the program's descriptors in the image's table: which are open, by a file of zeros.

    Such a file is of no kind that a handler knows, so it is no socket.
    """

    def __init__(self, mmu: Mmu, table: Table | None, file: int) -> None:
        """`file`: address of zeros that every open descriptor points to."""
        self._mmu = mmu
        self._table = table
        self._file = file

    @property
    def limit(self) -> int:
        """Descriptors below it are shown; 0 where the image's table was not understood."""
        return 0 if self._table is None else self._table.limit

    def show(self, before: Mapping[int, DescriptorView], now: Mapping[int, DescriptorView]) -> None:
        """Open and close what has changed."""
        table = self._table
        if table is None or before.keys() == now.keys():
            return
        word = self._mmu.platform.arch.word
        for number in before.keys() ^ now.keys():
            if number < table.limit:
                file = self._file if number in now else 0
                self._mmu.write(table.files + word * number, file.to_bytes(word, "little"))
        for first in range(0, table.limit, 64):
            bits = sum(1 << number - first for number in now if first <= number < first + 64)
            self._mmu.write(table.open_bits + first // 8, bits.to_bytes(8, "little"))
