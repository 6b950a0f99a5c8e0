"""Files, descriptors, input and sockets where the corpus does not reach: precedence and waiting."""

import struct

import pytest
from fake_machine import SCRATCH, SCRATCH_SIZE, FakeMachine

from systui.model.stop import Channel
from systui.services.ports import Blocked

EBADF, EFAULT, EINVAL, EMFILE, ENOTSOCK, EAGAIN = -9, -14, -22, -24, -88, -11
BAD = 0x10
KERNEL = 0xFFFF_FFFF_8100_0000
EDGE = SCRATCH + SCRATCH_SIZE


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine(stdin=b"", stdout_terminal=False)


def typed() -> FakeMachine:
    """A machine with a terminal."""
    return FakeMachine(stdin=None)


def test_what_is_checked_first(machine: FakeMachine) -> None:
    assert machine.call("read", 99, KERNEL, 5) == EBADF
    assert machine.call("read", 1, KERNEL, 5) == EBADF
    assert machine.call("read", 0, KERNEL, 5) == EFAULT
    assert machine.call("write", 1, BAD, 0) == 0
    assert machine.call("accept4", 99, 0, 0, 1) == EBADF
    assert machine.call("accept4", 0, 0, 0, 1) == EINVAL
    assert machine.call("accept4", 0, 0, 0, 0) == ENOTSOCK
    assert machine.call("openat", 99, "x", 0, 0) == EBADF
    assert machine.call("openat", 99, "/etc/hosts", 0, 0) == 3
    assert machine.call("newfstatat", 99, "", BAD, 0) == -2
    assert machine.call("newfstatat", 99, "", BAD, 0x1000) == EBADF
    assert machine.call("prlimit64", 77, 99, BAD, 0) == EFAULT
    assert machine.call("prlimit64", 77, 99, 0, 0) == -3
    assert machine.call("rt_sigaction", 99, BAD, 0, 4) == EINVAL
    assert machine.call("rt_sigaction", 99, BAD, 0, 8) == EFAULT
    assert machine.call("dup2", 1, 5000) == EBADF
    assert machine.call("fcntl", 1, 0, 5000) == EINVAL
    assert machine.call("lseek", 99, 0, 9) == EBADF


def test_a_buffer_that_ends_early_takes_what_fits(machine: FakeMachine) -> None:
    fd = machine.call("open", "f", 0o102, 0o600)
    assert machine.call("write", fd, b"0123456789", 10) == 10
    assert machine.call("pread64", fd, EDGE - 4, 10, 0) == 4
    assert machine.read(EDGE - 4, 4) == b"0123"
    machine.call("lseek", fd, 0, 0)
    assert machine.call("read", fd, EDGE - 4, 10) == 4
    assert machine.call("lseek", fd, 0, 1) == 4
    assert machine.call("write", fd, EDGE - 2, 10) == 2
    assert machine.call("read", fd, EDGE, 10) == EFAULT
    assert machine.call("lseek", fd, 0, 1) == 6


def test_a_faulting_read_of_a_pipe_loses_nothing(machine: FakeMachine) -> None:
    pair = machine.room(8)
    machine.call("pipe", pair)
    reading, writing = struct.unpack("<ii", machine.read(pair, 8))
    machine.call("write", writing, b"kept", 4)
    assert machine.call("read", reading, BAD, 4) == EFAULT
    buffer = machine.room(8)
    assert machine.call("read", reading, buffer, 8) == 4
    assert isinstance(machine.try_call("read", reading, buffer, 8), Blocked)


def test_a_failed_pipe_leaves_no_descriptors(machine: FakeMachine) -> None:
    assert machine.call("pipe", BAD) == EFAULT
    assert machine.call("dup", 0) == 3


def test_typed_input_comes_by_lines() -> None:
    machine = typed()
    buffer = machine.room(64)
    waiting = machine.try_call("read", 0, buffer, 64)
    assert isinstance(waiting, Blocked)
    assert waiting.wants_input
    machine.system.feed(b"one\ntwo\nrest")
    assert machine.call("read", 0, buffer, 64) == 4
    assert machine.call("read", 0, buffer, 2) == 2
    assert machine.call("read", 0, buffer, 64) == 2
    assert machine.call("read", 0, buffer, 64) == 4
    assert isinstance(machine.try_call("read", 0, buffer, 64), Blocked)
    machine.system.feed(b"")
    assert machine.call("read", 0, buffer, 64) == 0


def test_input_is_there_again_after_going_back() -> None:
    machine = typed()
    buffer = machine.room(64)
    start = machine.save()
    polled = struct.pack("<ihh", 0, 1, 0)
    assert machine.call("poll", polled, 1, 0) == 0
    machine.system.feed(b"later\n")
    assert machine.call("poll", polled, 1, 0) == 1
    assert machine.call("read", 0, buffer, 64) == 6
    machine.restore(start)
    assert machine.call("poll", polled, 1, 0) == 0
    assert machine.call("poll", polled, 1, 0) == 1
    assert machine.call("read", 0, buffer, 64) == 6


def test_a_pipe_as_input_is_read_when_wanted() -> None:
    pieces = [b"first", b"second", b""]
    machine = FakeMachine(stdin=lambda _: pieces.pop(0))
    buffer = machine.room(64)
    start = machine.save()
    for expected in (5, 6, 0, 0):
        assert machine.call("read", 0, buffer, 64) == expected
    machine.restore(start)
    for expected in (5, 6, 0):
        assert machine.call("read", 0, buffer, 64) == expected


