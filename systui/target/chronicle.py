"""One recording under way: turns stops into lines, each saying only what changed."""

from binascii import b2a_base64
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from systui.arch import BY_NAME
from systui.model.code import Symbol
from systui.model.edit import Edit
from systui.model.stop import MemoryRange, Output, Reason, Space, Stop
from systui.target.noted import Facts, Notes, line_fact, place_fact
from systui.target.protocol import Target
from systui.target.recorded.format import (
    SEGMENT_STOPS,
    WORD,
    Header,
    Pairs,
    dump,
    edit_fact,
    header_line,
)
from systui.target.recorded.pages import Pages
from systui.target.recorded.sink import Sink
from systui.target.scope import Range, Scope

_CODE = 80
_CODE_AHEAD = 256
_MOST_BEFORE = 384
"""Bytes of a function before pc that are kept with it, for the listing."""
_MOST_EXTRA = 1 << 16
"""Bytes read at one stop beyond the fixed set that are kept."""
_MOST_CONSTANTS = 1 << 20
_SEGMENTS_A_LINE = 1000
_TABLE_SIZES = (4096, 3072, 2560, 2048, 512)
"""Bytes of a call table to try where its symbol has no size."""
_MOST_LASTING = 4096
_PAGE = 4096
_KERNEL_HALF = 1 << 63
_REPEATED = frozenset((Reason.EXIT, Reason.BLOCKED, Reason.LIMIT, Reason.OOPS, Reason.SIGNAL))
"""Reasons worth telling where the target stays at a position that is recorded already."""


class Views(NamedTuple):
    """What the images are called, for the names that travel along."""

    kernel: Notes
    kernel_slide: int
    program: Notes | None
    program_slide: int
    program_path: Path | None = None
    """For the hash of what was run."""


