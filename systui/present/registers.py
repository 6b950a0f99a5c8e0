"""Registers as rows: general ones two abreast, then flags by name, segments, CR3 and bases."""

from collections.abc import Sequence
from functools import lru_cache

from systui.arch.spec import Architecture
from systui.model.frame import StackKind
from systui.model.snapshot import Snapshot
from systui.present.flags import flag_names
from systui.present.rows import Row, Span, hexadecimal, row, width
from systui.words import _

_DIGITS = 16
_NAME = 3
_MARK = "•"
_TWO_ABREAST = 45
_THREE_ABREAST = 76
_STRIDE = 25
"""Cells from one register to the one beside it."""
_FLAGS_WIDTH = 40
_PTI_BIT = 0x1000
"""CR3 bit 12 tells a task's user page table from its kernel one (PTI_PGTABLE_SWITCH_BIT)."""


def register_rows(snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
    """All registers of `snapshot` in lines of `size` cells; changed ones are marked."""
    view = _View(snapshot, architecture, size - 1)
    rows = view.wide() if size > _THREE_ABREAST else view.narrow()
    return tuple(shown._replace(spans=(Span(" "), *shown.spans)) for shown in rows)


def accumulator_meaning(snapshot: Snapshot) -> str:
    """What the call's number or result register says right now; empty where it says nothing."""
    call = snapshot.call
    value = snapshot.registers.get("rax")
    if call is None or value is None:
        return ""
    if call.result is None:
        return f"rax = {call.number} {call.name}" if value == call.number else ""
    signed = value - (1 << 64) if value >> 63 else value
    if signed != call.result:
        return ""
    return f"rax = {signed} {call.errno}" if call.errno else f"rax = {signed}"


class _View:
    """One snapshot's registers at one width."""

    def __init__(self, snapshot: Snapshot, architecture: Architecture, size: int) -> None:
        self.snapshot = snapshot
        self.architecture = architecture
        self.size = size

    def narrow(self) -> list[Row]:
        """Two abreast, or one below the other where even that does not fit."""
        general = self._group("general")
        pointer = (self.architecture.pc, "fs_base")
        if self.size < _TWO_ABREAST:
            lines = [(name,) for name in (*general, *pointer, "cr3", "cr2")]
            rows = [row(*self.value(*line), tag=line[0]) for line in lines]
        else:
            half = (len(general) + 1) // 2
            rows = [self._abreast(pair) for pair in _columns(general, half)]
            rows += [self._abreast(pointer)]
            rows += [self._sides(self._cr3(), self.value("cr2"))]
        rows[-1:-1] = [row(*self._flags()), row(*self._segments(self.size))]
        return [*rows, row(*self._base("gs_base")), row(*self._base("kernel_gs_base"))]

    def wide(self) -> list[Row]:
        """Three abreast."""
        names = [*self._group("general"), self.architecture.pc, "cr2"]
        rows = [self._abreast(line) for line in _columns(names, (len(names) + 2) // 3)]
        flags = self._flags()
        return [
            *rows,
            self._sides(flags, self._segments(self.size - _FLAGS_WIDTH), _FLAGS_WIDTH),
            self._sides(self._cr3(), self.value("fs_base"), _FLAGS_WIDTH),
            self._sides(self._base("gs_base", 0), self._base("kernel_gs_base"), _FLAGS_WIDTH),
        ]

    def _group(self, group: str) -> list[str]:
        return [spec.name for spec in self.architecture.registers if spec.group == group]

    def _abreast(self, names: Sequence[str]) -> Row:
        """Registers side by side, each at its column."""
        spans: list[Span] = []
        end = 0
        for index, name in enumerate(names):
            if index:
                spans.append(Span(" " * (index * _STRIDE - end)))
            spans += self.value(name)
            end = index * _STRIDE + max(_NAME, len(name)) + 1 + _DIGITS
        return row(*spans, tag=names[0])

    def _sides(self, left: Sequence[Span], right: Sequence[Span], column: int = 0) -> Row:
        """Two things on a line, the second from `column` on; left out where it does not fit."""
        indent = max(2, column - width(left))
        if width(left) + indent + width(right) > self.size:
            return row(*left)
        return row(*left, Span(" " * indent), *right)

    def value(self, name: str, digits: int = _DIGITS) -> tuple[Span, ...]:
        """A register's name and value, with the mark of a change between them."""
        snapshot = self.snapshot
        return _value(name, snapshot.registers.get(name), name in snapshot.changed, digits)

    def _flags(self) -> tuple[Span, ...]:
        """The flags register in figures and by name."""
        name = self.architecture.flags_register
        value = self.snapshot.registers.get(name)
        names = () if value is None else flag_names(value, self.architecture)
        return (*self.value(name, 8), Span("  " + " ".join(names), "flag"))

    def _segments(self, size: int) -> list[Span]:
        """The selectors in `size` cells, with the ring that the code segment's low bits tell."""
        registers = self.snapshot.registers
        spans = list(self.value("cs", 4))
        if registers.get("cs") is not None:
            ring = registers.cpl
            role = "ring.user" if ring else "ring.kernel"
            spans.append(Span(" " + _("ring {ring}").format(ring=ring), role))
        spans += [Span("  "), *self.value("ss", 4)]
        for name in ("ds", "es", "fs", "gs"):
            changed = name in self.snapshot.changed
            value = registers.get(name)
            text = "?" if value is None else f"{value:x}"
            label = Span(f"  {name}", "name.changed" if changed else "name")
            shown = Span((_MARK if changed else " ") + text, "changed" if changed else "zero")
            if width((*spans, label, shown)) <= size:
                spans += [label, shown]
        return spans

    def _cr3(self) -> tuple[Span, ...]:
        return (*self.value("cr3"), *self._page_table())

    def _page_table(self) -> tuple[Span, ...]:
        """Whose page table CR3 points to, where page-table isolation keeps two."""
        value = self.snapshot.registers.get("cr3")
        if value is None:
            return ()
        in_user_mode = bool(self.snapshot.registers.get("cs") or 0) and self.snapshot.registers.cpl
        if value & _PTI_BIT:
            return (Span(" " + _("user"), "ring.user"),)
        return (Span(" " + (_("shared") if in_user_mode else _("kernel")), "ring.kernel"),)

    def _base(self, name: str, label: int = 14) -> tuple[Span, ...]:
        """A GS base, and whose it is: the kernel's per-CPU area lies in the upper half."""
        value = self.snapshot.registers.get(name)
        spans = list(self.value(name))
        spans[0] = Span(name.ljust(label), spans[0].role)
        if value is not None:
            kernel = value >= self.architecture.kernel_start
            spans.append(Span("  " + (_("per-CPU area") if kernel else _("user's")), "muted"))
        return tuple(spans)


@lru_cache(maxsize=4096)
def _value(name: str, value: int | None, changed: bool, digits: int) -> tuple[Span, ...]:
    label = Span(name.ljust(_NAME), "name.changed" if changed else "name")
    if value is None:
        return (label, Span(" " + "?".rjust(digits), "faint"))
    mark = Span(_MARK if changed else " ", "changed")
    return (label, mark, *hexadecimal(value, digits, "changed" if changed else "number"))


def _columns(names: Sequence[str], height: int) -> list[list[str]]:
    """`names` in lines, running down columns of `height`."""
    return [list(names[index::height]) for index in range(height)]


def stack_title(kind: StackKind) -> str:
    """What a stack is called in a title."""
    return {
        StackKind.USER: _("user stack"),
        StackKind.TRAMPOLINE: _("trampoline stack"),
        StackKind.THREAD: _("thread stack"),
        StackKind.OTHER: _("other stack"),
    }[kind]
