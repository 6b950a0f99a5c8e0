"""What a program finds on its stack at the start (System V ABI AMD64, 3.4; fs/binfmt_elf.c)."""

import os
import struct
from typing import NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

_PAGE_SIZE = 4096
_HEADER_SIZES = {64: 56, 32: 32}
_CLOCK_TICKS = 100
_HARDWARE = 0x078B_FBFD
"""CPUID.1:EDX of the emulated CPU."""
_SIGNAL_STACK = 1440
"""AT_MINSIGSTKSZ: a signal frame with FXSAVE's 512 bytes of FPU state."""

# Keys of the auxiliary vector (include/uapi/linux/auxvec.h, asm/auxvec.h).
_PHDR, _PHENT, _PHNUM, _PAGESZ, _BASE, _FLAGS, _ENTRY = 3, 4, 5, 6, 7, 8, 9
_UID, _EUID, _GID, _EGID, _PLATFORM, _HWCAP, _CLKTCK = 11, 12, 13, 14, 15, 16, 17
_SECURE, _RANDOM, _HWCAP2, _EXECFN, _SYSINFO, _MINSIGSTKSZ = 23, 25, 26, 31, 32, 51


class StackPlan(NamedTuple):
    """What goes onto the stack."""

    path: str
    arguments: tuple[str, ...]
    environment: tuple[str, ...]
    headers: int
    header_count: int
    base: int
    entry: int
    random: bytes
    uid: int
    gid: int
    bits: int = 64
    calls: int = 0
    """A 32-bit program's page of calls."""


class BuiltStack(NamedTuple):
    """`content` belongs at `pointer`, the first value of rsp."""

    pointer: int
    content: bytes


class Stack:
    """Builds the first stack downwards from `top`."""

    def __init__(self, top: int, limit: int) -> None:
        self._top = top
        self._limit = limit
        self._at = top - 8
        self._pieces: list[bytes] = [bytes(8)]

    def build(self, plan: StackPlan) -> BuiltStack:
        """Strings on top, then the auxiliary vector, environment, arguments and their count."""
        path = self._string(plan.path)
        variables = [self._string(line) for line in plan.environment]
        arguments = [self._string(argument) for argument in reversed(plan.arguments)][::-1]
        platform = self._string("x86_64" if plan.bits == 64 else "i686")
        random = self._push(plan.random)
        words = [len(arguments), *arguments, 0, *variables, 0]
        words += self._auxiliary(plan, path, platform, random)
        size = plan.bits // 8 * len(words)
        pointer = (self._at - size) & ~15
        self._push(bytes(self._at - size - pointer))
        self._push(struct.pack(f"<{len(words)}{'Q' if plan.bits == 64 else 'I'}", *words))
        if self._top - pointer > self._limit:
            raise BadInputError(_("The arguments and the environment together are too long"))
        return BuiltStack(pointer, b"".join(reversed(self._pieces)))

    def _auxiliary(self, plan: StackPlan, path: int, platform: int, random: int) -> list[int]:
        own = () if plan.bits == 64 else ((_SYSINFO, plan.calls),)
        pairs = (
            *own,
            *((_MINSIGSTKSZ, _SIGNAL_STACK), (_HWCAP, _HARDWARE), (_PAGESZ, _PAGE_SIZE)),
            *((_CLKTCK, _CLOCK_TICKS), (_PHDR, plan.headers), (_PHENT, _HEADER_SIZES[plan.bits])),
            *((_PHNUM, plan.header_count), (_BASE, plan.base), (_FLAGS, 0), (_ENTRY, plan.entry)),
            *((_UID, plan.uid), (_EUID, plan.uid), (_GID, plan.gid), (_EGID, plan.gid)),
            *((_SECURE, 0), (_RANDOM, random), (_HWCAP2, 0), (_EXECFN, path)),
            *((_PLATFORM, platform), (0, 0)),
        )
        return [word for pair in pairs for word in pair]

    def _string(self, text: str) -> int:
        return self._push(os.fsencode(text) + b"\0")

    def _push(self, data: bytes) -> int:
        self._pieces.append(data)
        self._at -= len(data)
        return self._at
