"""A kernel that fails is told of at once, and can be gone back from."""

import emulated
import program_builder

from systui.model.stop import Reason, Space
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Direction, Run, Step

_BAD_POINTER = 0xFFFF_9999_0000_0000


def _in_kernel() -> EmulatorTarget:
    target = emulated.start("scenario", "bare")
    place = program_builder.kernel_address("do_syscall_64")
    assert target.resume(Run(addresses=frozenset((place,)))).pc == place
    return target


def _failed(target: EmulatorTarget, words: str) -> None:
    before = target.current_stop().position
    stop = target.resume(Run())
    assert stop.reason is Reason.OOPS
    assert words in stop.detail
    assert target.resume(Run()) == stop
    assert target.resume(Step()) == stop
    assert target.seek(before).position == before
    assert target.resume(Step(Direction.BACKWARD)).position == before - 1
    target.close()


def test_a_bad_jump_in_the_kernel_is_an_oops() -> None:
    target = _in_kernel()
    target.write_registers({"rip": _BAD_POINTER})
    _failed(target, "page fault")


def test_a_lost_stack_is_a_double_fault() -> None:
    target = _in_kernel()
    target.write_registers({"rsp": _BAD_POINTER})
    _failed(target, "double fault")


def test_a_halted_kernel_is_told() -> None:
    target = _in_kernel()
    pc = target.current_stop().pc
    target.write_memory(Space.KERNEL, pc, b"\xf4")
    _failed(target, "halted")


def test_a_lost_interrupt_table_is_told() -> None:
    target = _in_kernel()
    target.write_memory(Space.KERNEL, 0xFFFF_FE00_0000_0000, bytes(4096))
    target.write_registers({"rip": _BAD_POINTER})
    _failed(target, "could not be delivered")
