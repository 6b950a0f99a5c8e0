"""Signals: frames as the ABI has them, masks, restarts, default actions, timers."""

import struct

import pytest
from fake_machine import STACK_TOP, FakeMachine

from systui.services.ports import INITIAL_FPU, Blocked

RESTORER, HANDLER = 0x400100, 0x400200
SA_SIGINFO, SA_ONSTACK, SA_RESTART, SA_RESTORER = 4, 0x0800_0000, 0x1000_0000, 0x0400_0000
SIGUSR1, SIGUSR2, SIGALRM, SIGSEGV, SIGABRT = 10, 12, 14, 11, 6
_REGISTERS = (
    *("r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"),
    *("di", "si", "bp", "bx", "dx", "ax", "cx", "sp", "ip", "flags"),
)


def machine_with(signal: int, flags: int = SA_SIGINFO, mask: int = 0) -> FakeMachine:
    machine = FakeMachine(stdin=b"")
    for index, field in enumerate(_REGISTERS[:-3]):
        machine.frame.set(field, 0x1111 * (index + 1))
    machine.frame.set("ip", 0x400050)
    action = struct.pack("<QQQQ", HANDLER, flags | SA_RESTORER, RESTORER, mask)
    assert machine.call("rt_sigaction", signal, action, 0, 8) == 0
    return machine


def test_the_frame_is_the_abi_s() -> None:
    machine = machine_with(SIGUSR1, mask=1 << SIGUSR2 - 1)
    task, frame = machine.system.task, machine.frame
    old_sp = STACK_TOP - 4096
    image = bytearray(INITIAL_FPU)
    image[160:176] = b"an xmm register!"
    machine.thread.set_fpu(bytes(image))
    assert machine.call("kill", task.pid, SIGUSR1) == 0
    assert machine.system.signal_pending
    machine.system.deliver(frame)
    at = frame.get("sp")
    assert at % 16 == 8
    assert (frame.get("ip"), frame.get("di")) == (HANDLER, SIGUSR1)
    assert frame.get("ax") == 0
    ucontext, siginfo = frame.get("dx"), frame.get("si")
    assert (ucontext, siginfo) == (at + 8, at + 8 + 304)
    assert machine.read(at, 8) == RESTORER.to_bytes(8, "little")
    registers = struct.unpack("<18Q", machine.read(ucontext + 40, 144))
    assert registers[15:17] == (old_sp, 0x400050)
    assert registers[0] == 0x1111
    fpstate = struct.unpack("<Q", machine.read(ucontext + 40 + 184, 8))[0]
    assert fpstate % 64 == 0
    assert fpstate + 512 <= old_sp - 128
    assert machine.read(fpstate + 160, 16) == b"an xmm register!"
    assert machine.thread.image == INITIAL_FPU
    assert struct.unpack("<iii4xii", machine.read(siginfo, 24)) == (SIGUSR1, 0, 0, task.pid, 0)
    assert task.signals.blocked == 1 << SIGUSR1 - 1 | 1 << SIGUSR2 - 1
    frame.set("sp", at + 8)
    frame.set("bx", 99)
    assert machine.call("rt_sigreturn") == 0
    assert (frame.get("sp"), frame.get("ip"), frame.get("bx")) == (old_sp, 0x400050, 0x1111 * 12)
    assert frame.get("orig_ax") >> 63
    assert machine.thread.image[160:176] == b"an xmm register!"
    assert task.signals.blocked == 0


def test_a_frame_cannot_leave_ring_3() -> None:
    machine = machine_with(SIGUSR1)
    machine.call("kill", machine.system.task.pid, SIGUSR1)
    machine.system.deliver(machine.frame)
    ucontext = machine.frame.get("dx")
    machine.pages.write(ucontext + 40 + 144, (0x10).to_bytes(2, "little"))
    machine.pages.write(ucontext + 40 + 136, (0x3000 | 0x202).to_bytes(8, "little"))
    machine.frame.set("sp", machine.frame.get("sp") + 8)
    machine.call("rt_sigreturn")
    assert machine.frame.get("cs") & 3 == 3
    assert machine.frame.get("ss") & 3 == 3
    assert machine.frame.get("flags") & 0x3000 == 0


def test_a_frame_that_is_not_there_is_a_segfault() -> None:
    machine = machine_with(SIGUSR1)
    machine.frame.set("sp", 0x1000)
    machine.call("rt_sigreturn")
    machine.system.deliver(machine.frame)
    assert machine.system.ended is not None
    assert machine.system.ended.signal == SIGSEGV


def test_no_room_for_a_frame_is_a_segfault() -> None:
    machine = machine_with(SIGUSR1)
    machine.frame.set("sp", 0x1000)
    machine.call("kill", machine.system.task.pid, SIGUSR1)
    machine.system.deliver(machine.frame)
    ended = machine.system.ended
    assert ended is not None
    assert (ended.signal, ended.core, ended.exit_status) == (SIGSEGV, True, 139)


