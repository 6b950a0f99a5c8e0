"""One recording under way: turns stops into lines, each saying only what changed."""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from itertools import compress, repeat
from operator import ne
from pathlib import Path
from typing import NamedTuple

from systui.arch import BY_NAME
from systui.model.edit import Edit
from systui.model.errors import unwritable
from systui.model.stop import MemoryRange, Output, Reason, Stop
from systui.model.task_log import TaskEvent
from systui.target.protocol import Target
from systui.target.recorded.format import MOST_TASK_EVENTS, SEGMENT_STOPS, Pairs, dump, edit_fact
from systui.target.recorded.sink import Sink
from systui.target.recorded.task_lines import task_lines
from systui.target.recording import facts
from systui.target.recording.constants import Constants, Views
from systui.target.recording.memory import Look, SegmentMemory
from systui.target.recording.naming import Naming
from systui.target.recording.scope import Scope
from systui.target.recording.spans import Spans

_SEGMENTS_A_LINE = 1000
_KNOWN_APART = 64
"""Stops of a segment from one of which it is put down what was known there to the next."""
_REPEATED = frozenset((Reason.EXIT, Reason.BLOCKED, Reason.LIMIT, Reason.OOPS, Reason.SIGNAL))
"""Reasons worth telling where the target stays at a position that is recorded already."""


class _Due(NamedTuple):
    """A stop whose line is yet to be made."""

    stop: Stop
    values: Mapping[str, int]
    last: Stop | None
    """The stop before it in its segment, and its registers."""
    before: Mapping[str, int]
    look: Look


class SegmentEntry:
    """A segment's line in the index."""

    __slots__ = ("first", "last", "offset", "output", "stops")

    def __init__(self, offset: int, first: int) -> None:
        self.offset = offset
        self.first = first
        self.last = first
        self.stops = 0
        self.output = False
        """Whether it holds output of the program."""

    def fact(self) -> list[int]:
        """As the index has it."""
        return [self.offset, self.first, self.last, self.stops, int(self.output)]


