"""Where the ledger says that a register is kept: at the store that saved it."""

import pytest

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.decode.disassembly import Disassembler
from systui.decode.fold import Folder, Step
from systui.decode.ledger import ledger
from systui.decode.way import Mark, Track, Way
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.model.call import Phase

FRAME = 0xFFFF_FFFF_8101_FF58
AT = 0xFFFF_FFFF_8100_0100
DISASSEMBLER = Disassembler()
PATH = EntryPath(Image.open(minikernel.path()), X86_64, DISASSEMBLER.operations)
STORE = "48 89 5c 24 00"  # movq %rbx, 0(%rsp)


@pytest.mark.parametrize(
    ("phase", "saved_at"),
    [
        (Phase.ENTRY, 10),  # until then a passing value lay there
        (Phase.DISPATCH, 3),
        (Phase.HANDLER, 3),
        (Phase.EXIT_WORK, 3),
    ],
)
def test_a_slot_that_is_written_anew(phase: Phase, saved_at: int) -> None:
    way = Way(
        PATH.entry or 0, PATH.syscall, syscall=True, from_user=True, entered_at=0, before={},
        phase=phase, frame=FRAME, slots={"bx": Mark("pushq %rbx", 3)},
    )  # fmt: skip
    operation = DISASSEMBLER.operation(AT, bytes.fromhex(STORE))
    assert operation is not None
    before = dict.fromkeys(X86_64.register_names, 0)
    before |= {"cs": 0x10, "rip": AT, "rsp": FRAME + X86_64.pt_regs.offsets["bx"]}
    folder = Folder(PATH, X86_64)
    step = Step(9, operation, before, before | {"rip": operation.instruction.end})
    told = folder.advance(Track((way,)), step).way
    assert told is not None
    assert told.slots["bx"].position == 10
    (row,) = ledger(told, ("rbx",), X86_64)
    assert (row.kept_in, row.saved_at) == ("bx", saved_at)
