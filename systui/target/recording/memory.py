"""What a segment has said of memory, and so what is new at a stop: the fixed set, code, extras."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.model.stop import MemoryRange, Space
from systui.target.protocol import Target
from systui.target.recorded.format import WORD
from systui.target.recorded.pages import Pages
from systui.target.recording import facts
from systui.target.recording.constants import Constants
from systui.target.recording.scope import Range, Scope

_CODE = 80
"""Bytes from pc on that a screen lists."""
_CODE_AHEAD = 256
_MOST_BEFORE = 384
"""Bytes of a function before pc that are kept with it, for the listing."""
_MOST_EXTRA = 1 << 16
"""Bytes read at one stop beyond the fixed set that are kept."""
_MOST_LASTING = 4096
_ROOM = 64
"""Bytes by which the stack pointer may move either way until other ranges are read."""
_PAGE = 4096

Area = tuple[int, bytes]
"""First address, and the content."""


class Look(NamedTuple):
    """What was read for a stop's line."""

    told: list[Area]
    """The areas of the look before."""
    areas: tuple[list[Range], list[Area]] | None
    """The fixed set with what of it is shown; None where it is as it was."""
    code: Area | None
    """Code that the segment has not said."""
    built: Area | None
    """What the image has where that differs from the code."""


class SegmentMemory:
    """Told stop by stop what there is; answers what of it the segment has not said yet."""

    def __init__(
        self,
        target: Target,
        arch: Architecture,
        scope: Scope,
        constants: Constants,
        start_of: Callable[[int], int | None],
        built: Callable[[int, int], bytes | None] | None = None,
    ) -> None:
        """`start_of`: the run-time address of the function that holds an address.

        `built` gives the image's bytes where the kernel rewrites its code.
        """
        self._target = target
        self._arch = arch
        self._scope = scope
        self._constants = constants
        self._start_of = start_of
        self._image = built
        self._extra: dict[int, bytes] = {}
        self._wanted: list[Range] = []
        self._room = range(0)
        """Stack pointers at which `_asked` is what is to be read for `_wanted`."""
        self._asked: list[MemoryRange] = []
        self.begin()

    def begin(self) -> None:
        """Another segment: nothing was said."""
        self._ranges: list[Range] = []
        self._areas: list[Area] = []
        self._sp = 0
        self._found: list[bytes | None] = []
        """What was read for the areas."""
        self._words: dict[int, bytes] = {}
        self._code = Pages()
        self._compared = Pages()
        """The kernel's code that was held against its image."""
        self._windows: dict[int, bytes] = {}
        self._straight: Area = 0, b""
        """The piece told last: most instructions go on in it."""
        self._lasting: dict[tuple[int, int], bytes] = {}
        """Ranges whose content the segment or the whole file has said for good."""

    # --- the fixed set and the code ----------------------------------------------------------

    def look(self, values: Mapping[str, int]) -> Look:
        """Read what a stop's line may have to say of the fixed set and the code at pc."""
        wanted = self._scope.ranges(values)
        pc = values[self._arch.pc]
        sp = values[self._arch.sp] & ~(WORD - 1)
        if sp not in self._room or wanted != self._wanted:
            self._ask(sp, wanted)
        window = self._range(pc, pc + min(_CODE, _PAGE - pc % _PAGE))
        *found, code = self._target.read_memory([*self._asked, window])
        told, areas = self._areas, None
        # Most instructions leave both stacks as they were.
        if sp != self._sp or found != self._found:
            self._sp = sp
            areas = self._filled(found)
        if code is None or self._windows.get(pc) == code:
            return Look(told, areas, None, None)
        self._windows[pc] = code
        start, piece = self._straight
        if pc >= start and piece[pc - start : pc - start + len(code)] == code:
            return Look(told, areas, None, None)
        new, built = self._new_code(pc, code), self._rewritten(pc, code)
        if new is not None and self._is_compared(new):
            self._straight = new
        return Look(told, areas, new, built)

    def parts(self, look: Look) -> list[str]:
        """The parts of the stop's line; in the order of the looks."""
        parts = []
        if look.areas is not None:
            shown, areas = look.areas
            if shown != self._ranges:
                self._ranges = shown
                parts.append('"s":' + facts.ranges(shown))
            fresh = self._fresh(areas, look.told)
            if fresh:
                parts.append('"w":' + facts.words(fresh))
        for key, code in (("c", look.code), ("b", look.built)):
            if code is not None:
                parts.append(f'"{key}":{{"{code[0]:x}":"{code[1].hex()}"}}')
        return parts

    def _ask(self, sp: int, wanted: list[Range]) -> None:
        """Choose what is read from now on: the ranges, and what is pushed on the stack next.

        Within the stack pointer's page, so that all of it is there if what is wanted is.
        """
        page = sp & -_PAGE
        lowest = max(sp - _ROOM, page)
        self._wanted, self._room = wanted, range(lowest, min(sp + _ROOM, page + _PAGE))
        self._asked = [self._range(lowest if low is None else low, high) for low, high in wanted]
        self._found = []

    def _filled(self, found: list[bytes | None]) -> tuple[list[Range], list[Area]]:
        """The areas that are wanted as far as they are there, given what was read."""
        areas: list[Area] = []
        shown: list[Range] = []
        for index, (low, _high) in enumerate(self._wanted):
            if not found[index]:
                first = self._asked[index].address
                self._asked[index] = self._range(first, (first | (_PAGE - 1)) + 1)
                found[index] = self._target.read_memory([self._asked[index]])[0]
            each, data = self._asked[index], found[index]
            if data:
                start = self._sp if low is None else low
                areas.append((start, data[start - each.address :]))
                shown.append((low, each.address + each.size))
        self._areas, self._found = areas, found
        return shown, areas

    def _range(self, low: int, high: int) -> MemoryRange:
        space = Space.KERNEL if low >= self._arch.kernel_start else Space.USER
        return MemoryRange(space, low, high - low)

    def _fresh(self, areas: list[Area], told: list[Area]) -> dict[int, bytes]:
        """Words of `areas` that the segment has not said, or said differently.

        `told`: the areas of the look before.
        """
        before = {low + len(data): (low, data) for low, data in told}
        fresh: dict[int, bytes] = {}
        for low, data in areas:
            first, size = low, len(data)
            known = before.get(low + size)
            if known == (low, data):
                continue
            if known is not None:
                first, size = _differing(low, data, *known)
            for at in range(first - low, first - low + size, WORD):
                word = data[at : at + WORD]
                if self._words.get(low + at) != word:
                    self._words[low + at] = fresh[low + at] = word
        return fresh

    def _new_code(self, pc: int, code: bytes) -> Area | None:
        """The code from pc on, and from its function's start where that is near."""
        if self._code.read(pc, len(code)) == code or self._constants.holds(pc, code):
            return None
        start, code = self._piece(pc, code, self._code)
        self._code.write(start, code)
        return start, code

    def _piece(self, pc: int, code: bytes, said: Pages) -> Area:
        """The code around pc, `code` there: also what precedes it where that is not `said`.

        More than the window: the next instructions' windows will be in it.
        """
        place = self._start_of(pc)
        start = pc if place is None or pc - place > _MOST_BEFORE else place
        if start < pc and said.read(start, pc - start) is not None:
            start = pc
        end = pc + min(_CODE_AHEAD, _PAGE - pc % _PAGE)
        before, ahead = self._target.read_memory([self._range(start, pc), self._range(pc, end)])
        if before is None:
            start, before = pc, b""
        return start, before + (code if ahead is None else ahead)

    def _is_compared(self, code: Area) -> bool:
        """Whether nothing is to be said any more of what the image has in place of `code`."""
        start, data = code
        if self._image is None or start < self._arch.kernel_start:
            return True
        return self._compared.read(start, len(data)) == data

    def _rewritten(self, pc: int, code: bytes) -> Area | None:
        """What the image has in place of the code around pc, where that is something else."""
        if self._image is None or pc < self._arch.kernel_start:
            return None
        if self._compared.read(pc, len(code)) == code:
            return None
        start, live = self._piece(pc, code, self._compared)
        self._compared.write(start, live)
        built = self._image(start, len(live))
        if built is None or built == live:
            return None
        return start, built

    def ahead(self) -> list[MemoryRange]:
        """What will be read for the next stop unless it is about other areas."""
        return self._asked

    # --- what is read beyond -----------------------------------------------------------------

    def seen(
        self,
        ranges: Sequence[MemoryRange],
        found: Sequence[bytes | None],
        values: Mapping[str, int] | None,
    ) -> list[bytes]:
        """Keep what was read at the present stop, as far as the fixed set lacks it.

        Returns lines that are to be written at once. `values`: the registers, where the segment's
        last stop is not the present one.
        """
        lines: list[bytes] = []
        lasting = self._lasting
        for each, data in zip(ranges, found, strict=True):
            if not data or lasting.get((each.address, each.size)) == data:
                continue
            if each.space is not Space.PHYSICAL and not self._covered(each.address, data, values):
                self._keep(each, data, lines)
        return lines

    @property
    def has_extra(self) -> bool:
        """Whether something was kept of the present stop."""
        return bool(self._extra)

    def take_extra(self) -> dict[int, bytes]:
        """What was kept of the present stop; once."""
        extra, self._extra = self._extra, {}
        return extra

    def _covered(self, low: int, data: bytes, values: Mapping[str, int] | None) -> bool:
        """Whether the fixed set has it."""
        high = low + len(data)
        if values is None:
            return any(start <= low and high <= start + len(known) for start, known in self._areas)
        sp = values[self._arch.sp]
        areas = self._scope.ranges(values)
        return any((sp if start is None else start) <= low and high <= end for start, end in areas)

    def _keep(self, where: MemoryRange, data: bytes, lines: list[bytes]) -> None:
        low, high = where.address, where.address + len(data)
        if self._lasts(low, data, lines):
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

    def _lasts(self, address: int, data: bytes, lines: list[bytes]) -> bool:
        """Whether the segment or the whole file has said this for good, or does so now."""
        # The whole file's first: how the kernel is entered is worked out at any stop, from code
        # that ran in other segments.
        if self._constants.holds(address, data):
            return True
        if self._constants.take(address, data):
            lines.append(facts.code({address: data}))
            return True
        return self._code.read(address, len(data)) == data


def _differing(low: int, data: bytes, known: int, old: bytes) -> tuple[int, int]:
    """The part of `data` that is new beside `old`, which ends where it does: whole words."""
    shared = max(low, known)
    new = int.from_bytes(data[shared - low :], "little")
    changed = new ^ int.from_bytes(old[shared - known :], "little")
    last = (shared - low) // WORD + -(-changed.bit_length() // (8 * WORD)) if changed else 0
    if low < known:
        return low, WORD * max(last, (known - low) // WORD)
    if not changed:
        return low, 0
    lowest = (changed & -changed).bit_length() - 1
    first = (shared - low) // WORD + lowest // (8 * WORD)
    return low + first * WORD, (last - first) * WORD