def test_a_terminal_is_one(machine: FakeMachine) -> None:
    terminal = typed()
    buffer = terminal.room(64)
    for fd in (0, 1, 2):
        assert terminal.call("ioctl", fd, 0x5401, buffer) == 0
    assert terminal.call("ioctl", 1, 0x5413, buffer) == 0
    assert struct.unpack("<HH", terminal.read(buffer, 4)) == (24, 80)
    assert terminal.call("readlink", "/proc/self/fd/0", buffer, 64) == len("/dev/pts/0")
    fd = terminal.call("open", "/dev/tty", 2)
    assert terminal.call("write", fd, b"shown", 5) == 5
    assert terminal.call("write", 2, b"error", 5) == 5
    assert terminal.output == [(Channel.STDOUT, b"shown"), (Channel.STDERR, b"error")]
    assert machine.call("ioctl", 0, 0x5401, machine.room(64)) == -25


def test_output_is_not_emitted_twice_by_a_failing_call(machine: FakeMachine) -> None:
    vector = struct.pack("<QQQQ", machine.put(b"out"), 3, BAD, 3)
    assert machine.call("writev", 1, vector, 2) == 3
    assert machine.output == [(Channel.STDOUT, b"out")]


def test_the_kernel_s_view_of_descriptors(machine: FakeMachine) -> None:
    machine.call("open", "/etc/hosts", 0)
    machine.call("open", "/", 0o200000)
    machine.call("socket", 2, 1, 0)
    machine.call("listen", 5, 1)
    views = machine.system.descriptors()
    assert {fd: view.kind for fd, view in views.items()} == {0: 4, 1: 4, 2: 3, 3: 1, 4: 2, 5: 5}
    assert (views[5].state, views[5].type) == (2, 1)


def test_a_connection_within_the_program(machine: FakeMachine) -> None:
    listener = machine.call("socket", 2, 1, 0)
    name = b"\2\0\x13\x89\x7f\0\0\1" + bytes(8)
    assert machine.call("bind", listener, name, 16) == 0
    assert machine.call("listen", listener, 1) == 0
    waiting = machine.try_call("accept", listener, 0, 0)
    assert isinstance(waiting, Blocked)
    client = machine.call("socket", 2, 1, 0)
    assert machine.call("connect", client, name, 16) == 0
    assert machine.call("accept", listener, BAD, BAD) == EFAULT
    size = machine.put((16).to_bytes(4, "little"))
    peer = machine.room(16)
    server = machine.call("accept", listener, peer, size)
    assert server > client
    assert machine.read(peer, 2) == b"\2\0"
    assert isinstance(machine.try_call("read", server, peer, 5), Blocked)
    assert machine.call("write", client, b"hello", 5) == 5
    assert machine.call("read", server, peer, 16) == 5
    assert machine.call("close", client) == 0
    assert machine.call("read", server, peer, 16) == 0


def test_sending_fills_up_and_waits(machine: FakeMachine) -> None:
    pair = machine.room(8)
    machine.call("socketpair", 1, 1, 0, pair)
    one, two = struct.unpack("<ii", machine.read(pair, 8))
    block = machine.room(65536)
    sent = 0
    while not isinstance(done := machine.try_call("write", one, block, 65536), Blocked):
        sent += done
    assert sent == 212992
    assert machine.call("sendto", one, block, 10, 0x40, 0, 0) == EAGAIN
    assert machine.call("read", two, block, 65536) == 65536
    assert machine.call("write", one, block, 10) == 10


def test_descriptors_run_out(machine: FakeMachine) -> None:
    machine.call("setrlimit", 7, struct.pack("<QQ", 5, 5))
    assert [machine.call("dup", 0) for _ in range(3)] == [3, 4, EMFILE]
    assert machine.call("socket", 2, 1, 0) == EMFILE
    assert machine.call("pipe", machine.room(8)) == EMFILE
    assert machine.call("accept", 0, 0, 0) == EMFILE
    assert machine.call("close", 4) == 0
    assert machine.call("pipe", machine.room(8)) == EMFILE
    assert machine.call("dup", 0) == 4


def test_permissions_of_somebody_else() -> None:
    machine = FakeMachine(stdin=b"", uid=1000, gid=1000)
    assert machine.call("open", "/root/x", 0o101, 0o600) == -13
    assert machine.call("open", "/etc/hosts", 2) == -13
    assert machine.call("mkdir", "/new", 0o700) == -13
    assert machine.call("mkdir", "/tmp/mine", 0o700) == 0
    assert machine.call("chmod", "/etc/hosts", 0o777) == -1
    assert machine.call("unlink", "/etc/hosts") == -13
    assert machine.call("setuid", 0) == -1
    assert machine.call("setuid", 1000) == 0


def test_random_numbers_are_the_same_in_each_run() -> None:
    drawn = []
    for seed in (1, 1, 2):
        machine = FakeMachine(stdin=b"", seed=seed)
        buffer = machine.room(32)
        machine.call("getrandom", buffer, 32, 0)
        drawn.append(machine.read(buffer, 32))
    assert drawn[0] == drawn[1] != drawn[2]


def test_exit_closes_and_ends(machine: FakeMachine) -> None:
    machine.call("exit_group", 0x1FF)
    assert machine.system.ended is not None
    assert machine.system.ended.exit_status == 255
    assert machine.system.descriptors() == {}


def test_numbers_that_are_not_served(machine: FakeMachine) -> None:
    for number in (56, 57, 58, 59, 999, 1 << 40, (1 << 64) - 1):
        assert machine.number_call(number) == -38
