"""Entry code of other shapes than the bundled kernel's, assembled for the purpose."""

import subprocess
from pathlib import Path

import pytest

from systui.arch.x86_64 import X86_64
from systui.decode.disassembly import Disassembler
from systui.kernel.image import Image
from systui.kernel.path import EntryPath

SHAPES = Path(__file__).parent / "shapes"


@pytest.fixture
def build(tmp_path: Path):  # type: ignore[no-untyped-def]
    def built(name: str) -> EntryPath:
        target = tmp_path / name
        command = ["gcc", "-nostdlib", "-static", "-no-pie"]
        layout = ["-Wl,-Ttext=0xffffffff81000000", "-Wl,-e,entry_SYSCALL_64", "-Wl,-n"]
        layout.append("-Wl,--section-start=.entry.text=0xffffffff81002000")
        layout += ["-Wl,-Tdata=0xffffffff81004000", "-Wl,-z,noexecstack"]
        source = str(SHAPES / f"{name}.S")
        subprocess.run([*command, *layout, "-o", str(target), source], check=True)
        return EntryPath(Image.open(target), X86_64, Disassembler().operations)

    return built


def test_a_frame_filled_by_moves(build) -> None:  # type: ignore[no-untyped-def]
    path: EntryPath = build("moves")
    door = path.syscall
    assert door is not None
    reserved, joined, filled = (path.address(name) for name in ("reserved", "joined", "filled"))
    assert reserved is not None and joined is not None and filled is not None
    start, middle, end = (door.known(address) for address in (reserved, joined, filled))
    assert start is not None and middle is not None and end is not None
    assert start.frame == middle.frame == end.frame == 0
    assert start.written == start.possible == frozenset()
    assert middle.written == {"di", "ip", "flags", "orig_ax"}
    assert middle.possible == {"di", "ip", "flags", "orig_ax", "bx"}
    assert end.written == {"di", "ip", "flags", "orig_ax", "sp"}
    assert door.keepers == {
        "rdi": "di",
        "rip": "ip",
        "rflags": "flags",
        "rax": "orig_ax",
        "rsp": "sp",
    }
    assert set(door.restores.values()) >= {("rdi", "di"), ("rax", "ax"), ("rsp", "sp")}
    assert door.top_of_stack == 0x20


def test_a_table_call_through_a_retpoline(build) -> None:  # type: ignore[no-untyped-def]
    path: EntryPath = build("retpolines")
    dispatch, door = path.dispatch, path.syscall
    assert dispatch is not None and door is not None
    assert dispatch.returns == {path.address("after_handler")}
    assert dispatch.range_checks == {path.address("checked"): 436}
    assert path.address("after_handler") in dispatch.after
    thunk = path.address("__x86_indirect_thunk_rax")
    assert thunk is not None
    assert path.chooses(thunk)
    assert list(door.checks.values()) == ["cx_is_ip"]
    assert path.missing == ()
    assert {path.landmarks[address].name for address in path.exit_work} == {"exit_work"}


def test_a_switch_and_checks_in_c(build) -> None:  # type: ignore[no-untyped-def]
    path: EntryPath = build("switch")
    dispatch = path.dispatch
    assert dispatch is not None
    assert dispatch.returns == {path.address("returned")}
    assert list(dispatch.range_checks.values()) == [463]
    names = [path.checks[address] for address in sorted(path.checks)]
    assert names == ["cx_is_ip", "r11_is_flags", "cs", "ss", "canonical", "rf_tf"]
    switch = path.address("x64_sys_call")
    assert switch is not None
    assert path.chooses(switch)
    handler = path.address("__x64_sys_read")
    assert handler is not None
    assert not path.chooses(handler)
    assert set(path.missing) == {"exit_work", "sysret_path", "iret_path"}
