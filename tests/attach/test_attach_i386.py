"""Debian's own i386 kernel under qemu-system-i386: the same panes, held against plain gdb."""

import re
import struct
import subprocess
from pathlib import Path

import program_builder
import pytest
from guests import Guest, Programs, drop
from kernels import Kernel
from test_attach_follow import ACCEPT_43
from walked import at, in_order, landmarks, stops_of, systui

from systui.model.stop import MemoryRange, Space
from systui.target.protocol import Run

pytestmark = pytest.mark.slow
ENOENT = -2
BY_CPU = ("ss", "sp", "flags", "cs", "ip")
WAY = (
    *("user_syscall", "entry", "kernel_stack", "do_syscall", "dispatch", "handler"),
    *("handler_return", "exit_work", "restore", "trampoline", "iret", "user_return"),
)


@pytest.mark.parametrize("append", ["pti=on", "pti=off nokaslr"])
def test_link_is_followed(linux_i386: Kernel, programs: Programs, append: str) -> None:
    done = systui(
        *("boot", "--kernel", linux_i386.bzimage, "--vmlinux", linux_i386.vmlinux),
        *("--program", programs("i386/link"), "--append", append),
        *("--follow", "link", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    seen = [stop["landmark"] for stop in stops]
    assert in_order(WAY, seen), seen
    assert ("user_cr3" in seen) == ("pti=on" in append)
    assert stops[-1]["syscall"]["ret"] == ENOENT
    entry, handler = (stops[seen.index(name)] for name in ("entry", "handler"))
    begun = entry["ptregs"]["fields"]
    assert {name for name, field in begun.items() if field["by"] == "CPU"} == set(BY_CPU)
    assert handler["source"]["file"].endswith("fs/namei.c")
    frame = handler["ptregs"]["fields"]
    assert len(frame) == 17
    assert all(field["written"] for field in frame.values())
    assert int(frame["orig_ax"]["value"], 16) == 9
    assert frame["bx"]["by"].startswith("rep movs"), "copied from the entry stack"


def test_sysenter_is_followed(linux_i386: Kernel, programs: Programs) -> None:
    """By the vDSO, as the C library calls; every sentence names the machine's own registers."""
    done = systui(
        *("boot", "--kernel", linux_i386.bzimage, "--vmlinux", linux_i386.vmlinux),
        *("--program", program_builder.built("sysenter", "bare32"), "--append", "pti=on"),
        *("--follow", "write", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    entered, handler = at(stops, "entry"), at(stops, "handler")
    assert entered["symbol"] == "entry_SYSENTER_32"
    assert entered["effect"]["kind"] == "sysenter"
    assert "EIP and ESP" in entered["effect"]["text"]
    assert in_order(
        (
            *("user_syscall", "entry", "kernel_cr3", "kernel_stack", "frame_complete"),
            *("do_syscall", "dispatch", "handler", "handler_return", "exit_work", "restore"),
            *("trampoline", "user_cr3", "sysret", "user_return"),
        ),
        landmarks(stops),
    )
    frame = handler["ptregs"]["fields"]
    assert all(field["written"] for field in frame.values())
    assert int(frame["orig_ax"]["value"], 16) == 4
    assert int(frame["sp"]["value"], 16) == int(stops[0]["registers"]["esp"], 16)
    assert stops[-1]["syscall"]["ret"] == 3
    assert "EIP from EDX, ESP" in stops[-1]["effect"]["text"]
    wide = re.compile(r"\b[rR](ax|bx|cx|dx|si|di|bp|sp|ip|flags|8|9|1[0-5])\b|[0-9a-f]{9}", re.I)
    said = [stop[key] for stop in stops for key in ("note",) if stop[key]]
    said += [stop["effect"]["text"] for stop in stops if stop["effect"]]
    assert not [text for text in said if wide.search(text)]


def test_pt_regs_is_what_plain_gdb_reads(guest_i386: Guest, programs: Programs) -> None:
    """Stand at the handler, let go of gdb without letting the guest run, and ask a plain one."""
    target = guest_i386.boot(programs("i386/link"), "pti=on")
    handler = guest_i386.address(target, "__ia32_sys_link")
    stop = target.resume(Run(addresses=frozenset((handler,))))
    assert stop.pc == handler
    assert stop.task.name == "link"
    registers = target.registers()
    frame = MemoryRange(Space.KERNEL, registers["eax"], 68)
    (raw,) = target.read_memory([frame])
    assert raw is not None
    machine = target._live.machine
    assert machine is not None
    drop(target)
    asked = ("output/x $eip", "output/x $cr3", "output/x $esp", "x/17wx $eax")
    orders = [part for line in asked for part in ("-ex", line, "-ex", "echo \\n")]
    said = subprocess.run(
        ["gdb", "-nx", "-q", "-batch", "-ex", f"target remote {machine.stub}", *orders],
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout
    for name in ("eip", "cr3", "esp"):
        assert f"\n{registers[name]:#x}\n" in f"\n{said}"
    words = [int(word, 16) for word in re.findall(r"0x[0-9a-f]{8}(?!:)\b", said)]
    assert list(struct.unpack("<17I", raw)) == words[-17:]


def test_memory_hidden_by_the_user_page_table(guest_i386: Guest, programs: Programs) -> None:
    target = guest_i386.boot(programs("i386/link"), "pti=on")
    assert "PTI on" in target.info.kernel
    assert target.registers().cpl == 3
    banner = guest_i386.address(target, "linux_banner")
    (text,) = target.read_memory([MemoryRange(Space.KERNEL, banner, 13)])
    assert text == b"Linux version"


def test_names_alone_are_enough(linux_i386: Kernel, programs: Programs) -> None:
    done = systui(
        *("boot", "--kernel", linux_i386.bzimage, "--symbols", linux_i386.system_map),
        *("--program", programs("i386/link"), "--follow", "9", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert stops_of(done.stdout)[-1]["syscall"]["ret"] == ENOENT


def test_what_does_not_fit_is_said_in_one_line(linux_i386: Kernel, tmp_path: Path) -> None:
    """Before a guest is started."""
    flags = bytearray(linux_i386.bzimage.read_bytes()[:0x1000])
    flags[0x236] |= 1
    (tmp_path / "wide").write_bytes(flags)
    for kernel, program, words in (
        (linux_i386.bzimage, ACCEPT_43, "64-bit program"),
        (tmp_path / "wide", Path("/bin/sh"), "64-bit"),
    ):
        done = systui(
            *("boot", "--kernel", kernel, "--vmlinux", linux_i386.vmlinux),
            *("--program", program, "--follow", "9", "--headless"),
        )
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
