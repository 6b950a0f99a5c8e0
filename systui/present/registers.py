"""Registers as rows: general ones abreast, then flags by name, segments, CR3 and bases.

Most rows are the same at the next stop; the pure functions that make them remember their last
results, which is most of what makes a stop cheap to present.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.model.frame import StackKind
from systui.model.snapshot import Snapshot
from systui.present import edits
from systui.present.flags import flag_names
from systui.present.rows import Row, Span, clip, hexadecimal, row, width
from systui.words import _

_NAME = 3
_BASE_NAME = 14
_MARK = "•"
_MARGIN = Span(" ")
_TWO_ABREAST = 45
_BASE_ABREAST = 49
"""Cells in which fs_base, a longer name, stands beside another register."""
_THREE_ABREAST = 76
_STRIDE = 25
"""Cells from one register to the one beside it."""
_BASES_WIDTH = 40
"""Cells of gs_base and whose it is, in English or Chinese."""
_PTI_BIT = 0x1000
"""CR3 bit 12 tells a task's user page table from its kernel one (PTI_PGTABLE_SWITCH_BIT)."""
_REMEMBERED = 4096

Spans = tuple[Span, ...]


class Reading(NamedTuple):
    """One register at one stop."""

    name: str
    value: int | None
    changed: bool
    edited: bool = False
    """By hand, at this stop."""


