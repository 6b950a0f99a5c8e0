"""System call tables: the bundled ones, a kernel's `.tbl` file, and the one in an image.

The bundled tables are Linux 6.19's; `tables/README.md` says where they are from. Prototypes of
the other two kinds are looked up there by the handler's name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from systui.kernel import spellings
from systui.kernel.harmless import harmless
from systui.model.call import Parameter, SyscallRow
from systui.model.errors import BadInputError
from systui.model.stop import Read
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.image import Image
    from systui.kernel.listing import Decode

X32_BIT = 0x4000_0000
"""Set in the number of an x32 call (arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT)."""
NO_HANDLER = "sys_ni_syscall"
"""The kernel's function that answers -ENOSYS (kernel/sys_ni.c)."""
_NO_HANDLERS = {
    "common": ("__x64_sys_ni_syscall", NO_HANDLER),
    "i386": ("__ia32_sys_ni_syscall", NO_HANDLER),
}
"""Its names by the first abi of a table."""

_TABLES = Path(__file__).parent / "tables"
_NATIVE_ABIS = ("common", "64", "i386")
_ABIS = (*_NATIVE_ABIS, "x32")
_LARGEST_TBL = 1 << 20
_MOST_SLOTS = 4096
_PREFIX = re.compile(
    r"^(?:__(?:x64|ia32|x32|se|do)_)?(?:(?:compat_)?sys_|SyS_|stub_|sys32_|ptregs_)"
)
"""What kernels from 3.x to 6.x put before a call's own name in its handler's."""
_INSTRUMENTED = "/"
"""4.x tables mark handlers that need all of pt_regs as `sys_fork/ptregs`."""


class SyscallTable:
    """The rows of one table, in the order they were given."""

    def __init__(
        self,
        rows: Iterable[SyscallRow],
        address: int | None = None,
        word: int = 8,
        switched: bool = False,
    ) -> None:
        self.rows: Sequence[SyscallRow] = tuple(rows)
        self.address = address
        """Link-time address of slot 0, where the table is in an image."""
        self.word = word
        """Bytes of a slot."""
        self.switched = switched
        """Calls go through a generated switch (`x64_sys_call`); the table is kept for tracing."""

    @cached_property
    def is_i386(self) -> bool:
        """Whether its calls are those of 32-bit programs."""
        return all(row.abi == "i386" for row in self.rows)

    def slot(self, number: int) -> int | None:
        """Address of a number's slot; None for a table that is in no image."""
        return None if self.address is None else self.address + number * self.word

    def by_number(self, number: int) -> SyscallRow | None:
        """The row that the kernel takes for `number`; with bit 30 set, x32's."""
        abis = ("common", "x32") if number & X32_BIT else _NATIVE_ABIS
        for row in self._by_number.get(number & ~X32_BIT, ()):
            if row.abi in abis:
                return row
        return None

    def find(self, name: str) -> SyscallRow | None:
        """The row of that name, or whose handler is spelt so (`sys_accept`, `__x64_sys_accept`).

        A native row comes before an x32 one.
        """
        bare = _bare(name)
        return self._by_name.get(name) or self._by_handler.get(bare) or self._by_name.get(bare)

    def near(self, name: str, most: int = 4) -> list[str]:
        """Names in the table that `name` may have been meant to be, the nearest first."""
        from difflib import get_close_matches

        return get_close_matches(_bare(name).lower(), list(self._by_name), n=most, cutoff=0.6)

    def search(self, query: str) -> list[SyscallRow]:
        """The rows that `query` is about, the best first.

        A number (decimal, or hexadecimal after 0x) finds its rows, then names that hold its
        digits. Words find names, handlers, argument names and types; each word must be found.
        """
        words = query.lower().split()
        if not words:
            return list(self.rows)
        ranked = []
        for index, (row, text) in enumerate(zip(self.rows, self._texts, strict=True)):
            ranks = [_rank(word, row, text) for word in words]
            if None not in ranks:
                ranked.append((sum(rank or 0 for rank in ranks), index, row))
        ranked.sort(key=lambda each: each[:2])
        return [row for _rank_sum, _index, row in ranked]

    @cached_property
    def _by_number(self) -> Mapping[int, list[SyscallRow]]:
        found: dict[int, list[SyscallRow]] = {}
        for row in self.rows:
            found.setdefault(row.number, []).append(row)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, SyscallRow]:
        found: dict[str, SyscallRow] = {}
        for row in sorted(self.rows, key=lambda row: row.abi == "x32"):
            found.setdefault(row.name, row)
        return found

    @cached_property
    def _by_handler(self) -> Mapping[str, SyscallRow]:
        found: dict[str, SyscallRow] = {}
        for row in sorted(self.rows, key=lambda row: row.abi == "x32"):
            for handler in (row.entry, row.symbol, row.compat):
                if handler:
                    found.setdefault(_bare(handler), row)
        return found

    @cached_property
    def _texts(self) -> Sequence[str]:
        """What is searched beyond a row's name and handler."""
        return tuple(
            " ".join(f"{each.type} {each.name}" for each in row.parameters or ()).lower()
            for row in self.rows
        )


def _rank(word: str, row: SyscallRow, text: str) -> int | None:
    """How well one word of a query fits a row, 0 best; None where it does not."""
    if _number(word) == row.number:
        return 0
    name = row.name.lower()
    if word == name:
        return 1
    if name.startswith(word):
        return 2
    if word in name:
        return 3
    if word.isdecimal():
        return None
    handlers = f"{row.entry or ''} {row.symbol or ''} {row.compat or ''}".lower()
    if word in handlers:
        return 4
    return 5 if word in text else None


