"""Real ELF files for the tests: shipped ones, the system's, and small ones that gcc makes."""

import shutil
import subprocess
from pathlib import Path

import systui

PACKAGE = Path(systui.__file__).parent
KERNEL = PACKAGE / "minikernel" / "minikernel.elf"
ACCEPT = PACKAGE / "examples" / "accept_43"

MAIN = """\
#include "inner/twice.h"

static int counted;

int helper(int value);

int helper(int value)
{
        counted++;
        if (value > 3) {
                return twice(value);
        }
        for (int i = 0; i < value; i++)
                counted += twice(i);
        return counted;
}

int main(int argc, char **argv)
{
        (void)argv;
        return helper(argc) - helper(argc + 4);
}
"""
HEADER = """\
static inline int twice(int value)
{
        int doubled = value + value;

        return doubled;
}
"""
ASSEMBLY = """\
        .macro save_two
        push %rax
        push %rbx
        .endm

        .text
        .globl enter
        .type enter, @function
enter:
        mov %rsp, %rax
        save_two
        pop %rbx
        pop %rax
.globl leave
leave:
        ret
        .size enter, . - enter
"""


def build(directory: Path, *flags: str, name: str = "program") -> Path:
    """Compile MAIN and ASSEMBLY below `directory` with `flags`; the program's path."""
    (directory / "src" / "inner").mkdir(parents=True, exist_ok=True)
    (directory / "src" / "main.c").write_text(MAIN)
    (directory / "src" / "inner" / "twice.h").write_text(HEADER)
    (directory / "src" / "enter.S").write_text(ASSEMBLY)
    program = directory / name
    assembly = [] if "-m32" in flags else ["src/enter.S"]
    tool(["gcc", "-nostdlib", "-e", "main", *flags, "-o", name, "src/main.c", *assembly], directory)
    return program


def tool(command: list[str], directory: Path | None = None, given: str | None = None) -> str:
    """Run a tool that must succeed; its output."""
    done = subprocess.run(
        command, cwd=directory, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def busybox() -> Path:
    """The system's static busybox, a stripped program of two megabytes."""
    path = shutil.which("busybox")
    assert path is not None, "busybox-static is needed"
    return Path(path)
