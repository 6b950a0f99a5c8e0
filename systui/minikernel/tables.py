"""Writes the sources that follow from the system call table and from the handlers in C.

Four files are made: `asm/unistd.h` (how many numbers), `asm/syscalls_64.h` and `asm/syscalls_32.h`
(the rows of `sys_call_table` and `ia32_sys_call_table`) and `kernel/served.c` (a handler for each
call that no other source defines). An era has its own below its tree, with the numbers of its age.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from systui.minikernel import eras
from systui.minikernel.eras import TODAY, Era

_TABLES = Path(__file__).parents[1] / "kernel" / "tables"
TABLE, TABLE_32 = _TABLES / "x86_64.tsv", _TABLES / "i386.tsv"
"""Numbers, names and entries; where they are from says the README beside it."""

_NOT_THERE = "sys_ni_syscall"
_SERVED = Path("kernel/served.c")
_DEFINITION = re.compile(r"^(COMPAT_)?SYSCALL_DEFINE[0-6]\((\w+)", re.MULTILINE)
_LICENCE = "// SPDX-License-Identifier: GPL-2.0-or-later"
_SERVED_HEAD = """
/*
 * Calls that are served wholly from outside: this kernel has nothing to
 * check before it asks. A call that is not served either comes back as
 * -ENOSYS. Written by `python -m systui.minikernel.build`: these are the
 * rows of the table that no other file defines a handler for.
 */
#include <linux/syscalls.h>

"""
_SERVED_BY_REGS = """#define SERVED_AS(handler)					\\
	long handler(const struct pt_regs *regs);		\\
	long handler(const struct pt_regs *regs)		\\
	{							\\
		return serve_call((struct pt_regs *)regs);	\\
	}

