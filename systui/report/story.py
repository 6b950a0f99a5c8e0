"""What a report tells, collected from a debugger over a recording in two passes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from systui.follow.call import CallSpec
from systui.model.call import Phase, Syscall
from systui.model.edit import Edit
from systui.model.errors import BadInputError
from systui.model.frame import LedgerRow, PtRegs, StackKind
from systui.model.snapshot import Snapshot, Verdict
from systui.model.stop import Channel
from systui.present.edits import edits_sentence
from systui.present.effect import sentence
from systui.present.output import output_lines
from systui.report.calls import Recorded, chosen, recorded
from systui.session.debugger import Debugger
from systui.target.protocol import EditsKnown
from systui.words import _

_MOST_STOPS = 20_000
"""Stops of the call that are looked at about; of a longer one's middle only each nth is."""
_ENDS = 2000
"""Stops at its beginning and its end that are all looked at."""
_MOST_OUTPUT = 4000
"""Characters of the program's output that are shown, the last ones."""


class Station(NamedTuple):
    """One stop of the call."""

    position: int
    phase: Phase
    nested: int
    """How many faults and interrupts lie on top of the call."""
    landmark: str | None
    place: str
    source: str
    effect: str
    edits: tuple[Edit, ...]
    depth: int | None
    """Bytes between the thread stack's frame and the stack pointer; None on another stack."""


class Told(NamedTuple):
    """Someone's note."""

    position: int
    text: str


class Picture(NamedTuple):
    """pt_regs where something in it changed."""

    position: int
    place: str
    frame: PtRegs


class Story(NamedTuple):
    """Everything in a report."""

    program: str
    kernel: str
    build_id: str | None
    command: str | None
    program_hash: str | None
    call: Syscall
    whole: bool
    """The call was recorded from its entry on."""
    cut: bool
    """The recording breaks off: its end is missing."""
    others: int
    """Further calls in the recording, which are not told."""
    stations: Sequence[Station]
    pictures: Sequence[Picture]
    last: Snapshot
    """The call's last recorded stop."""
    ledger: Sequence[LedgerRow]
    verdicts: Sequence[Verdict]
    output: str
    notes: Sequence[Told]


class Headed(NamedTuple):
    """What the recording's header says of how it was made."""

    command: str | None
    program_hash: str | None
    cut: bool = False
    """Its end is missing."""


def read(
    debugger: Debugger, notes: Sequence[Told], headed: Headed, wanted: CallSpec | None = None
) -> Story:
    """Tell the call that is `wanted`, else the one recorded best; BadInputError: there is none."""
    calls = recorded(debugger)
    meant = chosen(calls, wanted, debugger.kernel)
    stations: list[Station] = []
    pictures: list[Picture] = []
    last, told = None, None
    debugger.shows_code = False
    for last in _looked_at(debugger, meant):
        if last.call is not None and (
            last.landmark is None or last.landmark.name != "user_syscall"
        ):
            told = last.call
        stations.append(_station(last))
        _picture(last, pictures)
    if last is None or told is None:
        raise BadInputError(_("the recorded call cannot be told"))
    info = debugger.target.info
    return Story(
        program=info.program or "?",
        kernel=info.kernel,
        build_id=info.build_id,
        command=headed.command,
        program_hash=headed.program_hash,
        call=told,
        whole=meant.whole,
        cut=headed.cut,
        others=sum(call.whole for call in calls) - meant.whole,
        stations=stations,
        pictures=pictures,
        last=last,
        ledger=last.ledger,
        verdicts=last.verdicts,
        output=_output(last),
        notes=notes,
    )


def _looked_at(debugger: Debugger, call: Recorded) -> Iterator[Snapshot]:
    """The call's stops, of very many not all, up to the one at which the program goes on."""
    each = max(1, call.stops // _MOST_STOPS)
    debugger.seek(call.first)
    index, before = 0, -1
    while debugger.stop.position != before:
        since, before = before if index else None, debugger.stop.position
        if debugger.stop.task.pid == call.pid:
            left = index > 0 and debugger.phase is Phase.USER
            inside = _ENDS <= index < call.stops - _ENDS
            if left or not inside or index % each == 0 or _stands_out(debugger):
                yield debugger.snapshot(since)
            if left:
                return
            index += 1
        debugger.step()


def _stands_out(debugger: Debugger) -> bool:
    target = debugger.target
    edited = isinstance(target, EditsKnown) and target.edits_at(debugger.stop.position)
    return bool(edited) or debugger.landmark is not None


def _station(snapshot: Snapshot) -> Station:
    location = snapshot.location
    source = location.source
    frame, stack = snapshot.frame, snapshot.stack
    depth = None
    if frame is not None and stack.kind is frame.stack is StackKind.THREAD:
        depth = max(frame.address - stack.pointer, 0)
    ran = "" if snapshot.effect is None else sentence(snapshot.effect)
    return Station(
        position=snapshot.stop.position,
        phase=snapshot.phase,
        nested=snapshot.nested,
        landmark=None if snapshot.landmark is None else snapshot.landmark.name,
        place=location.name,
        source="" if source is None else f"{source.file}:{source.line}",
        effect=" · ".join(filter(None, (ran, edits_sentence(snapshot.edits)))),
        edits=snapshot.edits,
        depth=depth,
    )


def _picture(snapshot: Snapshot, pictures: list[Picture]) -> None:
    frame = snapshot.frame
    if frame is None:
        return
    if pictures:
        known = pictures[-1].frame
        if known.address == frame.address and [
            (slot.value, slot.written, slot.restored) for slot in known.slots
        ] == [(slot.value, slot.written, slot.restored) for slot in frame.slots]:
            return
    pictures.append(Picture(snapshot.stop.position, snapshot.location.name, frame))


def _output(snapshot: Snapshot) -> str:
    pieces = [each for each in snapshot.output if each.channel is not Channel.DEBUGGER]
    lines = ("".join(span.text for span in line) for line in output_lines(pieces))
    text = "\n".join(lines)
    return text if len(text) <= _MOST_OUTPUT else "…" + text[-_MOST_OUTPUT:]
