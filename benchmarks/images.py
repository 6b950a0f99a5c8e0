"""Opening a kernel image: symbols and the entry path's source lines, each in a fresh process.

    python -m benchmarks.images [VMLINUX]

Contenders for the bundled kernel: systui's reader and pyelftools doing the same. For a large
VMLINUX (a distribution's, with debug information) systui's reader and gdb; pyelftools would take
minutes. Rounds alternate, so that a busy moment of the machine hits all alike.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from systui import minikernel

ROUNDS = 9
ENTRY_PATH = (
    "entry_SYSCALL_64",
    "entry_SYSCALL_64_after_hwframe",
    "do_syscall_64",
    "__x64_sys_accept",
    "syscall_return_via_sysret",
    "swapgs_restore_regs_and_return_to_usermode",
)

OURS = """
import resource, sys
from pathlib import Path
from systui.kernel.image import Image
from systui.kernel.lines import Lines
image = Image.open(Path(sys.argv[1]))
lines = Lines(image)
for name in sys.argv[2:]:
    symbol = image.symbol(name)
    assert symbol is not None and lines.at(symbol.address) is not None, name
    assert image.locate(symbol.address + 1) is not None
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
PYELFTOOLS = """
import resource, sys
from elftools.elf.elffile import ELFFile
with open(sys.argv[1], "rb") as stream:
    elf = ELFFile(stream)
    table = elf.get_section_by_name(".symtab")
    wanted = {name: table.get_symbol_by_name(name)[0]["st_value"] for name in sys.argv[2:]}
    dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False)
    ranges = dwarf.get_aranges()
    for address in wanted.values():
        unit = dwarf.get_CU_at(ranges.cu_offset_at_addr(address))
        program = dwarf.line_program_for_CU(unit)
        states = (entry.state for entry in program.get_entries())
        assert any(state and state.address == address for state in states)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def contenders(image: Path, large: bool) -> dict[str, list[str]]:
    """Commands by name; each prints its peak memory in MiB last, or nothing."""
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "systui": [sys.executable, "-c", OURS, str(image), *ENTRY_PATH],
    }
    if not large:
        found["pyelftools"] = [sys.executable, "-c", PYELFTOOLS, str(image), *ENTRY_PATH]
    elif gdb := shutil.which("gdb"):
        questions = [word for name in ENTRY_PATH for word in ("-ex", f"info line *{name}")]
        found["gdb"] = [gdb, "-nx", "-batch", *questions, str(image)]
    return found


def compare(image: Path, large: bool) -> None:
    """Print a table of median times and peak memory."""
    commands = contenders(image, large)
    times: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, "")
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            if turn:  # the first round warms the file cache
                times[name].append(time.perf_counter() - start)
            if done.stdout.strip().isdecimal():
                memory[name] = f"{done.stdout.strip()} MiB"
    print(f"{image.name}, {image.stat().st_size / 1e6:.1f} MB")
    for name, measured in times.items():
        print(f"  {name:16} {statistics.median(measured):7.3f} s  {memory[name]:>8}")


def main() -> None:
    """Compare on the bundled kernel and on the one named on the command line."""
    compare(minikernel.path(), large=False)
    for argument in sys.argv[1:]:
        compare(Path(argument), large=True)


if __name__ == "__main__":
    main()
