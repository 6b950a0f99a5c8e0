"""Source and disassembly as rows: ▶ stands by what runs next, ✓ by what ran last."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from systui.model.code import Instruction, Location, SourceText
from systui.model.snapshot import Snapshot
from systui.present.built import as_built
from systui.present.rows import Row, Span, row, width
from systui.present.syntax import coloured

NEXT = "▶"
RAN = "✓"
BREAK = "●"

Namer = Callable[[int], str]
"""What an address is called; empty where it has no name."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the marks stand: line numbers in a source, addresses in a disassembly."""

    current: int | None = None
    ran: int | None = None
    breaks: Collection[int] = ()


class SourceRows:
    """A source file's lines as rows; coloured once, marked as they are asked for."""

    def __init__(self, text: SourceText) -> None:
        self.text = text
        self._lines = coloured(text)
        self._digits = max(3, len(str(len(text.lines))))
        widest = max((width(spans) for spans in self._lines), default=0)
        self.width = widest + self._digits + 5
        """Cells that the longest line takes, gutter included."""

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, number: int, marks: Marks) -> Row:
        """Line `number` (from 1) with its gutter."""
        return _marked(f"{number:>{self._digits}}", self._lines[number - 1], number, marks)


def no_names(_address: int) -> str:
    """What addresses are called where nobody knows."""
    return ""


def instruction_row(
    instruction: Instruction, marks: Marks, name: Namer = no_names, digits: int = 16
) -> Row:
    """One line of disassembly; where a direct jump or call goes is said by `name` at its end."""
    target = "" if instruction.target is None else name(instruction.target)
    spans = [
        Span(f"{instruction.mnemonic:<8}", "code.keyword"),
        Span(instruction.operands, "code"),
        Span(f"  {target}" if target else "", "muted"),
        Span(f"  {as_built(instruction)}" if instruction.built else "", "warning"),
    ]
    at = instruction.address
    return _marked(f"{at:0{digits}x}", [span for span in spans if span.text], at, marks)


def disassembly_rows(
    snapshot: Snapshot, marks: Marks, count: int, name: Namer = no_names
) -> tuple[Row, ...]:
    """Up to `count` instructions around the one that runs next, in address order."""
    code = snapshot.code
    if not code:
        return ()
    at = snapshot.stop.pc
    here = next((index for index, found in enumerate(code) if found.address >= at), len(code))
    first = max(0, min(here - count // 3, len(code) - count))
    digits = 8 if "eip" in snapshot.registers.values else 16
    shown = code[first : first + count]
    return tuple(instruction_row(found, marks, name, digits) for found in shown)


def place(location: Location) -> str:
    """A location as a title says it: `entry_64.S:71`, else nothing."""
    source = location.source
    return "" if source is None else f"{source.file.rpartition('/')[2]}:{source.line}"


def _marked(label: str, spans: Collection[Span], at: int, marks: Marks) -> Row:
    if at == marks.current:
        mark, role, base = NEXT, "mark.next", "current"
    elif at == marks.ran:
        mark, role, base = RAN, "mark.ran", "ran"
    else:
        mark, role, base = " ", "faint", ""
    stop = Span(BREAK if at in marks.breaks else " ", "mark.break")
    return row(
        stop,
        Span(mark, role),
        Span(f" {label}  ", "line.here" if base else "line"),
        *spans,
        base=base,
        tag=at,
    )
