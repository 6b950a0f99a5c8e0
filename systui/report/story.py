"""What a report tells, collected from a debugger over a recording in one pass."""

from collections.abc import Sequence
from typing import NamedTuple

from systui.model.call import Phase, Syscall
from systui.model.errors import BadInputError
from systui.model.frame import LedgerRow, PtRegs, StackKind
from systui.model.snapshot import Snapshot, Verdict
from systui.model.stop import Channel
from systui.present.effect import sentence
from systui.present.effect_checks import check_words
from systui.present.phase import phase_name
from systui.session.debugger import Debugger
from systui.words import _

_MOST_STOPS = 20_000
"""Stops of the call that are told; a longer one's middle is left out."""


class Station(NamedTuple):
    """One stop of the call."""

    position: int
    phase: Phase
    landmark: str | None
    place: str
    source: str
    instruction: str
    effect: str
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
    pointer: int


class Story(NamedTuple):
    """Everything in a report."""

    program: str
    kernel: str
    build_id: str | None
    command: str | None
    program_hash: str | None
    call: Syscall
    stations: Sequence[Station]
    pictures: Sequence[Picture]
    ledger: Sequence[LedgerRow]
    verdicts: Sequence[Verdict]
    output: str
    notes: Sequence[Told]


def entered(debugger: Debugger) -> int:
    """Position at which the call with the most recorded stops was made; BadInputError: none."""
    counts: dict[int, int] = {}
    before = -1
    while debugger.stop.position != before:
        before = debugger.stop.position
        call = debugger.snapshot().call
        if call is not None and call.entered_at is not None and debugger.phase is not Phase.USER:
            counts[call.entered_at] = counts.get(call.entered_at, 0) + 1
        debugger.step()
    if not counts:
        raise BadInputError(
            _("no system call was recorded from its entry on, so there is nothing to tell")
        )
    return max(counts, key=lambda position: (counts[position], -position))


def read(debugger: Debugger, notes: Sequence[Told], headed: "Headed") -> Story:
    """Tell the call that was recorded best."""
    position = entered(debugger)
    debugger.seek(position)
    stations: list[Station] = []
    pictures: list[Picture] = []
    last = debugger.snapshot()
    told: Syscall | None = None
    before: int | None = None
    while len(stations) < _MOST_STOPS:
        last = debugger.snapshot(since=before)
        if last.call is not None and last.call.entered_at == position:
            told = last.call
        stations.append(_station(last))
        _picture(last, pictures)
        if last.phase is Phase.USER and len(stations) > 1:
            break
        before = last.stop.position
        if debugger.step().position == before:
            break
    if told is None:
        raise BadInputError(_("the recorded call cannot be told"))
    info = debugger.target.info
    first, end = stations[0].position, stations[-1].position
    return Story(
        program=info.program or "?",
        kernel=info.kernel,
        build_id=info.build_id,
        command=headed.command,
        program_hash=headed.program_hash,
        call=told,
        stations=stations,
        pictures=pictures,
        ledger=last.ledger,
        verdicts=last.verdicts,
        output=_output(last),
        notes=[note for note in notes if first <= note.position <= end] or list(notes),
    )


class Headed(NamedTuple):
    """What the recording's header says of how it was made."""

    command: str | None
    program_hash: str | None


def _station(snapshot: Snapshot) -> Station:
    location = snapshot.location
    source = location.source
    frame, stack = snapshot.frame, snapshot.stack
    depth = None
    if frame is not None and stack.kind is frame.stack is StackKind.THREAD:
        depth = max(frame.address - stack.pointer, 0)
    return Station(
        position=snapshot.stop.position,
        phase=snapshot.phase,
        landmark=None if snapshot.landmark is None else snapshot.landmark.name,
        place=location.name,
        source="" if source is None else f"{source.file}:{source.line}",
        instruction="" if snapshot.instruction is None else snapshot.instruction.text,
        effect="" if snapshot.effect is None else sentence(snapshot.effect),
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
    pictures.append(
        Picture(snapshot.stop.position, snapshot.location.name, frame, snapshot.stack.pointer)
    )


def _output(snapshot: Snapshot) -> str:
    data = b"".join(each.data for each in snapshot.output if each.channel is not Channel.DEBUGGER)
    return data[-4000:].decode("utf-8", "replace")


def landmarks(story: Story) -> list[Station]:
    """The stops with a name, and the first and the last one."""
    ends = (story.stations[0].position, story.stations[-1].position)
    return [each for each in story.stations if each.landmark or each.position in ends]


def check_text(verdict: Verdict) -> str:
    """A SYSRET condition in words."""
    return check_words(verdict.check, verdict.passed)


def phase_text(phase: Phase) -> str:
    """A phase's name."""
    return phase_name(phase)
