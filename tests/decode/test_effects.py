"""What single instructions did: kind and parts, from hand-assembled bytes and registers."""

import struct

import pytest

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.decode.disassembly import Disassembler
from systui.decode.effects import Effects
from systui.decode.fold import Folder, Step
from systui.decode.scene import Names
from systui.decode.way import Mark, Track, Way
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.effect import Effect
from systui.model.frame import StackKind

AT = 0xFFFF_FFFF_8100_0100
FRAME = 0xFFFF_FFFF_8101_FF58
DISASSEMBLER = Disassembler()
PATH = EntryPath(Image.open(minikernel.path()), X86_64, DISASSEMBLER.operations)
FOLDER = Folder(PATH, X86_64)


def _stack(address: int, _track: Track) -> StackKind:
    return StackKind.THREAD if address >= X86_64.kernel_start else StackKind.USER


NAMES = Names(hex, lambda number, _abi: {43: "accept"}.get(number), _stack)
EFFECTS = Effects(PATH, X86_64, NAMES, FOLDER.slots_at)
REGISTERS = dict.fromkeys(X86_64.register_names, 0) | {
    "rip": AT,
    "cs": 0x10,
    "ss": 0x18,
    "rsp": FRAME - 64,
    "rflags": 0x46,
    "gs_base": 0xFFFF_8880_0102_0000,
    "cr3": 0x10_0000,
}
WAY = Way(
    PATH.entry or 0, PATH.syscall, syscall=True, from_user=True, entered_at=1,
    before={"rax": 43}, phase=Phase.EXIT_WORK, frame=FRAME,
    slots={name: Mark("pushq", 2) for name in X86_64.pt_regs.offsets},
)  # fmt: skip


def told(
    code: str,
    *,
    before: dict[str, int] | None = None,
    after: dict[str, int] | None = None,
    way: Way | None = WAY,
    memory: bytes = bytes(8),
    at: int = AT,
) -> Effect:
    """The effect of `code` at `at`; it changes the registers in `after` and goes on behind."""
    operation = DISASSEMBLER.operation(at, bytes.fromhex(code))
    assert operation is not None
    first = REGISTERS | {"rip": at} | (before or {})
    then = first | {"rip": operation.instruction.end} | (after or {})
    step = Step(9, operation, first, then)
    was = Track() if way is None else Track((way,))
    now = FOLDER.advance(was, step)
    return EFFECTS.of(step, was, now, lambda _address, size: memory[:size])


