"""The bundled kernels' task structures: where they lie, and what is shown in them.

Slots are numbers: the first task's structures have names of their own, those of others lie in
caches (init/init_task.c). Offsets are asserted in arch/x86/kernel/process_64.c and, for a 32-bit
kernel, process_32.c. The flags begin the task, or lie in the thread_info at the low end of its
stack (arch/x86/include/asm/thread_info.h).
"""

from collections.abc import Mapping
from typing import NamedTuple

from systui.model.stop import Task as Shown
from systui.services.system import System
from systui.services.task import Task
from systui.target.emulator.boot import Kernel
from systui.target.emulator.mmu import Mmu

_COMM_SIZE = 16


class _Array(NamedTuple):
    """The first element, and those behind it."""

    first: int
    rest: int
    """0 where there are none."""
    size: int

    def at(self, slot: int) -> int:
        """The address of element `slot`."""
        return self.rest + (slot - 1) * self.size if slot else self.first


def _array(kernel: Kernel, first: str, rest: str) -> _Array | None:
    one, others = (kernel.image.symbol(name) for name in (first, rest))
    if one is None or not one.size:
        return None
    return _Array(one.address, 0 if others is None else others.address, one.size)


class TaskRow(NamedTuple):
    """What one task structure shows."""

    tid: int
    tgid: int
    comm: str
    files: int
    """Number of its descriptor table."""
    space: int
    """Number of its address space."""


class Tasks:
    """The task structures of one bundled kernel."""

    def __init__(self, kernel: Kernel, mmu: Mmu) -> None:
        """`none` where the kernel has room for one task only."""
        self._mmu = mmu
        self._arch = mmu.platform.arch
        self._tasks = _array(kernel, "init_task", "task_cache")
        in_stack = _array(kernel, "init_thread_union", "stack_cache")
        self._stacks = in_stack or _array(kernel, "init_stack", "stack_cache")
        self._flags = self._tasks if in_stack is None else in_stack
        self._flags_at = 0 if self._flags is None else kernel.thread_flags - self._flags.first
        self._files = _array(kernel, "init_files", "files_cache")
        self._spaces = _array(kernel, "init_mm", "mm_cache")
        self._current = kernel.address("current_task") or 0
        self.rows: Mapping[int, TaskRow] = {}
        """What the structures show, by slot."""

    @property
    def many(self) -> bool:
        """The kernel has room for more than one task."""
        arrays = (self._tasks, self._stacks, self._files, self._spaces)
        return all(each is not None and each.rest for each in arrays)

    def address(self, slot: int) -> int:
        """Of a task structure."""
        return 0 if self._tasks is None else self._tasks.at(slot)

    def frame(self, slot: int) -> int | None:
        """Of the pt_regs of a task in a call: the end of its stack (task_pt_regs())."""
        stacks = self._stacks
        layout = self._arch.pt_regs
        above = layout.size + layout.padding[0]
        return None if stacks is None else stacks.at(slot) + stacks.size - above

    def flags(self, slot: int) -> int:
        """Of a task's TIF_* flags; its TS_* status is behind them."""
        return 0 if self._flags is None else self._flags.at(slot) + self._flags_at

    def files(self, slot: int) -> int:
        """Of a descriptor table."""
        return 0 if self._files is None else self._files.at(slot)

    @property
    def current(self) -> Shown | None:
        """The task whose stack the CPU is on, or will be when it enters the kernel."""
        if self._tasks is None or not self.many:
            return None
        address = self._mmu.read_pointer(self._current)
        slot = 0
        if address != self._tasks.first:
            slot = (address - self._tasks.rest) // self._tasks.size + 1
        row = self.rows.get(slot)
        return None if row is None else Shown(row.tid, row.comm)

    def show(self, system: System) -> None:
        """Bring the structures of all live tasks up to date."""
        rows = dict(self.rows)
        for task in system.tasks.values():
            row = _row(task)
            if rows.get(task.slot) != row:
                rows[task.slot] = row
                self._write(task.slot, row)
        self.rows = rows

    def _write(self, slot: int, row: TaskRow) -> None:
        if self._spaces is None or self._stacks is None:
            return
        mm, word = self._spaces.at(row.space), self._arch.word
        self._mmu.write(mm, self._mmu.root(row.space).to_bytes(word, "little"))
        comm = row.comm.encode("utf-8", "surrogateescape")[: _COMM_SIZE - 1]
        pointers = (self._stacks.at(slot), self.files(row.files), mm)
        fields = (
            *(each.to_bytes(word, "little") for each in pointers),
            *(each.to_bytes(4, "little") for each in (row.tid, row.tgid)),
            comm.ljust(_COMM_SIZE, b"\0"),
            slot.to_bytes(4, "little"),
        )
        self._mmu.write(self.address(slot) + word, b"".join(fields))


def _row(task: Task) -> TaskRow:
    return TaskRow(task.tid, task.pid, task.comm, task.files.slot, task.memory.pager.slot)
