"""Kernel images in the shape of ages that cannot be downloaded: entry code alone, assembled here.

Each handler of the call table only returns; the calls are served. `exec_domain` and the flags stand
where `struct thread_info` had them.
"""

import subprocess
from pathlib import Path

from systui.kernel.syscalls import bundled

_PLACE = Path(__file__).parent / "ages"
_LAST, _STACK = 313, 8192
_FLAGS = {"fast": 16, "full": 8}


def age(
    shape: str,
    folder: Path,
    *,
    without: str | None = None,
    prefix: str = "sys_",
    bug_flags: int | None = None,
    paravirt: bool = False,
) -> Path:
    """An image in `shape`.

    `without` is a symbol that it lacks, `prefix` begins its handlers' names. With `bug_flags` its
    accept runs into a bug with these flags and then answers -ENOTSOCK. With `paravirt` it leaves
    ("full") through a pointer.
    """
    made = folder / "vmlinux"
    command = [
        *("gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-o", str(made)),
        *(f"-DLAST={_LAST}", f"-DSTACK={_STACK}", f"-DTOP={_STACK}", f"-DFLAGS={_FLAGS[shape]}"),
        *(["-DPARAVIRT"] if paravirt else []),
        *("-Wl,--no-warn-rwx-segments", "-T", str(_PLACE / "kernel.lds")),
        *("-x", "assembler-with-cpp", str(_PLACE / f"{shape}.S"), "-"),
    ]
    subprocess.run(command, input=_rest(shape, prefix, bug_flags), text=True, check=True)
    if without is not None:
        subprocess.run(["strip", "-N", without, str(made)], check=True)
    return made


_BUG = """
.globl {prefix}accept
{prefix}accept:
1:  ud2
    mov $-88, %rax
    ret
.section .bugs, "a"
2:  .long 1b - 2b, 0
    .short 0, {flags}
"""
"""A row of the bug table (include/asm-generic/bug.h) and the instruction that it is about."""


def _rest(shape: str, prefix: str, bug_flags: int | None) -> str:
    """The table, its handlers and the first task."""
    table = bundled("x86_64")
    names = []
    for number in range(_LAST + 1):
        row = table.by_number(number)
        names.append(f"{prefix}{row.name}" if row is not None and row.entry else "sys_ni_syscall")
    plain = {*names} - ({f"{prefix}accept"} if bug_flags is not None else set())
    handlers = "".join(f".globl {name}\n{name}: mov $-38, %rax\nret\n" for name in plain)
    if bug_flags is not None:
        handlers += _BUG.format(prefix=prefix, flags=bug_flags)
    rows = "".join(f".quad {name}\n" for name in names)
    domain = ".quad sys_call_table\n" if shape == "fast" else ""
    return (
        f".text\n{handlers}\n.data\n.globl init_task, init_thread_union, sys_call_table\n"
        f"init_thread_union: .quad init_task\n{domain}.quad 0\n"
        f".fill {_STACK} - (. - init_thread_union), 1, 0\n"
        f".size init_thread_union, {_STACK}\ninit_task: .fill 512, 1, 0\n"
        f"sys_call_table:\n{rows}.size sys_call_table, . - sys_call_table\n"
    )
