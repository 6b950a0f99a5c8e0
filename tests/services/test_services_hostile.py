"""Whatever a program passes: an integer or Blocked comes back, and the host is left alone."""

import os
from pathlib import Path
from typing import Any

import pytest
from fake_machine import SCRATCH, SCRATCH_SIZE, STACK_TOP, FakeMachine, dump, host_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from systui.services.dispatch import served
from systui.services.ports import Blocked

NUMBERS = sorted(served())
TOP = 1 << 64
NAMES = ("a", "a/b", "/", ".", "..", "", "/etc/passwd", "/dev/null", "/proc/self/fd/1", "x" * 300)
LONG = ("/dev/tty", "/proc/self/maps", "a/../..", "/tmp/f", "loop", "/dev/pts/0", "a\xff")

WORD = st.one_of(
    st.integers(0, 12),
    st.integers(-130, 0),
    st.sampled_from([1 << n for n in range(0, 64, 3)]),
    st.sampled_from([SCRATCH + n * 512 for n in range(20)]),
    st.sampled_from([SCRATCH, SCRATCH + 1, SCRATCH + SCRATCH_SIZE - 8, SCRATCH + SCRATCH_SIZE]),
    st.sampled_from([STACK_TOP - 4096, STACK_TOP - 1, STACK_TOP, 0xFFFF_8000_0000_0000, TOP - 1]),
    st.sampled_from([4096, 4097, 0x21, 0x22, 0o101, 0o102, 0o200000, 0x5401, 0x5413, 0x541B]),
    st.integers(0, TOP - 1),
)
CALL = st.tuples(st.one_of(st.sampled_from(NUMBERS), st.integers(0, 600)), st.tuples(*[WORD] * 6))
SETTINGS = settings(
    deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _furnish(machine: FakeMachine, filling: bytes) -> None:
    """Names, numbers and arbitrary bytes where the arguments point."""
    for index, name in enumerate(NAMES + LONG):
        machine.pages.write(SCRATCH + index * 512, name.encode("latin-1") + b"\0")
    words = b"".join(n.to_bytes(8, "little") for n in (1, 2, SCRATCH, 64, SCRATCH + 512, 5, 0, 3))
    machine.pages.write(SCRATCH + 18 * 512, words)
    machine.pages.write(SCRATCH + 19 * 512, filling)


def _run(machine: FakeMachine, calls: list[tuple[int, tuple[int, ...]]]) -> list[Any]:
    results: list[Any] = []
    for number, words in calls:
        if machine.system.ended is not None:
            break
        result = machine.number_call(number, *words)
        assert isinstance(result, Blocked) or (type(result) is int and -4095 <= result < TOP)
        results.append(result)
        machine.time += 1000
        if machine.system.signal_pending:
            machine.system.deliver(machine.frame)
    return results


@SETTINGS
@given(st.lists(CALL, min_size=1, max_size=12), st.binary(max_size=400))
def test_arbitrary_calls(calls: list[tuple[int, tuple[int, ...]]], filling: bytes) -> None:
    machine = FakeMachine(stdin=b"some input\n")
    _furnish(machine, filling)
    _run(machine, calls)
    machine.system.descriptors()


@SETTINGS
@given(
    st.lists(CALL, min_size=1, max_size=6),
    st.lists(CALL, min_size=1, max_size=8),
    st.binary(max_size=400),
)
def test_restoring_is_exact(
    before: list[tuple[int, tuple[int, ...]]],
    after: list[tuple[int, tuple[int, ...]]],
    filling: bytes,
) -> None:
    machine = FakeMachine(stdin=b"some input\n")
    _furnish(machine, filling)
    _run(machine, before)
    saved, then = machine.save(), machine.time
    state = dump(saved[0])
    first = _run(machine, after)
    ended = dump(machine.save()[0])
    machine.restore(saved)
    assert dump(machine.save()[0]) == state
    machine.time = then
    assert _run(machine, after) == first
    assert dump(machine.save()[0]) == ended


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "a").mkdir(parents=True)
    (inside / "a" / "b").write_text("inside\n")
    (tmp_path / "secret").write_text("outside\n")
    (inside / "loop").symlink_to("/../../secret")
    (inside / "up").symlink_to("../secret")
    (inside / "out").symlink_to(str(tmp_path / "secret"))
    (inside / "host").symlink_to("/etc/passwd")
    os.mkfifo(inside / "fifo")
    return inside


