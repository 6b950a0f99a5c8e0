"""Writes the sources that follow from the system call table and from the handlers in C.

Three files are made: `asm/unistd.h` (how many numbers), `asm/syscalls_64.h` (the rows of
`sys_call_table`) and `kernel/served.c` (a handler for each call that no other source defines).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parents[1] / "kernel" / "tables" / "x86_64.tsv"
"""Numbers, names and entries; where they are from says the README beside it."""

_SERVED = Path("kernel/served.c")
_DEFINITION = re.compile(r"^SYSCALL_DEFINE[0-6]\((\w+)", re.MULTILINE)
_LICENCE = "// SPDX-License-Identifier: GPL-2.0-or-later"
_SERVED_HEAD = """
/*
 * Calls that are served wholly from outside: this kernel has nothing to
 * check before it asks. A call that is not served either comes back as
 * -ENOSYS. Written by `python -m systui.minikernel.build`: these are the
 * rows of the table that no other file defines a handler for.
 */
#include <linux/syscalls.h>

#define SERVED(name)						\\
	long __x64_sys_##name(const struct pt_regs *regs);	\\
	long __x64_sys_##name(const struct pt_regs *regs)	\\
	{							\\
		return serve_call((struct pt_regs *)regs);	\\
	}

"""


@dataclass(frozen=True)
class Row:
    """A number that a 64-bit program can use."""

    number: int
    name: str
    entry: str
    """`sys_ni_syscall` where the number has no handler."""


def rows() -> list[Row]:
    """The rows of the table that are not x32's own."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        number, abi, name, entry, *_rest = line.split("\t")
        if abi != "x32":
            found.append(Row(int(number), name, entry or "sys_ni_syscall"))
    return found


def defined(sources: Path) -> set[str]:
    """Entries that a C file under `sources` defines with SYSCALL_DEFINEn."""
    return {
        f"sys_{name}"
        for file in sorted(sources.rglob("*.c"))
        for name in _DEFINITION.findall(file.read_text(encoding="utf-8"))
    }


def generated(sources: Path) -> Mapping[Path, str]:
    """Text of each generated file, by its path below `sources`."""
    asm = Path("arch/x86/include/asm")
    return {
        asm / "unistd.h": "\n".join(_numbers()) + "\n",
        asm / "syscalls_64.h": "\n".join(_table()) + "\n",
        _SERVED: _LICENCE + _SERVED_HEAD + "\n".join(_served(defined(sources))) + "\n",
    }


def _numbers() -> Iterator[str]:
    yield _LICENCE
    yield "/* One more than the highest system call number. */"
    yield f"#define NR_syscalls\t{max(row.number for row in rows()) + 1}"


def _table() -> Iterator[str]:
    yield _LICENCE
    yield "/* number, handler; the call's own name where that differs */"
    for row in rows():
        comment = "" if row.entry == f"sys_{row.name}" else f"\t/* {row.name} */"
        yield f"__SYSCALL({row.number}, {row.entry}){comment}"


def _served(elsewhere: set[str]) -> Iterator[str]:
    for row in rows():
        if row.entry not in elsewhere:
            yield f"SERVED({row.entry.removeprefix('sys_')})"
