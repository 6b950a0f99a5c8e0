"""Entry code of other shapes than the bundled kernel's, assembled for the purpose."""

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from systui.arch.x86_64 import X86_64
from systui.decode.disassembly import Disassembler
from systui.decode.fold import Folder, Step
from systui.decode.way import Track, Way
from systui.kernel.dispatch import Names, find_dispatch
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.kernel.values import State
from systui.model.call import Phase

Build = Callable[[str], EntryPath]
SHAPES = Path(__file__).parent / "shapes"


@pytest.fixture
def build(tmp_path: Path) -> Build:
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


def test_a_frame_filled_by_moves(build: Build) -> None:
    path = build("moves")
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


def test_a_table_call_through_a_retpoline(build: Build) -> None:
    path = build("retpolines")
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


def test_a_switch_and_checks_in_c(build: Build) -> None:
    path = build("switch")
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


def _trace(
    path: EntryPath, way: Way, stops: list[tuple[int, int]]
) -> list[tuple[Phase, int | None]]:
    """Phase and handler after each step between `stops` (pc, rsp), on an open `way`."""
    folder = Folder(path, X86_64)
    registers = dict.fromkeys(X86_64.register_names, 0) | {"cs": 0x10}
    track, seen = Track((way,)), []
    for index, ((pc, sp), (following, below)) in enumerate(itertools.pairwise(stops)):
        operation = path.listing.operation(pc)
        assert operation is not None
        before = registers | {"rip": pc, "rsp": sp}
        after = registers | {"rip": following, "rsp": below, "rax": 5}
        track = folder.advance(track, Step(index, operation, before, after))
        assert track.way is not None
        seen.append((track.way.phase, track.way.handler))
    return seen


def _way(path: EntryPath) -> Way:
    return Way(
        path.entry or 0, path.syscall, syscall=True, from_user=True, entered_at=0,
        before={}, phase=Phase.DISPATCH, frame=0x8000,
    )  # fmt: skip


def test_a_handler_begins_behind_the_retpoline(build: Build) -> None:
    path = build("retpolines")
    names = ("__x86_indirect_thunk_rax", "__x64_sys_ni_syscall", "__x86_return_thunk")
    thunk, absent, back, after = (path.address(name) or 0 for name in (*names, "after_handler"))
    dispatch = path.dispatch
    assert dispatch is not None
    (site,) = dispatch.sites
    handler = path.address("__x64_sys_getpid") or 0
    hop = [(site, 0x7000), (thunk, 0x6FF8)]
    seen = _trace(path, _way(path), [*hop, (handler, 0x6FF8), (back, 0x6FF8), (after, 0x7000)])
    assert seen == [
        *((Phase.DISPATCH, None), (Phase.HANDLER, handler), (Phase.HANDLER, handler)),
        (Phase.EXIT_WORK, handler),
    ]
    seen = _trace(path, _way(path), [*hop, (absent, 0x6FF8), (back, 0x6FF8), (after, 0x7000)])
    assert [phase for phase, _handler in seen] == [Phase.DISPATCH] * 3 + [Phase.EXIT_WORK]
    assert seen[-1][1] is None


def test_a_handler_begins_where_the_switch_jumps_to(build: Build) -> None:
    path = build("switch")
    dispatch = path.dispatch
    assert dispatch is not None
    (site,) = dispatch.sites
    switch, handler, after = (
        path.address(name) or 0 for name in ("x64_sys_call", "__x64_sys_read", "returned")
    )
    branch = switch + 3
    stops = [(site, 0x7000), (switch, 0x6FF8), (branch, 0x6FF8), (handler, 0x6FF8)]
    seen = _trace(path, _way(path), [*stops, (after, 0x7000)])
    assert seen == [
        *((Phase.DISPATCH, None), (Phase.DISPATCH, None), (Phase.HANDLER, handler)),
        (Phase.EXIT_WORK, handler),
    ]


def test_functions_that_dispatch_for_each_other(build: Build) -> None:
    path = build("circle")
    one, other, behind = (path.address(name) or 0 for name in ("one", "other", "behind_one"))
    inner = Names(inner=frozenset((one, other)))
    found = find_dispatch(path.listing, one, inner, State({}, {}))
    assert found.handed == {behind}
    assert found.sites == frozenset()
