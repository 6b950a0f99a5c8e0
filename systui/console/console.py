"""The console over one debugger: takes a line, does it, and answers in rows.

It runs where the debugger does, on the session's thread, and is the same for every target.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from systui.console.formats import Format, parse_format, value_text
from systui.console.places import spelled
from systui.console.scope import StopScope
from systui.console.values import Value
from systui.model.edit import Edit
from systui.model.errors import BadInputError, SystuiError
from systui.present.notice import stop_notice
from systui.present.rows import Row, Span, row, visible
from systui.session.backtrace import CallFrame
from systui.words import _

if TYPE_CHECKING:
    from systui.console.registry import Command
    from systui.follow.call import CallSpec
    from systui.session.debugger import Debugger
    from systui.session.points import Reached

ShouldStop = Callable[[], bool]
Follow = Callable[["CallSpec"], Callable[["Debugger", ShouldStop], object]]
"""What leads to a call: the screen walks a script there, else it is simply run to."""

_WORD = re.compile(r"\s*([A-Za-z][A-Za-z-]*|\?|!)(?:/([^\s]*))?\s*(.*)", re.DOTALL)
_MOST_ROWS = 2000


class Line(NamedTuple):
    """One command as it was typed."""

    format: Format | None
    rest: str
    """What follows the command's word, without blanks around."""


class Display(NamedTuple):
    """An expression that is shown after every move."""

    number: int
    text: str
    format: Format | None


def follow_plainly(call: CallSpec) -> Callable[[Debugger, ShouldStop], object]:
    """To the program's instruction that makes `call`."""

    def run(debugger: Debugger, should_stop: ShouldStop) -> None:
        from systui.follow.finder import Search
        from systui.follow.outcome import Ending, WalkEndedError
        from systui.model.stop import Reason

        def check() -> None:
            going = (Reason.STEP, Reason.BREAKPOINT, Reason.START)
            if debugger.stop.reason not in going or should_stop():
                raise WalkEndedError(Ending.NEVER_CAME, _("the call never came"))

        try:
            Search(debugger, call, check).run()
        except WalkEndedError as end:
            if end.ending is not Ending.STOPPED:
                raise BadInputError(end.reason) from end

    return run


