"""Everything that goes wrong with a real QEMU and a real gdb: a clear line within two seconds."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from guests import (
    Guest,
    Programs,
    SilentListener,
    children_of,
    gdb_of,
    gone,
    interrupted,
    runs,
    stands,
    stop_process,
)
from kernels import Kernel
from promptness import LIMIT, soon, uncrowded

from systui.model.errors import BadInputError, TargetGoneError
from systui.model.stop import Reason
from systui.target.gdb.attach import attach
from systui.target.gdb.connection import Address
from systui.target.protocol import Run, Step

pytestmark = pytest.mark.slow


def after(seconds: float, action: object) -> None:
    assert callable(action)
    threading.Timer(seconds, action).start()


def test_refused_port(guest: Guest) -> None:
    with soon(), pytest.raises(TargetGoneError, match=r"Nothing listens at localhost:9 "):
        attach(Address.parse(":9"), guest.options())


def test_no_such_socket(guest: Guest, tmp_path: Path) -> None:
    with soon(), pytest.raises(TargetGoneError, match="Nothing listens"):
        attach(Address.parse(str(tmp_path / "stub")), guest.options())


def test_silent_port(guest: Guest) -> None:
    with (
        SilentListener() as silent,
        uncrowded(),
        soon(),
        pytest.raises(TargetGoneError, match="not answer"),
    ):
        attach(Address(port=silent.port), guest.options())


def test_port_that_is_no_stub(guest: Guest, tmp_path: Path) -> None:
    server = subprocess.Popen([sys.executable, "-c", _TALKER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with soon(), pytest.raises(TargetGoneError, match="not a gdbstub"):
            attach(Address(port=port), guest.options())
    finally:
        server.kill()
        server.wait()


_TALKER = textwrap.dedent("""
    import socket
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    client, _ = server.accept()
    client.sendall(b"SSH-2.0-OpenSSH\\r\\n")
    client.recv(100)
