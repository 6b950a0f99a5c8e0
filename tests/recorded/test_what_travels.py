"""Source text travels only at the user's word; notes do, and are shown where they were made."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying, find
from systui.examples import path as example
from systui.model.errors import NotRecordedError, NotSupportedError
from systui.model.stop import MemoryRange, Space, Task
from systui.target.protocol import Watchpoint
from systui.target.recordable import Recordable
from systui.target.recorded.target import RecordedTarget

ENTRY = "arch/x86/entry/entry_64.S"
WALK = ["emulate", "--follow", "accept", "--headless"]


@pytest.mark.parametrize("name", ["walk.jsonl", "walk.jsonl.zst"])
@pytest.mark.parametrize("wanted", [False, True])
def test_source_text_at_the_users_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, wanted: bool
) -> None:
    path = tmp_path / name
    options = ["--record-source"] if wanted else []
    assert main([*WALK, "--record", str(path), *options, str(example("accept_43"))]) == 0
    capsys.readouterr()
    target = RecordedTarget.open(path)
    text = target.kernel_names.text(ENTRY)
    own = target.program_names.text("accept_43.c")
    target.close()
    assert (text is not None) is wanted
    assert (own is not None) is wanted
    if text is not None:
        assert any("swapgs" in line for line in text.lines)


def test_recorded_source_is_there_also_where_the_end_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "walk.jsonl"
    program = str(example("accept_43"))
    assert main([*WALK, "--record", str(path), "--record-source", program]) == 0
    capsys.readouterr()
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b'\n{"segments"')])
    target = RecordedTarget.open(path)
    assert not target.whole
    assert target.kernel_names.text(ENTRY) is not None
    target.close()


def test_record_source_needs_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WALK, "--record-source", str(example("accept_43"))]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_notes_are_printed_at_their_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "noted.jsonl.zst"
    made = Recording(path, None)
    debugger = Emulation(Wanted(Path(str(example("accept_43"))), recording=made)).start()
    debugger.step()
    debugger.step()
    target = debugger.target
    assert isinstance(target, Recordable)
    target.note("look here")
    target.note("and here")
    debugger.step()
    target.close()
    assert main(["replay", str(path), "--headless", "--json"]) == 0
    stops = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    notes = {stop["index"]: stop["note"] for stop in stops if stop["note"]}
    assert notes == {2: "look here\nand here"}


def test_every_refusal_says_not_recorded() -> None:
    debugger = Replaying(find("accept_43"), []).start()
    target = debugger.target
    assert isinstance(target, RecordedTarget)
    point = Watchpoint(MemoryRange(Space.USER, 0x1000, 8))
    refused: list[Callable[[], object]] = [
        lambda: target.send_input(b"a"),
        lambda: target.write_registers({"rax": 1}),
        lambda: target.write_memory(Space.USER, 0x1000, b"a"),
        lambda: target.read_memory([MemoryRange(Space.PHYSICAL, 0, 8)]),
        lambda: target.set_watchpoint(point),
        lambda: target.registers(Task(9, "other")),
        lambda: target.seek(1),
    ]
    for refusal in refused:
        with pytest.raises((NotSupportedError, NotRecordedError), match=r"^not recorded"):
            refusal()
    target.close()