def _number(word: str) -> int | None:
    try:
        return int(word, 16 if word.startswith("0x") else 10)
    except ValueError:
        return None


def _bare(handler: str) -> str:
    """A handler's own name, as `SYSCALL_DEFINE` has it: `__x64_sys_newstat` → `newstat`."""
    return _PREFIX.sub("", handler.split(_INSTRUMENTED, maxsplit=1)[0])


def prototype(name: str) -> SyscallRow | None:
    """The row of the call `name` as its arguments are told, which some have for another's sake.

    `send` and `recv` have no numbers of their own: they are the first arguments of `sendto` and
    `recvfrom`.
    """
    table = bundled("x86_64")
    same = {"send": "sendto", "recv": "recvfrom"}.get(name)
    row = table.find(same or name)
    if same is None or row is None or row.parameters is None:
        return row
    return row._replace(parameters=row.parameters[:4])


# --- the bundled tables ------------------------------------------------------------------------


@cache
def bundled(arch: str) -> SyscallTable:
    """The current table of `arch` (`x86_64` or `i386`) with every prototype that is known."""
    text = (_TABLES / f"{arch}.tsv").read_text(encoding="utf-8")
    return SyscallTable(_bundled_row(line) for line in text.splitlines())


def _bundled_row(line: str) -> SyscallRow:
    number, abi, name, entry, compat, arguments = line.split("\t")
    return SyscallRow(
        int(number), abi, name, entry or None, _parameters(arguments), compat=compat or None
    )


def _parameters(arguments: str) -> tuple[Parameter, ...] | None:
    if arguments == "-":
        return None
    return tuple(_parameter(each) for each in arguments.split(", ")) if arguments else ()


@cache
def _parameter(declaration: str) -> Parameter:
    """`const char *buf` as type `const char *` and name `buf`."""
    name = declaration[max(declaration.rfind(" "), declaration.rfind("*")) + 1 :]
    return Parameter(declaration[: len(declaration) - len(name)].rstrip(" "), name)


def _prototype(table: SyscallTable, handler: str | None, name: str) -> SyscallRow | None:
    """The bundled row whose prototype fits a handler, or else a name."""
    return (table.find(handler) if handler else None) or table.find(name)


# --- a kernel's .tbl file ----------------------------------------------------------------------


def read_tbl(path: Path) -> SyscallTable:
    """Read `syscall_64.tbl` or `syscall_32.tbl` of a kernel tree, 3.3 to today.

    Each line has number, abi, name and, where there is one, the handler and the handler for
    32-bit programs; a further word (`noreturn`) is passed over. BadInputError says which line
    is no row of such a table.
    """
    rows = []
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        words = harmless(line.partition("#")[0]).split()
        if words:
            row = _tbl_row(words)
            if row is None:
                raise BadInputError(
                    _("{path}:{line}: not a row of an x86 system call table").format(
                        path=path, line=number
                    )
                )
            rows.append(row)
    if not rows:
        raise BadInputError(_("{path}: holds no system call table").format(path=path))
    return SyscallTable(rows)


def _tbl_row(words: list[str]) -> SyscallRow | None:
    if len(words) < 3 or not (words[0].isascii() and words[0].isdecimal()) or len(words[0]) > 9:
        return None
    if words[1] not in _ABIS:
        return None
    entry, compat = (_handler(words, place) for place in (3, 4))
    row = SyscallRow(int(words[0]), words[1], words[2], entry, compat=compat)
    known = _prototype(bundled("i386" if row.abi == "i386" else "x86_64"), entry, row.name)
    return row if known is None else row._replace(parameters=known.parameters)


def _handler(words: list[str], place: int) -> str | None:
    word = words[place] if place < len(words) else "-"
    # For the handler "none" is what matters; 32-bit programs may have none where others have.
    return None if word == "-" or (word == NO_HANDLER and place == 3) else word


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_TBL + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInputError(
            _("{path}: cannot be read: {reason}").format(path=path, reason=reason)
        ) from error
    if len(data) > _LARGEST_TBL or b"\0" in data:
        raise BadInputError(_("{path}: is no system call table").format(path=path))
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


# --- the table in an image ---------------------------------------------------------------------


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

    def is_handler(address: int) -> bool:
        place = image.locate(address)
        return place is not None and place[1] == 0 and _PREFIX.match(place[0].name) is not None

    targets = switch_targets(Listing(decode, (read,)), read, function, is_handler)
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
    return _("{path}: has no symbol {symbol}; is it a kernel with its symbols?").format(
        path=image.path, symbol=name
    )


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
    if _bare(symbol) == _bare(NO_HANDLER):
        if usual is None:
            return SyscallRow(number, abi, "", None, symbol=symbol, address=address)
        return usual._replace(entry=None, compat=None, symbol=symbol, address=address)
    own = _bare(symbol)
    entry = f"sys_{own}"
    if usual is not None and own in {_bare(each) for each in (usual.entry, usual.compat) if each}:
        return usual._replace(symbol=symbol, address=address)
    prototype = _prototype(known, entry, own)
    parameters = None if prototype is None else prototype.parameters
    return SyscallRow(number, abi, own, entry, parameters, symbol, address)
