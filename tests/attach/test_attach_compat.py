"""Calls of 32-bit code on Debian's amd64 kernels: `int $0x80`, SYSENTER and 32-bit SYSCALL."""

import re
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from guests import Guest, Programs, drop
from kernels import Kernel
from walked import BY_GATE, BY_INSTRUCTION, at, in_order, landmarks, stops_of, systui

from systui.arch.x86_64 import X86_64
from systui.kernel.subcalls import SOCKETCALL, sub_call
from systui.model.stop import MemoryRange, Reason, Space
from systui.target.protocol import Breakpoint, Run

pytestmark = pytest.mark.slow
INT80 = Path(__file__).parents[2] / "systui" / "examples" / "int80"
ENOENT = -2
INTEL = ("--", "-cpu", "Nehalem")
"""A 64-bit kernel's SYSENTER is for Intel's CPUs, 32-bit SYSCALL for AMD's: QEMU's usual one."""


def followed(kernel: Kernel, program: Path, call: str, append: str, *more: object) -> Any:
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux, "--program", program),
        *("--append", append, "--follow", call, "--headless", "--json", *more),
    )
    assert done.returncode == 0, done.stderr
    return stops_of(done.stdout)


@pytest.mark.parametrize(
    ("program", "call", "entry", "way", "more"),
    [
        (None, "i386:link", "asm_int80_emulation", BY_GATE, ()),
        ("i386/menu", "link#2", "asm_int80_emulation", BY_GATE, ()),
        ("i386/menu", "link", "entry_SYSCALL_compat", BY_INSTRUCTION, ()),
        ("i386/menu", "link", "entry_SYSENTER_compat", BY_INSTRUCTION, INTEL),
    ],
    ids=["64-bit", "32-bit", "vdso-syscall", "vdso-sysenter"],
)
@pytest.mark.parametrize(
    ("series", "append"), [("linux_6_1", "pti=on"), ("linux_6_12", "pti=off nokaslr")]
)
def test_link_all_the_way(
    program: str | None,
    call: str,
    entry: str,
    way: tuple[str, ...],
    more: tuple[str, ...],
    series: str,
    append: str,
    programs: Programs,
    request: pytest.FixtureRequest,
) -> None:
    kernel: Kernel = request.getfixturevalue(series)
    path = INT80 if program is None else programs(program)
    stops = followed(kernel, path, call, append, *more)
    seen = landmarks(stops)
    assert in_order(way, seen), seen
    isolated = [name for name in ("kernel_cr3", "user_cr3") if name in seen]
    assert isolated == (["kernel_cr3", "user_cr3"] if "pti=on" in append else [])
    assert at(stops, "entry")["symbol"] == entry
    assert at(stops, "handler")["symbol"] == "__ia32_sys_link"
    assert all(stop["syscall"]["nr"] == 9 for stop in stops if stop["syscall"])
    frame = at(stops, "handler")["ptregs"]["fields"]
    assert int(frame["orig_ax"]["value"], 16) == 9
    assert int(frame["cs"]["value"], 16) == (0x33 if program is None else 0x23)
    assert (frame["ip"]["by"] == "CPU") == (way is BY_GATE)
    phases = list(dict.fromkeys(stop["phase"] for stop in stops))
    assert phases == ["user", "entry", "dispatch", "handler", "exit_work", "restore"]
    assert not any(stop["nested"] for stop in stops)
    assert stops[-1]["syscall"]["ret"] == ENOENT


def test_met_at_the_handler_the_way_in_is_told(guest: Guest, programs: Programs) -> None:
    """Without the program: once from the handler on, the second time whole."""
    machine = guest.machine(programs("i386/linking"))
    done = systui(
        *("attach", machine.stub, "--vmlinux", guest.kernel.vmlinux),
        *("--follow", "i386:link", "--headless"),
    )
    assert done.returncode == 0, done.stderr
    assert "from its handler on" in done.stdout
    assert "asm_int80_emulation" in done.stdout
    assert "fault" not in done.stdout
    assert 'link(oldname="time-asm", newname="timetest") = -2 ENOENT' in done.stdout
    again = systui(
        *("attach", machine.stub, "--vmlinux", guest.kernel.vmlinux),
        *("--follow", "i386:link#2", "--headless", "--json"),
    )
    assert again.returncode == 0, again.stderr
    assert in_order(BY_GATE, landmarks(stops_of(again.stdout)))