class Chronicle:
    """Writes one file. Whatever writes may raise OSError."""

    def __init__(
        self, path: Path, sink: Sink, target: Target, views: Views, constants: Constants
    ) -> None:
        self.path = path
        self.stops = 0
        self._sink = sink
        self._constants = constants
        arch = BY_NAME[target.info.arch]
        kernel = views.kernel
        self._naming = Naming(views, arch)
        self._memory = SegmentMemory(
            target,
            arch,
            Scope(arch, kernel.offset_of),
            constants,
            self._naming.start_of,
            views.built,
        )
        self._done = Spans()
        self._tasks: list[TaskEvent] = []
        self._pids: set[int] = set()
        self._told_tasks = 0
        """How many of them stand in the file."""
        self._segments: list[SegmentEntry] = []
        self._begun: SegmentEntry | None = None
        self._notes: list[Pairs] = []
        self._edits: list[tuple[int, Pairs]] = []
        # The stop recorded last, whether its line is due, and one that is there again.
        self._last: Stop | None = None
        self._due: _Due | None = None
        self._behind: list[bytes] = []
        """Lines that come behind that of the stop."""
        self.curious = False
        """Whether it is to be put down what is known at the stop taken in last."""
        self._left = True
        """Whether all that is to be said of it is said."""
        self._values: Mapping[str, int] = {}
        self._again: tuple[Stop, Mapping[str, int]] | None = None

    @classmethod
    def begin(
        cls, path: Path, target: Target, views: Views, constants: Constants, command: str | None
    ) -> "Chronicle":
        """Write the header and what is known so far; BadInputError."""
        sink = Sink.open(path)
        try:
            chronicle = cls(path, sink, target, views, constants)
            sink.begin_chunk()
            chronicle._say(facts.first_line(target, views.program_path, command))
            chronicle._naming.ask_entry_text()
            constants.take_table(target)
            chronicle._write_all_facts()
        except OSError as error:
            sink.close()
            raise unwritable(path, error) from error
        return chronicle

    def _write_all_facts(self) -> None:
        for line in self._naming.everything():
            self._say(line)
        for pieces in self._constants.everything():
            self._say(facts.code(pieces))

    # --- stops -------------------------------------------------------------------------------

    def take(self, stop: Stop, values: Mapping[str, int]) -> None:
        """Take in `stop` with what it shows, unless its position has been recorded.

        `settle` writes it, as does whatever is to be written next.
        """
        if not self._left:
            self.leave()
        self._left = self.curious = False
        self._again = None
        if stop.position in self._done:
            self._come_again(stop, values)
            return
        if self._needs_key(stop, values):
            self._begin_segment(stop)
        self._put(stop, values)
        self.stops += 1
        self._done.add(stop.position)

    def _put(self, stop: Stop, values: Mapping[str, int]) -> None:
        self._due = _Due(stop, values, self._last, self._values, self._memory.look(values))
        self._last, self._values = stop, values
        if self._begun is not None:
            self._begun.last = stop.position
            self.curious = self._begun.stops % _KNOWN_APART == 0
            self._begun.stops += 1

    def know(self, known: Mapping[str, object]) -> None:
        """Write what is known at the stop taken in last."""
        self.curious = self._left = False
        self._behind.append(dump({"known": known}))

    def _come_again(self, stop: Stop, values: Mapping[str, int]) -> None:
        """At a position that was written: the stop is written once more only for what is read."""
        last = self._last
        if last is None or last.position != stop.position:
            self._again = stop, values
        elif stop.reason in _REPEATED and last != stop:
            self._say(dump({"again": facts.why(stop)}))

    def _needs_key(self, stop: Stop, values: Mapping[str, int]) -> bool:
        last, begun = self._last, self._begun
        return (
            last is None
            or begun is None
            or begun.stops >= SEGMENT_STOPS
            or stop.position < last.position
            or [*values] != [*self._values]
        )

    def _begin_segment(self, stop: Stop) -> None:
        self.settle()
        offset = self._sink.begin_chunk()
        self._begun = SegmentEntry(offset, stop.position)
        self._segments.append(self._begun)
        self._memory.begin()
        self._naming.begin()
        self._values = {}
        self._last = None

    def settle(self) -> None:
        """Write the stop that was taken in and what is known since, unless it is written."""
        due, self._due = self._due, None
        if due is not None:
            self._sink.write(self._line(due))
        behind, self._behind = self._behind, []
        for line in behind:
            self._sink.write(line)

    def _say(self, line: bytes) -> None:
        self.settle()
        self._sink.write(line)

    def _line(self, due: _Due) -> bytes:
        stop, values, last, before, look = due
        parts = []
        if last is None:
            parts.append(f'"key":{len(self._segments) - 1},"p":{stop.position}')
        elif stop.position != last.position + 1:
            parts.append(f'"p":{stop.position}')
        # Within a segment all stops have the same names in the same order.
        differ = map(ne, values.values(), before.values()) if before else repeat(True)
        changed = [f'"{name}":"{value:x}"' for name, value in compress(values.items(), differ)]
        parts.append(f'"r":{{{",".join(changed)}}}')
        if not facts.is_plain(stop):
            parts.append('"stop":' + dump(facts.why(stop)).decode()[:-1])
        if last is None or stop.task != last.task or stop.cpu != last.cpu:
            parts.append('"on":' + dump([stop.cpu, *stop.task]).decode()[:-1])
        parts += self._memory.parts(look)
        parts += self._naming.parts(stop.pc)
        return f"{{{','.join(parts)}}}\n".encode("ascii")

    def seen(self, ranges: Sequence[MemoryRange], found: Sequence[bytes | None]) -> None:
        """Keep what was read at the present stop, as far as the fixed set lacks it."""
        if self._last is None:
            return
        self._left = False
        again = self._again
        self._behind += self._memory.seen(ranges, found, None if again is None else again[1])
        if again is not None and self._memory.has_extra:
            self._again = None
            self._begin_segment(again[0])
            self._put(*again)

    def ahead(self) -> list[MemoryRange]:
        """What is likely to be read for the next stop."""
        return self._memory.ahead()

    def leave(self) -> None:
        """Write what is left of the present stop: the target moves on. Reads nothing any more."""
        self._left = True
        self.settle()
        for line in self._naming.fresh():
            self._say(line)
        extra = self._memory.take_extra()
        if not extra:
            return
        self._say(f'{{"m":{facts.words(extra)}}}\n'.encode("ascii"))

    # --- what else happens -------------------------------------------------------------------

    def output(self, output: Output) -> None:
        """Write what the program wrote."""
        if self._begun is not None:
            self._begun.output = True
        data = b2a_base64(output.data, newline=False).decode("ascii")
        self._say(dump({"out": [output.channel.value, output.position, data]}))

    @property
    def tasks_until(self) -> int:
        """The position of the last event of a task that was heard of; -1 before the first."""
        return self._tasks[-1].position if self._tasks else -1

    def tasks(self, events: Sequence[TaskEvent]) -> None:
        """Write what tasks did, once there are several of them."""
        self._tasks += events[: MOST_TASK_EVENTS - len(self._tasks)]
        self._pids.update(each.task.pid for each in events)
        if len(self._pids) > 1:
            for line in task_lines(self._tasks[self._told_tasks :]):
                self._say(line)
            self._told_tasks = len(self._tasks)

    def note(self, position: int, text: str) -> None:
        """Write a person's note on a stop."""
        note: Pairs = {"note": [position, text]}
        self._notes.append(note)
        self._say(dump(note))

    def edited(self, edits: Sequence[Edit]) -> None:
        """Write what was changed by hand at one position."""
        for edit in edits:
            fact = edit_fact(edit)
            self._edits.append((edit.position, fact))
            self._say(dump(fact))

    def void_from(self, position: int) -> None:
        """What was recorded at `position` and later is not what will happen."""
        self._edits = [each for each in self._edits if each[0] < position]
        self._tasks = [each for each in self._tasks if each.position < position]
        self._told_tasks = min(self._told_tasks, len(self._tasks))
        self._memory.take_extra()
        self._say(dump({"void": position}))
        self._segments = [each for each in self._segments if each.first < position]
        for each in self._segments:
            each.last = min(each.last, position - 1)
        self._done.drop_from(position)
        self._begun = self._last = self._again = None

    def end(self) -> None:
        """Write the index and the end."""
        self.leave()
        index = self._sink.begin_chunk()
        self._write_all_facts()
        for note in (*self._notes, *(edit for _position, edit in self._edits)):
            self._say(dump(note))
        for line in task_lines(self._tasks[: self._told_tasks]):
            self._say(line)
        for at in range(0, len(self._segments), _SEGMENTS_A_LINE):
            part = self._segments[at : at + _SEGMENTS_A_LINE]
            self._say(dump({"segments": [each.fact() for each in part]}))
        self._sink.finish(index, dump({"end": {"index": index, "stops": self.stops}}))

    def close(self) -> None:
        """Let the file go; harmless when it was."""
        self._sink.close()
