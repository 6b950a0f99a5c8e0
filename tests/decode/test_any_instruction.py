"""No instruction, however odd, makes a decoder fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.decode.access import stores
from systui.decode.disassembly import Disassembler
from systui.decode.effects import Effects
from systui.decode.fold import Folder, Step
from systui.decode.scene import Names
from systui.decode.way import Track
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.kernel.transfer import transfer
from systui.kernel.values import Pointer, State
from systui.model.frame import StackKind

IMAGE = Image.open(minikernel.path())
DISASSEMBLER = Disassembler()
PATH = EntryPath(IMAGE, X86_64, DISASSEMBLER.operations)
FOLDER = Folder(PATH, X86_64)
NAMES = Names(hex, lambda number, abi: None, lambda address, track: StackKind.THREAD)
EFFECTS = Effects(PATH, X86_64, NAMES, FOLDER.slots_at)
ENTRY = PATH.entry or 0
STACK = 0xFFFF_FFFF_8101_FF58

words = st.integers(0, (1 << 64) - 1)


def _registers(values: list[int], pc: int, cs: int) -> dict[str, int]:
    named = dict(zip(X86_64.register_names, values, strict=False))
    return {**named, "rip": pc, "cs": cs, "rsp": STACK}


@settings(max_examples=400, deadline=None)
@given(
    code=st.binary(min_size=1, max_size=15),
    values=st.lists(words, min_size=30, max_size=30),
    others=st.lists(words, min_size=30, max_size=30),
    rings=st.sampled_from([(0x10, 0x10), (0x33, 0x33), (0x33, 0x10), (0x10, 0x33)]),
    target=st.sampled_from([None, ENTRY, PATH.any_exception, 0, (1 << 64) - 1]),
)
def test_stepping_it_is_told(
    code: bytes,
    values: list[int],
    others: list[int],
    rings: tuple[int, int],
    target: int | None,
) -> None:
    at = 0xFFFF_FFFF_8100_0000
    operation = DISASSEMBLER.operation(at, code)
    if operation is None:
        return
    before = _registers(values, at, rings[0])
    pc = operation.instruction.end if target is None else target
    after = _registers(others, pc, rings[1])
    transfer(operation, State({"rsp": Pointer(0, 0), "rdi": Pointer(0, 8)}, {}))
    stores(operation, before)
    step = Step(7, operation, before, after)
    opened = FOLDER.advance(
        Track(), Step(5, operation, {**before, "cs": 0x33}, {**after, "cs": 0x10})
    )
    for was in (Track(), opened, Track(tuple(way._replace(frame=STACK) for way in opened.ways))):
        now = FOLDER.advance(was, step)
        effect = EFFECTS.of(step, was, now, lambda address, size: bytes(size))
        assert effect.kind
        assert effect.position == 7


@pytest.mark.parametrize("seed", range(3))
def test_code_that_is_none_ends_a_walk(seed: int) -> None:
    """Entry code of random bytes: nothing is understood, nothing fails."""
    import random

    noise = random.Random(seed).randbytes(1 << 16)

    def read(address: int, size: int) -> bytes | None:
        start = address & 0x7FFF
        return noise[start : start + size]

    path = EntryPath(IMAGE, X86_64, Disassembler().operations, (read,))
    assert path.landmarks is not None
    assert isinstance(path.missing, tuple)