def test_pt_regs_is_what_plain_gdb_reads(guest: Guest, programs: Programs) -> None:
    """Stand at the handler, let go of gdb without letting the guest run, and ask a plain one."""
    target = guest.boot(programs("i386/linking"), "pti=on")
    handler = guest.address(target, "__ia32_sys_link")
    stop = target.resume(Run(addresses=frozenset((handler,))))
    registers = target.registers()
    (raw,) = target.read_memory([MemoryRange(Space.KERNEL, registers["rdi"], X86_64.pt_regs.size)])
    assert raw is not None
    machine = target._live.machine
    assert machine is not None
    drop(target)
    said = batch(machine.stub, "output/x $rip", "echo \\n", "x/21gx $rdi")
    words = [int(word, 16) for word in re.findall(r"0x[0-9a-f]{16}(?!:)\b", said)]
    assert f"{stop.pc:#x}" in said
    assert list(struct.unpack("<21Q", raw)) == words[-21:]


STEPS = """
hbreak *{begins:#x}
continue
delete
set $left = 9000
while $left && $pc != {ends:#x}
stepi
output/x $pc
echo \\n
set $left = $left - 1
end
"""


@pytest.mark.parametrize("append", ["pti=on nokaslr", "pti=off nokaslr"])
def test_landmarks_are_where_plain_gdb_comes_by(
    guest: Guest, programs: Programs, append: str, tmp_path: Path
) -> None:
    """The same program, stepped by gdb alone: it comes by each landmark, in the same order."""
    program = programs("i386/linking")
    stops = followed(guest.kernel, program, "link", append, "--argument", 1)
    places = [int(stop["pc"], 16) for stop in stops if stop["landmark"]]
    script = tmp_path / "steps.gdb"
    script.write_text(STEPS.format(begins=places[0], ends=places[-1]))
    said = batch(guest.machine(program, append).stub, f"source {script}")
    passed = (int(line, 16) for line in re.findall(r"^0x[0-9a-f]+$", said, re.MULTILINE))
    missed = [f"{place:#x}" for place in places[1:] if place not in passed]
    assert not missed, said[-2000:]


SERVER = ["socket", "bind", "listen", "accept", "recv", "send"]
CLIENT = ["socket", "socket", "connect", "send", "recv"]
"""The first of them brings up the network."""


def test_the_labs_tcp_pair_call_by_call(guest: Guest, programs: Programs) -> None:
    """Server and client, told apart by their pt_regs, which lie on two kernel stacks."""
    target = guest.boot(programs("i386/tcppair"), "nokaslr pti=on")
    target.set_breakpoint(Breakpoint(guest.address(target, "__ia32_compat_sys_socketcall")))
    made: dict[int, list[str]] = {}
    frames: dict[int, set[int]] = {}
    while (stop := target.resume(Run())).reason is not Reason.EXIT:
        if stop.reason is Reason.BLOCKED:
            continue
        frame = target.registers()["rdi"]
        (raw,) = target.read_memory([MemoryRange(Space.KERNEL, frame, X86_64.pt_regs.size)])
        assert raw is not None
        at_bx = X86_64.pt_regs.offsets["bx"]
        called = sub_call(SOCKETCALL, int.from_bytes(raw[at_bx : at_bx + 8], "little"))
        assert called is not None
        made.setdefault(stop.task.pid, []).append(called.name)
        frames.setdefault(stop.task.pid, set()).add(frame)
    client, server = sorted(made)
    assert made[client] == CLIENT
    assert made[server] in (SERVER, [*SERVER, "accept"])  # the client may end before that
    assert [len(each) for each in frames.values()] == [1, 1]
    assert frames[client] != frames[server]


def test_a_sub_call_is_followed_by_its_name(linux_6_1: Kernel, programs: Programs) -> None:
    stops = followed(linux_6_1, programs("i386/tcppair"), "connect", "pti=off")
    assert at(stops, "handler")["symbol"] == "__ia32_compat_sys_socketcall"
    said = at(stops, "user_syscall")["syscall"]
    assert (said["nr"], said["name"]) == (102, "socketcall")
    assert (said["sub"]["selector"], said["sub"]["name"]) == ("SYS_CONNECT", "connect")
    assert said["sub"]["args"][1]["text"].startswith("{AF_INET, 127.0.0.1:5001")


def batch(stub: Path, *commands: str) -> str:
    """What a plain gdb prints of a guest."""
    given = [word for command in commands for word in ("-ex", command)]
    attach = ["-ex", f"target remote {stub}"]
    return subprocess.run(
        ["gdb", "-nx", "-q", "-batch", *attach, *given],
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