""")


def test_stub_that_has_a_client(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    guest.attach(machine)
    with soon(), pytest.raises(TargetGoneError, match="another debugger"):
        guest.attach(machine)


def test_missing_gdb(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    with soon(), pytest.raises(BadInputError, match="gdb was not found"):
        guest.attach(machine, gdb="/nonexistent/gdb")
    assert runs(machine)


def test_old_gdb(guest: Guest, programs: Programs, tmp_path: Path) -> None:
    old = tmp_path / "gdb"
    old.write_text('#!/bin/sh\necho \'~"GNU gdb (GDB) 7.6.1\\n"\'\nread x\necho "1^done"\nread x\n')
    old.chmod(0o755)
    machine = guest.machine(programs("spinner"))
    with soon(), pytest.raises(BadInputError, match="too old"):
        guest.attach(machine, gdb=str(old))
    assert runs(machine)


def test_gdb_that_is_something_else(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    with soon(), pytest.raises(BadInputError, match="does not work as a gdb"):
        guest.attach(machine, gdb="/bin/true")
    assert runs(machine)


def test_qemu_killed_while_the_guest_stands(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    machine.process.kill()
    machine.process.wait()
    with soon(), pytest.raises(TargetGoneError, match="The guest is gone"):
        target.resume(Step())
    with soon():
        target.close()
    assert gone(gdb_of(target).pid)


def test_qemu_killed_while_the_guest_runs(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    after(0.5, machine.process.kill)
    with soon(0.5 + LIMIT), pytest.raises(TargetGoneError, match="The guest is gone"):
        target.resume(Run())


def test_gdb_killed(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    gdb_of(target).kill()
    gdb_of(target).wait()
    with soon(), pytest.raises(TargetGoneError, match="gdb ended unexpectedly"):
        target.resume(Step())
    with soon():
        target.close()
    assert runs(machine)


def test_gdb_killed_while_the_guest_runs(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    after(0.3, gdb_of(target).kill)
    with soon(0.3 + LIMIT), pytest.raises(TargetGoneError, match="SIGKILL"):
        target.resume(Run())


def test_gdb_that_hangs(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    stop_process(gdb_of(target).pid)
    with uncrowded(), soon(LIMIT + 0.5), pytest.raises(TargetGoneError, match="not answered"):
        target.resume(Run())
    with soon():
        target.close()
    assert runs(machine)


def test_gdb_that_hangs_while_the_guest_runs(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)

    def hang() -> None:
        stop_process(gdb_of(target).pid)
        target.interrupt()

    after(0.3, hang)
    limit = 0.3 + LIMIT + 0.5
    with uncrowded(), soon(limit), pytest.raises(TargetGoneError, match="not answered"):
        target.resume(Run())


def test_guest_that_hangs(guest: Guest, programs: Programs) -> None:
    machine = guest.machine(programs("spinner"))
    target = guest.attach(machine)
    stop_process(machine.process.pid)
    hangs = pytest.raises(TargetGoneError, match=r"not answered|not react")
    with uncrowded(), soon(LIMIT + 0.5), hangs:
        target.resume(Step())
    with uncrowded(), soon(LIMIT + 2):
        target.close()
    os.kill(machine.process.pid, signal.SIGCONT)


def test_wrong_vmlinux(guest: Guest, programs: Programs, linux_6_12: Kernel) -> None:
    machine = guest.machine(programs("spinner"))
    other = Guest(linux_6_12, Path("/nonexistent")).options()
    with pytest.raises(BadInputError, match="not the running kernel's vmlinux"):
        attach(Address(path=machine.stub), other)
    assert runs(machine)


def test_another_architecture(guest: Guest, tmp_path: Path) -> None:
    """A 32-bit machine: gdb refuses it, or the registers it has are not the ones wanted."""
    stub = tmp_path / "stub"
    qemu = subprocess.Popen(
        [
            "qemu-system-i386",
            "-S",
            "-display",
            "none",
            "-nodefaults",
            "-gdb",
            f"unix:{stub},server=on,wait=off",
        ]
    )
    try:
        deadline = time.monotonic() + 20
        while not stub.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        with soon(), pytest.raises(Exception, match=r"does not run x86_64|packet"):
            attach(Address(path=stub), guest.options())
    finally:
        qemu.kill()
        qemu.wait()


def test_interrupt_at_any_moment(guest: Guest, programs: Programs) -> None:
    target = guest.attach(guest.machine(programs("spinner")))
    for pause in (0.001, 0.002, 0.005, 0.01, 0.05, 0.2):
        with soon(), interrupted(target, pause):
            assert target.resume(Run()).reason is Reason.INTERRUPTED
        for _again in range(3):
            assert target.resume(Step()).reason is Reason.STEP


def test_interrupt_under_a_storm_of_stops(guest: Guest, programs: Programs) -> None:
    target = guest.attach(guest.machine(programs("spinner")))
    place = guest.address(target, "entry_SYSCALL_64")
    target._live.program = None
    target._live.current.stop = target.current_stop()
    storm = {place: lambda kept: False}
    number = target._stub.insert(place)
    with soon(0.5 + LIMIT), interrupted(target, 0.5):
        assert target._live.run(storm).stop.reason is Reason.INTERRUPTED
    target._stub.delete([number])


def test_panic(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("crasher"))
    stop = target.resume(Run())
    assert stop.reason is Reason.OOPS
    assert "panic" in stop.detail


def test_restart(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("rebooter"))
    stop = target.resume(Run())
    assert stop.reason is Reason.EXIT
    assert "restarts or powers off" in stop.detail


def test_guest_that_is_not_bootable(guest: Guest, programs: Programs, tmp_path: Path) -> None:
    broken = tmp_path / "bzImage"
    broken.write_bytes(b"no kernel")
    guest.kernel = type(guest.kernel)(
        "broken", broken, guest.kernel.vmlinux, guest.kernel.system_map
    )
    with soon(5), pytest.raises((BadInputError, TargetGoneError)):
        guest.boot(programs("reader"))


def test_sockets_of_a_booted_guest_are_private(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("reader"))
    machine = target._live.machine
    assert machine is not None
    assert stat.S_IMODE(machine.stub.parent.stat().st_mode) == 0o700


def test_leaving_ends_a_booted_guest_and_detaches_from_another(
    guest: Guest, programs: Programs
) -> None:
    booted = guest.boot(programs("reader"))
    machine = booted._live.machine
    assert machine is not None
    with soon():
        booted.close()
    assert gone(machine.process.pid)
    assert gone(gdb_of(booted).pid)
    assert not machine.stub.parent.exists()
    other = guest.machine(programs("spinner"))
    attached = guest.attach(other)
    assert stands(other)
    with soon():
        attached.close()
    assert runs(other)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_systui_killed(guest: Guest, programs: Programs, number: signal.Signals) -> None:
    """Whatever ends systui ends its QEMU and its gdb."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _HOLDER,
            str(guest.kernel.bzimage),
            str(guest.kernel.vmlinux),
            str(programs("reader")),
            str(guest._cache),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "standing\n"
    left = children_of(child.pid)
    assert len(left) == 2
    child.send_signal(number)
    child.wait()
    assert all(gone(pid) for pid in left)


_HOLDER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from systui.kernel.image import Image
    from systui.target.gdb.attach import AttachOptions, BootOptions, boot
    kernel, vmlinux, program, cache = map(Path, sys.argv[1:])
    target = boot(BootOptions(kernel, program), AttachOptions(Image.open(vmlinux), cache))
    print("standing", flush=True)
    time.sleep(60)
""")


def test_systui_killed_while_attached(guest: Guest, programs: Programs) -> None:
    """The guest is not systui's: it runs on."""
    machine = guest.machine(programs("spinner"))
    child = subprocess.Popen(
        [
            *(sys.executable, "-c", _ATTACHER, str(guest.kernel.vmlinux)),
            *(str(machine.stub), str(guest._cache)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "standing\n"
    assert stands(machine)
    left = children_of(child.pid)
    child.kill()
    child.wait()
    assert all(gone(pid) for pid in left)
    assert runs(machine)


_ATTACHER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from systui.kernel.image import Image
    from systui.target.gdb.attach import AttachOptions, attach
    from systui.target.gdb.connection import Address
    vmlinux, stub, cache = map(Path, sys.argv[1:])
    target = attach(Address(path=stub), AttachOptions(Image.open(vmlinux), cache))
    print("standing", flush=True)
    time.sleep(60)
""")
