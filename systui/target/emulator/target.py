"""The emulator as a target: forwards, backwards, to any position, with edits."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from systui.kernel.image import Image
from systui.model.errors import MemoryFaultError, NotSupportedError, TargetGoneError
from systui.model.stop import (
    Channel,
    Happening,
    Killed,
    MemoryRange,
    Output,
    Reason,
    Registers,
    Space,
    Stop,
    Task,
)
from systui.model.task_log import TaskEvent
from systui.services.ports import Happened
from systui.target.emulator.engine import NAMES
from systui.target.emulator.events import MemoryEvent, RegisterEvent
from systui.target.emulator.halt import Halt
from systui.target.emulator.launch import Launch, launch
from systui.target.emulator.memory import Memory
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.search import Search
from systui.target.emulator.timeline import Timeline
from systui.target.emulator.watches import Watches
from systui.target.protocol import (
    Breakpoint,
    Capability,
    Direction,
    How,
    OutputListener,
    Run,
    Step,
    TargetInfo,
    Watchpoint,
)
from systui.words import _


class EmulatorTarget:
    """A program on a kernel image: `Target`, `Seekable`, `Writable` and `Restartable`."""

    def __init__(self, started: Launch, options: EmulatorOptions) -> None:
        """`started`: what `launch` gave, with this target's `emit` as its output."""
        self._machine = started.machine
        self._limits = options.limits
        self._info = started.info
        self._listeners: list[OutputListener] = []
        self._breakpoints: set[Breakpoint] = set()
        self._memory = Memory(self._machine)
        self._timeline = Timeline(self._machine, self._memory, options.limits.history)
        self._watches = Watches(self._machine)
        self._search = Search(self._machine, self._timeline)
        started.output.listener = self._emit
        self._task = Task(started.pid, started.name)
        self._stop = self._at(Reason.START)
        self._closed = False
        shown = self._machine.platform.registers
        self._places = tuple((name, NAMES.index(own)) for name, own in shown)
        self._engine_names = dict(shown)

    @classmethod
    def start(
        cls, kernel: Image, program: Path, arguments: Sequence[str], options: EmulatorOptions
    ) -> "EmulatorTarget":
        """Stand at the first instruction of `program` on `kernel`; BadInputError.

        `arguments` are those after the program's name.
        """
        return cls(launch(kernel, program, arguments, options), options)

    # what it is

    @property
    def info(self) -> TargetInfo:
        """What is being debugged."""
        return self._info

    @property
    def capabilities(self) -> Capability:
        """Everything the protocol knows."""
        return (
            Capability.BACKWARD
            | Capability.WHOLE_PAST
            | Capability.SEEK
            | Capability.WRITE
            | Capability.INPUT
            | Capability.WATCH
            | Capability.RESTART
            | Capability.PHYSICAL
            | Capability.FILTER
            | Capability.LIVE
        )

    def tasks(self) -> Sequence[Task]:
        """All that live, by number."""
        return self._machine.tasks or (self._task,)

    def cpus(self) -> Sequence[int]:
        """The one CPU."""
        return (0,)

    def current_stop(self) -> Stop:
        """Where it stands."""
        return self._stop

    @property
    def earliest(self) -> int:
        """The start: it can always be gone back to."""
        return 0

    @property
    def latest(self) -> int:
        """Last position seen so far."""
        return self._timeline.latest

    def task_events(self, since: int = -1) -> Sequence[TaskEvent]:
        """What all tasks did, up to the last position seen."""
        return self._machine.gates.log.since(since)

    # looking

    def registers(self, task: Task | None = None) -> Registers:
        """All registers."""
        values = self._machine.cpu.refresh()
        return Registers({name: values[at] for name, at in self._places})

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """All `ranges`; reading touches nothing."""
        read = self._memory.read
        return [read(each.space, each.address, each.size) for each in ranges]

    # moving

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """Run until the next stop."""
        self._machine.stop_requested = False
        if isinstance(how, Step):
            halt = self._step(how.direction, task)
        elif how.direction is Direction.FORWARD:
            halt = self._run(how, task)
        else:
            halt = self._run_back(how, task)
        self._stop = self._from(halt)
        return self._stop

    def _step(self, direction: Direction, task: Task | None) -> Halt:
        timeline = self._timeline
        if direction is Direction.BACKWARD:
            return self._step_back(task)
        halt = timeline.step()
        # Addresses that an earlier run was to stop at may still be armed.
        if halt is None or halt.reason is Reason.BREAKPOINT:
            halt = Halt(Reason.STEP)
        if halt.reason is not Reason.STEP or not self._is_away(task):
            return halt
        halt = self._run(Run(Direction.FORWARD, self._machine.switches), task)
        stopped = halt.reason is Reason.BREAKPOINT and self._is_away(task)
        return halt if stopped or halt.reason is not Reason.BREAKPOINT else Halt(Reason.STEP)

    def _step_back(self, task: Task | None) -> Halt:
        timeline = self._timeline
        if timeline.position == 0:
            return Halt(Reason.BEGINNING)
        halt = timeline.seek(timeline.position - 1) or Halt(Reason.STEP)
        while halt.reason is Reason.STEP and self._is_away(task) and timeline.position:
            found = self._search.back(self._machine.switches, self._watches)
            if found.reason is not Reason.BREAKPOINT:
                return found
            halt = timeline.seek(timeline.position - 1) or Halt(Reason.STEP)
        return halt

    def _is_away(self, task: Task | None) -> bool:
        """Another task has the CPU, and `task` lives."""
        here = self._machine.current_task
        if task is None or here is None or here.pid == task.pid:
            return False
        return any(task.pid == each.pid for each in self._machine.tasks)

    def _addresses(self, how: Run) -> frozenset[int]:
        return how.addresses.union(each.address for each in self._breakpoints)

    def _run(self, how: Run, task: Task | None) -> Halt:
        self._machine.set_stops(self._addresses(how), self._filter(how, task))
        self._watches.arm()
        try:
            return self._timeline.run(self._limits.instructions)
        finally:
            self._watches.disarm()

    def _filter(self, how: Run, task: Task | None) -> Callable[[int], bool]:
        """Whether arriving somewhere stops: `how.only` and `task` are for `how.addresses` alone."""
        points = self._breakpoints
        if how.only is None and task is None and all(each.pid is None for each in points):
            return lambda _position: True
        read, machine, only = self._machine.cpu.read, self._machine, how.only
        names = self._engine_names

        def hit(_position: int) -> bool:
            pc, here = read("rip"), machine.current_task
            pid = None if here is None else here.pid
            if any(each.address == pc and each.pid in (None, pid) for each in points):
                return True
            if pc not in how.addresses or (task is not None and pid not in (None, task.pid)):
                return False
            return only is None or read(names[only.register]) & only.mask == only.value

        return hit

    def _run_back(self, how: Run, task: Task | None) -> Halt:
        if how.only is not None:
            raise NotSupportedError(_("The emulator filters stops forwards only"))
        hit = self._filter(how, task)
        return self._search.back(self._addresses(how), self._watches, hit)

    def seek(self, position: int) -> Stop:
        """Stand at `position`; ValueError outside earliest…latest."""
        if not 0 <= position <= self._timeline.latest:
            raise ValueError(position)
        self._machine.stop_requested = False
        halt = self._timeline.seek(position)
        self._stop = self._from(halt or Halt(Reason.STEP))
        return self._stop

    def restart(self) -> Stop:
        """Stand at the start of a fresh run."""
        self._timeline.restart()
        self._stop = self._at(Reason.START)
        return self._stop

    def interrupt(self) -> None:
        """Make a run stop within some 50 ms. Any thread."""
        self._machine.stop_requested = True

    # stops

    def _from(self, halt: Halt) -> Stop:
        ended = self._machine.system.ended
        if ended is not None:
            killed = None
            if ended.signal is not None:
                killed = Killed(ended.signal_name, ended.ip, ended.address)
            stop = self._at(Reason.EXIT, self._machine.why_ended(), ended.exit_status)
            return stop._replace(killed=killed)
        if halt.reason is Reason.STEP and self._timeline.position == 0:
            return self._at(Reason.START)
        return self._at(halt.reason, halt.detail)._replace(goes_on=halt.goes_on)

    def _at(self, reason: Reason, detail: str = "", status: int | None = None) -> Stop:
        machine = self._machine
        self._task = machine.current_task or self._task
        return Stop(machine.position, reason, machine.pc, self._task, 0, detail, status)

    # stopping places

    def set_breakpoint(self, point: Breakpoint) -> None:
        """Arm `point`."""
        self._breakpoints.add(point)

    def clear_breakpoint(self, point: Breakpoint) -> None:
        """Disarm it."""
        self._breakpoints.discard(point)

    def set_watchpoint(self, point: Watchpoint) -> None:
        """Arm `point`."""
        self._watches.add(point)

    def clear_watchpoint(self, point: Watchpoint) -> None:
        """Disarm it."""
        self._watches.remove(point)

    # input and output

    def send_input(self, data: bytes) -> None:
        """Append to the program's input; it arrives at the last position seen, not in the past."""
        self._timeline.give_input(data)

    def subscribe(self, listener: OutputListener) -> None:
        """Call `listener` with each piece of output, once."""
        self._listeners.append(listener)

    def tell(self, listener: Callable[[Happening], None]) -> None:
        """Call `listener` when something happens to a task; the program is under ptrace now."""
        machine = self._machine
        names = {task.pid: task for task in machine.tasks}

        def told(happened: Happened) -> None:
            names.update((task.pid, task) for task in machine.tasks)
            if machine.position >= self._timeline.latest:
                task = names.get(happened.tid, Task(happened.tid, ""))
                listener(Happening(task, *happened[1:]))

        machine.system.tell = told

    def _emit(self, channel: Channel, data: bytes, position: int) -> None:
        if position > self._timeline.latest:
            output = Output(channel, data, position)
            for listener in self._listeners:
                listener(output)

    # editing

    def write_registers(self, values: Mapping[str, int], task: Task | None = None) -> None:
        """Set registers; NotSupportedError for what only privileged instructions may change."""
        for name in values:
            if name not in self._engine_names or name in (
                "cs",
                "ss",
                "ds",
                "es",
                "fs",
                "gs",
                "cr3",
            ):
                raise NotSupportedError(
                    _("The emulator cannot set {register}").format(register=name)
                )
        own, mask = self._engine_names, self._machine.platform.arch.mask
        masked = tuple((own[name], value & mask) for name, value in values.items())
        self._timeline.edit(RegisterEvent(masked))
        self._stop = self._at(self._stop.reason, self._stop.detail, self._stop.exit_status)

    def write_memory(self, space: Space, address: int, data: bytes) -> None:
        """Set memory; MemoryFaultError where nothing is mapped."""
        if self._memory.read(space, address, len(data)) is None:
            raise MemoryFaultError(_("Nothing is mapped at {address:#x}").format(address=address))
        self._timeline.edit(MemoryEvent(space, address, data))

    def close(self) -> None:
        """Let go of everything."""
        if not self._closed:
            self._closed = True
            self._machine.close()
            gone: Any = _Gone()
            self._machine = self._memory = self._timeline = self._search = self._watches = gone


class _Gone:
    """What a closed target's parts are: asking them anything says so."""

    def __getattr__(self, name: str) -> object:
        raise TargetGoneError(_("The program was let go of"))
