"""A running guest moved from stop to stop: which stops count, and whose they are.

A stop belongs to a task. The stub only knows CPUs, so each stop is judged here: a breakpoint that
another task reached is passed over, a task that was switched out is waited for, and one that
sleeps is said to.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from systui.model.errors import TargetGoneError
from systui.model.stop import MemoryRange, Reason, Registers, Space, Stop, Task
from systui.target.gdb.arming import Arming
from systui.target.gdb.endings import Endings
from systui.target.gdb.guest.machine import Machine
from systui.target.gdb.kernel_text import KernelText
from systui.target.gdb.lasting import DECISIVE, lasting, went_on
from systui.target.gdb.linux import UNKNOWN_PID, Linux
from systui.target.gdb.memory import Memory, View
from systui.target.gdb.packets import WATCHES, Halt
from systui.target.gdb.past import Kept
from systui.target.gdb.program import Program
from systui.target.gdb.sleeping import Look, Sleepers, call_of
from systui.target.gdb.stub import Stub
from systui.target.gdb.tasks import Tasks
from systui.words import _

_SWITCHED_IN = ("finish_task_switch", "finish_task_switch.isra.0")
_WATCH_REASONS = frozenset(WATCHES.values())


Wanted = Callable[[Kept], bool]


class Anticipated(NamedTuple):
    """What goes along with the next move; `Anticipating`."""

    ranges: Sequence[MemoryRange] = ()
    meanwhile: Callable[[], None] = lambda: None


class Live:
    """The guest as it stands now, and the ways to move it forwards."""

    def __init__(
        self,
        stub: Stub,
        memory: Memory,
        linux: Linux,
        program: Program | None,
        machine: Machine | None,
    ) -> None:
        self.stub = stub
        self.memory = memory
        self.linux = replace(linux, read=self._read_kernel)
        self.arch = linux.arch
        self._stack = min(self.arch.thread_sizes)
        self.program = program
        self.machine = machine
        self.current = Kept(Stop(-1, Reason.START, 0, Task(UNKNOWN_PID, "")), Registers({}))
        self.on_cpu = True
        self.sleepers = Sleepers(self.linux, self._running, memory.forget)
        self.ended: Kept | None = None
        """The stop at which the program ended: it runs no more."""
        self._tasks = Tasks(memory, self.linux, program)
        self.anticipated = Anticipated()
        """What the next step fetches along with the registers, and is worked at during it."""
        self._thread = 1
        self._endings = Endings(linux, program)
        self._arming = Arming(stub, memory, linux, lambda: self._present)
        self._text = KernelText(
            memory, lambda: self.view, linux.address("_stext"), linux.address("_etext")
        )

    def begin(self, halt: Halt) -> Kept:
        """Take the stop after attaching."""
        return self._stand(halt, self.stub.registers(halt.thread), Reason.START)

    def restart_count(self, kept: Kept) -> Kept:
        """Make `kept` the session's first stop."""
        kept.stop = kept.stop._replace(position=0, reason=Reason.START)
        return kept

    @property
    def view(self) -> View:
        """Whose memory is read."""
        return View(self._thread, self.current.registers, self.on_cpu)

    @property
    def thread(self) -> int:
        """gdb's number of the CPU that stopped."""
        return self._thread

    # --- reading -----------------------------------------------------------------------------

    def read(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """Read, remembering what was read at this stop."""
        kept = self.current
        results: list[bytes | None] = []
        missing: dict[int, MemoryRange] = {}
        for index, one in enumerate(ranges):
            known = None
            if one in kept.memory:
                known = kept.memory[one]
            elif self._text.holds(one):
                known = self._text.read(one)
            else:
                try:
                    known = kept.read(one)
                except KeyError:
                    missing[index] = one
            results.append(known)
        if missing:
            found = self.memory.read(self.view, list(missing.values()))
            for (index, one), data in zip(missing.items(), found, strict=True):
                results[index] = kept.memory[one] = data
        return results

    def read_text(self, one: MemoryRange) -> bytes | None:
        """Kernel code, which is the same at every stop; None for anything else."""
        return self._text.read(one) if self._text.holds(one) else None

    def changed(self) -> None:
        """Forget what was read at this stop: state was written."""
        self.memory.forget()
        self._text.forget()
        self.current.memory.clear()
        self.current.registers = self.stub.registers(self._thread)
        self.current.stop = self.current.stop._replace(pc=self.current.registers[self.arch.pc])

    def _read_kernel(self, address: int, size: int) -> bytes | None:
        return self.memory.read(self.view, [MemoryRange(Space.KERNEL, address, size)])[0]

    # --- moving ------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Make a move under way end soon. Any thread."""
        self.stub.interrupt()

    def step(self) -> Kept:
        """One instruction of the task that stands here."""
        if self.ended is not None:
            return self.ended
        if not self.on_cpu:
            return self._moved(lambda: self._await_task(self.current))
        return self._moved(self._step)

    def run(
        self, points: Mapping[int, Wanted], patient: bool = False, anyone: bool = False
    ) -> Kept:
        """Run until one of `points` is reached by a stop that it wants, or something else stops.

        What is not armed of `points` is for this run, and so is what ends program and guest.
        With `patient`, a task that falls asleep on the way does not end the run; with `anyone`,
        not the one alone in whose call the guest stands.
        """
        if self.ended is not None:
            return self.ended
        return self._moved(lambda: self._run(points, patient, anyone))

    @property
    def _present(self) -> View:
        """The CPU that stopped last, as it stands by now."""
        return View(self._thread, self.stub.registers(self._thread))

    def _moved(self, move: Callable[[], Kept]) -> Kept:
        try:
            with self.stub.moving():
                return move()
        except TargetGoneError as error:
            why = None if self.machine is None else self.machine.ending()
            if why is None:
                raise
            raise TargetGoneError(_("The guest is gone: {why}.").format(why=why)) from error

    def _step(self) -> Kept:
        before = self.current
        anticipated, meanwhile = self.take_anticipated()
        known = self._lasting(anticipated) if anticipated else {}
        wanted = [one for one in anticipated if one not in known]
        places = [one[1:] for one in wanted]
        halt, registers, found = self.stub.advance(
            self._thread, before.registers, places, meanwhile
        )
        if not self.memory.isolated or before.registers["cr3"] != registers["cr3"]:
            self.memory.forget()
        # A task's kernel stack is a block of its own: within one block nobody was switched.
        top, top_before = registers[self.arch.sp], before.registers[self.arch.sp]
        same = top // self._stack == top_before // self._stack
        pointer = before.pointer if same else self._tasks.current(self._seen(registers))
        reason = _reason(halt)
        if reason is Reason.STEP:
            if pointer is not None and before.pointer not in {None, pointer}:
                return self._await_task(before)
            pointer = pointer or before.pointer
        kept = self._stand(halt, registers, reason, pointer=pointer)
        # What is not there may yet be behind the other page table: it is asked for again.
        kept.memory.update(
            (one, data) for one, data in zip(wanted, found, strict=True) if data is not None
        )
        if known and went_on(self.arch, before.registers, registers):
            kept.memory.update(known)
        return kept

    def _lasting(self, ranges: Sequence[MemoryRange]) -> dict[MemoryRange, bytes]:
        code = self.read_text(MemoryRange(Space.KERNEL, self.current.stop.pc, DECISIVE))
        return lasting(self.current, code, ranges)

    def take_anticipated(self) -> Anticipated:
        """What was anticipated, once."""
        taken, self.anticipated = self.anticipated, Anticipated()
        return taken

    def _run(
        self, points: Mapping[int, Wanted], patient: bool = False, anyone: bool = False
    ) -> Kept:
        here = self.current.stop.pc if self.on_cpu else None
        with self._arming.armed((*points, *self._endings.places), here):
            origin = self.current
            inside = origin.registers.cpl == 0 and origin.stop.reason is not Reason.START
            call = origin.pointer if inside and points and not anyone else None
            waited_for = None if patient else call or self._first_task()
            return self._go(points, waited_for, alone=call is not None)

    def _go(self, points: Mapping[int, Wanted], waited_for: int | None, alone: bool) -> Kept:
        """`waited_for`: the task without which the run cannot end; None where nobody knows.

        `alone`: it is its own call that is waited in, whatever others of the program do.
        """
        self.memory.forget()
        self._text.forget()
        origin = self.current
        meanwhile = self.take_anticipated().meanwhile
        look = None if waited_for is None else Look()
        thread = self._thread
        while not self.stub.asked:
            left = None if look is None else look.left()
            reached = self.stub.proceed(thread, left, meanwhile)
            halt = reached or self.stub.halt()
            thread = halt.thread
            halted = reached is None and halt.signal == "SIGINT" and not self.stub.asked
            if look is not None and halted:
                kept = self._overtaken(halt, origin, points)
                if kept is not None:
                    return kept
                if waited_for is not None and self.sleepers.all_sleep(
                    waited_for, look.patient, alone
                ):
                    return self._blocked(origin, waited_for)
                look.later()
                continue
            kept = self._judge(halt, points)
            if kept is not None:
                return kept
        registers = self.stub.registers(thread)
        return self._stand(Halt("", thread), registers, Reason.INTERRUPTED)

    def _overtaken(self, halt: Halt, origin: Kept, points: Mapping[int, Wanted]) -> Kept | None:
        """The stop that a CPU had reached already as it was halted, if somebody waits for it.

        The stub may tell of the halt alone then, and gdb steps over a breakpoint at the place it
        goes on from.
        """
        self.memory.forget()
        registers = self.stub.registers(halt.thread)
        if registers == origin.registers:
            return None  # gdb has not got to letting it go on yet
        if self._arming.called(registers):
            return self._judge_function(halt, points)
        return self._judge_place(halt, registers, points)

    def _judge(self, halt: Halt, points: Mapping[int, Wanted]) -> Kept | None:
        """The stop, if it is one that somebody waits for."""
        self.memory.forget()
        registers = self.stub.registers(halt.thread)
        if halt.signal == "SIGINT":
            self._arming.put_back()
            registers = self.stub.registers(halt.thread)
            return self._stand(halt, registers, Reason.INTERRUPTED)
        if self._arming.called(registers):
            return self._judge_function(halt, points)
        if halt.reason in _WATCH_REASONS:
            return self._stand(halt, registers, Reason.WATCH)
        if halt.reason != "breakpoint-hit":
            return self._stand(halt, registers, Reason.SIGNAL, halt.signal or halt.reason)
        return self._judge_place(halt, registers, points)

    def _judge_function(self, halt: Halt, points: Mapping[int, Wanted]) -> Kept | None:
        """The stop at a function that was armed without a breakpoint, likewise."""
        function = self._arming.leave(halt.thread)
        if function is None:
            return None
        registers = self.stub.registers(halt.thread)
        begun = Registers({**registers.values, self.arch.pc: function})
        kept = self._judge_place(halt, begun, points)
        if kept is not None:
            self.stub.write_registers(halt.thread, {self.arch.pc: function})
        return kept

    def _judge_place(
        self, halt: Halt, registers: Registers, points: Mapping[int, Wanted]
    ) -> Kept | None:
        if registers.cpl and not self._fetched(halt, registers):
            return None  # the page is yet to be loaded: it comes here again when it is
        pc = registers[self.arch.pc]
        candidate = self._candidate(halt, registers, Reason.BREAKPOINT)
        if pc in points and points[pc](candidate):
            return self._take(halt, candidate)
        if pc not in self._endings.places:
            return None
        return self._judge_ending(halt, candidate)

    def _judge_ending(self, halt: Halt, candidate: Kept) -> Kept | None:
        """The stop at what ends a program or the guest, unless it is another program that ends."""
        if not self._endings.is_exit(candidate.stop.pc):
            read = self._tasks.reader(self._seen(self.current.registers))
            return self._take(halt, self._endings.of_guest(candidate, read))
        forebears = self._tasks.forebears(candidate, self._thread)
        ended = self._endings.of_program(candidate, forebears)
        if ended is None:
            return None
        self.ended = ended
        return self._take(halt, ended)

    def _fetched(self, halt: Halt, registers: Registers) -> bool:
        """Whether the instruction at pc is in memory: QEMU stops before it is fetched."""
        view = View(halt.thread, registers)
        return (
            self.memory.read(view, [MemoryRange(Space.USER, registers[self.arch.pc], 1)])[0]
            is not None
        )

    # --- tasks -------------------------------------------------------------------------------

    @property
    def tasks(self) -> Mapping[int, Task]:
        """Those that were seen, by the address of their task_struct."""
        return self._tasks.known

    def owns(self, kept: Kept) -> bool:
        """Whether a task of the program's stands there, where the program is known."""
        return self._tasks.owns(kept, self._thread)

    def _first_task(self) -> int | None:
        """The program's, by its address, where the guest is systui's own: it may wait for what a
        person is to type.
        """
        return None if self.machine is None else self._tasks.first

    def _running(self) -> set[int | None]:
        """The tasks that stand on the guest's CPUs."""
        threads = self.stub.threads()
        return {self._tasks.current(View(one, self.stub.registers(one))) for one in threads}

    def _seen(self, registers: Registers) -> View:
        """The CPU that stopped last, with `registers`."""
        return View(self._thread, registers)

    def _blocked(self, origin: Kept, pointer: int) -> Kept:
        """A stop of a task that sleeps; its memory is read by its own page table.

        Met in the middle of a call, it is the stop that it was; else the program is shown as it
        went into the kernel, since that is all that can be told of it.
        """
        task = self._tasks.known.get(pointer, origin.stop.task)
        frame = self.linux.user_frame(pointer)
        detail = _("the task {task} (pid {pid}) waits in the kernel, in call {call}").format(
            task=task.name, pid=task.pid, call=call_of(self.arch, frame)
        )
        registers, stop = origin.registers, origin.stop
        if origin.stop.reason is not Reason.BLOCKED and frame and origin.registers.cpl:
            known = {
                register: frame[name]
                for name, register in self.arch.pt_regs.registers
                if name != "orig_ax"
            }
            registers = Registers({**origin.registers.values, **known})
            stop = stop._replace(position=stop.position + 1, pc=registers[self.arch.pc], task=task)
        stop = stop._replace(reason=Reason.BLOCKED, detail=detail)
        self.on_cpu = False
        self.current = Kept(stop, registers, pointer=pointer)
        return self.current

    def _await_task(self, before: Kept) -> Kept:
        """Run until `before`'s task has been switched in again, or say that it sleeps."""
        address = next(
            (found for name in _SWITCHED_IN if (found := self.linux.address(name)) is not None),
            None,
        )
        if address is None:
            return self._run({})
        number = self.stub.insert(address)
        try:
            self.current = before
            kept = self._run({address: lambda kept: kept.pointer == before.pointer})
        finally:
            with suppress(TargetGoneError):
                self.stub.delete([number])
        if kept.stop.reason is Reason.BREAKPOINT and kept.stop.pc == address:
            # Not the next position: more than this one instruction ran in between.
            position = kept.stop.position + 1
            kept.stop = kept.stop._replace(reason=Reason.STEP, position=position)
        return kept

    # --- standing ----------------------------------------------------------------------------

    def _candidate(
        self,
        halt: Halt,
        registers: Registers,
        reason: Reason,
        detail: str = "",
        pointer: int | None = None,
    ) -> Kept:
        fresh = reason is not Reason.STEP
        if pointer is None:
            pointer = self._tasks.current(View(halt.thread, registers))
        task = self._tasks.task(pointer, self._seen(registers), fresh)
        stop = Stop(
            position=self.current.stop.position + 1,
            reason=reason,
            pc=registers[self.arch.pc],
            task=task,
            cpu=halt.thread - 1,
            detail=detail,
        )
        return Kept(stop, registers, pointer=pointer)

    def _take(self, halt: Halt, kept: Kept) -> Kept:
        self._thread = halt.thread
        self.on_cpu = True
        self.current = kept
        return kept

    def _stand(
        self,
        halt: Halt,
        registers: Registers,
        reason: Reason,
        detail: str = "",
        pointer: int | None = None,
    ) -> Kept:
        return self._take(halt, self._candidate(halt, registers, reason, detail, pointer))


def _reason(halt: Halt) -> Reason:
    """Why a step ended."""
    if halt.signal == "SIGINT":
        return Reason.INTERRUPTED
    return Reason.WATCH if halt.reason in _WATCH_REASONS else Reason.STEP