@pytest.mark.parametrize(
    ("code", "before", "after", "kind", "parts"),
    [
        ("31 db", {"rbx": 9}, {"rbx": 0}, "clear", {"register": "rbx", "before": 9}),
        ("fb", {}, {}, "interrupts", {"on": True}),
        ("fa", {}, {}, "interrupts", {"on": False}),
        ("90", {}, {}, "nothing", {}),
        ("0f ae e8", {}, {}, "nothing", {}),
        ("48 89 e7", {}, {"rdi": 5}, "move", {"register": "rdi", "source": "rsp", "value": 5}),
        ("b8 01 00 00 00", {}, {"rax": 1}, "move", {"register": "rax", "source": None}),
        ("48 83 c0 08", {"rax": 1}, {"rax": 9}, "arithmetic", {"before": 1, "value": 9}),
        ("48 8d 47 08", {"rdi": 1}, {"rax": 9}, "arithmetic", {"register": "rax", "value": 9}),
        ("48 39 c8", {"rax": 3, "rcx": 4}, {}, "compare", {"left": 3, "difference": "below"}),
        ("48 39 c8", {"rax": 4, "rcx": 4}, {}, "compare", {"difference": "equal"}),
        ("a8 03", {"rax": 4}, {"rflags": 0x46}, "compare", {"left": 4, "right": 3, "zero": True}),
        ("75 10", {}, {}, "branch", {"taken": False, "condition": "jne"}),
        ("75 10", {}, {"rip": AT + 18}, "branch", {"taken": True, "symbol": hex(AT + 18)}),
        ("eb 10", {}, {"rip": AT + 18}, "jump", {"symbol": hex(AT + 18)}),
        ("50", {"rax": 7}, {}, "push", {"register": "rax", "value": 7, "address": FRAME - 72}),
        ("58", {}, {"rax": 7}, "pop", {"register": "rax", "value": 7}),
        ("48 8b 07", {"rdi": 64}, {"rax": 7}, "load", {"address": 64, "value": 7, "symbol": None}),
        ("48 8b 47 70", {"rdi": FRAME}, {"rax": 7}, "load", {"symbol": "pt_regs.di"}),
        ("48 89 07", {"rdi": 64, "rax": 7}, {}, "store", {"address": 64, "value": 7}),
        ("48 89 47 70", {"rdi": FRAME, "rax": 7}, {}, "store_slot", {"slot": "di"}),
        ("c3", {}, {"rip": AT + 64}, "return", {"symbol": hex(AT + 64)}),
        ("e8 fb 00 00 00", {}, {"rip": AT + 256}, "call", {"returns_to": AT + 5}),
        ("f3 48 ab", {"rcx": 3, "rdi": 64}, {}, "string", {"count": 3, "address": 64}),
        ("c9", {}, {"rbp": 5}, "changed", {"registers": "rbp"}),
        ("0f 01 f8", {}, {"gs_base": 0}, "swapgs", {"owner": "user", "gs_base": 0}),
        ("0f 22 d8", {}, {"cr3": 0x10_1000}, "cr3_switch", {"table": "user"}),
        ("0f 22 d8", {"cr3": 0x10_1000}, {"cr3": 0x10_0000}, "cr3_switch", {"table": "kernel"}),
    ],
)
def test_kinds(
    code: str,
    before: dict[str, int],
    after: dict[str, int],
    kind: str,
    parts: dict[str, object],
) -> None:
    effect = told(code, before=before, after=after)
    assert effect.kind == kind
    assert {name: effect.parts[name] for name in parts} == parts


def test_the_results_way_into_the_frame() -> None:
    effect = told("48 89 43 50", before={"rbx": FRAME, "rax": (1 << 64) - 9})
    assert effect.kind == "result"
    assert dict(effect.parts) == {
        "slot": "ax",
        "value": -9,
        "errno": "EBADF",
        "register": "rax",
    }
    assert effect.stores[0].slot == "ax"


def test_user_space_has_no_way() -> None:
    effect = told("50", before={"cs": 0x33, "rsp": 0x7FFF_0000, "rax": 1}, way=None)
    assert (effect.kind, effect.stores[0].slot) == ("push", None)


def _check(name: str) -> tuple[str, int]:
    door = PATH.syscall
    assert door is not None
    address = next(address for address, check in door.checks.items() if check == name)
    operation = PATH.listing.operation(address)
    assert operation is not None
    return operation.instruction.code.hex(), address


@pytest.mark.parametrize("passed", [True, False])
def test_a_check_and_its_branch(passed: bool) -> None:
    code, address = _check("cs")
    operation = DISASSEMBLER.operation(address, bytes.fromhex(code))
    assert operation is not None
    way = WAY._replace(phase=Phase.RESTORE)
    flags = 0x46 if passed else 0x06
    before = REGISTERS | {"rip": address}
    after = before | {"rip": operation.instruction.end, "rflags": flags}
    selector = struct.pack("<Q", 0x33 if passed else 0x23)
    step = Step(9, operation, before, after)
    was = Track((way,))
    now = FOLDER.advance(was, step)
    effect = EFFECTS.of(step, was, now, lambda _address, size: selector[:size])
    assert effect.kind == "sysret_check"
    assert effect.parts["check"] == "cs"
    assert effect.parts["passed"] is passed
    assert effect.parts["left"] == (0x33 if passed else 0x23)
    branch = PATH.listing.operation(operation.instruction.end)
    assert branch is not None
    taken = branch.instruction.end if passed else branch.instruction.target
    assert taken is not None
    following = Step(10, branch, after, after | {"rip": taken})
    effect = EFFECTS.of(
        following, now, FOLDER.advance(now, following), lambda _a, size: bytes(size)
    )
    assert effect.kind == "sysret_branch"
    assert effect.parts["way"] == ("sysret" if passed else "iret")
    assert effect.parts["taken"] is not passed
