"""What is known at every recorded stop, whatever was on the screen while it was recorded."""

from pathlib import Path

import pytest

from systui.cli.replaying import Replaying
from systui.follow.call import CallSpec
from systui.follow.finder import Search
from systui.model.call import Phase
from systui.model.frame import StackKind, Written

SESSIONS = Path(__file__).parents[2] / "sessions"


@pytest.mark.parametrize("name", ["accept_43", "accept_43-debian-6.1", "ways-kill-iret"])
def test_every_written_slot_has_its_value_at_every_stop(name: str) -> None:
    debugger = Replaying(SESSIONS / f"{name}.jsonl.zst", []).start()
    call = "kill" if "kill" in name else "accept"
    Search(debugger, CallSpec.parse(call, debugger.kernel.table), lambda: None).run()
    seen = 0
    debugger.step()
    while debugger.phase is not Phase.USER:
        frame = debugger.snapshot().frame
        if frame is not None and frame.stack is StackKind.THREAD:
            slots = [slot for slot in frame.slots if slot.written is Written.YES]
            assert all(slot.value is not None for slot in slots), debugger.stop
            seen += len(slots) > 0
        debugger.step()
    debugger.target.close()
    assert seen > 60