/* In both tables, and in that of 32-bit calls alone. */
#define SERVED(name)						\\
	SERVED_AS(__x64_sys_##name)				\\
	SERVED_AS(__ia32_sys_##name)
#define SERVED_IA32(handler)	SERVED_AS(__ia32_##handler)

"""
_SERVED_BY_NAME = """#define SERVED(name)						\\
	long sys_##name(void);					\\
	long sys_##name(void)					\\
	{							\\
		return serve();					\\
	}

"""
"""Handlers of an age in which they were given their arguments, and no pt_regs."""
_SERVED_ON_STACK = """#define SERVED(name)						\\
	asmlinkage long sys_##name(void);			\\
	asmlinkage long sys_##name(void)			\\
	{							\\
		return serve();					\\
	}

"""
"""Those of a 32-bit kernel, which find them on the stack."""
_NEWER = re.compile(r"(?<!^sys)_time32$|32$")
"""What was put behind names of calls that tell the time when they got longer ones beside them."""
_STUBS = ("fork", "vfork", "clone", "execve", "rt_sigreturn")
"""Calls of that age that need all of pt_regs: the table has code of the entry's for them."""


@dataclass(frozen=True)
class Row:
    """A number that a program can use."""

    number: int
    name: str
    entry: str
    """`sys_ni_syscall` where the number has no handler."""

    def stubbed(self) -> "Row":
        """The row as a table has it whose age had stubs."""
        stub = self.name if self.name in _STUBS else None
        return self if stub is None else Row(self.number, self.name, f"stub_{stub}")


def rows() -> list[Row]:
    """The rows of the table that are not x32's own."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        number, abi, name, entry, *_rest = line.split("\t")
        if abi != "x32":
            found.append(Row(int(number), name, entry or _NOT_THERE))
    return found


def rows_32() -> list[Row]:
    """The rows of the table for 32-bit programs; entries are those of a 64-bit kernel."""
    found = []
    for line in TABLE_32.read_text(encoding="utf-8").splitlines():
        number, _abi, name, entry, compat, *_rest = line.split("\t")
        found.append(Row(int(number), name, compat or entry or _NOT_THERE))
    return found


def rows_i386() -> list[Row]:
    """The same table as a 32-bit kernel of the time before 5.0 has it."""
    found = []
    for line in TABLE_32.read_text(encoding="utf-8").splitlines():
        number, _abi, name, entry, *_rest = line.split("\t")
        entry = entry.replace("sys_ia32_", "sys_") or _NOT_THERE
        found.append(Row(int(number), name, _NEWER.sub("", entry) if name[-2:] != "32" else entry))
    return found


def compiled(sources: Path, era: Era = TODAY) -> list[str]:
    """The C and assembly files that `era` is built from, relative to `sources`."""
    every = sorted((*sources.rglob("*.c"), *sources.rglob("*.S")))
    return [name for file in every if _belongs(name := str(file.relative_to(sources)), era)]


def _belongs(name: str, era: Era) -> bool:
    if name.startswith("eras/"):
        return era.tree is not None and name.startswith(f"{era.tree}/")
    return not name.startswith(era.without)


def defined(sources: Path, era: Era = TODAY) -> set[str]:
    """Entries that a C file of `era` defines with (COMPAT_)SYSCALL_DEFINEn."""
    return {
        f"{compat.lower()}sys_{name}"
        for file in compiled(sources, era)
        for compat, name in _DEFINITION.findall((sources / file).read_text(encoding="utf-8"))
    }


def generated(sources: Path) -> Mapping[Path, str]:
    """Text of each generated file, by its path below `sources`."""
    asm = Path("arch/x86/include/asm")
    found = {
        asm / "unistd.h": "\n".join(_numbers(rows(), rows_32())) + "\n",
        asm / "syscalls_64.h": "\n".join(_table(rows())) + "\n",
        asm / "syscalls_32.h": "\n".join(_table(rows_32())) + "\n",
        _SERVED: "\n".join((_head(_SERVED_BY_REGS), *_served(defined(sources)))) + "\n",
    }
    for era in eras.BY_NAME.values():
        if era.tree is not None and era.last is not None:
            make = _generated_of if era.architecture == "x86_64" else _generated_32
            found |= make(era, sources, Path(era.tree), era.last)
    return found


def _generated_of(era: Era, sources: Path, tree: Path, last: int) -> Mapping[Path, str]:
    own = [row for row in rows() if row.number <= last]
    elsewhere = defined(sources, era) | {_NOT_THERE}
    missing = [row for row in own if row.entry not in elsewhere]
    served = (f"SERVED({row.entry.removeprefix('sys_')})" for row in missing)
    table = [row.stubbed() for row in own]
    asm = tree / "arch/x86/include/asm"
    return {
        asm / "unistd.h": "\n".join(_numbers(own)) + "\n",
        asm / "syscalls_64.h": "\n".join(_table(table)) + "\n",
        tree / _SERVED: "\n".join((_head(_SERVED_BY_NAME), *dict.fromkeys(served))) + "\n",
    }


def _generated_32(era: Era, sources: Path, tree: Path, last: int) -> Mapping[Path, str]:
    """Likewise for a 32-bit kernel, whose one table is that of 32-bit calls."""
    own = [row for row in rows_i386() if row.number <= last]
    elsewhere = defined(sources, era) | {_NOT_THERE}
    missing = dict.fromkeys(row.entry for row in own if row.entry not in elsewhere)
    served = (f"SERVED({entry.removeprefix('sys_')})" for entry in missing)
    asm = tree / "arch/x86/include/asm"
    table = (line.replace("__SYSCALL(", "__SYSCALL_I386(") for line in _table(own))
    return {
        asm / "unistd.h": "\n".join(_numbers(own)) + "\n",
        asm / "syscalls_32.h": "\n".join(table) + "\n",
        tree / _SERVED: "\n".join((_head(_SERVED_ON_STACK), *served)) + "\n",
    }


def _head(macros: str) -> str:
    return f"{_LICENCE}{_SERVED_HEAD}{macros}".removesuffix("\n")


def _numbers(rows: list[Row], rows_32: list[Row] | None = None) -> Iterator[str]:
    yield _LICENCE
    yield "/* One more than the highest system call number. */"
    yield f"#define NR_syscalls\t\t{max(row.number for row in rows) + 1}"
    if rows_32 is not None:
        yield f"#define IA32_NR_syscalls\t{max(row.number for row in rows_32) + 1}"


def _table(rows: list[Row]) -> Iterator[str]:
    yield _LICENCE
    yield "/* number, handler; the call's own name where that differs */"
    for row in rows:
        comment = "" if row.entry == f"sys_{row.name}" else f"\t/* {row.name} */"
        yield f"__SYSCALL({row.number}, {row.entry}){comment}"


def _served(elsewhere: set[str]) -> Iterator[str]:
    for row in rows():
        if row.entry not in elsewhere:
            yield f"SERVED({row.entry.removeprefix('sys_')})"
    known = elsewhere | {row.entry for row in rows()}
    for entry in dict.fromkeys(row.entry for row in rows_32() if row.entry not in known):
        yield f"SERVED_IA32({entry})"
