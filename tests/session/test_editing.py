"""Changing registers and memory by hand: what happens then, and what time makes of it."""

from pathlib import Path

import debugged
import pytest

from systui.model.call import Phase
from systui.model.edit import HAND
from systui.model.errors import MemoryFaultError, NotSupportedError
from systui.model.frame import Written
from systui.model.stop import Space
from systui.session.debugger import Debugger


@pytest.fixture
def debugger() -> Debugger:
    return debugged.at_call("accept")


def _to_landmark(debugger: Debugger, name: str) -> None:
    while debugger.landmark is None or debugger.landmark.name != name:
        debugger.step()


def _way_back(debugger: Debugger) -> list[str]:
    """The mnemonics that leave the kernel, and what comes after."""
    for _turn in range(5000):
        last = debugger.instruction(debugger.stop.pc)
        debugger.step()
        if debugger.phase is Phase.USER:
            break
    assert last is not None
    return [last.mnemonic]


def _set_slot(debugger: Debugger, field: str, value: int) -> None:
    frame = debugger.snapshot().frame
    assert frame is not None
    debugger.write_memory(Space.KERNEL, frame.slot(field).address, 8, value)


def test_left_alone_the_call_goes_back_by_sysret(debugger: Debugger) -> None:
    _to_landmark(debugger, "frame_complete")
    assert _way_back(debugger) == ["sysretq"]


@pytest.mark.parametrize(
    ("field", "value"), [("r11", 0), ("cx", 0x1234), ("ip", 0x40_1234), ("cs", 0x33 + 8)]
)
def test_a_frame_that_sysret_cannot_restore_forces_iret(
    debugger: Debugger, field: str, value: int
) -> None:
    _to_landmark(debugger, "handler")
    _set_slot(debugger, field, value)
    snapshot = debugger.snapshot()
    assert snapshot.frame is not None
    slot = snapshot.frame.slot(field)
    assert (slot.value, slot.by, slot.written) == (value, HAND, Written.YES)
    assert [edit.name for edit in snapshot.edits] == [f"pt_regs.{field}"]
    while debugger.phase is not Phase.RESTORE:
        debugger.step()
    verdicts: dict[str, bool] = {}
    instruction = debugger.instruction(debugger.stop.pc)
    while debugger.phase is Phase.RESTORE:
        verdicts |= {each.check: each.passed for each in debugger.snapshot().verdicts}
        instruction = debugger.instruction(debugger.stop.pc)
        if instruction is not None and instruction.mnemonic == "iretq":
            break
        debugger.step()
    assert instruction is not None
    assert instruction.mnemonic == "iretq"
    assert False in verdicts.values()


def test_an_edit_is_part_of_the_time_it_was_made_in(debugger: Debugger) -> None:
    _to_landmark(debugger, "handler")
    position = debugger.stop.position
    _set_slot(debugger, "r11", 0)
    assert debugger.snapshot().latest == position
    ahead = [debugger.step().position for _turn in range(40)]
    debugger.seek(position - 3)
    frame = debugger.snapshot().frame
    assert frame is not None
    assert frame.slot("r11").value != 0
    assert debugger.snapshot().edits == ()
    for _turn in range(3):
        debugger.step()
    snapshot = debugger.snapshot()
    assert snapshot.frame is not None
    assert snapshot.frame.slot("r11").value == 0
    assert snapshot.frame.slot("r11").by == HAND
    assert len(snapshot.edits) == 1
    assert [debugger.step().position for _turn in range(40)] == ahead
    frame = debugger.snapshot().frame
    assert frame is not None
    assert frame.slot("r11").value == 0
    assert frame.slot("r11").by == HAND


def test_a_register_keeps_what_the_instruction_did_apart_from_what_the_hand_did(
    debugger: Debugger,
) -> None:
    _to_landmark(debugger, "frame_complete")
    debugger.step()
    effect = debugger.snapshot().effect
    debugger.write_register("rbx", 0x1234)
    snapshot = debugger.snapshot()
    assert snapshot.effect == effect
    assert snapshot.registers["rbx"] == 0x1234
    assert [(edit.name, edit.new, edit.size) for edit in snapshot.edits] == [("rbx", 0x1234, 8)]
    row = next(row for row in snapshot.ledger if row.register == "rbx")
    assert row.clobbered_by == HAND
    debugger.step_back()
    assert debugger.snapshot().registers["rbx"] != 0x1234
    debugger.step()
    assert debugger.snapshot() == snapshot._replace(changed=debugger.snapshot().changed)


def test_what_was_ahead_of_an_edit_is_forgotten(debugger: Debugger) -> None:
    start = debugger.stop.position
    debugger.resume()
    assert debugger.snapshot().output
    debugger.seek(start)
    debugger.write_register("rax", 39)
    assert debugger.snapshot().latest == start
    debugger.resume()
    said = b"".join(each.data for each in debugger.snapshot().output)
    assert said.count(b"accept") == 1


def test_two_edits_at_one_place_are_both_told(debugger: Debugger) -> None:
    debugger.write_register("rax", 39)
    debugger.write_register("rbx", 1)
    debugger.step()
    debugger.step_back()
    assert [edit.name for edit in debugger.snapshot().edits] == ["rax", "rbx"]
    assert debugger.snapshot().registers["rax"] == 39


def test_what_cannot_be_written_is_refused_and_changes_nothing(debugger: Debugger) -> None:
    before = debugger.snapshot()
    with pytest.raises(MemoryFaultError):
        debugger.write_memory(Space.USER, 0x10, 8, 1)
    with pytest.raises(NotSupportedError):
        debugger.write_register("cr3", 0)
    assert debugger.snapshot() == before


def test_an_edit_is_recorded_and_a_recording_is_not_edited(tmp_path: Path) -> None:
    debugger, record = debugged.recorded()
    debugged.go_to(debugger, "accept")
    record.start_recording(tmp_path / "edited.jsonl")
    _to_landmark(debugger, "handler")
    position = debugger.stop.position
    debugger.write_register("r9", 7)
    _set_slot(debugger, "r11", 0)
    want = debugger.snapshot()
    _way_back(debugger)
    record.stop_recording()
    replayed = debugged.replay(tmp_path / "edited.jsonl")
    replayed.seek(position)
    snapshot = replayed.snapshot()
    assert snapshot.edits == want.edits
    assert snapshot.registers == want.registers
    assert snapshot.frame is not None
    assert snapshot.frame.slot("r11").value == 0
    with pytest.raises(NotSupportedError, match="not recorded"):
        replayed.write_register("rbx", 1)
    with pytest.raises(NotSupportedError, match="not recorded"):
        replayed.write_memory(Space.USER, replayed.stop.pc, 1, 1)
