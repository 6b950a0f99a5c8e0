"""Calls of 32-bit code on unbooted kernels: by `int $0x80`, SYSENTER and 32-bit SYSCALL."""

from pathlib import Path
from typing import Any

import debugged
import own_kernels
import program_builder
import pytest
from walked import BY_GATE, BY_INSTRUCTION, at, in_order, landmarks, stops_of, systui

from systui.examples import path as example
from systui.target.protocol import Direction, Step

ENOENT = -2
INTEL = ("--", "-cpu", "Nehalem")
"""Whose SYSENTER a 64-bit kernel sets up, where it sets up others' SYSCALL."""


def _built(program: str) -> Path:
    return example(program) if program == "int80" else program_builder.built(program, "bare32")


def _emulated(series: str, program: Path, call: str, *options: str) -> list[dict[str, Any]]:
    kernel = own_kernels.vmlinux(series)
    done = systui(
        *("emulate", "--kernel", kernel, *options, "--follow", call, "--headless", "--json"),
        program,
    )
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr
    return stops_of(done.stdout)


@pytest.mark.parametrize("how", ["--no-pti", "--pti", "--patch-alternatives"])
@pytest.mark.parametrize("series", own_kernels.SERIES)
@pytest.mark.parametrize(
    ("program", "call", "result", "entry", "way"),
    [
        ("int80", "i386:link", ENOENT, "asm_int80_emulation", BY_GATE),
        ("link_32", "link", ENOENT, "asm_int80_emulation", BY_GATE),
        ("syscall_32", "link", ENOENT, "entry_SYSCALL_compat", BY_INSTRUCTION),
        ("sysenter", "write", 3, "entry_SYSENTER_compat", BY_INSTRUCTION),
    ],
    ids=["64-bit", "gate", "syscall", "sysenter"],
)
def test_each_door_is_followed_to_the_handler_and_back(
    program: str,
    call: str,
    result: int,
    entry: str,
    way: tuple[str, ...],
    series: str,
    how: str,
) -> None:
    stops = _emulated(series, _built(program), call, how)
    seen = landmarks(stops)
    assert in_order(way, seen), seen
    isolated = [name for name in ("kernel_cr3", "user_cr3") if name in seen]
    assert isolated == (["kernel_cr3", "user_cr3"] if how == "--pti" else [])
    assert at(stops, "entry")["symbol"] == entry
    assert at(stops, "handler")["symbol"] == f"__ia32_sys_{call.removeprefix('i386:')}"
    frame = at(stops, "handler")["ptregs"]["fields"]
    assert int(frame["cs"]["value"], 16) == (0x33 if program == "int80" else 0x23)
    assert (frame["ip"]["by"] == "CPU") == (way is BY_GATE)
    assert stops[-1]["syscall"]["ret"] == result


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "call", "series", "pti", "own", "more"),
    [
        ("int80", "i386:link", "6.12", "on", ("sp", "bp", "r8", "r9", "r10", "r12"), ()),
        ("link_32", "link", "6.1", "on", ("sp",), ()),
        ("syscall_32", "link", "6.12", "off", ("sp", "r8", "ip"), ()),
        ("sysenter", "write", "6.1", "off", ("sp", "r8", "ip", "si", "di", "bp"), INTEL),
    ],
    ids=["64-bit", "gate", "syscall", "sysenter"],
)
def test_landmarks_and_pt_regs_are_the_booted_kernels(
    program: str, call: str, series: str, pti: str, own: tuple[str, ...], more: tuple[str, ...]
) -> None:
    """`own`: what holds addresses in the stack and the vDSO, which each system puts elsewhere."""
    kernel, path = own_kernels.real(series), _built(program)
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux, "--program", path),
        *("--append", f"pti={pti} nokaslr", "--follow", call, "--headless", "--json", *more),
    )
    assert done.returncode == 0, done.stderr
    booted = stops_of(done.stdout)
    here = _emulated(series, path, call, "--pti" if pti == "on" else "--no-pti")
    assert landmarks(here) == landmarks(booted)
    frames = [at(stops, "handler")["ptregs"]["fields"] for stops in (here, booted)]
    values = [{name: each["value"] for name, each in frame.items()} for frame in frames]
    different = {name for name in values[0] if values[0][name] != values[1][name]}
    assert different <= set(own)


@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_the_way_back_through_a_gate_is_the_way_forwards(series: str) -> None:
    made = own_kernels.debugger(series, example("int80"))
    debugged.go_to(made, "i386:link")
    forwards = [made.stop, *(made.step() for _ in range(400))]
    backwards = [made.stop, *(made.target.resume(Step(Direction.BACKWARD)) for _ in range(400))]
    assert [each.pc for each in backwards] == [each.pc for each in reversed(forwards)]


@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_what_sysret_needs_in_rcx_and_r11_is_not_their_own(series: str) -> None:
    program = program_builder.built("sysenter", "bare32")
    made = own_kernels.debugger(series, program)
    debugged.go_to(made, "write")
    for _step in range(1000):
        if made.step().pc >> 63 == 0:
            break
    rows = {row.register: row for row in made.snapshot().ledger}
    assert rows["rip"].restored_by == "sysretl"
    assert (rows["rbx"].restored_by or "").endswith("%rbx")
    assert rows["rcx"].restored_by is None
    assert rows["r11"].restored_by is None


@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_a_32_bit_stack_pointer_is_kept_in_its_slot(series: str) -> None:
    made = own_kernels.debugger(series, program_builder.built("syscall_32", "bare32"))
    debugged.go_to(made, "link")
    for _step in range(1000):
        if made.step().pc >> 63 == 0:
            break
    rows = {row.register: row for row in made.snapshot().ledger}
    assert rows["rsp"].kept_in == "sp"
    assert rows["rsp"].saved_at is not None
    assert (rows["rsp"].restored_by or "").endswith("%rsp")
    assert rows["rsp"].after == rows["rsp"].user_value
