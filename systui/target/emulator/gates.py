"""Kernel functions that are answered from outside.

When the CPU reaches the first instruction of a gate, the answer is worked out here and the
function returned from, as one step. Which functions are gates is told by the image's symbols.
"""

import struct
from collections.abc import Callable, Mapping
from operator import is_
from typing import NamedTuple

from systui.arch.spec import SyscallConvention
from systui.kernel.syscalls import bundled
from systui.model.stop import Read
from systui.model.stop import Task as Shown
from systui.model.task_log import Deed, TaskEvent
from systui.services.dispatch import s64
from systui.services.ports import Blocked, DescriptorView
from systui.services.system import System
from systui.services.task import Task
from systui.target.emulator.boot import Kernel
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.platform import LONG_MODE, PROTECTED_MODE
from systui.target.emulator.task_log import TaskLog
from systui.target.emulator.tasks import TaskRow, Tasks

_MASK = (1 << 64) - 1
ARGUMENTS = LONG_MODE.fields
"""Fields of pt_regs that hold a call's arguments."""
COMPAT_ARGUMENTS = PROTECTED_MODE.fields
"""Those of a 32-bit call's."""
_SIGNED = frozenset(("ax", "orig_ax"))
_COMPAT = 2 << 32
"""TS_COMPAT in the status that follows the flags."""
_SIGNAL_PENDING, _NEED_RESCHED = 1 << 2, 1 << 3
"""Of thread_info.flags (asm/thread_info.h), the first member of the task structure."""
_MUST_WAIT = -600
"""EWAIT (include/linux/errno.h of the bundled kernel): let another task run, then ask again."""
SWITCHED = "__switch_to_current"
"""The label behind which the CPU is on the next task's stack (entry_64.S)."""
_FILE_SIZE = 16
_TABLES = {"64": "x86_64", "i386": "i386"}
"""Whose numbers an ABI has."""
_NOTHING = (None, None, None, None)
_CLOSED = DescriptorView(0, 0)


class Mirrored(NamedTuple):
    """What kernel memory shows of the services' state."""

    descriptors: Mapping[int, Mapping[int, DescriptorView]]
    """By descriptor table, by number."""
    rows: Mapping[int, TaskRow]
    """Task structures by slot."""


class Call(NamedTuple):
    """A gate's arguments as the C calling convention passes them."""

    arguments: tuple[int, ...]
    returns_to: int = 0
    refused: bool = False
    """The function's own code was tried and failed."""


class Elsewhere(NamedTuple):
    """The function's work is done, but for its end at `address`, which is jumped to."""

    address: int


class Native(NamedTuple):
    """Not answered: the function's own code runs."""

    name: str = ""
    """The call whose handler it is; empty for a function that is no gate as it was called."""


NATIVE = Native()


class Frame:
    """A pt_regs in guest memory: `systui.services.ports.UserFrame`."""

    def __init__(self, mmu: Mmu, address: int) -> None:
        self._mmu = mmu
        self._address = address
        arch = mmu.platform.arch
        self._word, self._mask = arch.word, arch.mask
        self._offsets = arch.pt_regs.offsets
        size = len(self._offsets) * arch.word
        words = struct.Struct(f"<{len(self._offsets)}{'Q' if arch.bits == 64 else 'I'}")
        data = mmu.read(address, size) or bytes(size)
        self._values: dict[str, int] = dict(zip(self._offsets, words.unpack(data), strict=True))

    def get(self, field: str) -> int:
        """The field's value; 0 where the frame lies outside memory.

        What may be negative is so in 64 bits, whatever the machine.
        """
        value = self._values[field]
        if field in _SIGNED and value > self._mask >> 1:
            return value | ~self._mask & _MASK
        return value

    def set(self, field: str, value: int) -> None:
        """Store `value`, of which the machine's own width counts."""
        value &= self._mask
        self._values[field] = value
        data = value.to_bytes(self._word, "little")
        self._mmu.write(self._address + self._offsets[field], data)


Answer = Callable[[Call], int | Blocked | Elsewhere | Native]


