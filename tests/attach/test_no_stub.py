"""Addresses at which no gdbstub answers, and programs that are no gdb: told with what to do."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from systui.model.errors import BadInputError, TargetGoneError
from systui.target.gdb import connection
from systui.target.gdb.connection import Address, open_stub
from systui.target.gdb.transport import Gdb


@contextmanager
def served(answer: Callable[[socket.socket], None]) -> Iterator[Address]:
    """A port at which `answer` does with a client what it does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _from = listener.accept()
            with client:
                answer(client)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield Address("127.0.0.1", listener.getsockname()[1])
        thread.join(20)


def reset(client: socket.socket) -> None:
    client.recv(1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def greet(client: socket.socket) -> None:
    client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    client.recv(100)


def hang_up(client: socket.socket) -> None:
    client.recv(100)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reset, r"broke the connection \(Connection reset by peer\)"),
        (greet, "is not a gdbstub"),
        (hang_up, "is not a gdbstub"),
    ],
)
def test_whatever_else_listens_there(answer: Callable[[socket.socket], None], why: str) -> None:
    with served(answer) as address, pytest.raises(TargetGoneError, match=why) as told:
        open_stub(address)
    assert f"start QEMU with -gdb tcp:127.0.0.1:{address.port}" in str(told.value)


def test_one_who_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PROBE_LIMIT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1])
        with pytest.raises(TargetGoneError, match="does not answer: another debugger") as told:
            open_stub(address)
    assert "start QEMU with" in str(told.value)


def test_a_port_that_was_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1])
    with pytest.raises(TargetGoneError, match=r"\(Connection refused\); start QEMU with -gdb tcp:"):
        open_stub(address)


def test_a_path_without_a_socket(tmp_path: Path) -> None:
    with pytest.raises(TargetGoneError) as told:
        open_stub(Address(path=tmp_path / "gdb"))
    assert f"start QEMU with -gdb unix:{tmp_path / 'gdb'},server=on,wait=off" in str(told.value)


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("exit 3", "status 3"),
        ("echo what is -nx >&2; exit 1", "what is -nx"),
        ("kill -9 $$", "SIGKILL"),
        ("read x; echo '1^done'; read x", "it tells no version"),
    ],
)
def test_a_program_that_is_no_gdb(script: str, how: str, tmp_path: Path) -> None:
    program = tmp_path / "gdb"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(BadInputError) as told:
        Gdb(str(program))
    assert str(told.value).startswith(f"{program} does not work as a gdb ({how}); name gdb 9 or")
    assert "again" not in str(told.value)


def test_a_program_that_cannot_be_run_at_all(tmp_path: Path) -> None:
    program = tmp_path / "gdb"
    program.write_bytes(b"\0\1\2\3")
    program.chmod(0o755)
    with pytest.raises(BadInputError, match="does not work as a gdb"):
        Gdb(str(program))
