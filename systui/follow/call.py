"""Which system call is meant: `[abi:]number|name[#nth]`, as a person types it."""

import re
from typing import NamedTuple

from systui.kernel.subcalls import selectors, sub_call
from systui.kernel.syscalls import X32_BIT, SyscallTable, bundled
from systui.model.call import SyscallRow
from systui.model.errors import BadInputError
from systui.words import _

NUMBER_MASK = 0xFFFF_FFFF
"""The part of the number register that the kernel looks at."""
_SELECTOR_MASK = 0xFFFF
_FORM = re.compile(r"(?:(?P<abi>[^:#]*):)?(?P<what>[^:#]+)(?:#(?P<nth>[^:#]*))?")
_NUMBER = re.compile(r"-?[0-9]{1,20}|0[xX][0-9a-fA-F]{1,20}")
_TABLES = {"64": ("common", "64"), "x32": ("common", "x32"), "i386": ("i386",)}


class CallSpec(NamedTuple):
    """One call of a program: the `occurrence`-th of number `number` through ABI `abi`."""

    abi: str
    """`64`, `x32` or `i386`: the way in."""
    number: int
    """As the kernel reads it: the low 32 bits, an x32 call's bit 30 included."""
    name: str
    """The table's name; the number in digits where the table has none."""
    occurrence: int = 1
    """Counted from 1."""
    selector: int | None = None
    """The first argument that it must have: which sub-call of socketcall or ipc is meant."""
    direct: int | None = None
    """The sub-call's own number, by which it may be made as well."""

    @classmethod
    def parse(cls, text: str, table: SyscallTable) -> "CallSpec":
        """Read `text` against `table`; BadInputError names what is wrong and what is near."""
        usual = "i386" if table.is_i386 else "64"
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise BadInputError(
                _("call {text!r}: write [abi:]number or name, then #n for the nth time").format(
                    text=text
                )
            )
        abi = _abi(form["abi"])
        occurrence = _occurrence(form["nth"])
        if _NUMBER.fullmatch(form["what"]):
            return _numbered(form["what"], abi or usual, occurrence, table)
        found = _sub_call(form["what"], abi or usual, table)
        if found is not None:
            return found._replace(occurrence=occurrence)
        row = _named(form["what"], abi, table)
        if abi is None:
            abi = row.abi if row.abi in _TABLES else usual
        bit = X32_BIT if abi == "x32" else 0
        return cls(abi, row.number | bit, row.name, occurrence)

    def matches(self, abi: str, number: int, first: int | None = None) -> bool:
        """Whether a call through `abi` with this number register is of the wanted kind.

        `first` is its first argument.

        `abi` is the way in (`64` for `syscall`, `i386` for `int $0x80`); x32 comes in by
        `syscall` with a bit set in its number.
        """
        way = "64" if self.abi == "x32" else self.abi
        number &= NUMBER_MASK
        if way != abi:
            return False
        if self.selector is None or first is None:
            return number == self.number
        return number == self.direct or (
            number == self.number and first & _SELECTOR_MASK == self.selector
        )

    def __str__(self) -> str:
        """As a title spells it: `43 accept`, `43 accept #2`, `9999`."""
        number = str(self.number)
        named = number if self.name == number else f"{number} {self.name}"
        return named if self.occurrence == 1 else f"{named} #{self.occurrence}"


def _abi(text: str | None) -> str | None:
    if text is None:
        return None
    if text not in _TABLES:
        raise BadInputError(
            _("call ABI {abi!r} is not known; there are {known}").format(
                abi=text, known=", ".join(_TABLES)
            )
        )
    return text


def _occurrence(text: str | None) -> int:
    if text is None:
        return 1
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadInputError(
            _("call occurrence {text!r}: write a number from 1 on, as in accept#2").format(
                text="#" + text
            )
        )
    return int(text)


def _numbered(text: str, abi: str, occurrence: int, table: SyscallTable) -> CallSpec:
    number = int(text, 16) if text[:2] in {"0x", "0X"} else int(text)
    if not -(1 << 31) <= number <= NUMBER_MASK:
        raise BadInputError(
            _("call number {text} does not fit the 32 bits that the kernel reads").format(text=text)
        )
    number &= NUMBER_MASK
    if abi == "x32":
        number |= X32_BIT
    row = _only(table, abi).by_number(number)
    return CallSpec(abi, number, row.name if row else str(number), occurrence)


def _sub_call(name: str, abi: str, table: SyscallTable) -> CallSpec | None:
    """A sub-call of socketcall or ipc by its name, which 32-bit programs make so."""
    found = selectors(name) if abi == "i386" else None
    if found is None:
        return None
    rows = _only(table, abi)
    whole, direct = rows.find(found[0]), rows.find(name)
    if whole is None:
        return None
    number = None if direct is None else direct.number
    known = sub_call(*found)
    assert known is not None
    return CallSpec(abi, whole.number, known.name, 1, found[1], number)


def _named(name: str, abi: str | None, table: SyscallTable) -> SyscallRow:
    """The row called `name`, or whose handler is (`sys_accept`, `__x64_sys_accept`)."""
    rows = table if abi is None else _only(table, abi)
    row = rows.find(name)
    if row is not None:
        return row
    raise rows.unknown(name)


def _only(table: SyscallTable, abi: str) -> SyscallTable:
    """The rows of `table` that can be reached through `abi`."""
    rows = [row for row in table.rows if row.abi in _TABLES[abi]]
    return SyscallTable(rows) if rows or abi != "i386" else bundled("i386")
