"""A recording as a row of stops: segments read as they are come to, one stop stood at."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from systui.arch.spec import Architecture
from systui.model.errors import BadInputError
from systui.model.stop import Output
from systui.target.protocol import Direction
from systui.target.recorded.container import Container
from systui.target.recorded.format import MOST_LINES, DamageError, Pairs, load
from systui.target.recorded.index import Index, Run
from systui.target.recorded.lines import Lines
from systui.target.recorded.names import Names, facts_of
from systui.target.recorded.pages import Pages
from systui.target.recorded.segment import Moment, Segment, code_of
from systui.words import _

_KEPT_SEGMENTS = 8
_KEPT_LINES = 80
_LARGEST_LINES = 1 << 23
"""Segments that are kept as they lie in the file, and their bytes."""
_MOST_TAKEN = 100_000
"""Facts of which it is kept that they are known."""
_MOST_EMPTY = 64
"""Damaged segments in a row that are passed over."""
_MOST_HEARD = 4096
"""Segments that are looked through for output at once."""
_ONLY_LINES = (b'{"kernel":{"lines":', b'{"program":{"lines":')
"""How the facts begin that are most of a segment's, and of which few are ever asked for."""


class Stops:
    """Stands at one recorded stop, moves to others, and learns the names that travel along."""

    def __init__(self, container: Container, arch: Architecture, path: Path) -> None:
        """Stand at the first stop; BadInputError, which names `path`, where there is none."""
        self._container = container
        self._arch = arch
        self._path = path
        self.kernel_names = Names()
        self.program_names = Names()
        self._code = Pages()
        self._built = Pages()
        self.index = Index()
        self.index.load(container)
        self.index.more()
        self._learned = 0
        self._segments: OrderedDict[int, Segment] = OrderedDict()
        self._lines: OrderedDict[int, Lines] = OrderedDict()
        self._lines_size = 0
        self._told: set[int] = set()
        """Segments whose names and code are taken in: once is enough."""
        self._taken: set[bytes] = set()
        """Facts that were taken in, as they are written."""
        self._unread: set[int] = set()
        """Segments among `_lines` whose facts of lines are taken in when one is missed."""
        self._asked: set[int | None] = set()
        """Addresses whose lines were looked for in them."""
        self.kernel_names.missed = self.program_names.missed = self._missed
        self._pending: deque[Output] = deque()
        self._unheard = 0
        self._take_in()
        self.rewind()

    # --- where it stands ---------------------------------------------------------------------

    @property
    def moment(self) -> Moment:
        """The stop that is stood at."""
        return self._segment.moments[self._at]

    def read(self, address: int, size: int) -> bytes | None:
        """Memory as far as it was known at this stop; None where not all of it was."""
        found = self._segment.memory(self._at, address, size)
        return self._code.read(address, size) if found is None else found

    def read_at(self, position: int, address: int, size: int) -> bytes | None:
        """Memory as it was known at the stop of `position`, which is not moved to."""
        number = self.index.run_at(position)
        found = self._enter(number, position) if number >= 0 and size > 0 else None
        return None if found is None else found[0].memory(found[1], address, size)

    def known_before(self, position: int) -> tuple[int, object] | None:
        """What was put down as known at the last stop before `position`, or at one near it."""
        number = self.index.run_at(position - 1)
        for run in self.index.runs[max(number - 1, 0) : number + 1][::-1]:
            segment = self._segment_at(run.segment)
            segment.index_of(min(position, run.last + 1))
            known = (each for each in reversed(segment.known) if each[0] < position)
            found = next((each for each in known if run.first <= each[0] <= run.last), None)
            if found is not None:
                return found
        return None

    def last_at(self, pc: int, first: int, last: int) -> int | None:
        """The last position from `first` to `last` at which `pc` was next."""
        for number in range(self.index.run_at(last), -1, -1):
            run = self.index.runs[number]
            if run.last < first:
                break
            found = self._last_in(run, pc, min(last, run.last))
            if found is not None:
                return found if found >= first else None
        return None

    def _last_in(self, run: Run, pc: int, last: int) -> int | None:
        lines, name = self.lines(run.segment), self._arch.pc
        if self._is_whole(run):
            found = lines.last_with(name, pc, last - run.first)
            return None if found is None else run.first + found
        at_pc = (each.position for each in self._moments_of(run) if each.values[name] == pc)
        return next((each for each in at_pc if each <= last), None)

    def addresses(self, first: int, last: int) -> frozenset[int]:
        """The instructions that were next from position `first` to `last`."""
        name, found = self._arch.pc, set[int]()
        for number in range(max(self.index.run_at(first), 0), self.index.run_at(last) + 1):
            run = self.index.runs[number]
            if first <= run.first and run.last <= last and self._is_whole(run):
                with suppress(DamageError):
                    found |= self.lines(run.segment).values(name)
                continue
            moments = self._moments_of(run)
            found.update(each.values[name] for each in moments if first <= each.position <= last)
        return frozenset(found)

    def _is_whole(self, run: Run) -> bool:
        """Whether all of its segment's stops, one at each position, are of `run`."""
        return self.lines(run.segment).count == run.last - run.first + 1

    def _moments_of(self, run: Run) -> Iterator[Moment]:
        """The stops of `run`, the last first."""
        segment = self._segment_at(run.segment)
        segment.finish()
        return (
            each for each in reversed(segment.moments) if run.first <= each.position <= run.last
        )

    def built(self, address: int, size: int) -> bytes | None:
        """What the kernel's image has at run-time `address`, where that is not what ran."""
        return self._built.read(address, size)

    # --- moving ------------------------------------------------------------------------------

    def rewind(self) -> None:
        """Stand at the first stop; BadInputError where there is none."""
        self._run = 0
        self._segment, self._at = self._first()

    def seek(self, position: int) -> bool:
        """Stand at `position`; False, and nothing moves, where no stop was recorded there."""
        number = self.index.run_at(position)
        found = self._enter(number, position) if number >= 0 else None
        if found is None:
            return False
        self._run, (self._segment, self._at) = number, found
        return True

    def go(self, direction: Direction) -> bool:
        """Stand at the next recorded stop; False where there is none."""
        return self._go_forward() if direction is Direction.FORWARD else self._go_back()

    def _go_forward(self) -> bool:
        run, segment, following = self.index.runs[self._run], self._segment, self._at + 1
        if segment.reach(following) and segment.moments[following].position <= run.last:
            self._at = following
            return True
        for number in range(self._run + 1, len(self.index.runs))[:_MOST_EMPTY]:
            found = self._enter(number, None)
            if found is not None:
                self._run, (self._segment, self._at) = number, found
                return True
        return self.extend() and self._go_forward()

    def _go_back(self) -> bool:
        run, moments = self.index.runs[self._run], self._segment.moments
        if self._at > 0 and moments[self._at - 1].position >= run.first:
            self._at -= 1
            return True
        for number in range(self._run - 1, -1, -1)[:_MOST_EMPTY]:
            run = self.index.runs[number]
            segment = self._segment_at(run.segment)
            at = segment.index_of(run.last + 1) - 1
            if at >= 0 and segment.moments[at].position >= run.first:
                self._run, self._segment, self._at = number, segment, at
                return True
        return False

    def extend(self) -> bool:
        """Look through more of a file without an index, standing where it stood; False: no more."""
        if not self.index.more():
            return False
        self._take_in()
        position = self.moment.position
        self._run = max(self.index.run_at(position), 0)
        found = self._enter(self._run, position)
        if found is not None:  # else the stop was made void later on: it is left by the next move
            self._segment, self._at = found
        return True

    def _first(self) -> tuple[Segment, int]:
        while True:
            for run in range(min(len(self.index.runs), _MOST_EMPTY)):
                found = self._enter(run, None)
                if found is not None:
                    self._run = run
                    return found
            if not self.index.more():
                break
            self._take_in()
        raise BadInputError(_("{path}: no stop was recorded").format(path=self._path))

    # --- segments ----------------------------------------------------------------------------

    def _segment_at(self, number: int) -> Segment:
        """Segment `number`, out of those kept or out of the file."""
        known = self._segments.get(number)
        if known is not None:
            self._segments.move_to_end(number)
            return known
        names = frozenset(self._arch.register_names)
        arch = self._arch
        # Without these a stop tells too little to be decoded.
        needed = frozenset((arch.pc, arch.flags_register, "cs", *arch.general))
        lines = self.lines(number).content.split(b"\n", MOST_LINES)[:-1]
        segment = Segment(lines, names, needed, arch.sp)
        self.learn(number)
        self._segments[number] = segment
        if len(self._segments) > _KEPT_SEGMENTS:
            self._segments.popitem(last=False)
        return segment

    def lines(self, number: int) -> Lines:
        """Segment `number` as it lies in the file."""
        known = self._lines.get(number)
        if known is not None:
            self._lines.move_to_end(number)
            return known
        index = self.index
        content = self._container.content(index.offsets[number], index.end(number))
        found = self._lines[number] = Lines(content)
        self._lines_size += len(content)
        while len(self._lines) > _KEPT_LINES or self._lines_size > _LARGEST_LINES:
            if len(self._lines) == 1:
                break
            self._let_go(*self._lines.popitem(last=False))
        return found

    def _let_go(self, number: int, lines: Lines) -> None:
        self._lines_size -= len(lines.content)
        if number in self._unread:
            self._unread.discard(number)
            self._take(lines.facts())

    def learn(self, number: int) -> None:
        """Take in the code of segment `number`, and the names; lines once they are asked for."""
        if number in self._told:
            return
        self._told.add(number)
        lines = self.lines(number)
        self._take(lines.code())
        self._take(lines.facts(but=_ONLY_LINES))
        self._unread.add(number)
        self._asked.clear()

    def _take(self, facts: Iterable[bytes]) -> None:
        """Learn `facts`, as they are written: most segments say what others say."""
        fresh = set(facts) - self._taken
        if len(self._taken) + len(fresh) > _MOST_TAKEN:
            self._taken.clear()
        self._taken |= fresh
        for each in fresh:
            with suppress(DamageError):
                self._learn(load(each))

    def _missed(self, address: int | None) -> None:
        """Take in what segments say of the line at `address`; None: all that they say."""
        if address is None:
            for number in self._unread:
                self._take(self._lines[number].facts())
            self._unread.clear()
        elif address not in self._asked:
            self._asked.add(address)
            told = (self._lines[number].fact_of(address) for number in self._unread)
            self._take(islice(filter(None, told), 1))

    def _positions_of(self, number: int) -> list[int]:
        segment = self._segment_at(number)
        segment.finish()
        return [moment.position for moment in segment.moments]

    def _learn(self, facts: Pairs) -> None:
        try:
            facts_of(facts, self.kernel_names, self.program_names)
            for address, data in code_of(facts):
                self._code.write(address, data)
            for address, data in code_of(facts, "built"):
                self._built.write(address, data)
        except DamageError:
            return

    def _enter(self, number: int, position: int | None) -> tuple[Segment, int] | None:
        """The stop at `position` of a run (None: its first); None where there is none."""
        run = self.index.runs[number]
        segment = self._segment_at(run.segment)
        at = segment.index_of(run.first if position is None else position)
        if at == len(segment.moments) or segment.moments[at].position > run.last:
            return None
        if position is not None and segment.moments[at].position != position:
            return None
        return segment, at

    def _take_in(self) -> None:
        """Learn what the index has come to hold, and put its segments in order."""
        facts = self.index.facts
        for each in facts[self._learned :]:
            self._learn(each)
        self._learned = len(facts)
        self.index.arrange(self._positions_of)

    # --- output ------------------------------------------------------------------------------

    def heard(self, position: int) -> Iterator[Output]:
        """What was written up to `position`, each piece once."""
        index, left = self.index, _MOST_HEARD
        while (
            left and self._unheard < len(index.output) and index.firsts[self._unheard] <= position
        ):
            if index.output[self._unheard]:
                segment = self._segment_at(self._unheard)
                segment.finish()
                self._pending += segment.outputs
                left -= 1
            self._unheard += 1
        while self._pending and self._pending[0].position <= position:
            yield self._pending.popleft()
