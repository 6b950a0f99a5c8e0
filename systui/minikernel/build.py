"""Builds the miniature kernels with gcc and ld: `python -m systui.minikernel.build [--era NAME]`.

The result depends on the sources and the compiler only: names in it are relative to the source
directory, and the build id is a hash of the content.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from systui.minikernel import eras, sources, tables
from systui.minikernel.eras import TODAY, Era

FLAGS = (
    *("-std=gnu11", "-Og", "-ffreestanding", "-nostdinc", "-fno-builtin"),
    *("-Wall", "-Wextra", "-Werror", "-Wmissing-prototypes"),
    *("-Wno-unused-parameter", "-Wno-override-init"),
    "-mgeneral-regs-only",
    *("-fno-pic", "-fno-pie", "-fno-stack-protector", "-fcf-protection=none"),
    *("-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer"),
    *("-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-common"),
    *("-fno-strict-aliasing", "-fno-jump-tables", "-fno-optimize-sibling-calls"),
    *("-fno-shrink-wrap", "-fno-var-tracking", "-Iinclude", "-Iarch/x86/include"),
)
"""A kernel's C: no red zone, no vector registers, frame pointers kept; -Og steps line by line."""

_MACHINES = {
    "x86_64": ("-m64", "-march=x86-64", "-mno-red-zone", "-mcmodel=kernel"),
    "i386": ("-m32", "-march=i686", "-mregparm=3", "-mpreferred-stack-boundary=2"),
}
"""What each architecture's code needs; on i386 C functions pass three arguments in registers."""
_EMULATIONS = {"x86_64": "elf_x86_64", "i386": "elf_i386"}

_LINES_ONLY = "kernel/served.c"
"""Sources of hundreds of like functions: their lines are of interest, their parameters are not."""

_LINK = ("-nostdlib", "-static", "-z", "max-page-size=4096", "-z", "noexecstack")
_SCRIPT = "arch/x86/kernel/vmlinux.lds"


class BuildError(Exception):
    """A tool is missing or refused its input; the message is its own."""


def build(output: Path, directory: Path, era: Era = TODAY) -> None:
    """Compile and link the sources in `directory` to `output`; BuildError when that fails."""
    with tempfile.TemporaryDirectory() as temporary:
        objects = []
        flags = (
            *era.flags,
            *FLAGS,
            *_MACHINES[era.architecture],
            f"-ffile-prefix-map={directory.resolve()}=.",
        )
        for relative in tables.compiled(directory, era):
            target = Path(temporary) / f"{relative.replace('/', '-')}.o"
            level = "-g1" if relative.endswith(_LINES_ONLY) else "-g"
            _run(
                *("gcc", *flags, "-gdwarf-4", level, "-c", relative, "-o", str(target)),
                directory=directory,
            )
            objects.append(str(target))
        _run(
            *("ld", "-m", _EMULATIONS[era.architecture], *_LINK, "--build-id=sha1"),
            *("-T", _script(directory, era), "-e", era.entry),
            *("-o", str(output.resolve()), *objects),
            directory=directory,
        )
    output.chmod(0o644)


def _script(directory: Path, era: Era) -> str:
    own = f"{era.tree}/{_SCRIPT}"
    return own if (directory / own).exists() else _SCRIPT


def generate(directory: Path) -> None:
    """Bring the generated sources below `directory` up to date."""
    for relative, text in tables.generated(directory).items():
        file = directory / relative
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _run(tool: str, *arguments: str, directory: Path) -> None:
    found = shutil.which(tool)
    if found is None:
        raise BuildError(f"{tool} is not installed")
    done = subprocess.run(
        [found, *arguments], cwd=directory, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise BuildError(done.stderr.strip())
    sys.stderr.write(done.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the shipped images, or a copy of one elsewhere."""
    parser = argparse.ArgumentParser(prog="python -m systui.minikernel.build", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="build only one, there")
    parser.add_argument("--era", choices=tuple(eras.BY_NAME), help="which one; else today's")
    options = parser.parse_args(arguments)
    wanted = TODAY if options.era is None else eras.BY_NAME[options.era]
    every = eras.EVERY if options.era is None and options.output is None else (wanted,)
    try:
        generate(sources())
        for era in every:
            build(options.output or era.path, sources(), era)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
