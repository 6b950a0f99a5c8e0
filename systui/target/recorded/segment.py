"""One segment of a recording, read: its stops, and the memory known at each."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from systui.model.edit import Edit
from systui.model.stop import Channel, Killed, Output, Reason, Task
from systui.target.recorded.format import (
    MOST_STOPS,
    WORD,
    DamageError,
    Pairs,
    content,
    integer,
    items,
    killed_of,
    load,
    load_all,
    memory,
    number,
    pairs,
    reason_of,
    text,
    two,
)

Area = tuple[int | None, int]
_MOST_AREAS = 16
_BLOCK = 48
"""Lines that are taken apart at once."""


class Why(NamedTuple):
    """What a stop says of itself beyond its place."""

    reason: Reason = Reason.STEP
    detail: str = ""
    exit_status: int | None = None
    killed: Killed | None = None
    past: bool = False
    leap: bool = False
    goes_on: bool = False


_STEPPED = Why()
"""Of nearly all stops: one value, so that the garbage collector has one to look at."""


class Moment(NamedTuple):
    """One recorded stop."""

    position: int
    values: Mapping[str, int]
    why: Why
    cpu: int
    task: Task
    areas: tuple[Area, ...]
    """The memory of the fixed set: first address (None: the stack pointer's word) and end."""


class Note(NamedTuple):
    """A person's words on a stop."""

    position: int
    text: str


class Segment:
    """Stops in order of position, read as far as they are asked for."""

    def __init__(
        self, lines: Sequence[bytes], names: frozenset[str], needed: frozenset[str], sp: str
    ) -> None:
        """`names`: registers that are taken; `needed`: those a stop cannot do without."""
        self.moments: list[Moment] = []
        """Those that were read."""
        self.outputs: list[Output] = []
        self.known: list[tuple[int, object]] = []
        """By position: what was put down as known there."""
        self._lines = lines
        self._next = 0
        self._names = names
        self._needed = needed
        self._sp = sp
        self._at_key: list[tuple[int, bytes]] = []
        """What the key stop says of memory: most of all that is known, and the least asked for."""
        self._words: dict[int, tuple[list[int], list[bytes]]] = {}
        self._extras: dict[int, dict[int, bytes]] = {}

    # --- reading lines -----------------------------------------------------------------------

    def reach(self, index: int) -> bool:
        """Read stop `index` with all that is said of it; False where there is none."""
        while self._next < len(self._lines) and len(self.moments) <= index + 1:
            block = self._lines[self._next : self._next + _BLOCK]
            self._next = self._next + len(block) if self._read(block) else len(self._lines)
        return index < len(self.moments)

    def finish(self) -> None:
        """Read all."""
        self.reach(MOST_STOPS)

    def index_of(self, position: int) -> int:
        """The index of the first stop at `position` or behind it."""
        if self.reach(0):
            self.reach(max(position - self.moments[0].position, 0))  # no two stops share one
        return bisect_left(self.moments, position, key=_position)

    def _read(self, lines: Sequence[bytes]) -> bool:
        """Take in `lines`; False where the segment ends in them, by damage too."""
        sound = load_all(lines)
        try:
            for each in map(load, lines) if sound is None else map(pairs, sound):
                if ("key" in each and self.moments) or "segments" in each or "end" in each:
                    return False
                self._take(each)
        except DamageError:
            return False
        return True

    def _take(self, said: Pairs) -> None:
        if "r" in said:
            self._stop(said)
        elif "m" in said:
            self._extra(said)
        elif "out" in said:
            self.outputs.append(output_of(said))
        elif "known" in said and self.moments:
            self.known.append((self.moments[-1].position, said["known"]))
        elif "again" in said and self.moments:
            self.moments[-1] = self.moments[-1]._replace(why=why_of(said["again"]))

    def _stop(self, said: Pairs) -> None:
        before = self.moments[-1] if self.moments else None
        if (before is None and "key" not in said) or len(self.moments) >= MOST_STOPS:
            raise DamageError
        position = self._position(said, before)
        values = self._registers(said, before)
        cpu, task = (before.cpu, before.task) if before is not None else (0, Task(0, ""))
        if "on" in said:
            cpu, task = _on(said["on"])
        areas = before.areas if before is not None else ()
        if "s" in said:
            areas = tuple(_area(each) for each in items(said["s"])[:_MOST_AREAS])
        why = why_of(said["stop"]) if "stop" in said else _STEPPED
        if "w" in said:
            words = memory(said["w"])
            if before is None:
                self._at_key = words
            else:
                for address, data in words:
                    self._put(len(self.moments), address, data)
        self.moments.append(Moment(position, values, why, cpu, task, areas))

    def _registers(self, said: Pairs, before: Moment | None) -> dict[str, int]:
        values = {} if before is None else dict(before.values)
        names = self._names
        for name, value in pairs(said["r"]).items():
            if name in names:
                values[name] = number(value)
        if before is None and not self._needed <= values.keys():
            raise DamageError  # the stops after it have all that this one has
        return values

    @staticmethod
    def _position(said: Pairs, before: Moment | None) -> int:
        if "p" not in said:
            if before is None:
                raise DamageError
            return before.position + 1
        position = integer(said["p"])
        if before is not None and position <= before.position:
            raise DamageError
        return position

    def _put(self, index: int, address: int, data: bytes) -> None:
        for at in range(0, len(data), WORD):
            indexes, words = self._words.setdefault(address + at, ([], []))
            indexes.append(index)
            words.append(data[at : at + WORD])

    def _extra(self, said: Pairs) -> None:
        if not self.moments:
            raise DamageError
        extra = self._extras.setdefault(len(self.moments) - 1, {})
        for address, data in memory(said["m"]):
            for at in range(0, len(data), WORD):
                extra[address + at] = data[at : at + WORD]

    # --- answers -----------------------------------------------------------------------------

    def memory(self, index: int, address: int, size: int) -> bytes | None:
        """`size` bytes that were known at stop `index`; None where not all of them were."""
        low, high = address & ~(WORD - 1), (address + size + WORD - 1) & ~(WORD - 1)
        if high - low > 1 << 16:
            return None
        moment, extra = self.moments[index], self._extras.get(index, {})
        sp = moment.values[self._sp] & ~(WORD - 1)
        areas = [
            (start, end)
            for start, end in ((sp if first is None else first, end) for first, end in moment.areas)
            if start < high and low < end
        ]
        if not areas and not extra:
            return None  # code, for one
        words = []
        for at in range(low, high, WORD):
            word = extra.get(at)
            if word is None and any(start <= at < end for start, end in areas):
                word = self._word(index, at)
            if word is None:
                return None
            words.append(word)
        return b"".join(words)[address - low : address - low + size]

    def _word(self, index: int, address: int) -> bytes | None:
        indexes, words = self._words.get(address, ((), ()))
        at = bisect_right(indexes, index)
        if at:
            return words[at - 1]
        for start, data in reversed(self._at_key):
            if start <= address < start + len(data):
                return data[address - start : address - start + WORD]
        return None


def why_of(value: object) -> Why:
    """{reason, detail, exit_status, killed, past, leap, goes_on}; DamageError."""
    said = pairs(value)
    status = said.get("exit_status")
    return Why(
        reason_of(said.get("reason")),
        text(said.get("detail", "")),
        None if status is None else integer(status, 0xFFFF_FFFF),
        killed_of(said.get("killed")),
        said.get("past") is True,
        said.get("leap") is True,
        said.get("goes_on") is True,
    )


def output_of(said: Pairs) -> Output:
    """[channel, position, base64]; DamageError."""
    from base64 import b64decode

    found = items(said["out"])
    if len(found) != 3 or not isinstance(found[2], str):
        raise DamageError
    try:
        channel = Channel(found[0])
        data = b64decode(found[2], validate=True)
    except ValueError as error:
        raise DamageError from error
    return Output(channel, data, integer(found[1]))


def note_of(said: Pairs) -> Note:
    """[position, text]; DamageError."""
    position, words = two(said["note"])
    return Note(integer(position), text(words))


def edit_of(said: Pairs) -> Edit:
    """[position, name, address, size, old, new], numbers of memory in hexadecimal; DamageError."""
    found = items(said["edit"])
    if len(found) != 6:
        raise DamageError
    position, name, address, size, old, new = found
    return Edit(
        integer(position),
        text(name),
        None if address is None else number(address),
        integer(size, 8),
        None if old is None else number(old),
        number(new),
    )


def code_of(facts: Pairs, kind: str = "code") -> Iterator[tuple[int, bytes]]:
    """Address and bytes of the code in one `facts` object, of `built` likewise; DamageError."""
    for address, data in pairs(facts.get(kind, {})).items():
        yield number(address), content(data)


def _on(value: object) -> tuple[int, Task]:
    found = items(value)
    if len(found) != 3:
        raise DamageError
    return integer(found[0], 4096), Task(integer(found[1]), text(found[2]))


def _area(value: object) -> Area:
    low, high = two(value)
    return (None if low is None else number(low)), number(high)


def _position(moment: Moment) -> int:
    return moment.position