class Constants:
    """The kernel's code and other memory that is never written, as far as it was read."""

    def __init__(self, views: Views) -> None:
        self._kernel = views.kernel
        self._slide = views.kernel_slide
        self._pages = Pages()
        self._size = 0
        self.pieces: list[tuple[int, bytes]] = []

    def take(self, address: int, data: bytes | None) -> bool:
        """Keep `data` where it is such memory; True where it was not kept before."""
        if not data or address < _KERNEL_HALF or self._size > _MOST_CONSTANTS:
            return False
        if self._pages.read(address, len(data)) == data:
            return False
        if not self._kernel.is_constant(address - self._slide):
            return False
        self._size += len(data)
        self._pages.write(address, data)
        self.pieces.append((address, data))
        return True

    def holds(self, address: int, data: bytes) -> bool:
        """Whether `data` at `address` is kept."""
        return self._pages.read(address, len(data)) == data


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
        self._target = target
        self._views = views
        self._arch = BY_NAME[target.info.arch]
        self._scope = Scope(self._arch, self._percpu)
        self._constants = constants
        self._done = Spans()
        self._segments: list[SegmentEntry] = []
        self._begun: SegmentEntry | None = None
        self._notes: list[Pairs] = []
        self._edits: list[tuple[int, Pairs]] = []
        # The stop written last, and what the segment has said so far.
        self._last: Stop | None = None
        self._again: tuple[Stop, Mapping[str, int]] | None = None
        self._values: Mapping[str, int] = {}
        self._ranges: list[Range] = []
        self._areas: list[tuple[int, bytes]] = []
        self._words: dict[int, bytes] = {}
        self._code = Pages()
        self._windows: dict[int, bytes] = {}
        self._said: dict[int, int] = {}
        self._extra: dict[int, bytes] = {}
        self._spans: list[tuple[int, int]] = []
        self._lasting: dict[tuple[int, int], bytes] = {}
        """Ranges whose content the segment or the whole file has said for good."""
        self._located: dict[int, tuple[Symbol, int] | None] = {}

    @classmethod
    def begin(
        cls, path: Path, target: Target, views: Views, constants: Constants, command: str | None
    ) -> "Chronicle":
        """Write the header and what is known so far; BadInputError, OSError."""
        from systui.target.recorded.sink import unwritable

        sink = Sink.open(path)
        try:
            chronicle = cls(path, sink, target, views, constants)
            chronicle._begin(command)
        except OSError as error:
            sink.close()
            raise unwritable(path, error) from error
        return chronicle

    def _begin(self, command: str | None) -> None:
        info = self._target.info
        self._sink.begin_chunk()
        self._sink.write(
            header_line(
                Header(
                    target=info.kind,
                    arch=info.arch,
                    kernel=info.kernel,
                    build_id=info.build_id,
                    slide=info.slide,
                    program=_base(info.program),
                    program_hash=_hash(self._views.program_path),
                    program_slide=info.program_slide,
                    tasks=tuple(self._target.tasks()),
                    cpus=len(self._target.cpus()),
                    command=command,
                )
            )
        )
        kernel = self._views.kernel
        start, end = kernel.symbol("__entry_text_start"), kernel.symbol("__entry_text_end")
        if start is not None and end is not None:
            kernel.ask_all(start.address, end.address)
        self._read_table()
        self._sink.write(dump({"facts": self._all_facts()}))
        self._write_constants()

    def _read_table(self) -> None:
        """Keep the call table: which handler a number has is asked anywhere in a session."""
        table = self._views.kernel.symbol("sys_call_table")
        if table is None:
            return
        address = table.address + self._views.kernel_slide
        for size in (table.size, *_TABLE_SIZES):
            if 0 < size <= _TABLE_SIZES[0]:
                where = MemoryRange(Space.KERNEL, address, size)
                data = self._target.read_memory([where])[0]
                if data is not None:
                    self._constants.take(address, data)
                    return

    def _write_constants(self) -> None:
        for address, data in self._constants.pieces:
            self._sink.write(_code_fact(address, data))

    def _percpu(self, name: str) -> int | None:
        found = self._views.kernel.symbol(name)
        return None if found is None else found.address

    # --- stops -------------------------------------------------------------------------------

    def stop(self, stop: Stop, values: Mapping[str, int]) -> None:
        """Write `stop` unless its position has been written."""
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
        self._sink.write(self._line(stop, values))
        self._last, self._values = stop, values
        if self._begun is not None:
            self._begun.last = stop.position
            self._begun.stops += 1

    def _come_again(self, stop: Stop, values: Mapping[str, int]) -> None:
        """At a position that was written: the stop is written once more only for what is read."""
        last = self._last
        if last is None or last.position != stop.position:
            self._again = stop, values
        elif stop.reason in _REPEATED and last != stop:
            self._sink.write(dump({"again": _stop_fact(stop)}))

    def _needs_key(self, stop: Stop, values: Mapping[str, int]) -> bool:
        last, begun = self._last, self._begun
        return (
            last is None
            or begun is None
            or begun.stops >= SEGMENT_STOPS
            or stop.position < last.position
            or values.keys() != self._values.keys()
        )

    def _begin_segment(self, stop: Stop) -> None:
        offset = self._sink.begin_chunk()
        self._begun = SegmentEntry(offset, stop.position)
        self._segments.append(self._begun)
        self._values, self._ranges, self._areas = {}, [], []
        self._words = {}
        self._code = Pages()
        self._windows = {}
        self._said = {}
        self._lasting = {}
        self._last = None

    def _line(self, stop: Stop, values: Mapping[str, int]) -> bytes:
        last, before = self._last, self._values
        parts = []
        if last is None:
            parts.append(f'"key":{len(self._segments) - 1},"p":{stop.position}')
        elif stop.position != last.position + 1:
            parts.append(f'"p":{stop.position}')
        changed = ",".join(
            [f'"{name}":"{value:x}"' for name, value in values.items() if before.get(name) != value]
        )
        parts.append(f'"r":{{{changed}}}')
        if stop.reason is not Reason.STEP or stop.detail or stop.killed or stop.past:
            parts.append('"stop":' + dump(_stop_fact(stop)).decode()[:-1])
        if last is None or stop.task != last.task or stop.cpu != last.cpu:
            parts.append('"on":' + dump([stop.cpu, *stop.task]).decode()[:-1])
        parts += self._memory(values)
        parts += self._names(stop.pc)
        return f"{{{','.join(parts)}}}\n".encode("ascii")

    # --- memory ------------------------------------------------------------------------------

    def _memory(self, values: Mapping[str, int]) -> list[str]:
        """The parts about the fixed set and the code at pc."""
        wanted = self._scope.ranges(values)
        pc = values[self._arch.pc]
        sp = values[self._arch.sp] & ~(WORD - 1)
        start = self._arch.kernel_start
        ranges = [_range(start, sp if low is None else low, high) for low, high in wanted]
        code_size = min(_CODE, _PAGE - pc % _PAGE)
        ranges.append(_range(self._arch.kernel_start, pc, pc + code_size))
        *found, code = self._target.read_memory(ranges)
        areas: list[tuple[int, bytes]] = []
        shown: list[Range] = []
        for (low, high), each, whole in zip(wanted, ranges, found, strict=False):
            data, end = (whole, high) if whole else self._until_page_end(each.address)
            if data:
                areas.append((each.address, data))
                shown.append((low, end))
        parts = []
        if shown != self._ranges:
            self._ranges = shown
            parts.append('"s":' + _ranges_fact(shown))
        fresh = self._fresh_words(areas)
        self._areas = areas
        self._spans = [(start, start + len(data)) for start, data in areas]
        if fresh:
            parts.append('"w":' + _words_fact(fresh))
        if code is not None and self._windows.get(pc) != code:
            parts += self._code_part(pc, code)
        return parts

    def _until_page_end(self, address: int) -> tuple[bytes | None, int]:
        end = (address | (_PAGE - 1)) + 1
        part = _range(self._arch.kernel_start, address, end)
        return self._target.read_memory([part])[0], end

    def _fresh_words(self, areas: list[tuple[int, bytes]]) -> dict[int, bytes]:
        """Words of `areas` that the segment has not said, or said differently."""
        fresh: dict[int, bytes] = {}
        before = self._areas
        for index, (low, data) in enumerate(areas):
            end = len(data)
            if index < len(before):
                known, old = before[index]
                shared = max(low, known)
                if known + len(old) == low + end and data[shared - low :] == old[shared - known :]:
                    end = shared - low
            for at in range(0, end, WORD):
                word = data[at : at + WORD]
                if self._words.get(low + at) != word:
                    self._words[low + at] = fresh[low + at] = word
        return fresh

    def _code_part(self, pc: int, code: bytes) -> list[str]:
        """The code from pc on, and from its function's start where that is near."""
        self._windows[pc] = code
        if self._code.read(pc, len(code)) == code:
            return []
        place = self._place(pc)
        start = pc if place is None or pc - place > _MOST_BEFORE else place
        if start < pc and self._code.read(start, pc - start) is not None:
            start = pc
        # More than the window: the next instructions' windows will be in it.
        end = pc + min(_CODE_AHEAD, _PAGE - pc % _PAGE)
        kernel = self._arch.kernel_start
        before, ahead = self._target.read_memory(
            [_range(kernel, start, pc), _range(kernel, pc, end)]
        )
        if before is None:
            start, before = pc, b""
        code = before + (code if ahead is None else ahead)
        self._code.write(start, code)
        return [f'"c":{{"{start:x}":"{code.hex()}"}}']

    def seen(self, ranges: Sequence[MemoryRange], found: Sequence[bytes | None]) -> None:
        """Keep what was read at the present stop, as far as the fixed set lacks it."""
        if self._last is None:
            return
        lasting = self._lasting
        for each, data in zip(ranges, found, strict=True):
            if not data or lasting.get((each.address, each.size)) == data:
                continue
            if each.space is not Space.PHYSICAL:
                self._keep(each, data)

    def _keep(self, where: MemoryRange, data: bytes) -> None:
        low, high = where.address, where.address + len(data)
        if any(start <= low and high <= end for start, end in self._kept_areas()):
            return
        if self._lasts(low, data):
            if len(self._lasting) > _MOST_LASTING:
                self._lasting.clear()
            self._lasting[low, len(data)] = data
            return
        first, end = low & ~(WORD - 1), (high + WORD - 1) & ~(WORD - 1)
        if WORD * len(self._extra) + end - first > _MOST_EXTRA:
            return
        if (first, end) != (low, high):
            whole = self._target.read_memory([MemoryRange(where.space, first, end - first)])[0]
            if whole is None:
                return
            data = whole
        for at in range(0, len(data), WORD):
            self._extra[first + at] = data[at : at + WORD]

    def _lasts(self, address: int, data: bytes) -> bool:
        """Whether the segment or the whole file has said this for good, or does so now."""
        if self._code.read(address, len(data)) == data or self._constants.holds(address, data):
            return True
        if not self._constants.take(address, data):
            return False
        self._sink.write(_code_fact(address, data))
        return True

    def _kept_areas(self) -> list[tuple[int, int]]:
        """What the fixed set has of the present stop."""
        if self._again is None:
            return self._spans
        values = self._again[1]
        sp = values[self._arch.sp]
        return [(sp if low is None else low, high) for low, high in self._scope.ranges(values)]

    def leave(self) -> None:
        """Before the target moves on: write what was read at the present stop."""
        facts = self._fresh_facts()
        if facts:
            self._sink.write(dump({"facts": facts}))
        if not self._extra:
            return
        extra, self._extra = self._extra, {}
        if self._again is not None:
            stop, values = self._again
            self._begin_segment(stop)
            self._put(stop, values)
        self._sink.write(f'{{"m":{_words_fact(extra)}}}\n'.encode("ascii"))

    # --- names -------------------------------------------------------------------------------

    def _side(self, address: int) -> tuple[str, Notes | None, int]:
        views = self._views
        if address >= self._arch.kernel_start:
            return "kernel", views.kernel, views.kernel_slide
        return "program", views.program, views.program_slide

    def _place(self, pc: int) -> int | None:
        """The run-time address of the symbol that pc belongs to."""
        _side, notes, slide = self._side(pc)
        found = None if notes is None else self._locate(notes, pc - slide)
        return None if found is None else found[0].address + slide

    def _locate(self, notes: Notes, address: int) -> tuple[Symbol, int] | None:
        """What the image answers; looked up once. The two images' addresses never meet."""
        try:
            return self._located[address]
        except KeyError:
            found = self._located[address] = notes.locate(address)
            return found

    def _names(self, pc: int) -> list[str]:
        """What pc is called, once a segment."""
        if pc in self._said:
            return []
        self._said[pc] = pc
        side, notes, slide = self._side(pc)
        if notes is None:
            return []
        facts: Facts = {}
        found = self._locate(notes, pc - slide)
        if found is not None:
            symbol = found[0]
            reach = self._said.get(-symbol.address - 1, -1)
            if reach < pc - slide:
                self._said[-symbol.address - 1] = max(pc - slide, symbol.address + symbol.size - 1)
                facts["places"] = [place_fact(symbol, pc - slide)]
        line = notes.at(pc - slide)
        notes.told(pc - slide, found)
        if line is not None:
            facts["lines"] = [line_fact(pc - slide, line)]
        return [f'"facts":{dump({side: facts}).decode()[:-1]}'] if facts else []

    def _fresh_facts(self) -> Facts:
        facts: Facts = {}
        for side, notes in (("kernel", self._views.kernel), ("program", self._views.program)):
            fresh = None if notes is None else notes.fresh()
            if fresh:
                facts[side] = fresh
        return facts

    def _all_facts(self) -> Facts:
        facts: Facts = {"kernel": self._views.kernel.everything()}
        if self._views.program is not None:
            facts["program"] = self._views.program.everything()
        return facts

    # --- what else happens -------------------------------------------------------------------

    def output(self, output: Output) -> None:
        """Write what the program wrote."""
        if self._begun is not None:
            self._begun.output = True
        data = b2a_base64(output.data, newline=False).decode("ascii")
        self._sink.write(dump({"out": [output.channel.value, output.position, data]}))

    def note(self, position: int, text: str) -> None:
        """Write a person's note on a stop."""
        note: Pairs = {"note": [position, text]}
        self._notes.append(note)
        self._sink.write(dump(note))

    def edited(self, edits: Sequence[Edit]) -> None:
        """Write what was changed by hand at one position."""
        for edit in edits:
            fact = edit_fact(edit)
            self._edits.append((edit.position, fact))
            self._sink.write(dump(fact))

    def void_from(self, position: int) -> None:
        """What was recorded at `position` and later is not what will happen."""
        self._edits = [each for each in self._edits if each[0] < position]
        self._extra = {}
        self._sink.write(dump({"void": position}))
        self._segments = [each for each in self._segments if each.first < position]
        for each in self._segments:
            each.last = min(each.last, position - 1)
        self._done.drop_from(position)
        self._begun = self._last = self._again = None

    def end(self) -> None:
        """Write the index and the end."""
        self.leave()
        index = self._sink.begin_chunk()
        self._sink.write(dump({"facts": self._all_facts()}))
        self._write_constants()
        for note in self._notes:
            self._sink.write(dump(note))
        for _position, edit in self._edits:
            self._sink.write(dump(edit))
        for at in range(0, len(self._segments), _SEGMENTS_A_LINE):
            part = self._segments[at : at + _SEGMENTS_A_LINE]
            self._sink.write(dump({"segments": [each.fact() for each in part]}))
        self._sink.finish(index, dump({"end": {"index": index, "stops": self.stops}}))

    def close(self) -> None:
        """Let the file go; harmless when it was."""
        self._sink.close()


