"""Parts of the machine by themselves: patches, the library's proof, the first stack."""

import struct
from pathlib import Path

import capstone
import emulated
import program_builder
import pytest

from systui.model.errors import BadInputError, MemoryFaultError, NotSupportedError
from systui.model.stop import MemoryRange, Space
from systui.target.emulator import alternatives, offsets
from systui.target.emulator.frames import Frames, OutOfFramesError
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.stack import Stack, StackPlan
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run, Step


def _cr3_writes(target: EmulatorTarget) -> int:
    """`mov …, %cr3` reached between the first syscall instruction and user mode again."""
    target.resume(Run(addresses=frozenset((program_builder.address("scenario", "say"),))))
    seen = 0
    value = target.registers()["cr3"]
    for _ in range(4):
        target.resume(Step())
    while target.resume(Step()) and target.registers().cpl == 0:
        now = target.registers()["cr3"]
        seen += now != value
        value = now
    return seen


@pytest.mark.parametrize(("pti", "switches"), [(True, 2), (False, 0)])
def test_page_tables_are_switched_with_pti_only(pti: bool, switches: int) -> None:
    target = emulated.start("scenario", "bare", options=EmulatorOptions(stdin=b"", pti=pti))
    assert _cr3_writes(target) == switches
    assert ("PTI on" in target.info.kernel) is pti
    target.close()


def test_user_page_tables_lack_the_kernel_with_pti() -> None:
    handler = program_builder.kernel_address("do_syscall_64")
    entry = program_builder.kernel_address("entry_SYSCALL_64")
    for pti in (True, False):
        target = emulated.start("scenario", "bare", options=EmulatorOptions(stdin=b"", pti=pti))
        ranges = [MemoryRange(Space.USER, each, 4) for each in (handler, entry)]
        hidden, there = target.read_memory(ranges)
        assert (hidden is None) is pti
        assert there is not None
        target.close()


def test_patches_are_whole_instructions() -> None:
    machine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    found = list(alternatives.patches(program_builder.kernel(), (alternatives.PTI,)))
    assert found
    for patch in found:
        assert {each.mnemonic for each in machine.disasm(patch.code, 0)} == {"nop"}
        assert sum(each.size for each in machine.disasm(patch.code, 0)) == len(patch.code)
    assert not list(alternatives.patches(program_builder.kernel(), ()))


def test_an_unknown_library_is_refused() -> None:
    sentinels = struct.pack("<16Q", *offsets.SENTINELS)
    assert offsets.find_registers(b"\1" * 40 + sentinels + bytes(64)) == 40
    for context in (bytes(400), sentinels + sentinels):
        with pytest.raises(BadInputError, match=r"unicorn==2\.1\.4"):
            offsets.find_registers(context)


def test_frames_are_handed_out_in_the_same_order() -> None:
    frames = Frames(0x1000, 0x4000)
    first = [frames.take() for _ in range(2)]
    saved = frames.save()
    frames.give_back(first)
    again = [frames.take() for _ in range(3)]
    with pytest.raises(OutOfFramesError):
        frames.take()
    frames.restore(saved)
    frames.give_back(first)
    assert [frames.take() for _ in range(3)] == again


def test_the_first_stack_is_what_the_abi_says() -> None:
    top = 0x7FFF_FFFF_F000
    plan = StackPlan(
        *("./program", ("./program", "one"), ("A=B",)),
        headers=0x400040,
        header_count=3,
        base=0,
        entry=0x401000,
        random=bytes(range(16)),
        uid=1000,
        gid=100,
    )
    built = Stack(top, 1 << 20).build(plan)
    assert built.pointer % 16 == 0
    assert built.pointer + len(built.content) == top
    assert built.content[-8:] == bytes(8)

    def word(index: int) -> int:
        return int(struct.unpack_from("<Q", built.content, index * 8)[0])

    def text(address: int) -> bytes:
        at = address - built.pointer
        return built.content[at : built.content.index(b"\0", at)]

    assert word(0) == 2
    assert [text(word(1)), text(word(2)), word(3)] == [b"./program", b"one", 0]
    assert [text(word(4)), word(5)] == [b"A=B", 0]
    vector = {}
    at = 6
    while word(at):
        vector[word(at)] = word(at + 1)
        at += 2
    assert vector[3] == 0x400040
    assert vector[9] == 0x401000
    assert vector[11] == 1000
    assert text(vector[15]) == b"x86_64"
    assert text(vector[31]) == b"./program"


def test_edits_that_cannot_be_are_refused() -> None:
    target = emulated.start("scenario", "bare")
    with pytest.raises(NotSupportedError):
        target.write_registers({"cs": 0x10})
    with pytest.raises(NotSupportedError):
        target.write_registers({"nonsense": 1})
    with pytest.raises(MemoryFaultError):
        target.write_memory(Space.USER, 0x10, b"x")
    with pytest.raises(MemoryFaultError):
        target.write_memory(Space.PHYSICAL, 1 << 40, b"x")
    target.write_registers({"rax": -1})
    assert target.registers()["rax"] == (1 << 64) - 1
    target.close()


def test_edited_code_runs_at_once() -> None:
    target = emulated.start("scenario", "bare")
    loop = program_builder.address("scenario", "loop")
    say = program_builder.address("scenario", "say")
    target.resume(Run(addresses=frozenset((loop,))))
    target.resume(Run(addresses=frozenset((loop,))))
    target.write_memory(Space.USER, loop, b"\xeb" + bytes((say - loop - 2,)))
    assert target.resume(Step()).pc == say
    target.close()


def test_nothing_of_the_host_is_written(tmp_path: Path) -> None:
    program = program_builder.built("mixture", "static")
    before = {path: path.stat().st_mtime_ns for path in program.parent.iterdir()}
    target = EmulatorTarget.start(
        program_builder.kernel(), program, (), EmulatorOptions(stdin=b"", root=tmp_path)
    )
    target.resume(Run())
    target.close()
    assert not list(tmp_path.iterdir())
    assert {path: path.stat().st_mtime_ns for path in program.parent.iterdir()} == before
