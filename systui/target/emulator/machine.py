"""The machine: one CPU, one kernel, one program, moved forward by positions.

A position is one executed instruction, one exception or interrupt delivered, or one gate
answered. Filling a page that is touched for the first time takes none.
"""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from systui.arch.spec import SyscallConvention
from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image
from systui.model.stop import Channel, Reason, Task
from systui.services.memory import PROT_EXEC, PROT_READ, PROT_WRITE
from systui.services.options import SystemOptions
from systui.services.ports import INITIAL_FPU, Blocked
from systui.services.system import System
from systui.target.emulator import boot, boot32, privilege
from systui.target.emulator.cpu import Cpu, CpuException, Event
from systui.target.emulator.edge import Edge
from systui.target.emulator.endings import describe
from systui.target.emulator.engine import NAMES, RSP
from systui.target.emulator.frames import Frames, OutOfFramesError
from systui.target.emulator.gates import SWITCHED, Answer, Call, Elsewhere, Gates, Mirrored, Native
from systui.target.emulator.halt import Halt, limit
from systui.target.emulator.linux import LinuxGates
from systui.target.emulator.options import KernelChoices, Limits
from systui.target.emulator.paging import PAGE, OutOfTablesError
from systui.target.emulator.placement import LOWEST, memory_needed
from systui.target.emulator.platform import PROTECTED_MODE
from systui.target.emulator.privilege32 import Privilege32
from systui.target.emulator.spaces import SavedSpaces, Spaces
from systui.target.emulator.thread import Thread
from systui.target.emulator.trouble import Trouble
from systui.target.emulator.user_pages import UserPages
from systui.target.emulator.watching import Watch, Watching
from systui.words import _

_TABLES = (0x10_0000, LOWEST)
"""Physical room for page tables."""
_ENTRY_PAGES = 64 * 0x1000
_PAGE_FAULT, _COMPAT_CALL = 14, 0x80
_ERROR_PRESENT, _ERROR_WRITE, _ERROR_FETCH = 1, 2, 16
_DIE = "die"
_UD2_SIZE = 2
_LONGEST_INSTRUCTION = 15


Hit = Callable[[int], bool]
Emit = Callable[[Channel, bytes, int], None]


def _never(_position: int) -> bool:
    return False


class MachineState(NamedTuple):
    """Everything but the contents of memory."""

    position: int
    cpu: bytes
    pages: SavedSpaces
    services: object
    mirrored: Mirrored
    native: "NativeCall | None"
    refused: bool


class NativeCall(NamedTuple):
    """A call whose handler runs as it is: how to come back to its first instruction."""

    cpu: bytes
    stack: int
    """rsp there."""