class Console:
    """What is typed at one debugger, and what it keeps between lines."""

    def __init__(self, debugger: Debugger, follow: Follow = follow_plainly) -> None:
        self.debugger = debugger
        self.follow = follow
        self.variables: dict[str, Value] = {}
        self.displays: list[Display] = []
        self.should_stop: ShouldStop = lambda: False
        self.listed: tuple[str, int] | None = None
        """The file and the last line that `list` has shown."""
        self.looked: Value | None = None
        """Where `x` goes on."""
        self.look_format = Format()
        """How it does."""
        self._rows: list[Row] = []
        self._values = 0
        self._last = ""
        self._frames: tuple[int, list[CallFrame]] = (-1, [])
        self._selected = 0

    # --- lines -------------------------------------------------------------------------------

    def run(self, text: str, should_stop: ShouldStop = lambda: False) -> list[Row]:
        """Do one line; what it answers. An empty one repeats the last where that makes sense.

        A SystuiError is an answer too, of one line.
        """
        self._rows, self.should_stop = [], should_stop
        try:
            self._do(text)
        except SystuiError as error:
            self.say(str(error), "error")
        except RecursionError:
            self.say(_("an expression nested too deeply"), "error")
        return self._rows[:_MOST_ROWS]

    def _do(self, text: str) -> None:
        from systui.console.registry import find

        text = text.strip().removeprefix(":").lstrip() or self._last
        if not text:
            return
        if not text.isprintable():
            raise BadInputError(_("a command is one line without control characters"))
        match = _WORD.fullmatch(text)
        if match is None:
            raise BadInputError(_("not a command: {text}; help lists them").format(text=text[:40]))
        command = find(match[1])
        self._last = self._repeatable(command, text)
        if match[2] is not None and not command.formats:
            raise BadInputError(_("{name} takes no /FORMAT").format(name=command.name))
        form = None if match[2] is None else parse_format(match[2])
        command.run(self, Line(form, match[3].strip()))

    @staticmethod
    def _repeatable(command: Command, text: str) -> str:
        """What an empty line does after `text`: moves again, lists and looks further on."""
        if not command.repeats:
            return ""
        return command.name if command.goes_on else text

    def say(self, text: str, role: str = "text") -> None:
        """Answer with a line."""
        self._rows.append(row(Span(visible(text), role)))

    def show(self, rows: Iterable[Row]) -> None:
        """Answer with rows."""
        self._rows += rows

    # --- values ------------------------------------------------------------------------------

    @property
    def scope(self) -> StopScope:
        """What names mean at the frame that is selected."""
        if not self.selected:
            return self.stop_scope
        return StopScope(self.debugger, self.frame.registers, self.variables)

    @property
    def stop_scope(self) -> StopScope:
        """What names mean where the debugger stands."""
        registers = self.debugger.target.registers().values
        return StopScope(self.debugger, registers, self.variables)

    def keep(self, value: Value) -> int:
        """Keep `value` as `$` and `$N`; returns N."""
        self._values += 1
        for name in ("", str(self._values)):
            self.variables[name] = value._replace(place=None)
        return self._values

    def named(self, address: int) -> str:
        """`<symbol+0x10>` where `address` lies in something; else empty."""
        location = self.debugger.locate(address)
        return "" if location.symbol is None else f"<{location.name}>"

    def display(self) -> list[Row]:
        """The rows of all displays, now."""
        from systui.console.looking import display_rows

        return [line for each in self.displays for line in display_rows(self, each)]

    def shown_value(self, value: Value, letter: str | None) -> str:
        """`value`, with what its address is called where it is one."""
        text = value_text(value, letter)
        name = self.named(value.address) if value.type.pointers and letter in (None, "a") else ""
        return f"{text} {name}".rstrip()

    # --- frames ------------------------------------------------------------------------------

    @property
    def frames(self) -> list[CallFrame]:
        """The frames of the present stop, innermost first; worked out when first asked for."""
        changes = self.debugger.changes
        if self._frames[0] != changes:
            self._frames = changes, self.debugger.backtrace()
            self._selected = 0
        return self._frames[1]

    @property
    def selected(self) -> int:
        """The number of the frame that is looked at; 0 after every move."""
        return self._selected if self._frames[0] == self.debugger.changes else 0

    @property
    def frame(self) -> CallFrame:
        """The frame that is looked at."""
        return self.frames[self.selected]

    def select(self, number: int) -> None:
        """Look at frame `number`; BadInputError where there is none."""
        count = len(self.frames)
        if not 0 <= number < count:
            raise BadInputError(
                _("there is no frame {number}: they go from 0 to {last}").format(
                    number=number, last=count - 1
                )
            )
        self._selected = number
        self.listed = None

    # --- moves -------------------------------------------------------------------------------

    def move(self, run: Callable[[], object], times: int = 1) -> None:
        """Move the debugger, `times` in a row unless something stops it; say where it stands."""
        debugger = self.debugger
        for _turn in range(times):
            before = debugger.stop.position
            run()
            if debugger.stop.position == before or self.has_stopped():
                break
        self.listed = None
        self.tell()

    def has_stopped(self) -> bool:
        """Whether something ended a move for good."""
        from systui.model.stop import Reason

        stop = self.debugger.stop
        going = (Reason.STEP, Reason.START, Reason.BREAKPOINT)
        return stop.reason not in going or self.debugger.points.stops(stop.pc) or self.should_stop()

    def tell(self) -> None:
        """Say where the debugger stands, why, and what the displays show."""
        debugger = self.debugger
        for each in debugger.points.reached(debugger.stop):
            self.say(reached_text(each), "strong")
        notice = stop_notice(debugger.stop)
        if notice:
            self.say(notice, "strong")
        self.say_place(debugger.stop.pc)
        self.show(self.display())

    def say_place(self, address: int) -> None:
        """An address by its names, and the line of source or the instruction there."""
        debugger = self.debugger
        location = debugger.locate(address)
        position = _("step {position}").format(position=f"{debugger.stop.position:,}")
        parts = (location.name, spelled(location.source), position)
        self._rows.append(
            row(
                Span(parts[0], "strong"),
                *(Span(f"  {part}", "muted") for part in parts[1:] if part),
            )
        )
        line = debugger.source_line(location)
        if line is not None and location.source is not None:
            self.say(f"{location.source.line:>6}  {line.expandtabs(8).rstrip()}", "code")
            return
        instruction = debugger.instruction(address)
        if instruction is not None:
            self.say(f"{address:#x}  {instruction.text}", "code")

    def tell_edit(self, edit: Edit) -> None:
        """Say what was changed, and what that does to time."""
        from systui.present.edits import edit_text

        self.say(edit_text(edit), "strong")
        self.say(_("What lay ahead is forgotten; going back past here and on repeats it."), "muted")


def reached_text(reached: Reached) -> str:
    """`Breakpoint 1: do_syscall_64`, or a watchpoint with the number before and now."""
    point = reached.point
    if point.watch is None:
        return _("breakpoint {number}: {place}").format(number=point.number, place=point.spelling)
    before, now = (
        "?" if each is None else f"{int.from_bytes(each, 'little'):#x}"
        for each in (reached.before, reached.now)
    )
    return _("watchpoint {number}: {place} was {before}, is {now}").format(
        number=point.number, place=point.spelling, before=before, now=now
    )
