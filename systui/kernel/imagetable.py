"""The system call table that a kernel image holds: an array of handlers, or a compiled switch."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from systui.kernel import spellings
from systui.kernel.syscalls import NO_HANDLER, X32_BIT, SyscallTable, bare, bundled, is_handler
from systui.model.call import SyscallRow
from systui.model.errors import BadInputError
from systui.model.stop import Read
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.image import Image
    from systui.kernel.listing import Decode

_NO_HANDLERS = {
    "common": ("__x64_sys_ni_syscall", NO_HANDLER),
    "i386": ("__ia32_sys_ni_syscall", NO_HANDLER),
}
"""Its names by the first abi of a table."""

_MOST_SLOTS = 4096


def from_image(
    image: "Image",
    read: Read | None = None,
    *,
    abi: str = "64",
    slide: int = 0,
    decode: "Decode | None" = None,
) -> SyscallTable:
    """The table that a kernel image holds, with its handlers' symbols and addresses.

    `read` reads the kernel's memory at link-time addresses (None: the image's own bytes; the
    slots of a running kernel lie `slide` higher than its symbols). `abi` is `64` or `i386`, the
    latter being a 64-bit kernel's table for 32-bit programs or the only one of a 32-bit kernel.
    Where a kernel has no table but a compiled switch, that is read with the disassembler
    `decode`. BadInputError where the image has neither, or a switch that is not understood.
    """
    compat = image.bits == 64 and abi == "i386"
    name = spellings.TABLES["i386" if compat else "64"]
    known = bundled("i386" if abi == "i386" or image.bits == 32 else "x86_64")
    table = image.symbol(name)
    switch = image.symbol(spellings.SWITCHES["i386" if compat else "64"])
    if table is None:
        if switch is None or decode is None:
            raise BadInputError(_no_table(image, name, switch is not None))
        handlers = _switched(image, known, switch.address, read or image.read, decode)
        if not handlers:
            raise BadInputError(_no_table(image, name, True))
        return SyscallTable(_named_rows(image, known, handlers), switched=True)
    word = image.bits // 8
    data = (read or image.read)(table.address, _table_size(image, table.address, table.size, word))
    if data is None:
        raise BadInputError(
            _("{path}: {symbol} points to nothing that can be read").format(
                path=image.path, symbol=name
            )
        )
    slots = (data[at : at + word] for at in range(0, len(data), word))
    handlers = [int.from_bytes(slot, "little") - slide for slot in slots]
    rows = _named_rows(image, known, handlers)
    return SyscallTable(rows, table.address, word, switch is not None)


def _switched(
    image: "Image", known: SyscallTable, function: int, read: Read, decode: "Decode"
) -> list[int]:
    """Handlers by number as a compiled switch picks them; empty where it is not understood."""
    from systui.kernel.listing import Listing
    from systui.kernel.switch import switch_targets

    def is_start(address: int) -> bool:
        place = image.locate(address)
        return place is not None and place[1] == 0 and is_handler(place[0].name)

    targets = switch_targets(Listing(decode, (read,)), read, function, is_start)
    absent = next(filter(None, map(image.symbol, _NO_HANDLERS[known.rows[0].abi])), None)
    if not targets or absent is None:
        return []
    return [targets.get(number, absent.address) for number in range(max(targets) + 1)]


def _named_rows(
    image: "Image", known: SyscallTable, handlers: Iterable[int]
) -> Iterator[SyscallRow]:
    """Rows for handlers by number, up to the first slot that holds no function."""
    for number, address in enumerate(handlers):
        row = _image_row(image, known, number, address)
        if row is None:
            return
        if row.name:
            yield row


def _no_table(image: "Image", name: str, switched: bool) -> str:
    if switched:
        return _(
            "{path}: has no {symbol}: its calls go through a compiled switch, "
            "which systui cannot read as a table"
        ).format(path=image.path, symbol=name)
    return _(
        "{path}: has no symbol {symbol}; is it a kernel with its symbols? "
        "emulate takes them from a System.map, too: --symbols"
    ).format(path=image.path, symbol=name)


def _table_size(image: "Image", address: int, size: int, word: int) -> int:
    """Bytes of the table: its symbol's size, else up to the next symbol; within reason."""
    if size == 0:
        size = min(
            (each.address - address for each in image.symbols() if each.address > address),
            default=0,
        )
    return min(size, _MOST_SLOTS * word) // word * word


def _image_row(image: "Image", known: SyscallTable, number: int, address: int) -> SyscallRow | None:
    """The row of a slot; None where the slot does not hold a function, i.e. after the table.

    The name is the bundled table's where both mean the same handler; an empty name marks a
    number that neither the image nor the bundled table knows.
    """
    place = image.locate(address)
    if place is None or place[1] != 0:
        return None
    symbol = place[0].name
    usual = known.by_number(number) or known.by_number(number | X32_BIT)
    abi = "i386" if known.rows[0].abi == "i386" else "64" if usual is None else usual.abi
    if bare(symbol) == bare(NO_HANDLER):
        if usual is None:
            return SyscallRow(number, abi, "", None, symbol=symbol, address=address)
        return usual._replace(entry=None, compat=None, symbol=symbol, address=address)
    own = bare(symbol)
    entry = f"sys_{own}"
    if usual is not None and own in {bare(each) for each in (usual.entry, usual.compat) if each}:
        return usual._replace(symbol=symbol, address=address)
    prototype = known.fitting(entry, own)
    parameters = None if prototype is None else prototype.parameters
    return SyscallRow(number, abi, own, entry, parameters, symbol, address)
