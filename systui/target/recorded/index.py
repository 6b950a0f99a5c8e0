"""Where each segment of a recording begins and which positions it holds."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from systui.model.edit import Edit
from systui.model.stop import Task
from systui.model.task_log import TaskEvent
from systui.target.recorded.container import Container
from systui.target.recorded.format import (
    MOST_TASK_EVENTS,
    DamageError,
    Pairs,
    integer,
    items,
    load,
    pairs,
)
from systui.target.recorded.segment import Note, edit_of, note_of
from systui.target.recorded.task_lines import task_events

PART = 1 << 23
"""Bytes, unpacked, that are looked through at once where the index is missing; some 0.1 s."""
_MOST_SEGMENTS = 400_000
_MOST_VOIDS = 1000
_MOST_MIXED = 500_000
"""Stops of segments that overlap, which are put in order one by one."""
_MOST_NOTES = 10_000
_MOST_FACTS = 100_000


class Run(NamedTuple):
    """Stops of one segment that no other segment's stops lie between."""

    segment: int
    first: int
    last: int
    """Positions, both within."""


class Index:
    """All segments, and their stops' order."""

    def __init__(self) -> None:
        self.offsets = array("q")
        self.firsts = array("q")
        self.lasts = array("q")
        """Below `firsts` where nothing of a segment is valid any more."""
        self.output = bytearray()
        self.facts: list[Pairs] = []
        self.notes: list[Note] = []
        self.edits: dict[int, list[Edit]] = {}
        """By position."""
        self.tasks: list[TaskEvent] = []
        """What tasks did, in order of position."""
        self.pids: dict[int, Task] = {}
        """Those tasks."""
        self.whole = False
        """The recording was ended properly."""
        self.settled = False
        """All was looked through: no stop will turn out to be void, or another one."""
        self._rest: Iterator[tuple[int, bytes]] = iter(())
        """What is still to be looked through."""
        self._voids = 0
        self._runs: list[Run] = []
        self._starts: list[int] = []

    # --- filling -----------------------------------------------------------------------------

    def load(self, container: Container) -> None:
        """From the index at the end; else `more` looks through the file, part by part."""
        offset = container.index()
        if offset is not None and self._read(container, offset):
            self.whole = self.settled = True
            return
        self.__init__()  # type: ignore[misc]
        self._rest = container.scan()

    def _read(self, container: Container, offset: int) -> bool:
        try:
            for line in container.lines(offset):
                said = load(line)
                if "end" in said:
                    break
                if "segments" in said:
                    for each in items(said["segments"]):
                        self._add(*(integer(part) for part in items(each)))
                else:
                    self._take(said)
        except (DamageError, TypeError):
            return False
        return len(self.offsets) > 0

    def _take(self, said: Pairs) -> None:
        if "facts" in said and len(self.facts) < _MOST_FACTS:
            self.facts.append(pairs(said["facts"]))
        elif "note" in said and len(self.notes) < _MOST_NOTES:
            self.notes.append(note_of(said))
        elif "edit" in said and len(self.edits) < _MOST_NOTES:
            edit = edit_of(said)
            self.edits.setdefault(edit.position, []).append(edit)
        elif "tasks" in said and len(self.tasks) < MOST_TASK_EVENTS:
            self._take_tasks(task_events(said))

    def _take_tasks(self, events: Sequence[TaskEvent]) -> None:
        """Only what keeps them in order."""
        for each in events:
            if not self.tasks or each.position >= self.tasks[-1].position:
                self.tasks.append(each)
                self.pids.setdefault(each.task.pid, each.task)

    def _add(self, offset: int, first: int, last: int, _stops: int, output: int) -> None:
        if len(self.offsets) >= _MOST_SEGMENTS or (self.offsets and offset <= self.offsets[-1]):
            raise DamageError
        self.offsets.append(offset)
        self.firsts.append(first)
        self.lasts.append(last)
        self.output.append(bool(output))

    def more(self) -> bool:
        """Look through another part of a file without an index; False at its end.

        Takes in all that can be told without taking every line apart; `arrange` is to follow.
        """
        left = PART
        for offset, line in self._rest:
            with suppress(DamageError):
                self._scan_line(offset, line)
            left -= len(line)
            if left <= 0:
                return True
        self.settled = True
        return left < PART

    def _scan_line(self, offset: int, line: bytes) -> None:
        if line.startswith(b'{"r":'):
            if self.lasts:
                self.lasts[-1] += 1
        elif line.startswith(b'{"p":'):
            if self.lasts:
                self.lasts[-1] = max(self.lasts[-1], integer(load(line)["p"]))
        elif line.startswith(b'{"key":'):
            position = integer(load(line).get("p"))
            self._add(offset, position, position, 0, 0)
        elif line.startswith(b'{"out":'):
            if self.output:
                self.output[-1] = 1
        elif line.startswith(b'{"void":'):
            self._void(integer(load(line).get("void")))
        elif line.startswith((b'{"facts":', b'{"note":', b'{"edit":', b'{"tasks":')):
            self._take(load(line))

    def _void(self, position: int) -> None:
        self._voids += 1
        if self._voids > _MOST_VOIDS:
            raise DamageError
        for index in range(len(self.lasts)):
            self.lasts[index] = min(self.lasts[index], position - 1)
        self.notes = [each for each in self.notes if each.position < position]
        self.edits = {at: each for at, each in self.edits.items() if at < position}
        self.tasks = [each for each in self.tasks if each.position < position]

    def end(self, number: int) -> int | None:
        """Where the segment after number `number` begins; None after the last one."""
        return self.offsets[number + 1] if number + 1 < len(self.offsets) else None

    # --- order -------------------------------------------------------------------------------

    def arrange(self, positions: Callable[[int], list[int]]) -> None:
        """Work out the runs; `positions` tells those of a segment, where segments overlap."""
        valid = [
            index for index in range(len(self.offsets)) if self.lasts[index] >= self.firsts[index]
        ]
        valid.sort(key=lambda index: (self.firsts[index], self.offsets[index]))
        runs: list[Run] = []
        cluster: list[int] = []
        end = -1
        for index in valid:
            if cluster and self.firsts[index] > end:
                runs += self._of(cluster, positions)
                cluster = []
            cluster.append(index)
            end = max(end, self.lasts[index])
        runs += self._of(cluster, positions)
        self._runs = runs
        self._starts = [run.first for run in runs]

    def _of(self, cluster: list[int], positions: Callable[[int], list[int]]) -> list[Run]:
        if len(cluster) == 1:
            index = cluster[0]
            return [Run(index, self.firsts[index], self.lasts[index])]
        owner: dict[int, int] = {}
        left = _MOST_MIXED
        for index in sorted(cluster):
            if left <= 0:
                break
            found = positions(index)
            left -= len(found) + 1
            owner.update((each, index) for each in found if each <= self.lasts[index])
        runs: list[Run] = []
        for position in sorted(owner):
            index = owner[position]
            if runs and runs[-1].segment == index:
                runs[-1] = runs[-1]._replace(last=position)
            else:
                runs.append(Run(index, position, position))
        return runs

    @property
    def runs(self) -> list[Run]:
        """In order of position."""
        return self._runs

    def run_at(self, position: int) -> int:
        """The number of the run that begins at or before `position`; -1 before all."""
        return bisect_right(self._starts, position) - 1

    @property
    def earliest(self) -> int:
        """The first position."""
        return self._runs[0].first if self._runs else 0

    @property
    def latest(self) -> int:
        """The last position."""
        return self._runs[-1].last if self._runs else 0
