"""Places in code as a person names them: for breakpoints, `until`, `advance` and `list`."""

import re
from typing import TYPE_CHECKING, NamedTuple

from systui.console.expression import evaluate
from systui.console.scope import Scope
from systui.console.values import MASK
from systui.follow.call import NUMBER_MASK, CallSpec
from systui.follow.finder import entries_of
from systui.kernel.view import KernelView, ProgramView
from systui.model.code import SourceLine
from systui.model.errors import BadInputError
from systui.session.points import Condition
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

_LINE = re.compile(r"(?P<file>[^\s*:]*[^\s*:\d][^\s*:]*):(?P<line>\d{1,7})")
_SYSCALL = re.compile(r"syscall\s+(?P<call>\S+)")
_IF = re.compile(r"(?:^|\s)if\s+(?P<condition>.+)$")
_FARTHEST = 40
"""Lines after the one named in which its code may begin: comments and blank lines stand between."""


class Spot(NamedTuple):
    """Where, and under which condition."""

    spelling: str
    """As it is told of afterwards."""
    addresses: tuple[int, ...]
    """Run-time addresses, lowest first; never empty."""
    condition: Condition | None = None


def split_condition(text: str) -> tuple[str, str]:
    """The place and the expression after `if`, empty where there is none."""
    match = _IF.search(text)
    return (text, "") if match is None else (text[: match.start()].strip(), match["condition"])


def resolve(text: str, debugger: "Debugger", scope: Scope) -> Spot:
    """What `text` names; BadInputError where it names nothing.

    Nothing: the instruction that runs next. A number: a line of the file at hand. `FILE:LINE`;
    `syscall N` or `syscall NAME`: the kernel's first instruction, for that call alone;
    `*EXPRESSION` or any other expression: an address.
    """
    text = text.strip()
    if not text:
        pc = scope.register("pc").number or 0
        return Spot(debugger.locate(pc).name, (pc,))
    if (call := _SYSCALL.fullmatch(text)) is not None:
        return _syscall(call["call"], debugger)
    if text.isascii() and text.isdigit():
        return at_line(_file_at_hand(debugger, scope), int(text[:7]), debugger)
    if (line := _LINE.fullmatch(text)) is not None:
        return at_line(line["file"], int(line["line"]), debugger)
    value = evaluate(text.removeprefix("*"), scope)
    return Spot(text, ((value.number or 0) & MASK,))


def _syscall(text: str, debugger: "Debugger") -> Spot:
    call = CallSpec.parse(text, debugger.kernel.table)
    entries = entries_of(debugger, call)
    if not entries:
        raise BadInputError(_("this kernel has no way in for {call}").format(call=call))
    number = debugger.kernel.arch.syscall.number

    def made() -> bool:
        value = debugger.target.registers().get(number)
        return value is not None and value & NUMBER_MASK == call.number

    spelling = f"syscall {call.name}"
    return Spot(spelling, tuple(sorted(entries)), Condition(f"${number} == {call.number}", made))


def _file_at_hand(debugger: "Debugger", scope: Scope) -> str:
    source = debugger.locate(scope.register("pc").number or 0).source
    if source is None:
        raise BadInputError(_("no source line is known here: name a file, FILE:LINE"))
    return source.file


def at_line(file: str, line: int, debugger: "Debugger") -> Spot:
    """Where the code of a line begins, or of the next line that has any; BadInputError.

    One address for each function that the line has code in.
    """
    known = False
    for view in (debugger.kernel, debugger.program):
        if view is None or view.lines is None:
            continue
        for name in view.lines.files(file):
            known = True
            for number in range(line, line + _FARTHEST):
                found = view.lines.addresses(name, number)
                if found:
                    return Spot(f"{file.rpartition('/')[2]}:{number}", _lowest(found, view))
    if known:
        raise BadInputError(_("{file} has no code at line {line}").format(file=file, line=line))
    raise BadInputError(_("no code is known to come from {file}").format(file=file))


def _lowest(addresses: tuple[int, ...], view: KernelView | ProgramView) -> tuple[int, ...]:
    lowest: dict[str | None, int] = {}
    for address in addresses:
        location = view.locate(address + view.slide)
        lowest.setdefault(location.symbol, location.address)
    return tuple(lowest.values())


def spelled(source: SourceLine | None) -> str:
    """`entry_64.S:71`; empty where no line is known."""
    return "" if source is None else f"{source.file.rpartition('/')[2]}:{source.line}"