def register_rows(snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
    """All registers of `snapshot` in lines of `size` cells; changed ones are marked."""
    view = _View(snapshot, architecture, size - 1)
    return tuple(view.wide() if size > _THREE_ABREAST else view.narrow())


def accumulator_meaning(snapshot: Snapshot) -> str:
    """What the call's number or result register says right now; empty where it says nothing."""
    call = snapshot.call
    values = snapshot.registers.values
    register, bits = ("rax", 64) if "rax" in values else ("eax", 32)
    value = values.get(register)
    if call is None or value is None:
        return ""
    if call.result is None:
        return f"{register} = {call.number} {call.name}" if value == call.number else ""
    signed = value - (1 << bits) if value >> bits - 1 else value
    if signed != call.result:
        return ""
    return f"{register} = {signed} {call.errno}" if call.errno else f"{register} = {signed}"


class _View:
    """One snapshot's registers at one width."""

    def __init__(self, snapshot: Snapshot, architecture: Architecture, size: int) -> None:
        self.values = snapshot.registers.values
        self.changed = snapshot.changed
        self.edited = edits.edited_registers(snapshot.edits)
        self.architecture = architecture
        self.size = size
        self.general = architecture.general
        self.digits = 2 * architecture.word
        self.bases = [
            each.name
            for each in architecture.registers
            if each.group == "base" and each.name != "fs_base"
        ]

    def narrow(self) -> list[Row]:
        """Two abreast, or one below the other where even that does not fit."""
        pc = self.architecture.pc
        label = max(map(len, self.bases))
        bases = [row(_MARGIN, *self._base(name, label)) for name in self.bases]
        if self.size < _TWO_ABREAST:
            names = (*self.general, pc, "fs_base", "cr3", "cr2")
            rows = [_abreast((self.read(name),), self.digits) for name in names]
        elif self.size < _BASE_ABREAST:
            rows = [self._line(pair) for pair in _columns(self.general, 2)]
            rows += [self._line((pc, "cr2")), row(_MARGIN, *self._cr3())]
            fs_base = _value(self.read("fs_base"), self.digits, label)
            bases.insert(0, row(_MARGIN, *fs_base))
        else:
            rows = [self._line(pair) for pair in _columns(self.general, 2)]
            rows += [self._line((pc, "fs_base"))]
            rows += [_sides(self._cr3(), _value(self.read("cr2"), self.digits), 0, self.size)]
        rows[-1:-1] = [row(_MARGIN, *self._flags(self.size)), self._segment_row()]
        return [*rows, *bases]

    def wide(self) -> list[Row]:
        """Three abreast."""
        names = [*self.general, self.architecture.pc, "cr2"]
        rows = [self._line(line) for line in _columns(names, 3)]
        size, column = self.size, 2 * _STRIDE
        fs_base = _value(self.read("fs_base"), self.digits)
        labels = (0, _BASE_NAME)
        first, *others = map(self._base, self.bases, labels)
        if others and max(width(first) + 2, _BASES_WIDTH) + width(others[0]) > size:
            first, *others = [spans[:-1] for spans in (first, *others)]  # whose they are: no room
        return [
            *rows,
            _sides(self._flags(column - 2), self._cr3(), column, size),
            _sides(self._segments(column - 1), fs_base, column, size),
            _sides(first, others[0] if others else (), _BASES_WIDTH, size),
        ]

    def read(self, name: str) -> Reading:
        """One register."""
        edited = name in self.edited
        return Reading(name, self.values.get(name), edited or name in self.changed, edited)

    def _line(self, names: Sequence[str]) -> Row:
        return _abreast(tuple([self.read(name) for name in names]), self.digits)

    def _flags(self, size: int) -> Spans:
        """The flags register in figures and by name, in `size` cells."""
        reading = self.read(self.architecture.flags_register)
        value = reading.value
        names = () if value is None else flag_names(value, self.architecture)
        figures = _value(reading, 8)
        named = clip(" ".join(names), size - width(figures) - 2)
        return (*figures, Span("  " + named, "flag"))

    def _segment_row(self) -> Row:
        return _sides(self._segments(self.size), (), 0, self.size)

    def _segments(self, size: int) -> Spans:
        """The selectors in `size` cells, with the ring that the code segment's low bits tell."""
        selector = self.values.get("cs")
        ring = None if selector is None else selector & 3
        told = "" if ring is None else " " + _("ring {ring}").format(ring=ring)
        readings = tuple([self.read(name) for name in ("cs", "ss", "ds", "es", "fs", "gs")])
        return _selectors(readings, Span(told, "ring.user" if ring else "ring.kernel"), size)

    def _cr3(self) -> Spans:
        """CR3, and whose page table it points to where page-table isolation keeps two."""
        reading = self.read("cr3")
        spans = _value(reading, self.digits)
        if reading.value is None:
            return spans
        if reading.value & _PTI_BIT:
            return (*spans, Span(" " + _("user"), "ring.user"))
        in_user_mode = (self.values.get("cs") or 0) & 3
        return (*spans, Span(" " + (_("shared") if in_user_mode else _("kernel")), "ring.kernel"))

    def _base(self, name: str, label: int) -> Spans:
        """A GS base, and whose it is: the kernel's per-CPU area lies in the upper half."""
        reading = self.read(name)
        spans = _value(reading, self.digits, label)
        if reading.value is None or self.architecture.bits == 32:
            return (*spans, Span(""))  # no SWAPGS: a segment's base says nothing of whose it is
        kernel = reading.value >= self.architecture.kernel_start
        return (*spans, Span("  " + (_("per-CPU area") if kernel else _("user's")), "muted"))


@lru_cache(maxsize=_REMEMBERED)
def _value(reading: Reading, digits: int, label: int = _NAME) -> Spans:
    """A register's name and value, with the mark of a change between them."""
    name, value, changed, edited = reading
    named = Span(name.ljust(label), "name.changed" if changed else "name")
    if value is None:
        return (named, Span(" " + "?".rjust(digits), "faint"))
    mark = Span(edits.MARK if edited else _MARK if changed else " ", "changed")
    return (named, mark, *hexadecimal(value, digits, "changed" if changed else "number"))


@lru_cache(maxsize=_REMEMBERED)
def _abreast(readings: tuple[Reading, ...], digits: int) -> Row:
    """Registers side by side, each at its column."""
    spans = [_MARGIN]
    end = 0
    for index, reading in enumerate(readings):
        if index:
            spans.append(Span(" " * (index * _STRIDE - end)))
        spans += _value(reading, digits)
        end = index * _STRIDE + max(_NAME, len(reading.name)) + 1 + digits
    return row(*spans, tag=readings[0].name)


@lru_cache(maxsize=_REMEMBERED)
def _selectors(readings: tuple[Reading, ...], ring: Span, size: int) -> Spans:
    code, stack, *others = readings
    spans = [*_value(code, 4), ring, Span("  "), *_value(stack, 4)]
    texts = ["?" if each.value is None else f"{each.value:x}" for each in others]
    whole = width(spans) + sum(len(f"  {each.name} ") for each in others) + len("".join(texts))
    blank = "  " if whole <= size else " "
    for (name, _selector, changed, _edited), text in zip(others, texts, strict=True):
        label = Span(blank + name, "name.changed" if changed else "name")
        shown = Span((_MARK if changed else " ") + text, "changed" if changed else "zero")
        if width((*spans, label, shown)) <= size:
            spans += [label, shown]
    return tuple(spans)


@lru_cache(maxsize=_REMEMBERED)
def _sides(left: Spans, right: Spans, column: int, size: int) -> Row:
    """Two things on a line, the second from `column` on; left out where it does not fit."""
    indent = max(2, column - width(left))
    if not right or width(left) + indent + width(right) > size:
        return row(_MARGIN, *left)
    return row(_MARGIN, *left, Span(" " * indent), *right)


def _columns(names: Sequence[str], count: int) -> list[Sequence[str]]:
    """`names` in lines of up to `count`, running down the columns."""
    height = -(-len(names) // count)
    return [names[index::height] for index in range(height)]


def stack_title(kind: StackKind) -> str:
    """What a stack is called in a title."""
    return {
        StackKind.USER: _("user stack"),
        StackKind.TRAMPOLINE: _("trampoline stack"),
        StackKind.THREAD: _("thread stack"),
        StackKind.OTHER: _("other stack"),
    }[kind]