class Gates:
    """The gates of the bundled kernel, answered by one system."""

    catches_faults = False
    """Faults in kernel text are the machine's business, not the kernel's own."""
    can_switch = True
    """The kernel's own code leads from one task to another."""

    def __init__(self, kernel: Kernel, mmu: Mmu, system: System) -> None:
        self._kernel = kernel
        self._mmu = mmu
        self._system = system
        self.tasks = Tasks(kernel, mmu)
        self._thread_flags = kernel.thread_flags
        self._signal_pending = _SIGNAL_PENDING
        self._count = self._table_length(kernel)
        self._shown: Mapping[int, Mapping[int, DescriptorView]] = {}
        """The descriptors that the kernel's memory shows, by table."""
        self._source: tuple[object, ...] = _NOTHING
        """The immutable values that they were told from."""
        self.log = TaskLog()
        """What tasks did, as long as this run lasts."""
        system.multitasking = self.tasks.many and self.can_switch
        system.watcher = self
        answers: Mapping[str, Answer] = {
            "serve_syscall": self._syscall,
            "serve_signal": self._signal,
            "serve_fault": self._fault,
            "serve_schedule": self._schedule,
        }
        found = ((kernel.address(name), answer) for name, answer in answers.items())
        self.answers: dict[int, Answer] = {
            address: answer for address, answer in found if address is not None
        }
        """What answers at each gate's address."""
        self.answers_timer = kernel.address("serve_signal") is not None
        """A timer's interrupt leads to the delivery of signals."""

    def _table_length(self, kernel: Kernel) -> int:
        symbol = kernel.image.symbol("init_files")
        served = kernel.image.symbol("serve_syscall") is not None
        return symbol.size // _FILE_SIZE if symbol is not None and served else 0

    def _syscall(self, call: Call) -> int | Blocked:
        frame = Frame(self._mmu, call.arguments[0])
        compat = self._is_compat()
        fields = COMPAT_ARGUMENTS if compat else ARGUMENTS
        task = self._system.task
        result = self._serve(frame, tuple(frame.get(field) for field in fields), compat)
        if isinstance(result, Blocked):
            return result if self._system.alone else _MUST_WAIT
        if not task.dead:
            self.note(task, Deed.RETURNS, result=result)
        return result

    # what is told of tasks

    def called(
        self, convention: SyscallConvention, registers: Mapping[str, int], read: Read
    ) -> None:
        """The running task has just made a call: `registers` as the kernel finds them, and what
        reads the task's memory.
        """
        task, position = self._system.task, self._system.clock() - 1
        if not self.tasks.many or not self.log.may_be_new(position):
            return
        shown, frame = Shown(task.tid, task.comm), self.tasks.frame(task.slot)
        mask = (1 << convention.bits) - 1
        number = registers[convention.number] & 0xFFFF_FFFF
        values = tuple(registers[name] & mask for name in convention.arguments)
        event = TaskEvent(
            *(position, shown, Deed.CALLS, convention.abi, number, values),
            frame=frame,
            # It costs a program alone a tenth of its pace, and nobody is beside it.
            told=_told(convention, number, values, read) if len(self._system.tasks) > 1 else (),
        )
        self.log.add(*self._ended_before(event), event)

    def _ended_before(self, event: TaskEvent) -> tuple[TaskEvent, ...]:
        """The end of the task's call before, where nothing told of it: the kernel's code refused
        it. Its pt_regs still lies where the next one will be.
        """
        last = self.log.last_of(event.task.pid)
        if last is None or last.deed is not Deed.CALLS or last.position == event.position:
            return ()
        if event.frame is None:
            return ()
        result = s64(Frame(self._mmu, event.frame).get("ax"))
        return (TaskEvent(event.position, event.task, Deed.RETURNS, result=result),)

    def waits(self, task: Task, reason: str) -> None:
        """Told by the services: its call waits."""
        self.note(task, Deed.WAITS, text=reason)

    def goes_on(self, task: Task, why: str, by: int | None) -> None:
        """Told by the services: what it waited for has come."""
        self.note(task, Deed.GOES_ON, text=why, by=by)

    def ends(self, task: Task) -> None:
        """Told by the services: it is no more."""
        self.note(task, Deed.ENDS)

    def note(
        self,
        task: Task,
        deed: Deed,
        *,
        result: int | None = None,
        text: str = "",
        by: int | None = None,
    ) -> None:
        """Put an event of `task` down, unless it is known."""
        position = self._system.clock()
        if self.tasks.many and self.log.may_be_new(position):
            shown, frame = Shown(task.tid, task.comm), self.tasks.frame(task.slot)
            event = TaskEvent(position, shown, deed, "", 0, (), result, text, by, frame)
            self.log.add(event)

    def _is_compat(self) -> bool:
        """Whether the running task is in a 32-bit call."""
        if self._kernel.platform is PROTECTED_MODE:
            return True
        address = self.tasks.flags(self._system.task.slot) or self._thread_flags
        return bool((self._mmu.read_word(address) or 0) & _COMPAT)

    def _schedule(self, _call: Call) -> int | Blocked:
        chosen = self._system.schedule()
        if isinstance(chosen, Blocked):
            return chosen if self._system.ended is None else 0
        self.mirror()
        return self.tasks.address(chosen.slot)

    def _serve(
        self, frame: Frame, arguments: tuple[int, ...], compat: bool = False
    ) -> int | Blocked:
        result = self._system.call(frame.get("orig_ax"), arguments, frame, compat)
        if not isinstance(result, Blocked):
            self.mirror()
        return result

    def _signal(self, call: Call) -> int:
        system = self._system
        system.deliver(Frame(self._mmu, call.arguments[0]))
        self.mirror()
        if system.task.dead:
            return int(system.ended is None)
        return int(system.stopped is not None and not system.alone)

    def _fault(self, call: Call) -> int:
        regs, vector, error_code, address = call.arguments[:4]
        self._system.fault(vector, error_code, address, Frame(self._mmu, regs))
        self.mirror()
        return 0

    # what kernel code sees of the services' state

    def mirror(self) -> None:
        """Show the kernel's C code the tasks, the running one's descriptors, and its flags."""
        system = self._system
        task = system.task
        source = (task.files, task.descriptors, system.open.table, system.sockets)
        if not all(map(is_, source, self._source)):
            self._source = source
            before = self._shown.get(task.files.slot, {})
            now = system.descriptors()
            self._show_descriptors(task.files.slot, before, now)
            self._shown = {**self._shown, task.files.slot: now}
        if system.multitasking:
            self.tasks.show(system)
        self._show_flags()

    @property
    def mirrored(self) -> Mirrored:
        """What the kernel's memory shows."""
        return Mirrored(self._shown, self.tasks.rows)

    def restored(self, mirrored: Mirrored) -> None:
        """Memory was put back, and shows `mirrored` now."""
        self._shown, self.tasks.rows = mirrored
        self._source = _NOTHING

    def _show_descriptors(
        self, table: int, before: Mapping[int, DescriptorView], now: Mapping[int, DescriptorView]
    ) -> None:
        address = self.tasks.files(table)
        for number in before.keys() | now.keys():
            view = now.get(number, _CLOSED)
            if before.get(number, _CLOSED) != view and number < self._count:
                words = b"".join(word.to_bytes(4, "little") for word in view)
                self._mmu.write(address + number * _FILE_SIZE, words)

    def _show_flags(self) -> None:
        system = self._system
        address = self.tasks.flags(system.task.slot) or self._thread_flags
        flags = self._mmu.read_word(address) or 0
        wanted = flags & ~self._signal_pending
        if system.signal_pending:
            wanted |= self._signal_pending
        if system.multitasking and system.share_is_over:
            wanted |= _NEED_RESCHED
        if wanted != flags:
            self._mmu.write(address, wanted.to_bytes(8, "little"))


def _told(
    convention: SyscallConvention, number: int, values: tuple[int, ...], read: Read
) -> tuple[str, ...]:
    """What a call asks, while what it points to is as it is now; addresses of user memory."""
    from systui.decode.forms.line import Call as Line

    row = bundled(_TABLES[convention.abi]).by_number(number)
    if row is None:
        return ()
    return Line(row.name, (*values, 0), read, row.parameters, convention.bits).spelled
