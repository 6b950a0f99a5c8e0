"""A call's arguments as a screen shows them: by their parameters' names, spelled short."""

import re
from collections.abc import Sequence

from systui.decode.forms.asked import Told
from systui.decode.forms.line import Call
from systui.model.call import Argument, Parameter, SubSyscall, SyscallRow
from systui.model.stop import Read

_READS, _BYTES = 24, 2048
"""What is read for one call at most, at its beginning and again at its end."""
_HALF = re.compile(r"_?(low|lo|l|high|hi|h)$")


class Sparing:
    """Reads of the caller's memory, up to a limit."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._reads, self._bytes = _READS, _BYTES
        self.missed = False
        """Something could not be read."""

    def __call__(self, address: int, size: int) -> bytes | None:
        """As `Read`; None also where the limit is reached."""
        if not self._reads or size > self._bytes:
            return None
        self._reads, self._bytes = self._reads - 1, self._bytes - size
        found = self._read(address, size)
        self.missed |= found is None
        return found


class Arguments:
    """One call's: what is given is read at once, what is filled in when the call has ended."""

    def __init__(
        self, row: SyscallRow | None, values: Sequence[int], read: Read, bits: int = 64
    ) -> None:
        """`values`: the six argument registers; `bits`: of the caller's long."""
        sparing = Sparing(read)
        name, parameters = ("", None) if row is None else (row.name, row.parameters)
        self._call = Call(name, values, sparing, parameters, bits, short=True)
        self._selector = self._call.through.removeprefix(f"{name}(").removesuffix(")")
        self._outer = _arguments(self._passed(parameters, values), parameters, values)
        self._given = self._told(self._call.given)
        self._filled: tuple[int, tuple[Argument, ...]] | None = None
        self.missed = sparing.missed
        """Some of what was given could not be read."""

    def _told(self, told: Sequence[Told]) -> tuple[Argument, ...]:
        return _arguments(told, self._call.parameters, self._call.values)

    def _passed(self, parameters: Sequence[Parameter] | None, values: Sequence[int]) -> list[Told]:
        """The registers of a call that is made for another."""
        count = len(values) if parameters is None else len(parameters)
        rest = (Told(at, f"{value:#x}") for at, value in enumerate(values[1:count], 1))
        return [Told(0, self._selector), *rest]

    def filled(self, read: Read, result: int) -> None:
        """The call has ended with `result`: what it filled in is read, once."""
        if self._filled is None or self._filled[0] != result:
            self._filled = result, self._told(self._call.ended(Sparing(read), result))

    def shown(self, result: int | None) -> tuple[Argument, ...]:
        """The call's own; with what was filled in where that was read."""
        if self._call.through:
            return self._outer
        return self._inner(result)

    def behind(self, result: int | None) -> SubSyscall | None:
        """What socketcall or ipc was made for."""
        if not self._call.through:
            return None
        return SubSyscall(self._selector, self._call.name, self._inner(result))

    def _inner(self, result: int | None) -> tuple[Argument, ...]:
        known = self._filled
        return self._given if known is None or known[0] != result else known[1]


def _arguments(
    told: Sequence[Told], parameters: Sequence[Parameter] | None, values: Sequence[int]
) -> tuple[Argument, ...]:
    return tuple(_argument(each, parameters, values[each.at]) for each in told)


def _argument(told: Told, parameters: Sequence[Parameter] | None, value: int) -> Argument:
    text = f"{value:#x}" if told.text is None else told.text
    if parameters is None or told.at >= len(parameters):
        return Argument(f"arg{told.at + 1}", "long", value, text)
    parameter = parameters[told.at]
    name = _HALF.sub("", parameter.name) if told.words > 1 else parameter.name
    return Argument(name, parameter.type, value, text)
