"""A small kernel, configured otherwise than a distribution's, built from Debian's source package.

No page-table isolation, no retpolines, no paravirt calls, no tracer, no jump labels; its switch
over the call number is a jump table. Built once (some minutes), kept beside the downloaded kernels.
`python tests/ownkernel/built_kernels.py` builds it ahead of a test run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "attach"))

from kernels import Kernel, UnavailableError, cache, download, locked, say, unpack

SMALL = "6.1-small"
_SOURCE = "linux-source-6.1"
_TOOLS = ("make", "gcc", "flex", "bison", "bc", "xz")
_HEADER = "/usr/include/libelf.h"
"""What the kernel's own objtool is built with."""
_LIMIT = 3600
"""Seconds for all of it."""
_CONFIGURATION = """
CONFIG_64BIT=y
CONFIG_SMP=y
CONFIG_PRINTK=y
CONFIG_BINFMT_ELF=y
CONFIG_BLK_DEV_INITRD=y
CONFIG_TTY=y
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_NET=y
CONFIG_MULTIUSER=y
CONFIG_FUTEX=y
CONFIG_POSIX_TIMERS=y
CONFIG_KALLSYMS=y
CONFIG_KALLSYMS_ALL=y
CONFIG_KERNEL_GZIP=y
CONFIG_SPECULATION_MITIGATIONS=n
CONFIG_DEBUG_INFO_NONE=n
CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y
CONFIG_DEBUG_INFO_REDUCED=y
"""
_UNUSED = (
    *(
        "Documentation/[a-z]*",
        "drivers/gpu/*.[ch]",
        "drivers/net/ethernet/*.[ch]",
        "drivers/media/*.c",
    ),
    *("drivers/net/wireless/*.[ch]", "drivers/staging/*.[ch]", "sound/*.c", "arch/[!x]*.[chS]"),
)
"""Half of the source that no x86 kernel of this configuration looks at."""


def small() -> Kernel:
    """The kernel; UnavailableError, with the reason, where it cannot be built here."""
    place = cache()
    place.mkdir(parents=True, exist_ok=True)
    made_from = hashlib.sha256(_CONFIGURATION.encode()).hexdigest()[:12]
    folder = place / f"{SMALL}-{made_from}"
    with locked(place / f"{SMALL}.lock"):
        if not folder.is_dir():
            _build(folder)
    return Kernel(SMALL, folder / "vmlinuz", folder / "vmlinux", folder / "System.map")


def _build(folder: Path) -> None:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing or not Path(_HEADER).exists():
        raise UnavailableError(f"building needs {', '.join(missing) or 'libelf-dev'}")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".part-") as name:
        work = Path(name)
        say(f"fetching {_SOURCE} …")
        archive = download(_SOURCE, work)
        member = f"./usr/src/{_SOURCE}.tar.xz"
        unpack(archive, [member], work)
        archive.unlink()
        tree, made, result = (work / each for each in ("tree", "made", "result"))
        for each in (tree, made, result):
            each.mkdir()
        unused = (f"--exclude={_SOURCE}/{pattern}" for pattern in _UNUSED)
        _run(["tar", "-xf", work / member, "--strip-components=1", "--anchored", *unused], tree)
        _make(tree, made)
        for built, kept in (
            ("vmlinux", "vmlinux"),
            ("System.map", "System.map"),
            ("arch/x86/boot/bzImage", "vmlinuz"),
        ):
            shutil.move(made / built, result / kept)
        result.rename(folder)


def _make(tree: Path, made: Path) -> None:
    say("building it …")
    (tree / "Documentation").mkdir(exist_ok=True)
    (tree / "Documentation" / "Kconfig").touch()
    make: list[str | Path] = ["make", "-C", tree, f"O={made}", f"-j{os.cpu_count()}"]
    _run([*make, "tinyconfig"], tree)
    with (made / ".config").open("a") as stream:
        stream.write(_CONFIGURATION)
    _run([*make, "olddefconfig"], tree)
    _run([*make, "vmlinux", "bzImage"], tree)


def _run(command: "list[str | Path]", place: Path) -> None:
    done = subprocess.run(
        command, cwd=place, timeout=_LIMIT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise UnavailableError(f"{command[0]}: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """The first line that make or the compiler calls an error, else the last."""
    lines = said.strip().splitlines() or ["failed"]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


if __name__ == "__main__":
    try:
        print(small())
    except UnavailableError as error:
        sys.exit(f"[kernels] {SMALL}: {error}")
