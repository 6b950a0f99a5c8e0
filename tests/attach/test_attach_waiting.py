"""Kernel functions waited for without a breakpoint, by the calls of the kernel's own tracer."""

import threading
from typing import Any

import pytest
from guests import Guest, Programs, gdb_of, interrupted, runs
from kernels import Kernel

from systui.model.errors import TargetGoneError
from systui.model.stop import MemoryRange, Reason, Space
from systui.target.gdb.packets import Halt
from systui.target.gdb.target import GdbTarget
from systui.target.protocol import Run, Step

pytestmark = pytest.mark.slow


@pytest.fixture
def breakpoints(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Addresses at which breakpoints were set."""
    from systui.target.gdb.stub import Stub

    addresses: list[int] = []
    insert = Stub.insert

    def noted(stub: Stub, address: int) -> int:
        addresses.append(address)
        return insert(stub, address)

    monkeypatch.setattr(Stub, "insert", noted)
    return addresses


def code(target: GdbTarget, address: int) -> bytes | None:
    """The function's first bytes as they are in the guest now."""
    target._live.changed()
    return target.read_memory([MemoryRange(Space.KERNEL, address, 16)])[0]


@pytest.mark.parametrize("series", ["linux_6_1", "linux_6_12"])
@pytest.mark.parametrize("append", ["pti=on", "nokaslr"])
def test_a_handler_is_come_to_without_a_breakpoint(
    series: str,
    append: str,
    tmp_path_factory: pytest.TempPathFactory,
    programs: Programs,
    breakpoints: list[int],
    request: pytest.FixtureRequest,
) -> None:
    kernel: Kernel = request.getfixturevalue(series)
    with Guest(kernel, tmp_path_factory.getbasetemp() / "layouts") as guest:
        target = guest.attach(guest.machine(programs("spinner"), append))
        handler = guest.address(target, "__x64_sys_accept")
        before = code(target, handler)
        for _call in range(3):
            stop = target.resume(Run(addresses=frozenset((handler,))))
            assert (stop.reason, stop.pc) == (Reason.BREAKPOINT, handler)
            assert target.registers()["rip"] == handler
            (frame,) = target.read_memory(
                [MemoryRange(Space.KERNEL, target.registers()["rdi"] + 15 * 8, 8)]
            )
            assert frame == (43).to_bytes(8, "little")  # orig_ax
            assert code(target, handler) == before
        assert breakpoints == []
        assert "No breakpoints or watchpoints" in target.command("info breakpoints")
        assert target.resume(Step()).pc > handler


def test_an_interrupted_wait_leaves_the_code_as_it_was(
    guest: Guest, programs: Programs, breakpoints: list[int]
) -> None:
    target = guest.attach(guest.machine(programs("counter"), extra=("-smp", "2")))
    handler = guest.address(target, "__x64_sys_accept")
    before = code(target, handler)
    for _time in range(5):
        with interrupted(target):
            stop = target.resume(Run(addresses=frozenset((handler,))))
        assert stop.reason is Reason.INTERRUPTED
        assert code(target, handler) == before
    assert breakpoints == []


def test_a_function_that_is_called_all_the_time(guest: Guest, programs: Programs) -> None:
    """Each run is to the next call: not to the one that stands there already, past none."""
    target = guest.attach(guest.machine(programs("counter"), extra=("-smp", "2")))
    handler = guest.address(target, "__x64_sys_getppid")
    stops = [target.resume(Run(addresses=frozenset((handler,)))) for _time in range(10)]
    assert {stop.pc for stop in stops} == {handler}
    assert len({stop.position for stop in stops}) == len(stops)


def test_where_the_tracer_is_at_work_a_breakpoint_does(
    guest: Guest, programs: Programs, breakpoints: list[int]
) -> None:
    target = guest.attach(guest.machine(programs("spinner")))
    handler = guest.address(target, "__x64_sys_accept")
    target.write_memory(
        Space.KERNEL, guest.address(target, "ftrace_call"), bytes.fromhex("0f1f440000")
    )
    stop = target.resume(Run(addresses=frozenset((handler,))))
    assert (stop.reason, stop.pc) == (Reason.BREAKPOINT, handler)
    assert handler in breakpoints


def test_a_call_left_behind_does_nothing_and_is_removed_later(
    guest: Guest, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gdb is killed while the guest runs: nobody is there to put the NOP back."""
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    handler = guest.address(target, "__x64_sys_accept")
    before = code(target, handler)
    proceed = target._stub.proceed

    def proceed_and_lose_gdb(*arguments: Any) -> Halt | None:
        threading.Timer(0.1, gdb_of(target).kill).start()
        return proceed(*arguments)

    monkeypatch.setattr(target._stub, "proceed", proceed_and_lose_gdb)
    exits = guest.address(target, "__x64_sys_exit_group")
    with pytest.raises(TargetGoneError):
        target.resume(Run(addresses=frozenset((exits,))))
    target.close()
    assert runs(machine)
    again = guest.attach(machine)
    left = code(again, exits)
    with interrupted(again):
        again.resume(Run(addresses=frozenset((handler, exits))))
    assert left is not None
    assert code(again, exits) != left
    assert code(again, handler) == before


def test_a_register_is_set_on_the_cpu_that_stopped(guest: Guest, programs: Programs) -> None:
    """Each of two CPUs in turn, though gdb chose the other one last."""
    target = guest.boot(programs("two"), extra=("-smp", "2"))
    stub, place = target._stub, guest.address(target, "__x64_sys_accept")
    seen = set()
    for _stop in range(4000):  # a busy machine may long run but one of them
        target._live.run({place: lambda kept: True}, patient=True)
        thread = target._live.thread
        other = stub.registers(3 - thread)
        was = stub.registers(thread)["rax"]
        stub.write_registers(thread, {"rax": 0x1234})
        assert stub.registers(thread)["rax"] == 0x1234
        assert stub.registers(3 - thread) == other
        stub.write_registers(thread, {"rax": was})
        seen.add(thread)
        if len(seen) == 2:
            return
    pytest.fail("only one CPU ever made the call")


def test_a_breakpoint_reached_as_the_guest_is_halted_is_not_lost(
    guest: Guest, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QEMU tells of the halt alone then, and gdb would step over it."""
    target = guest.attach(guest.machine(programs("spinner")))
    handler = guest.address(target, "__x64_sys_accept")
    target.resume(Run(addresses=frozenset((handler,))))
    (word,) = target.read_memory([MemoryRange(Space.KERNEL, target.registers()["rsp"], 8)])
    assert word is not None
    back = int.from_bytes(word, "little")
    stub = target._live.stub
    met: list[Halt] = []
    proceed = stub.proceed

    def overtaken(thread: int, *_limits: Any) -> Halt | None:
        halt = proceed(thread, None)
        assert halt is not None
        met.append(halt)
        return None

    monkeypatch.setattr(stub, "proceed", overtaken)
    monkeypatch.setattr(stub, "halt", lambda: Halt("signal-received", met[-1].thread, "SIGINT"))
    stop = target.resume(Run(addresses=frozenset((back,))))
    assert (stop.reason, stop.pc, len(met)) == (Reason.BREAKPOINT, back, 1)
