"""Watching every system call of a program: what is asked, what comes of it, whose it is.

The target runs at full speed between the kernel's entries and its exits; nothing is single-stepped
and no state is decoded but the calls themselves.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from systui.decode.forms.line import Call
from systui.kernel.arrival import Arrival, Entry
from systui.kernel.view import KernelView
from systui.model.errors import NotSupportedError
from systui.model.operation import Flow
from systui.model.stop import Happening, MemoryRange, Reason, Registers, Space, Stop, Task
from systui.session.firststack import FIRST_ENVIRONMENT, first_stack
from systui.target.protocol import Run, Target, Telling
from systui.words import _

_RING = 3
_SIGRETURN = frozenset(("rt_sigreturn", "sigreturn"))
_EXECVE, _EXECFN = 59, 31
_COMPAT_WORD = 4
_SP_IN_FRAME = 3
"""Words below it: ip, cs, flags (SDM vol. 3, 6.12)."""


class Made(NamedTuple):
    """A call that a task has begun."""

    task: Task
    position: int
    abi: str
    number: int
    call: Call


class Begun(NamedTuple):
    """A task has made a call."""

    made: Made


class Done(NamedTuple):
    """A call has ended."""

    made: Made
    arguments: list[str]
    result: int | None
    """Signed; None where it never returned."""
    text: str
    """The result with what belongs to it."""


Event = Begun | Done | Happening | Stop
"""`Stop` comes last: where the program ended, or cannot go on."""


class CallWatch:
    """The calls of all tasks of one target, in the order in which they begin and end."""

    def __init__(self, target: Target, kernel: KernelView) -> None:
        """NotSupportedError where the target does not tell what comes to its tasks."""
        if not isinstance(target, Telling):
            raise NotSupportedError(_("calls can only be watched in the emulator"))
        self._target = target
        self._kernel = kernel
        self._entries = kernel.path.entries
        self._exits = self._ways_out()
        self._pending: dict[int, Made] = {}
        self._happened: list[Event] = []
        target.tell(self._happens)

    def _ways_out(self) -> Mapping[int, Flow]:
        path = self._kernel.path
        doors = [path.door(entry, from_user=True) for entry in self._entries]
        return {at: how for door in doors if door is not None for at, how in door.exits.items()}

    def events(self) -> Iterator[Event]:
        """Everything, until the program stands for good."""
        wanted = frozenset((*self._entries, *self._exits))
        first = self._executed()
        if first is not None:
            yield Begun(first)
            yield self._done(first, 0)
        while True:
            stop = self._target.resume(Run(addresses=wanted))
            yield from self._drained()
            if stop.reason is not Reason.BREAKPOINT:
                yield stop
                return
            if stop.pc in self._entries:
                yield Begun(self._begin(stop))
            elif stop.task.pid in self._pending and self._leaves(stop):
                yield self._end(stop)

    def _executed(self) -> Made | None:
        """The execve that the program came from, as its first stack tells it (System V ABI)."""
        stop, registers = self._target.current_stop(), self._target.registers()
        arch = self._kernel.arch
        sp, compat = registers[arch.sp], registers["cs"] == arch.compat_cs
        word = _COMPAT_WORD if compat else arch.word
        stack = first_stack(self._read, sp, word) if stop.reason is Reason.START else None
        if stack is None:
            return None
        environment = sp + word * (stack.arguments + FIRST_ENVIRONMENT)
        values = (stack.auxiliary.get(_EXECFN, 0), sp + word, environment, 0, 0, 0)
        call = Call("execve", values, self._read, bits=8 * word)
        return Made(stop.task, stop.position, arch.syscall.abi, _EXECVE, call)

    def _read(self, address: int, size: int) -> bytes | None:
        return self._target.read_memory([MemoryRange(Space.USER, address, size)])[0]

    def _leaves(self, stop: Stop) -> bool:
        """Whether the instruction at an exit goes to user mode: IRET also ends a fault's way."""
        if self._exits[stop.pc] is not Flow.IRET:
            return True
        arch = self._kernel.arch
        where = self._target.registers()[arch.sp] + arch.word
        saved = self._target.read_memory([MemoryRange(Space.KERNEL, where, 2)])[0]
        return saved is None or saved[0] & _RING == _RING

    def _begin(self, stop: Stop) -> Made:
        registers = self._target.registers()
        entry = self._entries[stop.pc]
        convention = entry.convention
        mask = (1 << convention.bits) - 1
        number = registers[convention.number] & 0xFFFF_FFFF
        row = self._kernel.calls(convention.abi).by_number(number)
        values = tuple(registers[name] & mask for name in convention.arguments)
        name = f"syscall_{number:#x}" if row is None else row.name
        parameters = None if row is None else row.parameters
        asked = (*values, self._stack(entry, registers)) if name in _SIGRETURN else values
        call = Call(name, asked, self._read, parameters, convention.bits)
        made = Made(*(stop.task, stop.position, convention.abi, number), call)
        self._pending[stop.task.pid] = made
        return made

    def _stack(self, entry: Entry, registers: Registers) -> int:
        """The program's stack pointer: a gate has left it in the frame on the kernel's stack."""
        arch = self._kernel.arch
        if entry.arrival is not Arrival.GATE:
            return registers[arch.sp]
        where = registers[arch.sp] + _SP_IN_FRAME * arch.word
        raw = self._target.read_memory([MemoryRange(Space.KERNEL, where, arch.word)])[0]
        return int.from_bytes(raw or b"", "little")

    def _end(self, stop: Stop) -> Done:
        made = self._pending.pop(stop.task.pid)
        raw = self._target.registers()[self._kernel.arch.syscall.result]
        return self._done(made, _signed(raw, self._kernel.arch.bits))

    def _done(self, made: Made, result: int) -> Done:
        arguments = [told.on_the_line for told in made.call.ended(self._read, result)]
        return Done(made, arguments, result, made.call.result(self._read, result))

    def _drained(self) -> Iterator[Event]:
        """What happened meanwhile, with the calls that it cut short."""
        happened = self._happened[:]
        self._happened.clear()
        yield from happened

    def _happens(self, each: Happening) -> None:
        """Told as it happens: the task's memory is looked at before another task has the CPU."""
        made = self._pending.get(each.task.pid)
        if made is not None and each.kind == "signal" and each.interrupted is not None:
            del self._pending[each.task.pid]
            self._happened.append(self._done(made, each.interrupted))
        elif made is not None and each.kind in {"exited", "killed"}:
            del self._pending[each.task.pid]
            given = [told.on_the_line for told in made.call.given if told.text is not None]
            self._happened.append(Done(made, given, None, "?"))
        self._happened.append(each)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


Filter = Callable[[Call], bool]
"""Whether a call is wanted."""


def call_filter(expression: str, classes: Mapping[str, frozenset[str]]) -> Filter:
    """`read,write`, `!close`, `%file`: which calls are shown. ValueError names an unknown class.

    A call that is made through socketcall goes by either name.
    """
    inverted = expression.startswith("!")
    wanted: set[str] = set()
    for word in expression.removeprefix("!").split(","):
        if word == "all":
            return lambda _call: not inverted
        if word.startswith("%"):
            if word[1:] not in classes:
                raise ValueError(word)
            wanted |= classes[word[1:]]
        elif word not in {"none", ""}:
            wanted.add(word)
    return lambda call: bool(wanted & {call.name, call.asked_as}) is not inverted
