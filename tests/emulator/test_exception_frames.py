"""What the CPU pushes when an exception enters the kernel (Intel SDM vol. 3, 6.14)."""

import struct

import emulated
import program_builder
import pytest

from systui.model.stop import MemoryRange, Registers, Space
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Direction, Run, Step

_RESUME = 1 << 16
_INTERRUPTS = 1 << 9


def _entered(crime: str, stub: str) -> tuple[EmulatorTarget, Registers, Registers, list[int]]:
    """At the exception's entry: registers before and after, and the words on the stack."""
    target = emulated.start("crime", "static", crime)
    place = program_builder.kernel_address(stub)
    assert target.resume(Run(addresses=frozenset((place,)))).pc == place
    after = target.registers()
    (stack,) = target.read_memory([MemoryRange(Space.USER, after["rsp"], 48)])
    assert stack is not None, "the stack is there for user page tables"
    target.resume(Step(Direction.BACKWARD))
    before = target.registers()
    target.resume(Step())
    assert target.registers() == after, "one step over the delivery"
    return target, before, after, list(struct.unpack("<6Q", stack))


@pytest.mark.parametrize(
    ("crime", "stub", "error_code", "is_fault", "length"),
    [
        ("write-null", "asm_exc_page_fault", 6, True, 0),
        ("read-kernel", "asm_exc_page_fault", 4, True, 0),
        ("write-code", "asm_exc_page_fault", 7, True, 0),
        ("run-stack", "asm_exc_page_fault", 21, True, 0),
        ("hlt", "asm_exc_general_protection", 0, True, 0),
        ("int", "asm_exc_general_protection", 0x20 * 8 + 2, True, 0),
        ("in", "asm_exc_general_protection", 0, True, 0),
        ("undefined", "asm_exc_invalid_op", None, True, 0),
        ("divide", "asm_exc_divide_error", None, True, 0),
        ("int3", "asm_exc_int3", None, False, 1),
    ],
)
def test_the_frame(
    crime: str, stub: str, error_code: int | None, is_fault: bool, length: int
) -> None:
    target, before, after, words = _entered(crime, stub)
    if error_code is not None:
        assert words.pop(0) == error_code
    rip, cs, flags, rsp, ss = words[:5]
    assert (rip, cs, rsp, ss) == (before["rip"] + length, 0x33, before["rsp"], 0x2B)
    assert flags == before["rflags"] | (_RESUME if is_fault else 0)
    assert (after["cs"], after["ss"]) == (0x10, 0)
    assert after["rflags"] == before["rflags"] & ~_INTERRUPTS
    assert after["rsp"] + 8 * (5 + (error_code is not None)) == 0xFFFF_FE00_0000_3000
    assert {name: after[name] for name in ("rax", "rdi", "gs_base", "cr3")} == {
        name: before[name] for name in ("rax", "rdi", "gs_base", "cr3")
    }
    target.close()


def test_cr2_holds_the_address_of_true_faults_only() -> None:
    target, before, after, _words = _entered("write-null", "asm_exc_page_fault")
    assert before["cr2"] == 0, "pages were filled before, and none of it shows"
    assert after["cr2"] == 16
    target.close()


def test_a_trap_comes_with_its_instruction() -> None:
    target, before, after, words = _entered("trap-flag", "asm_exc_debug")
    assert before["rflags"] & 0x100
    assert words[0] == before["rip"] + 1, "behind the nop that was stepped"
    assert words[2] == before["rflags"]
    assert not after["rflags"] & 0x100
    target.close()
