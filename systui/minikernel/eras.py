"""The miniature kernels there are: today's, and those in the shape of an older age.

All are built from one source tree. An era's own files lie below `eras/NAME` in it, and take the
place of the shared ones that it does without.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Era(NamedTuple):
    """A miniature kernel."""

    name: str
    """The Linux version whose shape it has; empty for today's."""
    image: str
    """File name of the linked image."""
    architecture: str
    """The machine it runs on, by its name in `systui.arch`."""
    without: tuple[str, ...] = ()
    """Shared sources (files, or directories with a slash at the end) that are not in it."""
    flags: tuple[str, ...] = ()
    """What the compiler is told beyond what it is always told."""
    entry: str = "entry_SYSCALL_64"
    """Where calls arrive: the image's entry point."""
    last: int | None = None
    """The highest system call number of that age; None: all that are known."""

    @property
    def path(self) -> Path:
        """The linked image, as shipped."""
        return _HERE / self.image

    @property
    def tree(self) -> str | None:
        """The directory of its own sources, relative to the shared ones."""
        return f"eras/{self.name}" if self.name else None


TODAY = Era("", "minikernel.elf", "x86_64", flags=("-DCONFIG_THREAD_INFO_IN_TASK",))

_ERA_3_10 = Era(
    "3.10",
    "minikernel-3.10.elf",
    "x86_64",
    without=(
        *("arch/x86/entry/", "kernel/entry/", "kernel/served.c", "kernel/sys_ni.c"),
        *("arch/x86/kernel/process.c", "arch/x86/kernel/signal.c", "init/init_task.c"),
    ),
    flags=("-Ieras/3.10/include", "-Ieras/3.10/arch/x86/include", "-Iarch/x86/entry"),
    entry="system_call",
    last=313,
)

_ERA_3_18_I386 = Era(
    "3.18-i386",
    "minikernel-3.18-i386.elf",
    "i386",
    without=(
        *("arch/x86/entry/", "arch/x86/kernel/apic/", "arch/x86/kernel/gates.S"),
        *("arch/x86/kernel/process", "arch/x86/kernel/signal.c", "arch/x86/kernel/traps.c"),
        *("arch/x86/lib/copy_user_64.S", "init/"),
        *("arch/x86/mm/fault.c", "kernel/entry/", "kernel/fork.c"),
        *("kernel/served.c", "kernel/signal.c", "kernel/sys_ni.c"),
        *("net/", "mm/", "drivers/"),
    ),
    flags=("-Ieras/3.18-i386/include", "-Ieras/3.18-i386/arch/x86/include"),
    entry="system_call",
    last=357,
)

BY_NAME: Mapping[str, Era] = {each.name: each for each in (_ERA_3_10, _ERA_3_18_I386)}
"""The older ones, by what `--era` calls them."""
EVERY = (TODAY, *BY_NAME.values())