@pytest.mark.parametrize(("flags", "result"), [(0, (1 << 64) - 4), (SA_RESTART, 35)])
def test_an_interrupted_call(flags: int, result: int) -> None:
    machine = machine_with(SIGALRM, flags)
    machine.call("alarm", 1)
    read, _ = struct.unpack("<ii", machine.read(_pipe(machine), 8))
    machine.frame.set("ip", 0x400052)
    name = "futex" if flags == SA_RESTART else "pause"
    word = machine.room(4)
    got = machine.call(name, word, 0, 0, 0) if name == "futex" else machine.call(name)
    assert got in {-512, -514}
    machine.system.deliver(machine.frame)
    saved = struct.unpack("<18Q", machine.read(machine.frame.get("dx") + 40, 144))
    ax, ip = saved[13], saved[16]
    if flags:
        assert (ax, ip) == (202, 0x400050)
    else:
        assert (ax, ip) == (result, 0x400052)
    assert read > 2


def _pipe(machine: FakeMachine) -> int:
    pair = machine.room(8)
    assert machine.call("pipe", pair) == 0
    return pair


def test_a_sleep_goes_on_after_an_ignored_signal() -> None:
    machine = FakeMachine(stdin=b"")
    request = struct.pack("<qq", 10, 0)
    machine.system.task.signals.stopped = 0
    timer = struct.pack("<qqqq", 0, 0, 1, 0)
    machine.call("setitimer", 0, timer, 0)
    machine.call("rt_sigaction", SIGALRM, struct.pack("<QQQQ", 1, 0, 0, 0), 0, 8)
    assert machine.call("nanosleep", request, 0) == 0
    assert machine.system.slept == 10 * 10**9


def test_default_actions() -> None:
    for signal, core in ((15, False), (3, True), (SIGABRT, True), (34, False)):
        machine = FakeMachine(stdin=b"")
        machine.call("kill", machine.system.task.pid, signal)
        machine.system.deliver(machine.frame)
        ended = machine.system.ended
        assert ended is not None
        assert (ended.signal, ended.core) == (signal, core)
    machine = FakeMachine(stdin=b"")
    for ignored in (17, 18, 23, 28):
        machine.call("kill", machine.system.task.pid, ignored)
    assert not machine.system.signal_pending
    machine.call("kill", machine.system.task.pid, 19)
    machine.system.deliver(machine.frame)
    assert machine.system.stopped is not None
    assert isinstance(machine.try_call("getpid"), Blocked)


def test_exceptions_become_signals() -> None:
    area = FakeMachine(stdin=b"").call("mmap", 0, 4096, 1, 0x22, -1, 0)
    for vector, error, address, signal, code in (
        (0, 0, 0, 8, 1),
        (6, 0, 0, 4, 2),
        (13, 0, 0, SIGSEGV, 0x80),
        (14, 4, 8, SIGSEGV, 1),
        (14, 7, area, SIGSEGV, 2),
        (14, 5, 0xFFFF_FFFF_8100_0000, SIGSEGV, 1),
        (3, 0, 0, 5, 0x80),
        (17, 0, 0, 7, 1),
    ):
        machine = FakeMachine(stdin=b"")
        machine.call("mmap", 0, 4096, 1, 0x22, -1, 0)
        machine.frame.set("ip", 0x400123)
        machine.system.fault(vector, error, address, machine.frame)
        machine.system.deliver(machine.frame)
        ended = machine.system.ended
        assert ended is not None
        assert (ended.signal, ended.code, ended.ip) == (signal, code, 0x400123)
        assert vector != 14 or ended.address == address


def test_a_blocked_fault_still_ends_the_program() -> None:
    machine = machine_with(SIGSEGV)
    everything = (b"\xff" * 8,)
    machine.call("rt_sigprocmask", 2, *everything, 0, 8)
    machine.system.fault(14, 4, 8, machine.frame)
    machine.system.deliver(machine.frame)
    assert machine.system.ended is not None


def test_waiting_without_anything_to_come_is_blocked() -> None:
    machine = FakeMachine(stdin=b"")
    before = machine.system.save()
    for name, arguments in (("pause", ()), ("rt_sigsuspend", (bytes(8), 8)), ("poll", (0, 0, -1))):
        assert isinstance(machine.try_call(name, *arguments), Blocked), name
    assert machine.system.save() == before


def test_timers_follow_the_clock() -> None:
    machine = machine_with(SIGALRM)
    machine.call("setitimer", 0, struct.pack("<qqqq", 0, 5, 0, 10), 0)
    assert machine.system.next_timer() == 10_000
    machine.time = 9_999
    machine.call("getpid")
    assert not machine.system.signal_pending
    machine.time = 31_000
    machine.system.run_timers()
    assert machine.system.next_timer() == 35_000
    assert machine.system.signal_pending
