"""System call tables, and the bundled ones among them.

Those are Linux 6.19's; `tables/README.md` says where they are from. Prototypes of other tables
(a `.tbl` file's, an image's) are looked up there by the handler's name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from systui.model.call import Parameter, SyscallRow
from systui.model.errors import BadInputError
from systui.words import _

X32_BIT = 0x4000_0000
"""Set in the number of an x32 call (arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT)."""
NO_HANDLER = "sys_ni_syscall"
"""The kernel's function that answers -ENOSYS (kernel/sys_ni.c)."""
_TABLES = Path(__file__).parent / "tables"
NATIVE_ABIS = ("common", "64", "i386")
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
        abis = ("common", "x32") if number & X32_BIT else NATIVE_ABIS
        for row in self._by_number.get(number & ~X32_BIT, ()):
            if row.abi in abis:
                return row
        return None

    def find(self, name: str) -> SyscallRow | None:
        """The row of that name, or whose handler is spelt so (`sys_accept`, `__x64_sys_accept`).

        A native row comes before an x32 one.
        """
        own = bare(name)
        return self._by_name.get(name) or self._by_handler.get(own) or self._by_name.get(own)

    def fitting(self, handler: str | None, name: str) -> SyscallRow | None:
        """The row whose prototype fits a handler, or else a name."""
        return (self.find(handler) if handler else None) or self.find(name)

    def near(self, name: str, most: int = 4) -> list[str]:
        """Names in the table that `name` may have been meant to be, the nearest first."""
        from difflib import get_close_matches

        return get_close_matches(bare(name).lower(), list(self._by_name), n=most, cutoff=0.6)

    def unknown(self, name: str) -> BadInputError:
        """What there is to say of a `name` that is no call's."""
        near = self.near(name)
        if near:
            return BadInputError(
                _("no system call is named {name!r}; near to it: {near}").format(
                    name=name, near=", ".join(near)
                )
            )
        return BadInputError(
            _("no system call is named {name!r}; `systui syscalls` prints them all").format(
                name=name
            )
        )

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
                    found.setdefault(bare(handler), row)
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


def is_handler(symbol: str) -> bool:
    """Whether a symbol is called as handlers are."""
    return _PREFIX.match(symbol) is not None


def bare(handler: str) -> str:
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
