"""Passing over many recorded stops at once: whether any of them can be one that matters."""

from bisect import bisect_left
from collections.abc import Mapping, Set

from systui.arch.spec import Architecture
from systui.model.operation import MemoryOperand
from systui.target.protocol import Guard
from systui.target.recorded.format import DamageError, items
from systui.target.recorded.index import Run
from systui.target.recorded.lines import Lines
from systui.target.recorded.stops import Stops

_NEAR = 24
"""Stops that are looked at before all of a segment are: what ends the way is often near."""


class Skim:
    """Some stops of one segment, judged by what their lines say of registers.

    For what an instruction stores to, each register is taken to hold any of the values that it has
    anywhere in them: what is found harmless is so; some that are harmless are not found so.
    """

    def __init__(
        self, lines: Lines, at: int, last: int, before: Mapping[str, int], arch: Architecture
    ) -> None:
        """Those behind stop `at`, -1 for none, up to `last`; `before`: registers at the former."""
        self._lines = lines
        self._at, self._last = at, last
        self._start = 0 if at < 0 else lines.end(at)
        self._end = lines.end(last)
        self._before = before
        self._arch = arch
        self._sorted: dict[tuple[str, int], list[int]] = {}

    def last(self, guard: Guard) -> int | None:
        """The last stop up to which nothing comes that `guard` names; None: none. DamageError."""
        self._cut(self._said(guard))
        while self._last > self._at:
            hit = self._stored(guard)
            middle = (self._at + self._last) // 2
            if hit is None or hit > middle:
                self._cut(hit)
                return self._last
            self._cut(middle + 1)  # of fewer stops registers hold fewer values
        return None

    def _cut(self, index: int | None) -> None:
        """Look at the stops before `index` only."""
        if index is not None:
            self._last = index - 1
            self._end = self._lines.end(max(self._last, 0))

    def _said(self, guard: Guard) -> int | None:
        """The first stop that says itself what may not come; that before all where it does."""
        pc, sp = self._arch.pc, self._arch.sp
        high = {each for each in self._values(sp) if each > guard.highest}
        notable = {*guard.notable(self._values(pc))}
        if self._before[pc] in notable or self._before[sp] in high:
            return self._at
        # The key stop's line, which says these of itself, was looked at before.
        start = max(self._start, self._lines.key_end)
        texts = [b',"stop":', b',"on":', *(b'"%s":"' % name.encode() for name in guard.fixed)]
        offsets = [self._lines.content.find(each, start, self._end) for each in texts]
        found = [self._lines.index_of(each) for each in offsets if each >= 0]
        firsts = (self._first(pc, notable), self._first(sp, high))
        return min([*found, *(each for each in firsts if each is not None)], default=None)

    def _stored(self, guard: Guard) -> int | None:
        """The first stop whose instruction may store where none may."""
        pc, stores = self._arch.pc, guard.stores(self._values(self._arch.pc))
        hits = {at for at, each in stores if self._may_hit(each, guard.memory)}
        return self._at if self._before[pc] in hits else self._first(pc, hits)

    def _first(self, register: str, values: Set[int]) -> int | None:
        """The first stop at which `register` holds one of `values`."""
        return self._lines.first_with(register, values, self._start, self._end)

    def _values(self, register: str) -> frozenset[int]:
        """All that a register holds at these stops and the one before."""
        said = self._lines.values(register, self._start, self._end)
        return said | {self._before.get(register, 0)}

    def _may_hit(self, operand: MemoryOperand, memory: range) -> bool:
        """Whether `operand` may lie in `memory`."""
        space = self._arch.mask + 1
        first = memory.start - operand.displacement
        if operand.segment in ("fs", "gs"):
            first -= self._before.get(f"{operand.segment}_base", 0)
        indexes = [0] if operand.index is None else self._ascending(operand.index)
        bases = [0] if operand.base is None else self._ascending(operand.base)
        for index in indexes:
            low = (first - index * operand.scale) % space
            at = bisect_left(bases, low)
            if low + len(memory) > space or (at < len(bases) and bases[at] < low + len(memory)):
                return True
        return False

    def _ascending(self, register: str) -> list[int]:
        known = self._sorted.get((register, self._end))
        if known is None:
            known = self._sorted[register, self._end] = sorted(self._values(register))
        return known


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
        at, last = max(reached - run.first, -1), min(until, run.last) - run.first
        if at < 0:
            if not self._begins_so(lines, run, guard):
                return None
            before = lines.registers
        for end in (min(at + _NEAR, last), last) if at >= 0 else (last,):
            found = Skim(lines, at, end, before, self._arch).last(guard)
            if found != end:
                break
        return None if found is None else run.first + found

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
