"""Commands that look: values, memory, code, frames, and `info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.expression import evaluate, place_of
from systui.console.formats import Format, number_text, string_text
from systui.console.places import resolve, spelled
from systui.console.registry import Command
from systui.console.scope import register_name
from systui.console.stopping import point_text
from systui.console.values import MASK, WORD, Memory, Value
from systui.model.errors import BadInputError
from systui.model.frame import Written
from systui.model.stop import MemoryRange, Space
from systui.present import call as call_line
from systui.present.flags import flag_names
from systui.present.rows import Row, Span, row, visible
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Display, Line
    from systui.session.backtrace import CallFrame

_A_LINE = {1: 8, 2: 8, 4: 4, 8: 2}
"""Units on a line, by their bytes, as gdb lays them out."""
_LINES = 10
_LONGEST_STRING = 200
_MOST_INSTRUCTIONS = 400


# --- values ------------------------------------------------------------------------------------


def _print(console: Console, line: Line) -> None:
    if not line.rest:
        raise BadInputError(_("print what? $rax, pt_regs.ip, *(int *)$rsp"))
    value = evaluate(line.rest, console.scope)
    letter = None if line.format is None else line.format.letter
    if letter == "s":
        text = _string(console, value)
    elif letter == "i":
        raise BadInputError(_("instructions are shown by x/i"))
    else:
        text = console.shown_value(value, letter)
    console.say(f"${console.keep(value)} = {text}")


def _string(console: Console, value: Value) -> str:
    space = value.space or console.scope.space(value.address)
    data, ended = _read_string(console, Memory(space, value.address))
    if data is None:
        raise _unreadable(value.address)
    return string_text(data, ended)


def _display(console: Console, line: Line) -> None:
    from systui.console.console import Display

    if not line.rest:
        console.show(console.display())
        return
    number = max((each.number for each in console.displays), default=0) + 1
    made = Display(number, line.rest, line.format)
    place_of(line.rest, console.scope)
    console.displays.append(made)
    console.show(display_rows(console, made))


def display_rows(console: Console, display: Display) -> list[Row]:
    """`1: $rax = 43`; memory, strings and instructions on lines of their own."""
    form = display.format or Format()
    head = f"{display.number}: {display.text}"
    try:
        if form.letter in ("i", "s") or form.size is not None or form.units > 1:
            start = _start(console, display.text)
            rows = _memory_rows(console, start, form)[0]
            return [row(Span(head, "muted")), *rows]
        text = console.shown_value(evaluate(display.text, console.scope), form.letter)
    except BadInputError as error:
        return [row(Span(f"{head}: ", "muted"), Span(str(error), "faint"))]
    return [row(Span(f"{head} = ", "muted"), Span(text))]


def _undisplay(console: Console, line: Line) -> None:
    known = {str(each.number): each for each in console.displays}
    for word in line.rest.split() or list(known):
        if word not in known:
            raise BadInputError(_("there is no display {number}").format(number=word))
        console.displays.remove(known[word])


# --- memory ------------------------------------------------------------------------------------


def _examine(console: Console, line: Line) -> None:
    form = line.format or console.look_format
    console.look_format = form
    if line.rest:
        start = _start(console, line.rest)
    elif console.looked is not None:
        start = console.looked
    else:
        raise BadInputError(_("look at which address?"))
    rows, behind = _memory_rows(console, start, form)
    console.looked = behind
    console.variables["_"] = start
    console.show(rows)


def _start(console: Console, text: str) -> Value:
    """The address to look at: a value, or where something is that stands for memory."""
    value = place_of(text, console.scope)
    if value.area and isinstance(value.place, Memory):
        return Value(value.place.address, value.type, None, value.place.space)
    return console.scope.load(value)


def _memory_rows(console: Console, start: Value, form: Format) -> tuple[list[Row], Value]:
    """The rows, and where the next ones would begin."""
    if form.letter == "i":
        return _instruction_rows(console, start.address, form.units)
    space = start.space or console.scope.space(start.address)
    if form.letter == "s":
        return _string_rows(console, start, space, form.units)
    size = form.size or (1 if form.letter == "c" else WORD)
    letter = form.letter or "x"
    rows = []
    at, left = start.address, form.units
    while left:
        count = min(left, _A_LINE[size])
        units = read_units(console, space, at, size, count)
        shown = [
            Span(_shown(console, unit, size, letter), "faint" if unit is None else "number")
            for unit in units
        ]
        spans = [part for span in shown for part in (Span("  "), span)]
        rows.append(row(Span(_label(console, at), "muted"), *spans))
        at, left = at + count * size & MASK, left - count
    return rows, start._replace(number=at, place=None, space=space)


def _shown(console: Console, unit: int | None, size: int, letter: str) -> str:
    if unit is None:
        return "?" * (2 + 2 * size)
    if letter == "a":
        return f"{unit:#x} {console.named(unit)}".rstrip()
    return number_text(unit, size, letter, padded=letter in "xtz")


def _label(console: Console, address: int) -> str:
    return f"{address:#x} {console.named(address)}".rstrip() + ":"


def read_units(
    console: Console, space: Space, address: int, size: int, count: int
) -> list[int | None]:
    """`count` numbers of `size` bytes; None for each that cannot be read."""
    ranges = [MemoryRange(space, address + index * size & MASK, size) for index in range(count)]
    found = console.debugger.target.read_memory(ranges)
    return [None if data is None else int.from_bytes(data, "little") for data in found]


def _string_rows(
    console: Console, start: Value, space: Space, count: int
) -> tuple[list[Row], Value]:
    rows, at = [], start.address
    for _turn in range(count):
        data, ended = _read_string(console, Memory(space, at))
        if data is None:
            rows.append(row(Span(_label(console, at), "muted"), Span("  ?", "faint")))
            break
        text = string_text(data, ended)
        rows.append(row(Span(_label(console, at), "muted"), Span(f"  {text}")))
        at += len(data) + 1
    return rows, start._replace(number=at, place=None, space=space)


def _read_string(console: Console, place: Memory) -> tuple[bytes | None, bool]:
    """The bytes up to a zero, and whether one came; None where nothing can be read."""
    found = b""
    target = console.debugger.target
    while len(found) < _LONGEST_STRING:
        at = place.address + len(found)
        size = min(_LONGEST_STRING - len(found), 4096 - at % 4096)
        data = target.read_memory([MemoryRange(place.space, at, size)])[0]
        if data is None:
            return found or None, False
        end = data.find(b"\0")
        if end >= 0:
            return found + data[:end], True
        found += data
    return found, False


def _unreadable(address: int) -> BadInputError:
    return BadInputError(_("nothing can be read at {address:#x}").format(address=address))


# --- code --------------------------------------------------------------------------------------


def _instruction_rows(console: Console, address: int, count: int) -> tuple[list[Row], Value]:
    rows = []
    pc = console.debugger.stop.pc
    for _turn in range(count):
        instruction = console.debugger.instruction(address)
        if instruction is None:
            rows.append(row(Span(f"   {_label(console, address)}", "muted"), Span("  ?", "faint")))
            break
        here = address == pc
        target = "" if instruction.target is None else console.named(instruction.target)
        rows.append(
            row(
                Span("=> " if here else "   ", "mark.next"),
                Span(_label(console, address), "muted"),
                Span(f"  {instruction.text}", "code"),
                Span(f"  {target}" if target else "", "muted"),
                base="current" if here else "",
            )
        )
        address = instruction.end
    return rows, Value(address)


def _disassemble(console: Console, line: Line) -> None:
    begin, _comma, end_text = line.rest.partition(",")
    address = resolve(begin, console.debugger, console.scope).addresses[0]
    if end_text.strip():
        start = address
        text = end_text.strip()
        last = evaluate(text.removeprefix("+"), console.scope).address
        end = start + last if text.startswith("+") else last
    else:
        start, end = _function(console, address)
    rows: list[Row] = []
    while start < end and len(rows) < _MOST_INSTRUCTIONS:
        part, behind = _instruction_rows(console, start, 1)
        rows += part
        if behind.address == start:
            break
        start = behind.address
    console.show(rows)


def _function(console: Console, address: int) -> tuple[int, int]:
    location = console.debugger.locate(address)
    if location.symbol is None:
        return address, address + 64
    start = address - location.offset
    for view in (console.debugger.kernel, console.debugger.program):
        found = None if view is None else view.image.locate(address - view.slide)
        if view is not None and found is not None and found[0].size:
            return start, start + found[0].size
    end = address + 1
    while end - start < 4096 and console.debugger.locate(end).symbol == location.symbol:
        end += 1
    return start, end


def _list(console: Console, line: Line) -> None:
    if line.rest in ("", "-") and console.listed is not None:
        file, last = console.listed
        first = last + 1 if not line.rest else last - 2 * _LINES + 1
    elif line.rest in ("", "-"):
        source = console.frame.location.source
        if source is None:
            raise BadInputError(_("no source line is known here; disassemble shows the code"))
        file, first = source.file, source.line - _LINES // 2
    else:
        spot = resolve(line.rest, console.debugger, console.scope)
        source = console.debugger.locate(spot.addresses[0]).source
        if source is None:
            raise BadInputError(_("no source line is known for {place}").format(place=line.rest))
        file, first = source.file, source.line - _LINES // 2
    _list_from(console, file, max(1, first))


def _list_from(console: Console, file: str, first: int) -> None:
    text = console.debugger.source_of(file)
    if text is None:
        raise BadInputError(_("the text of {file} is not at hand").format(file=file))
    if first > len(text.lines):
        raise BadInputError(_("{file} has {count} lines").format(file=file, count=len(text.lines)))
    here = console.frame.location.source
    last = min(first + _LINES - 1, len(text.lines))
    for number in range(first, last + 1):
        current = here is not None and (here.file, here.line) == (file, number)
        mark = Span(f"{number:>6}  ", "mark.next" if current else "line")
        body = Span(visible(text.lines[number - 1]), "code")
        console.show([row(mark, body, base="current" if current else "")])
    console.listed = file, last


# --- frames ------------------------------------------------------------------------------------


def _backtrace(console: Console, line: Line) -> None:
    frames = console.frames
    if line.rest:
        count = evaluate(line.rest, console.scope).number or 0
        frames = frames[:count] if count >= 0 else frames[count:]
    for frame in frames:
        console.show([frame_row(frame, selected=frame.number == console.selected)])


def frame_row(frame: CallFrame, *, selected: bool) -> Row:
    """One frame on a line: number, ring, address, name, line, how it was found."""
    role = "ring.kernel" if frame.in_kernel else "ring.user"
    source = spelled(frame.location.source)
    return row(
        Span(f"{'▸' if selected else ' '}#{frame.number:<3}", role),
        Span(f"{frame.location.address:016x} ", "muted"),
        Span(frame.location.name, "strong"),
        Span(f"  {source}" if source else "", "text"),
        Span(f"  {how_text(frame.how)}" if how_text(frame.how) else "", "faint"),
        base="cursor" if selected else "",
        tag=frame.number,
    )


def how_text(how: str) -> str:
    """How a frame was found, in words; empty for the usual ways."""
    return {
        "code": _("by its code"),
        "frame pointer": _("guessed by rbp"),
        "pt_regs": _("by pt_regs"),
    }.get(how, "")


def _frame(console: Console, line: Line) -> None:
    if line.rest:
        number = evaluate(line.rest, console.scope).number
        console.select(0 if number is None else number)
    _tell_frame(console)


def _up(console: Console, line: Line, by: int) -> None:
    count = evaluate(line.rest, console.scope).number or 0 if line.rest else 1
    last = len(console.frames) - 1
    here, wanted = console.selected, console.selected + by * count
    if here == (last if by > 0 else 0):
        raise BadInputError(_("this is the outermost frame") if by > 0 else _("this is frame 0"))
    console.select(max(0, min(last, wanted)))
    _tell_frame(console)


def _tell_frame(console: Console) -> None:
    frame = console.frame
    console.show([frame_row(frame, selected=False)])
    line = console.debugger.source_line(frame.location)
    if line is not None and frame.location.source is not None:
        console.say(f"{frame.location.source.line:>6}  {line.expandtabs(8).rstrip()}", "code")


# --- info --------------------------------------------------------------------------------------


def _info(console: Console, line: Line) -> None:
    word, _blank, rest = line.rest.partition(" ")
    topics = {
        "registers": _registers,
        "breakpoints": _breakpoints,
        "watchpoints": _breakpoints,
        "display": _displays,
        "frame": _frame_info,
        "pt_regs": _pt_regs,
        "symbol": _symbol,
        "syscall": _syscall,
    }
    found = [name for name in topics if word and name.startswith(word)]
    if word not in topics and len(found) != 1:
        raise BadInputError(_("info about one of {topics}").format(topics=", ".join(topics)))
    topics[word if word in topics else found[0]](console, rest.strip())


def _registers(console: Console, rest: str) -> None:
    arch = console.debugger.kernel.arch
    values = console.scope.registers
    names = [register_name(each, arch)[1] for each in rest.replace("$", "").split()]
    for name in names or arch.register_names:
        if name not in arch.register_names:
            raise BadInputError(_("there is no register ${name}").format(name=name))
        value = values.get(name)
        if value is None:
            console.show([row(Span(f"{name:<15}", "name"), Span(_("unknown"), "faint"))])
            continue
        if name == arch.flags_register:
            told = f"[ {' '.join(flag_names(value, arch))} ]"
        else:
            told = console.named(value) or number_text(value, 8, "d")
        console.show(
            [row(Span(f"{name:<15}", "name"), Span(f"{value:#018x}  ", "number"), Span(told))]
        )


def _breakpoints(console: Console, _rest: str) -> None:
    points = list(console.debugger.points)
    if not points:
        console.say(_("no breakpoints and no watchpoints"))
    for point in points:
        console.say(point_text(console, point))


def _displays(console: Console, _rest: str) -> None:
    if not console.displays:
        console.say(_("nothing is displayed"))
    console.show(console.display())


def _frame_info(console: Console, _rest: str) -> None:
    _tell_frame(console)


def _pt_regs(console: Console, _rest: str) -> None:
    frame = console.debugger.snapshot().frame
    if frame is None:
        raise BadInputError(_("there is no pt_regs here: no way into the kernel is open"))
    for slot in frame.slots:
        written = slot.written is not Written.NO
        value = f"{slot.value:#018x}" if written and slot.value is not None else _("not written")
        console.show(
            [
                row(
                    Span(f"{slot.address:#x}  ", "muted"),
                    Span(f"{slot.name:<9}", "name"),
                    Span(value, "number" if written else "faint"),
                    Span(f"  {slot.by}" if slot.by else "", "muted"),
                )
            ]
        )


def _symbol(console: Console, rest: str) -> None:
    address = evaluate(rest or "$pc", console.scope).address
    location = console.debugger.locate(address)
    if location.symbol is None:
        raise BadInputError(_("no symbol is known for {address:#x}").format(address=address))
    console.say(f"{address:#x}  {location.name}  {spelled(location.source)}".rstrip())


def _syscall(console: Console, _rest: str) -> None:
    call = console.debugger.snapshot().call
    if call is None:
        raise BadInputError(_("no system call is under way"))
    console.say(f"{call.number}  {call_line.line(call)}")


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Looking")
    return (
        Command(
            "print",
            ("p",),
            "[/F] EXPR",
            _("Show a value: x d u o t a c s."),
            _print,
            group,
            completes="expression",
            formats=True,
        ),
        Command(
            "x",
            (),
            "[/NFU] ADDRESS",
            _("Show memory: N units of size b h w g, as p, or i, or s."),
            _examine,
            group,
            completes="expression",
            formats=True,
            repeats=True,
            goes_on=True,
        ),
        Command(
            "display",
            (),
            "[/F] [EXPR]",
            _("Show a value after every move."),
            _display,
            group,
            completes="expression",
            formats=True,
        ),
        Command("undisplay", (), "[N…]", _("Show it no more."), _undisplay, group),
        Command(
            "list",
            ("l",),
            "[PLACE | -]",
            _("Show ten lines of source, then the next ten."),
            _list,
            group,
            completes="place",
            repeats=True,
            goes_on=True,
        ),
        Command(
            "disassemble",
            ("disas",),
            "[PLACE[,END]]",
            _("Show a function's instructions."),
            _disassemble,
            group,
            completes="place",
        ),
        Command(
            "backtrace",
            ("bt", "where"),
            "[N]",
            _("Show the frames, kernel and program."),
            _backtrace,
            group,
        ),
        Command("frame", ("f",), "[N]", _("Look at a frame."), _frame, group),
        Command(
            "up", (), "[N]", _("Look at the caller's frame."), lambda c, a: _up(c, a, 1), group
        ),
        Command(
            "down", (), "[N]", _("Look at the called frame."), lambda c, a: _up(c, a, -1), group
        ),
        Command(
            "info",
            ("i",),
            "TOPIC",
            _("Show registers, breakpoints, display, frame, pt_regs, symbol or syscall."),
            _info,
            group,
            completes="info",
        ),
    )
