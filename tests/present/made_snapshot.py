"""Snapshots made by hand: an entry after its first `pushed` pushes, and what tests change in it."""

from typing import Any

from systui.arch.x86_64 import X86_64
from systui.model.call import Argument, Phase, Syscall
from systui.model.code import Instruction, Location, SourceLine, SourceText
from systui.model.effect import Effect
from systui.model.frame import PtRegs, Slot, StackKind, Written
from systui.model.snapshot import Snapshot, StackView
from systui.model.stop import Reason, Registers, Stop, Task

TOP = 0xFFFF_C900_0000_4000
FRAME = TOP - X86_64.pt_regs.size
FIELDS = tuple(reversed([name for name, _offset in X86_64.pt_regs.fields]))
"""Highest first, as they are pushed."""

USER = {
    **dict.fromkeys(X86_64.register_names, 0),
    "rax": 43,
    "rcx": 0x401660,
    "r11": 0x246,
    "rsp": 0x7FFD_7744_BA90,
    "rip": 0x40165E,
    "rflags": 0x246,
    "cs": 0x33,
    "ss": 0x2B,
    "cr3": 0x555_3000,
    "kernel_gs_base": 0xFFFF_8880_03C0_0000,
}
KERNEL = {
    **USER,
    "rip": 0xFFFF_FFFF_81C0_0060,
    "rflags": 0x46,
    "cs": 0x10,
    "ss": 0x18,
    "cr3": 0x555_2000,
    "gs_base": 0xFFFF_8880_03C0_0000,
    "kernel_gs_base": 0,
}
SOURCE = SourceText(
    "arch/x86/entry/entry_64.S", tuple(f"\tpushq\t%r{n}\t/* {n} */" for n in range(1, 101))
)
CALL = Syscall("64", 43, "accept", (Argument("fd", "int", 1, "1"),), entered_at=100)


def snapshot(pushed: int = 0, **changes: Any) -> Snapshot:
    """The stop after `pushed` of pt_regs' words; `changes` replace fields of the snapshot."""
    pointer = TOP - 8 * pushed
    registers = {**KERNEL, "rsp": pointer, "rip": KERNEL["rip"] + 2 * pushed}
    pc = registers["rip"]
    code = tuple(
        Instruction(pc + 2 * index, b"\x41\x50", "pushq", "%r8") for index in range(-20, 20)
    )
    made = Snapshot(
        stop=Stop(110 + pushed, Reason.STEP, pc, Task(1, "accept_43")),
        registers=Registers(registers),
        changed=frozenset({"rsp", "rip"}),
        phase=Phase.ENTRY,
        nested=0,
        location=Location(
            pc, "entry_SYSCALL_64", 0x20 + 2 * pushed, SourceLine(SOURCE.file, 10 + pushed)
        ),
        landmark=None,
        instruction=code[20],
        code=code,
        source_text=SOURCE,
        effect=Effect("push_slot", 109 + pushed, "pushq %rax", {"slot": "orig_ax", "value": 43}),
        frame=frame(pushed),
        stack=StackView(StackKind.THREAD, pointer, ()),
        call=CALL,
        ledger=(),
        verdicts=(),
        output=(),
        earliest=0,
        latest=110 + pushed,
    )
    return made._replace(**changes)


def frame(pushed: int) -> PtRegs:
    """pt_regs with its first `pushed` words stored."""
    slots = tuple(
        Slot(
            name,
            FRAME + X86_64.pt_regs.offsets[name],
            0x1000 + index if index < pushed else None,
            Written.YES if index < pushed else Written.NO,
            by=f"pushq %{name}" if index < pushed else None,
        )
        for index, name in enumerate(FIELDS)
    )
    just = FIELDS[pushed - 1] if pushed else None
    return PtRegs(FRAME, StackKind.THREAD, slots, just_written=just)