class Spans:
    """A set of positions, kept as runs."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and position < self._ends[index]

    def add(self, position: int) -> None:
        """Take in a position that is not there."""
        index = bisect_right(self._starts, position)
        if index and self._ends[index - 1] == position:
            self._ends[index - 1] += 1
            if index < len(self._starts) and self._starts[index] == position + 1:
                self._ends[index - 1] = self._ends.pop(index)
                del self._starts[index]
        elif index < len(self._starts) and self._starts[index] == position + 1:
            self._starts[index] = position
        else:
            self._starts.insert(index, position)
            self._ends.insert(index, position + 1)

    def drop_from(self, position: int) -> None:
        """Forget `position` and all after it."""
        index = bisect_right(self._starts, position - 1)
        del self._starts[index:], self._ends[index:]
        if self._ends:
            self._ends[-1] = min(self._ends[-1], position)


def _range(kernel_start: int, low: int, high: int) -> MemoryRange:
    return MemoryRange(Space.KERNEL if low >= kernel_start else Space.USER, low, high - low)


def _ranges_fact(ranges: list[Range]) -> str:
    starts = ("null" if low is None else _quoted(low) for low, _high in ranges)
    ends = (f"[{low},{_quoted(high)}]" for low, (_, high) in zip(starts, ranges, strict=True))
    return f"[{','.join(ends)}]"


def _quoted(address: int) -> str:
    return f'"{address:x}"'


def _words_fact(words: Mapping[int, bytes]) -> str:
    """{address: bytes}, neighbouring words together."""
    runs: list[tuple[int, list[bytes]]] = []
    expected = -1
    for address in sorted(words):
        if address == expected:
            runs[-1][1].append(words[address])
        else:
            runs.append((address, [words[address]]))
        expected = address + WORD
    said = (f'{_quoted(at)}:"{_hex(run)}"' for at, run in runs)
    return f"{{{','.join(said)}}}"


def _code_fact(address: int, data: bytes) -> bytes:
    return dump({"facts": {"code": {f"{address:x}": data.hex()}}})


def _base(path: str | None) -> str | None:
    """A file's name: where it lies is the recording machine's business."""
    return None if path is None else path.rpartition("/")[2]


def _hash(path: Path | None) -> str | None:
    """SHA-256 of a file; None where it cannot be read."""
    if path is None:
        return None
    from hashlib import file_digest

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _hex(words: list[bytes]) -> str:
    return b"".join(words).hex()


def _stop_fact(stop: Stop) -> Pairs:
    fact: Pairs = {"reason": stop.reason.value}
    if stop.detail:
        fact["detail"] = stop.detail
    if stop.exit_status is not None:
        fact["exit_status"] = stop.exit_status
    if stop.killed is not None:
        signal, pc, address = stop.killed
        fact["killed"] = [
            signal,
            None if pc is None else f"{pc:x}",
            None if address is None else f"{address:x}",
        ]
    if stop.past:
        fact["past"] = True
    return fact
