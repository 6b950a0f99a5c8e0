"""Random file calls, made to the services and to this machine's kernel: the same results."""

import ctypes
import os
import platform
import shutil
import stat
import tempfile
from pathlib import Path

import pytest
from fake_machine import NUMBERS, FakeMachine
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() != "x86_64" or os.getuid() != 0,
    reason="compares with Linux on x86_64 as root",
)

ROOM = 256
AT_FDCWD = (1 << 64) - 100
NAMES = st.sampled_from(
    (
        *("a", "b", "d", "e", "d/a", "d/e", "d/e/b", "l", "m", "d/l"),
        *("a/", "d/", "l/", "n/", "a/x", "l/a", "l/../a", "d/../b", "d/.", "d/..", "."),
        *("..", "", "n", "n/x", "./d//e", "loop", "loop/x", "d/e/../../m", "d/e/.."),
    )
)
TARGETS = st.sampled_from(("a", "d", "d/e", "../a", "e", "loop", "n", ".", "..", "d/"))
FLAGS = st.sampled_from(
    (0, 1, 2, 0o100, 0o101, 0o102, 0o301, 0o1001, 0o1002, 0o1101, 0o2002, 0o200000, 0o400000)
)
MODES = st.sampled_from((0, 0o600, 0o644, 0o755, 0o1777, 0o4755))
FDS = st.integers(0, 7)
SMALL = st.integers(0, 40)

OPERATION = st.one_of(
    st.tuples(st.just("open"), NAMES, FLAGS, MODES),
    st.tuples(st.just("mkdir"), NAMES, MODES),
    st.tuples(st.sampled_from(("rmdir", "unlink", "chdir")), NAMES),
    st.tuples(st.sampled_from(("rename", "link")), NAMES, NAMES),
    st.tuples(st.just("symlink"), TARGETS, NAMES),
    st.tuples(st.sampled_from(("stat", "lstat")), NAMES),
    st.tuples(st.just("readlink"), NAMES),
    st.tuples(st.just("truncate"), NAMES, st.integers(-1, 60)),
    st.tuples(st.just("chmod"), NAMES, MODES),
    st.tuples(st.just("access"), NAMES, st.integers(0, 8)),
    st.tuples(st.just("close"), FDS),
    st.tuples(st.just("dup"), FDS),
    st.tuples(st.just("dup2"), FDS, FDS),
    st.tuples(st.just("ftruncate"), FDS, st.integers(-1, 60)),
    st.tuples(st.just("lseek"), FDS, st.integers(-10, 50), st.integers(0, 5)),
    st.tuples(st.sampled_from(("read", "write")), FDS, SMALL),
    st.tuples(st.sampled_from(("pread64", "pwrite64")), FDS, SMALL, st.integers(-1, 50)),
    st.tuples(st.just("fstat"), FDS),
    st.tuples(st.just("getdents64"), FDS),
    st.tuples(st.just("unlinkat"), FDS, NAMES, st.sampled_from((0, 0x200, 1))),
    st.tuples(st.just("openat"), FDS, NAMES, FLAGS, MODES),
    st.tuples(st.just("renameat2"), NAMES, NAMES, st.sampled_from((0, 1, 8))),
    st.tuples(st.just("linkat"), NAMES, NAMES, st.sampled_from((0, 0x400))),
    st.tuples(st.just("fcntl"), FDS, st.sampled_from((1, 3)), st.just(0)),
    st.tuples(st.just("getcwd"), st.just(ROOM)),
)


WORK = "1/2/3/4/5/6/7/8/9"
"""Where both begin, deep enough that no `..` reaches the root, which differs."""
OPENING = ("open", "openat", "dup")
SHOWING = ("read", "pread64", "readlink", "getcwd")


class Host:
    """This machine's kernel, called directly, each call within a root directory of its own."""

    def __init__(self, root: Path) -> None:
        (root / WORK).mkdir(parents=True)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.syscall.restype = ctypes.c_long
        self._buffer = ctypes.create_string_buffer(ROOM)
        self.fds: dict[int, int] = {}
        """By the services' descriptor."""
        self.last = 0
        """The last call's result."""
        self._outside = os.open("/", os.O_PATH)
        self._root = os.open(root, os.O_PATH)
        self._here = os.open(root / WORK, os.O_PATH)

    def real(self, fd: int) -> int:
        return self.fds.get(fd, 10_000)

    def call(self, name: str, *words: int | str) -> tuple[int, bytes]:
        ctypes.memset(self._buffer, 0, ROOM)
        arguments = [self._word(word) for word in words]
        os.fchdir(self._root)
        os.chroot(".")
        os.fchdir(self._here)
        result = self._libc.syscall(NUMBERS[name], *arguments)
        errno = ctypes.get_errno()
        if name == "chdir" and result == 0:
            os.close(self._here)
            self._here = os.open(".", os.O_PATH)
        os.fchdir(self._outside)
        os.chroot(".")
        self.last = -errno if result < 0 else result
        return self.last, self._buffer.raw

    def _word(self, word: int | str) -> object:
        if word == "BUFFER":
            return self._buffer
        if isinstance(word, str):
            return ctypes.c_char_p(word.encode())
        return ctypes.c_long(word - (1 << 64) if word >> 63 else word)

    def close(self) -> None:
        for fd in (*self.fds.values(), self._outside, self._root, self._here):
            os.close(fd)