class Machine:
    """Runs forward from `position`; state can be taken and put back."""

    def __init__(
        self,
        image: Image,
        choices: KernelChoices,
        options: SystemOptions,
        limits: Limits,
        emit: Emit,
    ) -> None:
        self._choices = choices
        self._emit = emit
        self.position = 0
        self.pc = 0
        self._cr2 = 0
        """CR2 as the program's own faults left it: filling a page must not show."""
        kernel_end = memory_needed(image) + _ENTRY_PAGES
        self.cpu = Cpu(kernel_end + limits.memory, self._time_stamp)
        self.mmu = boot.make_mmu(self.cpu, image, choices.pti, _TABLES)
        self.platform = self.mmu.platform
        self.kernel = self._boot(image)
        self.frames = Frames(self.kernel.end, kernel_end + limits.memory)
        self.spaces = Spaces(self.mmu, self.frames)
        self.thread = Thread(self.cpu, self.mmu, self.kernel.own_segments)
        self.system = System(options, self._clock, self._output, self.spaces.first, self.thread)
        self.gates = self._make_gates()
        self._word = self.platform.arch.word
        self._trouble = Trouble(image, self.mmu)
        self._native: NativeCall | None = None
        self._refused = False
        """The handler at pc failed when it ran natively: it is served instead."""
        self.repeating = False
        """Known time is run through again: what was told once is not told again."""
        self._doors = self._make_doors()
        self._parameters = tuple(NAMES.index(name) for name in self.platform.parameters)
        self._edge = Edge(self.cpu, self.mmu)
        self._halted: Halt | None = None
        self._die = self.kernel.address(_DIE)
        exits = set(self.gates.answers)
        if self._die is not None:
            exits.add(self._die)
        self._gates = frozenset(exits)
        self._stops: Collection[int] = ()
        self._hit: Hit = _never
        self._watching = Watching(self.cpu, self.mmu, self.spaces)
        self._watch_hit: Hit = _never
        self._services: object | None = None
        """What the services were saved as, while nothing has changed since."""
        self._has_timer = self.kernel.timer_entry is not None and self.gates.answers_timer
        self._due: int | None = None
        """The position from which on a timer is due in ring 3."""
        self.answered = 0
        """Gates answered so far, in this direction or that: a change says that there was one."""
        self.stop_requested = False
        """Set by another thread: stop soon."""
        self.set_stops((), _never)

    def _boot(self, image: Image) -> boot.Kernel:
        start_up = boot32.Boot32 if self.platform is PROTECTED_MODE else boot.Boot
        patched = self._choices.alternatives
        return start_up(self.cpu, image, self.mmu, all_alternatives=patched).run()

    def _make_doors(self) -> privilege.Doors:
        if self.platform is PROTECTED_MODE:
            return Privilege32(self.cpu, self.mmu, self.kernel)
        return privilege.Privilege(self.cpu, self.mmu, self.kernel.tss)

    def _make_gates(self) -> Gates:
        if self.kernel.is_bundled:
            return Gates(self.kernel, self.mmu, self.system)
        native = self._choices.native
        return LinuxGates(self.kernel, self.mmu, self.system, native, lambda: self.cpu.read("cr2"))

    def start(self, entry: int, stack: int, bits: int = 64) -> None:
        """Stand in ring 3 at the program's first instruction, as execve would leave it."""
        cpu = self.cpu
        cpu.plant((0,) * 16)
        cs = boot.USER_CS if bits == 64 else self.system.narrow.code
        ss = boot.USER_SS if bits == 64 else self.system.narrow.data
        cpu.set_privilege(3, cs, ss, bits == 64)
        cpu.set_data_segments(0 if bits == 64 else ss)
        for name, value in (
            *(("rsp", stack), ("rflags", 0x202), ("rip", entry), ("cr2", 0)),
            *(("fs_base", 0), ("gs_base", 0), ("kernel_gs_base", self.kernel.per_cpu)),
            ("cr3", self.mmu.user_root),
        ):
            cpu.write(name, value)
        self.thread.set_fpu(INITIAL_FPU)
        self.pc = entry
        self.gates.mirror()

    @property
    def pages(self) -> UserPages:
        """The pages of the address space that the CPU is in."""
        return self.spaces.current

    @property
    def current_task(self) -> Task | None:
        """Who has the CPU, as the kernel's own memory says."""
        return self.gates.tasks.current

    @property
    def switches(self) -> frozenset[int]:
        """Where the kernel has just gone over to another task's stack."""
        address = self.kernel.address(SWITCHED)
        return frozenset() if address is None else frozenset((address,))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks that live, by number."""
        every = sorted(self.system.tasks.values(), key=lambda task: task.tid)
        return tuple(Task(task.tid, task.comm) for task in every)

    # time and output, for services

    def _clock(self) -> int:
        return self.position

    def _time_stamp(self, executed: int) -> int:
        return self.position + executed

    def _output(self, channel: Channel, data: bytes) -> None:
        self._emit(channel, data, self.position + 1)

    # forwards

    def advance(self, count: int, pause: bool = False) -> Halt | None:
        """Move forward by `count` positions; None when all were used up.

        With `pause`, None also after a gate was answered.
        """
        goal = self.position + count
        answered = self.answered
        while self.position < goal and not (pause and self.answered != answered):
            begin = self.position
            halt = self._move(goal - begin)
            if halt is not None:
                return halt
            if self.pc in self._stops and self.position != begin and self._hit(self.position):
                return Halt(Reason.BREAKPOINT)
            if self.stop_requested:
                return Halt(Reason.INTERRUPTED)
        return None

    def clear_stops(self) -> None:
        """Stop at no address."""
        if self._stops:
            self.set_stops((), _never)

    def set_stops(self, addresses: Collection[int], hit: Hit) -> None:
        """Call `hit(position)` on arriving at one of `addresses`; True stops there.

        Where `advance` begins does not count as arriving.
        """
        self._stops = addresses
        self._hit = hit
        self.cpu.set_breaks(self._gates.union(addresses), self._arrived)

    def _arrived(self, address: int, done: int) -> bool:
        """A code hook's question: stop before the instruction at `address`?"""
        if address in self._stops and self._hit(self.position + done):
            self._reported = True
            return True
        return address in self._gates

    def _move(self, count: int) -> Halt | None:
        if self.system.ended is not None:
            return Halt(Reason.EXIT)
        if self.pc in self._gates and not self._runs_natively():
            return self._halted
        if self._due is not None:
            if self.position < self._due:
                count = min(count, self._due - self.position)
            elif self.cpu.read("cs") & 3:
                return self._interrupt()
            else:
                count = 1
        self._reported = False
        self.mmu.settle()
        if self._watching:
            self._watching.resolve()
        return self._after(self.cpu.run(self.pc, count), count)

    def _after(self, executed: int, count: int) -> Halt | None:
        """The CPU ran `executed` of `count` instructions: see to what ended it."""
        cpu = self.cpu
        self.position += executed
        event = cpu.event
        if event is None:
            self.pc = cpu.pc()
            return None
        if event is Event.SYSCALL:
            self._tell_of_call(X86_64.compat if cpu.read("cs") == boot.USER32_CS else None)
            self.pc = self._doors.syscall()
            return None
        if event is Event.SYSENTER:
            self._tell_of_call(X86_64.compat)
            self.pc = self._doors.sysenter()
            return None
        if event is Event.EXCEPTION:
            return self._exception(count - executed)
        self.pc = cpu.pc()
        if event is Event.HALT:
            # Stay before the hlt, one byte long: nothing will ever wake this CPU.
            self.position -= 1
            self.pc -= 1
            cpu.write("rip", self.pc)
            return Halt(Reason.OOPS, _("The kernel halted the CPU"))
        if event is Event.WATCH:
            return Halt(Reason.WATCH)
        return Halt(Reason.BREAKPOINT) if self._reported else None

    def _tell_of_call(self, compat: SyscallConvention | None) -> None:
        """An instruction that makes a call has run; the kernel is about to be entered."""
        convention = compat or X86_64.syscall
        names = (convention.number, *convention.arguments)
        self.gates.called(
            convention, {name: self.cpu.read(name) for name in names}, self.pages.peek
        )

    def _exception(self, left: int) -> Halt | None:
        exception = self.cpu.exception
        assert exception is not None
        self.pc = self.cpu.pc()
        if exception.vector == _PAGE_FAULT and not exception.software:
            try:
                if self._fill(exception):
                    return self._run_alone(exception, left)
            except (OutOfFramesError, OutOfTablesError) as error:
                return limit(error)
        if exception.is_trap:
            if exception.vector == _COMPAT_CALL and exception.software:
                self._tell_of_call(X86_64.compat)
            return self._deliver(exception)
        if left <= 0:
            return None
        if self._edge.is_ahead(exception, self.pc):
            return self._after(self._edge.step(exception, self.pc), 1)
        if self.gates.catches_faults and not self.cpu.read("cs") & 3:
            return self._kernel_fault(exception)
        halt = self._deliver(exception)
        self.position += halt is None
        return halt

    def _interrupt(self) -> Halt | None:
        """A timer that the program armed is due: the kernel is told, in ring 3 only."""
        self.system.run_timers()
        self._services = None
        self._see_timers()
        self.gates.mirror()
        halt = self._deliver(CpuException(boot.TIMER_VECTOR, 0, False, self._cr2, False))
        self.position += halt is None
        return halt

    def _see_timers(self) -> None:
        self._due = self.system.next_timer() if self._has_timer else None

    def _run_alone(self, exception: CpuException, left: int) -> Halt | None:
        """Where an instruction writes to its own page, let it run as a block of its own."""
        address = exception.address & -PAGE
        own = address in (self.pc & -PAGE, (self.pc + _LONGEST_INSTRUCTION) & -PAGE)
        changes_code = exception.error_code & 3 == _ERROR_PRESENT | _ERROR_WRITE
        if left <= 0 or not own or not changes_code:
            return None
        self.pages.open_fully(address)
        self.mmu.settle()
        executed = self.cpu.run_alone(self.pc)
        self.pages.turn(address, PROT_EXEC)
        return self._after(executed, 1)

    def _deliver(self, exception: CpuException) -> Halt | None:
        self._cr2 = exception.address
        try:
            self.pc = self._doors.deliver(exception)
        except privilege.TripleFaultError:
            return Halt(
                Reason.OOPS,
                _("Exception {vector} at {address:#x} could not be delivered").format(
                    vector=exception.vector, address=self.pc
                ),
            )
        return None

    def _kernel_fault(self, exception: CpuException) -> Halt | None:
        """A fault in the kernel's own text; the kernel was not booted and cannot report it."""
        trouble, pc = self._trouble, self.pc
        if trouble.is_warning(exception, pc):
            self.pc = pc + _UD2_SIZE
            self.cpu.write("rip", self.pc)
        elif trouble.is_expected(pc):
            halt = self._deliver(exception)
            if halt is not None:
                return halt
        else:
            return self._oops(exception)
        self.position += 1
        return None

    def _oops(self, exception: CpuException) -> Halt | None:
        """Tell of the fault; a call whose handler failed is served when the machine goes on."""
        stack = self.cpu.read("rsp")
        detail = self._trouble.tell(exception, self.pc, stack)
        native = self._native
        if native is None or stack > native.stack:
            return Halt(Reason.OOPS, detail)
        detail = _("the handler failed and is served instead: {what}").format(what=detail)
        self.cpu.restore(native.cpu)
        self._native, self._refused = None, True
        self.refresh()
        self.position += 1
        return None if self.repeating else Halt(Reason.OOPS, detail, goes_on=True)

    def _fill(self, exception: CpuException) -> bool:
        """Bring in a page that was never touched; False where the fault is the program's."""
        address, error = exception.address, exception.error_code
        if address >= self.platform.kernel_half:
            return False
        access = PROT_READ
        if error & _ERROR_WRITE:
            access = PROT_WRITE
        elif error & _ERROR_FETCH:
            access = PROT_EXEC
        bring = self.pages.turn if error & _ERROR_PRESENT else self.pages.fill
        if not bring(address, access):
            return False
        self.cpu.write("cr2", self._cr2)
        return True

    # watching

    def set_watches(self, watches: Collection[Watch], hit: Hit) -> None:
        """Call `hit(position)` after accesses to ranges, by the CPU or (changes only) by a gate's
        answer; True stops there.
        """
        self._watch_hit = hit
        self._watching.set(watches, lambda done: hit(self.position + done))

    # gates

    def _runs_natively(self) -> bool:
        """Answer the gate at pc, `_halted` says with what outcome; True: its own code runs."""
        answer = self.gates.answers.get(self.pc)
        if answer is None:
            self._halted = Halt(Reason.OOPS, self._why_died())
            return False
        self._services = None
        watched = self._watching.contents() if self._watching else None
        values = self.cpu.refresh()
        stack = values[RSP]
        arguments = tuple(values[index] for index in self._parameters)
        if self.platform is PROTECTED_MODE:
            arguments += (self.mmu.read_pointer(stack + self._word),)
        call = Call(arguments, self.mmu.read_pointer(stack), self._refused)
        result = self._answered(answer, call)
        if isinstance(result, Native):
            if result.name:
                self._native = NativeCall(self.cpu.save(), stack)
            return True
        if isinstance(result, Halt):
            self._halted = result
            return False
        self._halted, self._refused, self._native = None, False, None
        if isinstance(result, Elsewhere):
            self._go(result.address, {self.platform.parameters[0]: arguments[0]})
        else:
            self._go(call.returns_to, {"rax": result, "rsp": stack + self._word})
        if watched is not None and watched != self._watching.contents():
            self._halted = Halt(Reason.WATCH) if self._watch_hit(self.position) else None
        return False

    def _answered(self, answer: Answer, call: Call) -> int | Elsewhere | Native | Halt:
        try:
            result = answer(call)
        except (OutOfFramesError, OutOfTablesError) as error:
            return limit(error)
        return Halt(Reason.BLOCKED, result.reason) if isinstance(result, Blocked) else result

    def _go(self, pc: int, registers: Mapping[str, int]) -> None:
        """A gate was answered: go on at `pc`."""
        self.answered += 1
        self._see_timers()
        self.pc = pc
        for name, value in (*registers.items(), ("rip", pc)):
            self.cpu.write(name, value & self.platform.arch.mask)
        self.position += 1

    def _why_died(self) -> str:
        text = self.mmu.read(self.cpu.read(self.platform.parameters[0]), 64) or b""
        why = text.split(b"\0")[0].decode("ascii", "replace")
        return _("The kernel gave up: {why}").format(why=why)

    def why_ended(self) -> str:
        """How the program ended, for a person; empty while it lives."""
        ended = self.system.ended
        return describe(ended) if ended is not None else ""

    # state

    def refresh(self) -> None:
        """Registers were changed from outside."""
        self.pc = self.cpu.pc()
        self._cr2 = self.cpu.read("cr2")

    def save(self) -> MachineState:
        """Everything but the contents of memory."""
        return MachineState(
            *(self.position, self.cpu.save(), self.spaces.save(), self._save_services()),
            *(self.gates.mirrored, self._native, self._refused),
        )

    def _save_services(self) -> object:
        """Services change only when a gate is answered: until then one value serves."""
        if self._services is None:
            self._services = self.system.save()
        return self._services

    def _restore_services(self, saved: object) -> None:
        if saved is not self._services:
            self.system.restore(saved)
            self._services = saved
            self._see_timers()

    def restore(self, state: MachineState) -> None:
        """Be as `state` says; the contents of memory have been put back before."""
        self.position = state.position
        self.spaces.restore(state.pages)
        self._restore_services(state.services)
        self.cpu.restore(state.cpu)
        self.mmu.stale = False
        self.gates.restored(state.mirrored)
        self._native, self._refused = state.native, state.refused
        self.refresh()

    def first_frames(self) -> list[int]:
        """Frames that hold something when the program starts."""
        return [*self.kernel.writable, *self.spaces.save().frames]

    def close(self) -> None:
        """Give the memory back."""
        self.system.close()
        self.mmu.close()
        self.cpu.close()
