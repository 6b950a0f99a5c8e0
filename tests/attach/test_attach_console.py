"""The console, editing and the map of the way, on a real kernel: as on the emulator."""

from pathlib import Path

import pytest
from debugged import said
from guests import Guest

from systui.arch.x86_64 import X86_64
from systui.console.console import Console
from systui.examples import path as example
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import bundled
from systui.kernel.view import KernelView, ProgramView
from systui.model.call import Phase
from systui.model.edit import HAND
from systui.session.debugger import Debugger

pytestmark = pytest.mark.slow


def _console(guest: Guest, program: Path) -> Console:
    target = guest.boot(program, "pti=on")
    table, slide = bundled("x86_64"), target.info.slide
    lines = Lines(guest.image)
    kernel = KernelView(
        guest.image,
        Sources([]),
        table,
        X86_64,
        slide,
        lines,
        built=lambda address, size: guest.image.read(address - slide, size),
    )
    own = Image.open(program)
    mine = ProgramView(own, Sources([]), target.info.program_slide, Lines(own))
    return Console(Debugger(target, kernel, mine))


def test_the_console_s_words_on_a_guest(guest: Guest) -> None:
    console = _console(guest, example("accept_43"))
    debugger = console.debugger
    said(console, "advance main", "b __x64_sys_accept", "c")
    assert debugger.locate(debugger.stop.pc).name == "__x64_sys_accept"
    frames = said(console, "bt")
    assert "do_syscall_64" in frames
    assert "entry_SYSCALL_64_after_hwframe" in frames
    assert "main" in frames
    registers = debugger.snapshot().registers
    assert f"{registers['rsp']:x}" in said(console, "info registers")
    assert "43" in said(console, "p/d pt_regs.orig_ax")
    assert f"{registers['rip']:x}" in said(console, "x/2i $rip").replace("0x", "")
    assert "Linux version" in said(console, "x/s linux_banner")
    assert f"{registers['rip']:x}" in said(console, "gdb info registers rip")
    for unsafe in ("gdb continue", "gdb detach", "gdb kill"):
        assert said(console, unsafe)
        assert debugger.stop.pc == registers["rip"]
    said(console, "finish")
    assert debugger.locate(debugger.stop.pc).name != "__x64_sys_accept"
    position = debugger.stop.position
    said(console, "si 3", "rsi 3")
    assert debugger.stop.position == position


def test_a_frame_changed_by_hand_forces_iret_on_a_guest(guest: Guest) -> None:
    console = _console(guest, example("accept_43"))
    debugger = console.debugger
    said(console, "advance main", "b __x64_sys_accept", "c", "set pt_regs.r11 = 0")
    snapshot = debugger.snapshot()
    assert snapshot.frame is not None
    assert (snapshot.frame.slot("r11").value, snapshot.frame.slot("r11").by) == (0, HAND)
    assert [edit.name for edit in snapshot.edits] == ["pt_regs.r11"]
    said(console, "finish")
    mnemonics: list[str] = []
    for _step in range(20_000):
        instruction = debugger.instruction(debugger.stop.pc)
        mnemonics = [*mnemonics[-1:], "" if instruction is None else instruction.mnemonic]
        debugger.step()
        if debugger.phase is Phase.USER:
            break
    assert mnemonics[-1] == "iretq"
    route = debugger.route()
    assert route.flow is not None
    ways = {mark: block for block in route.flow.blocks for mark in block.marks}
    assert ways["iret"].address in route.passed
    assert ways["sysret"].address not in route.passed
