"""Time: running forward with checkpoints, going back by the nearest one and running again.

Every position from the start on can be reached, whatever the memory bound: it only decides how
many checkpoints there are, and so how far a step back must run again. Near the present position
they lie at most some hundred positions apart, so that a step back costs about as much as a step.
"""

from collections.abc import Callable
from time import perf_counter

from systui.model.stop import Reason
from systui.target.emulator.checkpoints import Checkpoints
from systui.target.emulator.events import Event, EventLog, RegisterEvent
from systui.target.emulator.halt import Halt
from systui.target.emulator.machine import Machine
from systui.target.emulator.memory import Memory
from systui.words import _

_DENSE = 128
"""Positions between checkpoints while single-stepping, and after going back."""
_LAY_EVERY = 0.005
"""Seconds of running between checkpoints."""
_SLICE = 0.01
"""Seconds that one uninterruptible run should take."""
_FIRST_SLICE = 50_000
_LONGEST_SLICE = 20_000_000


class Timeline:
    """One run of one machine, from its start to the last position seen."""

    def __init__(self, machine: Machine, memory: Memory, budget: int) -> None:
        """The machine stands at its start; `budget`: bytes for checkpoints."""
        self._machine = machine
        self._memory = memory
        self._log = EventLog()
        self._applied = 0
        self.checkpoints = Checkpoints(machine, budget)
        self.latest = 0
        self._unlaid = 0
        self._input: list[bytes] = []
        self._slice = _FIRST_SLICE

    @property
    def position(self) -> int:
        """Where the machine stands."""
        return self._machine.position

    # forwards

    def step(self) -> Halt | None:
        """One position forward."""
        machine = self._machine
        if self._input:
            self._deliver_input()
        answered = machine.answered
        halt = machine.advance(1)
        if machine.position > self.latest:
            self.latest = machine.position
        elif self._log.position(self._applied) == machine.position:
            self._apply_events()
        self._unlaid += 1
        if self._unlaid >= _DENSE or machine.answered != answered:
            self._lay()
        return halt

    def run(self, limit: int) -> Halt:
        """Forward until something stops it, at most `limit` positions."""
        goal = self._machine.position + limit
        halt = self._forward(goal)
        if halt is not None:
            return halt
        return Halt(
            Reason.LIMIT,
            _("{count} instructions ran without a stop").format(count=f"{limit:,}"),
        )

    def _forward(self, goal: int) -> Halt | None:
        """Up to `goal`, laying checkpoints by time and applying events."""
        machine = self._machine
        laid = perf_counter()
        pause = _LAY_EVERY
        while machine.position < goal:
            self._apply_events()
            self._deliver_input()
            end = min(goal, self._log.position(self._applied) or goal)
            began = perf_counter()
            count = min(self._slice, end - machine.position)
            halt = machine.advance(count)
            now = perf_counter()
            self.latest = max(self.latest, machine.position)
            if halt is not None:
                self._apply_events()
                return halt
            self._adapt(count, now - began)
            if now - laid > pause:
                pause = _LAY_EVERY if self._lay() else 2 * pause
                laid = perf_counter()
        self._apply_events()
        return None

    def _adapt(self, count: int, seconds: float) -> None:
        if count == self._slice:
            wanted = int(count * _SLICE / max(seconds, 1e-6))
            self._slice = max(1000, min(wanted, 4 * self._slice, _LONGEST_SLICE))

    def _lay(self) -> bool:
        self._unlaid = 0
        return self.checkpoints.lay(self._applied)

    # to a position

    def seek(self, position: int) -> Halt | None:
        """Stand at `position`, at most `latest`; a halt where it had to stop before."""
        checkpoint = self.checkpoints.before(position)
        if not checkpoint.position <= self._machine.position <= position:
            self.checkpoints.restore(checkpoint)
            self._applied = checkpoint.events
        self._machine.clear_stops()
        return self._again(lambda: self._approach(position))

    def _again(self, run: Callable[[], Halt | None]) -> Halt | None:
        """Run through time that is known already."""
        self._machine.repeating = True
        try:
            return run()
        finally:
            self._machine.repeating = False

    def _approach(self, position: int) -> Halt | None:
        """Run up to `position`, leaving checkpoints ever denser towards it."""
        machine = self._machine
        while (left := position - machine.position) > _DENSE:
            halt = self._forward(position - max(left // 2, _DENSE))
            if halt is not None:
                return halt
            self._lay()
        answered = machine.answered
        while machine.position < position:
            halt = self._forward_briefly(position)
            if halt is not None:
                return halt
            if machine.answered != answered:
                answered = machine.answered
                self._lay()
        self._apply_events()
        return None

    def _forward_briefly(self, goal: int) -> Halt | None:
        """Up to `goal`, or until a gate was answered: what follows is then run again often."""
        machine = self._machine
        self._apply_events()
        end = min(goal, self._log.position(self._applied) or goal)
        return machine.advance(end - machine.position, pause=True)

    def repeat(self, goal: int) -> Halt | None:
        """Run up to `goal`, which lies in the past, with whatever stops the machine has."""
        return self._again(lambda: self._forward(goal))

    def restart(self) -> None:
        """Stand at the start, with all that came after it forgotten."""
        self.checkpoints.restore(self.checkpoints.before(0))
        self.checkpoints.forget_after(0)
        self._log.forget_after(-1)
        self._machine.gates.log.forget_after(-1)
        self._applied = 0
        self.latest = 0
        self._input.clear()
        self._machine.system.forget_typed()

    # from outside

    def give_input(self, data: bytes) -> None:
        """Input arrives at the last position seen: the past did not have it."""
        self._input.append(data)
        self._deliver_input()

    def _deliver_input(self) -> None:
        if self._machine.position >= self.latest and self._input:
            for data in self._input:
                self._machine.system.feed(data)
            self._input.clear()

    def edit(self, event: Event) -> None:
        """Let `event` happen here; what lay ahead is forgotten."""
        position = self._machine.position
        self._log.forget_after(position)
        self._machine.gates.log.forget_after(position - 1)
        self.checkpoints.forget_after(position)
        self.latest = position
        self._log.add(position, event)
        self._apply_events()

    def _apply_events(self) -> None:
        position = self._machine.position
        while self._log.position(self._applied) == position:
            self._apply(self._log.at(self._applied))
            self._applied += 1

    def _apply(self, event: Event) -> None:
        if isinstance(event, RegisterEvent):
            for name, value in event.values:
                self._machine.cpu.write(name, value)
            self._machine.refresh()
        else:
            self._memory.write(event.space, event.address, event.data)
