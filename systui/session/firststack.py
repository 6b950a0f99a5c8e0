"""A program's first stack: count, arguments, environment, auxiliary vector (System V ABI)."""

from collections.abc import Mapping
from typing import NamedTuple

from systui.model.stop import Read

FIRST_ENVIRONMENT = 2
"""Words before the environment, the arguments not counted: their count, and the NULL after them."""
_FEWEST, _MOST = 4, 512
_PAGE = 4096


class FirstStack(NamedTuple):
    """What it holds, as far as it could be read."""

    arguments: int
    """How many."""
    auxiliary: Mapping[int, int]
    """By type: AT_SYSINFO and the like, include/uapi/linux/auxvec.h."""


def first_stack(read: Read, sp: int, word: int) -> FirstStack | None:
    """The stack at `sp`, in words of `word` bytes; None where no program begins with such a one."""
    words = _words(read, sp, word)
    if len(words) < _FEWEST or words[0] + FIRST_ENVIRONMENT > len(words):
        return None
    count = words[0]
    variables = next((at for at in range(count + 2, len(words)) if not words[at]), len(words))
    auxiliary = words[variables + 1 :]
    return FirstStack(count, dict(zip(auxiliary[::2], auxiliary[1::2], strict=False)))


def _words(read: Read, address: int, word: int) -> list[int]:
    """As many of the words from `address` on as can be read: enough for the auxiliary vector."""
    raw, end = b"", address + word * _MOST
    while address < end:
        part = read(address, min(end - address, _PAGE - address % _PAGE))
        if part is None:
            break
        raw += part
        address += len(part)
    whole = range(0, len(raw) // word * word, word)
    return [int.from_bytes(raw[at : at + word], "little") for at in whole]
