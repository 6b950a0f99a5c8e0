"""The flags of work to be done, where a kernel keeps them at the low end of a thread's stack.

Until 4.8 `struct thread_info` lay there (arch/x86/include/asm/thread_info.h): the task, until 4.0
its exec_domain, and then the flags, which entry code finds from the stack pointer alone.
"""

from collections.abc import Iterator

from systui.arch.spec import Architecture
from systui.model.stop import Read

BYTES = 4
"""Of the flags."""


def flags_addresses(arch: Architecture, frame: int, read: Read) -> Iterator[int]:
    """Where the flags of the task whose pt_regs lies at `frame` may be; none in later kernels.

    One for each size that a stack may have and whose low end looks like such a structure.
    """
    for size in arch.thread_sizes:
        base, word = frame & -size, arch.word
        raw = read(base, 2 * word)
        if raw is None:
            continue
        task, domain = (int.from_bytes(raw[at : at + word], "little") for at in (0, word))
        if task >= arch.kernel_start:
            yield base + (2 * word if domain >= arch.kernel_start else word)


def is_low_end(arch: Architecture, before: int, value: int) -> bool:
    """Whether `value` is the low end of the stack that `before` lies on."""
    return any(value == before & -size for size in arch.thread_sizes)
