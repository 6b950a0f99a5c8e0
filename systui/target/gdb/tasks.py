"""A guest's tasks: who has a CPU, what they are called, and which of them are the program's."""

from collections.abc import Iterator

from systui.model.stop import MemoryRange, Space, Task
from systui.target.gdb.linux import UNKNOWN_PID, Linux, Read
from systui.target.gdb.memory import Memory, View
from systui.target.gdb.past import Kept
from systui.target.gdb.program import Program


class Tasks:
    """Those of one guest, by the address of their task_struct."""

    def __init__(self, memory: Memory, linux: Linux, program: Program | None) -> None:
        self._memory = memory
        self._linux = linux
        self._program = program
        self.known: dict[int, Task] = {}
        """As they were called when they were read last."""
        self._kin: dict[tuple[int, Task], bool] = {}
        """Tasks that were asked about: whether they are the program's."""

    def current(self, view: View) -> int | None:
        """The one that runs on a CPU; None where that cannot be read."""
        linux = self._linux.seen_by(self.reader(view))
        place = linux.current_task_pointer(view.registers, view.thread - 1)
        if place is None:
            return None
        data = linux.read(place, linux.arch.word)
        return None if data is None else int.from_bytes(data, "little")

    def task(self, pointer: int | None, view: View, fresh: bool) -> Task:
        """What the one at `pointer` is called; read again if `fresh`."""
        if pointer is None:
            return Task(UNKNOWN_PID, "")
        if fresh or pointer not in self.known:
            self.known[pointer] = self._linux.seen_by(self.reader(view)).task(pointer)
        return self.known[pointer]

    @property
    def first(self) -> int | None:
        """The one that the program was started as, if it was seen."""
        if self._program is None:
            return None
        is_first = self._program.is_first
        return next((at for at, task in self.known.items() if is_first(task)), None)

    def owns(self, kept: Kept, thread: int) -> bool:
        """Whether a task of the program's stands there, where the program is known."""
        program, pointer, task = self._program, kept.pointer, kept.stop.task
        if program is None or pointer is None or program.is_first(task):
            return program is None or program.is_first(task)
        known = (pointer, task)
        if known not in self._kin:
            self._kin[known] = program.owns(task, self.forebears(kept, thread))
        return self._kin[known]

    def forebears(self, kept: Kept, thread: int) -> Iterator[Task]:
        """From which tasks the one of a stop stems, as the CPU `thread` sees memory."""
        reader = self.reader(View(thread, kept.registers))
        return self._linux.seen_by(reader).forebears(kept.pointer or 0)

    def reader(self, view: View) -> Read:
        """What reads the kernel's memory by `view`."""

        def read(address: int, size: int) -> bytes | None:
            return self._memory.read(view, [MemoryRange(Space.KERNEL, address, size)])[0]

        return read
