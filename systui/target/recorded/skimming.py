"""Passing over many recorded stops at once: whether any of them can be one that matters."""

from bisect import bisect_left
from collections.abc import Mapping

from systui.arch.spec import Architecture
from systui.model.operation import MemoryOperand
from systui.target.protocol import Guard
from systui.target.recorded.format import DamageError, items
from systui.target.recorded.index import Run
from systui.target.recorded.lines import Lines
from systui.target.recorded.stops import Stops

_FEWEST = 16
"""Stops below which it is not worth while to look for fewer that may be passed."""


class Skim:
    """Some stops of one segment, judged by what their lines say of registers.

    Each register is taken to hold, at each stop, any of the values that it has anywhere in them:
    what is found harmless is so; a few stops that are harmless are not found so.
    """

    def __init__(
        self,
        lines: Lines,
        span: tuple[int, int | None],
        before: Mapping[str, int],
        arch: Architecture,
    ) -> None:
        """The stops whose lines are in `span`; `before`: registers at the stop before them."""
        self._lines = lines
        self._span = span
        self._before = before
        self._arch = arch
        self._known: dict[str, list[int]] = {}

    def passes(self, guard: Guard) -> bool:
        """Whether nothing that `guard` names comes with these stops; DamageError."""
        if any(self._has(each) for each in (b',"stop":', b',"on":')):
            return False
        if any(self._has(b'"%s":"' % name.encode()) for name in guard.fixed):
            return False
        if self._values(self._arch.sp)[-1] > guard.highest:
            return False
        places = self._lines.values(self._arch.pc, *self._span) | {self._before[self._arch.pc]}
        if not guard.ordinary(places):
            return False
        return not any(self._may_hit(each, guard.memory) for each in guard.stores(places))

    def _has(self, text: bytes) -> bool:
        # The key stop's line was looked at before.
        start = self._span[0] or self._lines.key_end
        return self._lines.content.find(text, start, self._span[1]) >= 0

    def _values(self, register: str) -> list[int]:
        known = self._known.get(register)
        if known is None:
            found = self._lines.values(register, *self._span)
            known = sorted(found | {self._before.get(register, 0)})
            self._known[register] = known
        return known

    def _may_hit(self, operand: MemoryOperand, memory: range) -> bool:
        """Whether `operand` may lie in `memory`."""
        space = self._arch.mask + 1
        first = memory.start - operand.displacement
        if operand.segment in ("fs", "gs"):
            first -= self._before.get(f"{operand.segment}_base", 0)
        indexes = [0] if operand.index is None else self._values(operand.index)
        bases = [0] if operand.base is None else self._values(operand.base)
        for index in indexes:
            low = (first - index * operand.scale) % space
            at = bisect_left(bases, low)
            if low + len(memory) > space or (at < len(bases) and bases[at] < low + len(memory)):
                return True
        return False


class StopSkimmer:
    """Passes over stops of a recording."""

    def __init__(self, stops: Stops, arch: Architecture) -> None:
        self._stops = stops
        self._arch = arch

    def skim(self, until: int, guard: Guard) -> bool:
        """Stand as far on, at most at `until`, as nothing that `guard` names comes; False: here."""
        stops, moment = self._stops, self._stops.moment
        if not stops.index.settled:
            return False
        reached = moment.position
        while reached < until:
            run = self._run_with(reached + 1)
            try:
                further = None if run is None else self._in_run(run, reached, until, guard)
            except DamageError:
                break
            if run is None or further is None:
                break
            reached = further
            stops.learn(run.segment)
            if reached < run.last:
                break
        return reached > moment.position and stops.seek(reached)

    def last_at(self, pc: int, first: int, last: int) -> int | None:
        """The last position from `first` to `last` at which `pc` was next."""
        index = self._stops.index
        for number in range(index.run_at(last), -1, -1):
            run = index.runs[number]
            if run.last < first:
                break
            found = self._last_in(run, pc, min(last, run.last))
            if found is not None:
                return found if found >= first else None
        return None

    def _last_in(self, run: Run, pc: int, last: int) -> int | None:
        """The last position of `run`, up to `last`, at which `pc` was next."""
        lines, name = self._stops.lines(run.segment), self._arch.pc
        if self._is_whole(run):
            found = lines.last_with(name, pc, last - run.first)
            return None if found is None else run.first + found
        moments = self._stops.moments_of(run)
        at_pc = (each.position for each in moments if each.values[name] == pc)
        return next((each for each in at_pc if each <= last), None)

    def _run_with(self, position: int) -> Run | None:
        """The run that holds `position`, if all of its segment does."""
        index = self._stops.index
        at = index.run_at(position)
        run = index.runs[at] if at >= 0 else None
        if run is None or position > run.last:
            return None
        return run if self._is_whole(run) else None

    def _is_whole(self, run: Run) -> bool:
        """Whether all of its segment's stops, one at each position, are of `run`."""
        return self._stops.lines(run.segment).count == run.last - run.first + 1

    def _in_run(self, run: Run, reached: int, until: int, guard: Guard) -> int | None:
        """How far the stops of `run` behind `reached` may be passed; None: not at all."""
        lines, before = self._stops.lines(run.segment), self._stops.moment.values
        at = reached - run.first
        if at < 0:
            if not self._begins_so(lines, run, guard):
                return None
            at, start, before = 0, 0, lines.registers
        else:
            start = lines.end(at)
        last = min(until, run.last) - run.first
        while True:
            end = None if run.first + last == run.last else lines.end(last)
            if Skim(lines, (start, end), before, self._arch).passes(guard):
                return run.first + last
            if last - at < _FEWEST:
                return None
            last = at + (last - at) // 2

    def _begins_so(self, lines: Lines, run: Run, guard: Guard) -> bool:
        """Whether the key stop of `run` may be passed."""
        key, registers = lines.key, lines.registers
        on = items(key.get("on"))
        return (
            key.get("p") == run.first
            and "stop" not in key
            and len(on) == 3
            and on[1] == self._stops.moment.task.pid
            and all(registers.get(name) == value for name, value in guard.fixed.items())
        )
