"""Calls that are made through another: by socketcall, by ipc, by a structure of arguments."""

from collections.abc import Sequence
from typing import NamedTuple

from systui.decode.forms.asked import Asked
from systui.kernel.subcalls import SOCKETCALL, sub_call
from systui.kernel.syscalls import prototype
from systui.model.call import Parameter

_STRUCTURED = {"mmap": 6, "select": 5}
"""i386's old calls whose only argument points to their arguments, and how many those are."""


class Behind(NamedTuple):
    """The call that is meant."""

    name: str
    values: Sequence[int]
    parameters: Sequence[Parameter] | None
    through: str
    """`socketcall(SYS_BIND)`; empty where it goes by its own name."""


def behind(asked: Asked) -> Behind | None:
    """What a call of a 32-bit program was made for; None where it is just what it is called."""
    if asked.word != 4:
        return None
    count = _STRUCTURED.get(asked.call)
    if count is not None:
        lying = _words(asked, asked.values[0], count) or asked.values[:1]
        return Behind(asked.call, lying, _parameters(asked.call), "")
    known = sub_call(asked.call, asked.values[0])
    if known is None:
        return None
    through_memory = asked.call == SOCKETCALL
    words = _words(asked, asked.values[1], len(known.arguments)) if through_memory else asked.values
    if words is None:
        return None
    values = [words[index] for index in known.arguments]
    through = f"{asked.call}({known.selector})"
    return Behind(known.name, values, _parameters(known.name), through)


def _parameters(name: str) -> Sequence[Parameter] | None:
    row = prototype(name)
    return None if row is None else row.parameters


def _words(asked: Asked, address: int, count: int) -> Sequence[int] | None:
    raw = asked.read(address, 4 * count)
    if raw is None:
        return None
    return [int.from_bytes(raw[at : at + 4], "little") for at in range(0, 4 * count, 4)]