@SETTINGS
@given(st.lists(CALL, min_size=1, max_size=10), st.binary(max_size=400))
def test_the_host_is_left_alone(
    root: Path, calls: list[tuple[int, tuple[int, ...]]], filling: bytes
) -> None:
    before = host_files(root.parent)
    machine = FakeMachine(stdin=b"", root=str(root), directory="/")
    _furnish(machine, filling)
    _run(machine, calls)
    machine.system.close()
    assert host_files(root.parent) == before


def test_nothing_outside_the_root_is_seen(root: Path) -> None:
    machine = FakeMachine(stdin=b"", root=str(root), directory="/a")
    for name in ("/up", "/out", "/loop", "/../secret", "../../secret", "/../../../etc/shadow"):
        assert machine.call("open", name, 0) == -2, name
    assert machine.call("open", "/host", 0) == -2
    assert machine.call("open", "/fifo", 0) == -13
    fd = machine.call("open", "../../a/b", 0)
    buffer = machine.room(64)
    assert machine.call("read", fd, buffer, 64) == 7
    assert machine.read(buffer, 7) == b"inside\n"
    machine.system.close()


def test_a_directory_swapped_for_a_link_does_not_lead_out(root: Path) -> None:
    machine = FakeMachine(stdin=b"", root=str(root), directory="/")
    assert machine.call("access", "/a", 0) == 0
    (root / "a" / "b").unlink()
    (root / "a").rmdir()
    (root / "a").symlink_to(root.parent)
    assert machine.call("open", "/a/secret", 0) == -2
    machine.system.close()


def test_a_host_file_that_changes_is_an_error_not_a_mixture(root: Path) -> None:
    big = root / "big"
    big.write_bytes(b"1" * 200_000)
    machine = FakeMachine(stdin=b"", root=str(root), directory="/")
    fd = machine.call("open", "/big", 0)
    buffer = machine.room(16)
    assert machine.call("read", fd, buffer, 16) == 16
    big.write_bytes(b"2" * 200_000)
    assert machine.call("pread64", fd, buffer, 16, 0) == 16
    assert machine.read(buffer, 16) == b"1" * 16
    assert machine.call("pread64", fd, buffer, 16, 150_000) == -5
    machine.system.close()


def test_writes_to_the_root_stay_in_memory(root: Path) -> None:
    before = host_files(root)
    machine = FakeMachine(stdin=b"", root=str(root), directory="/")
    fd = machine.call("open", "/a/b", 0o2)
    assert machine.call("write", fd, b"OVER", 4) == 4
    assert machine.call("open", "/a/new", 0o101, 0o644) > fd
    assert machine.call("rename", "/a", "/moved") == 0
    assert machine.call("unlink", "/loop") == 0
    buffer = machine.room(16)
    fd = machine.call("open", "/moved/b", 0)
    assert machine.call("read", fd, buffer, 16) == 7
    assert machine.read(buffer, 7) == b"OVERde\n"
    assert machine.call("access", "/a", 0) == -2
    machine.system.close()
    assert host_files(root) == before


def test_limits_on_what_a_program_may_hold() -> None:
    machine = FakeMachine(stdin=b"", overlay=1 << 20)
    fd = machine.call("open", "filled", 0o101, 0o600)
    block = machine.put(b"x" * 65536)
    results = [machine.call("write", fd, block, 65536) for _ in range(60)]
    assert -28 in results
    assert machine.system.files.used <= machine.system.files.limit
    assert machine.call("ftruncate", fd, 1 << 50) == -27
    assert machine.call("ftruncate", fd, 1 << 39) == 0
    opened = [machine.call("dup", fd) for _ in range(1100)]
    assert opened[-1] == -24
    assert machine.call("mmap", 0, 1 << 40, 3, 0x22, -1, 0) == -12
    assert machine.call("mmap", 0, 1 << 40, 0, 0x22, -1, 0) > 0


def test_many_mappings_end_in_enomem() -> None:
    machine = FakeMachine(stdin=b"")
    start = machine.call("mmap", 0, 40_000 * 4096, 1, 0x22, -1, 0)
    results = {machine.call("mprotect", start + 8192 * n, 4096, 0) for n in range(6000)}
    assert results == {0, -12}


def test_a_deep_tree_and_a_chain_of_links_end() -> None:
    machine = FakeMachine(stdin=b"")
    machine.call("symlink", "b", "a")
    machine.call("symlink", "a", "b")
    assert machine.call("open", "a", 0) == -40
    machine.call("symlink", "x/x/x/x/x", "x")
    assert machine.call("open", "x/y", 0) == -40
    name, deep = machine.put(b"d\0"), 0
    while machine.call("mkdir", name, 0o700) == 0 and deep < 3000:
        assert machine.call("chdir", name) == 0
        deep += 1
    buffer = machine.room(4096)
    assert machine.call("getcwd", buffer, 4096) == -36