class Pair:
    """One call made to both, and what came of it made comparable."""

    def __init__(self, host: Host, root: Path) -> None:
        self.host = host
        (root / WORK).mkdir(parents=True)
        self.machine = FakeMachine(stdin=b"", root=str(root), directory=f"/{WORK}")
        for fd in (0, 1, 2):
            self.machine.call("close", fd)
        self.buffer = self.machine.room(ROOM)

    def both(self, operation: tuple[int | str, ...]) -> tuple[object, object]:
        name, *rest = operation
        assert isinstance(name, str)
        here, there = self._words(name, rest, self.buffer, False), self._words(name, rest, 0, True)
        self.machine.pages.write(self.buffer, bytes(ROOM))
        used = self.machine._used
        mine = self.machine.call(name, *here)
        self.machine._used = used
        theirs, data = self.host.call(name, *there)
        return (
            self._shown(name, mine, self.machine.read(self.buffer, ROOM), False),
            self._shown(name, theirs, data, True),
        )

    def _words(self, name: str, rest: list[int | str], buffer: int, real: bool) -> list[int | str]:
        words: list[int | str] = list(rest)
        place: int | str = "BUFFER" if real else buffer
        by_fd = {"close", "dup", "ftruncate", "lseek", "read", "write", "pread64", "pwrite64"}
        if name in by_fd | {"fstat", "getdents64", "unlinkat", "openat", "fcntl"} and real:
            words[0] = self.host.real(int(words[0]))
        if name in {"read", "write", "pread64", "pwrite64"}:
            words.insert(1, place)
        elif name in {"stat", "lstat", "fstat"}:
            words.append(place)
        elif name in {"readlink", "getdents64"}:
            words += [place, ROOM]
        elif name == "getcwd":
            words.insert(0, place)
        elif name in {"renameat2", "linkat"}:
            words = [AT_FDCWD, words[0], AT_FDCWD, words[1], words[2]]
        return words

    def _shown(self, name: str, result: int, data: bytes, real: bool) -> object:
        if result >= 0 and name in OPENING:
            return "a descriptor"
        if result >= 0 and name in {"stat", "lstat", "fstat"}:
            return _stat(data)
        if result >= 0 and name == "getdents64":
            return _entries(data[:result])
        return result, data[: max(0, result)] if name in SHOWING else b""


def _stat(data: bytes) -> tuple[int, int, int]:
    """Mode, links and size; a directory's size and links are its file system's own affair."""
    mode = int.from_bytes(data[24:28], "little")
    links = int.from_bytes(data[16:24], "little")
    size = int.from_bytes(data[48:56], "little")
    return (mode, 0, 0) if stat.S_ISDIR(mode) else (mode, links, size)


def _entries(data: bytes) -> list[tuple[bytes, int]]:
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at + 16 : at + 18], "little")
        name = data[at + 19 : at + length].split(b"\0")[0]
        found.append((name, data[at + 18]))
        at += length
    return sorted(found)


def _follow(pair: Pair, operation: tuple[int | str, ...]) -> None:
    """Make the call on both sides, with the host's descriptors numbered as the services'."""
    name, host, machine = operation[0], pair.host, pair.machine
    if name == "dup2":
        _dup2(pair, int(operation[1]), int(operation[2]))
        return
    before = set(machine.system.task.descriptors)
    mine, theirs = pair.both(operation)
    assert mine == theirs, operation
    new = set(machine.system.task.descriptors) - before
    if new:
        host.fds[new.pop()] = host.last
    if name == "close" and theirs == (0, b""):
        host.fds.pop(int(operation[1]))


def _dup2(pair: Pair, old: int, new: int) -> None:
    result = pair.machine.call("dup2", old, new)
    known = old in pair.host.fds
    assert result == (new if known else -9)
    if known and old != new:
        if new in pair.host.fds:
            os.close(pair.host.fds[new])
        pair.host.fds[new] = os.dup(pair.host.fds[old])


@settings(deadline=None, max_examples=120)
@given(st.lists(OPERATION, max_size=40))
def test_the_same_as_this_kernel(operations: list[tuple[int | str, ...]]) -> None:
    here = Path.cwd()
    directory = Path(tempfile.mkdtemp())
    mask = os.umask(0o022)
    host = Host(directory / "host")
    pair = Pair(host, directory / "seen")
    try:
        for operation in operations:
            _follow(pair, operation)
    finally:
        pair.machine.system.close()
        host.close()
        os.umask(mask)
        os.chdir(here)
        shutil.rmtree(directory)
