"""The map of a kernel's entry code, of the bundled kernel and of real ones."""

import sys
from pathlib import Path

import pytest

from systui import minikernel
from systui.arch import BY_NAME
from systui.decode.disassembly import Disassembler
from systui.kernel.flow import Block, FlowMap, flow_map
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.present.flow import flow_rows

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ownkernel"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attach"))


def maps(image: Image) -> dict[str, FlowMap]:
    """By the name of the first part."""
    arch = BY_NAME[image.machine]
    path = EntryPath(image, arch, Disassembler(arch.bits).operations)
    doors = [path.door(entry, from_user=True) for entry in path.entries]
    flows = [flow_map(path, door) for door in doors if door is not None]
    return {flow.parts[0].name: flow for flow in flows}


@pytest.fixture(scope="module")
def bundled() -> dict[str, FlowMap]:
    return maps(Image.open(minikernel.path()))


def _marked(flow: FlowMap, mark: str) -> list[Block]:
    return [block for block in flow.blocks if mark in block.marks]


def test_the_parts_come_in_the_order_of_the_way(bundled: dict[str, FlowMap]) -> None:
    flow = bundled["entry_SYSCALL_64"]
    assert flow.abi == "64"
    names = [part.name for part in flow.parts]
    in_order = [
        *("entry_SYSCALL_64", "do_syscall_64", "syscall_exit_to_user_mode"),
        *("syscall_return_via_sysret", "swapgs_restore_regs_and_return_to_usermode"),
    ]
    assert [name for name in names if name in in_order] == in_order
    assert (flow.parts[0].place, flow.parts[-1].place) == ("inward", "outward")


def test_every_condition_of_sysret_leads_to_iret(bundled: dict[str, FlowMap]) -> None:
    flow = bundled["entry_SYSCALL_64"]
    (iret,) = _marked(flow, "iret_path")
    checks = _marked(flow, "sysret_check")
    assert len(checks) == 6
    for check in checks:
        assert (iret.address, "branch") in check.edges
    assert any(edge.kind == "next" for edge in checks[-1].edges)


def test_a_number_past_the_table_has_a_way_of_its_own(bundled: dict[str, FlowMap]) -> None:
    for flow in bundled.values():
        if _marked(flow, "range_check"):
            (checking,) = _marked(flow, "range_check")
            bad = {block.address for block in _marked(flow, "bad_number")}
            assert {edge.to for edge in checking.edges} & bad
            assert {edge.to for edge in checking.edges} - bad


def test_int_0x80_leaves_by_iret_only(bundled: dict[str, FlowMap]) -> None:
    flow = bundled["entry_INT80_compat"]
    assert flow.abi == "i386"
    assert _marked(flow, "iret")
    assert not _marked(flow, "sysret")


def test_blocks_hold_together(bundled: dict[str, FlowMap]) -> None:
    """No two blocks of a leg overlap, sizes reach the next symbol, edges lead to blocks."""
    for flow in bundled.values():
        starts = {block.address for block in flow.blocks} | {part.address for part in flow.parts}
        for part in flow.parts:
            assert part.size is not None
            for one, other in zip(part.blocks, part.blocks[1:], strict=False):
                assert one.end <= other.address
            for block in part.blocks:
                assert block.instructions > 0
                assert part.address <= block.address < block.end <= part.address + part.size
                assert {edge.to for edge in block.edges} <= starts


def test_rows_fit_and_mark_what_was_passed(bundled: dict[str, FlowMap]) -> None:
    flow = bundled["entry_SYSCALL_64"]
    blocks = list(flow.blocks)
    seen = {blocks[0].address, blocks[1].address}
    for size in (60, 80, 120):
        rows = flow_rows(flow, size, seen.__contains__, blocks[2].address + 1)
        assert max(len("".join(span.text for span in row.spans)) for row in rows) <= size
        marked = {
            row.tag: span.text.strip()
            for row in rows
            for span in row.spans
            if span.text.strip() in {"✓", "▶"}
        }
        assert marked == {**dict.fromkeys(seen, "✓"), blocks[2].address: "▶"}


@pytest.mark.kernels
@pytest.mark.parametrize("series", ["6.1", "6.12"])
def test_a_real_kernel_is_mapped(series: str) -> None:
    from own_kernels import vmlinux

    flow = maps(Image.open(vmlinux(series)))["entry_SYSCALL_64"]
    for mark in (
        *("entry", "kernel_stack", "frame_complete", "do_syscall", "range_check", "dispatch"),
        *("bad_number", "exit_work", "restore", "sysret_path", "iret_path", "sysret", "iret"),
    ):
        assert _marked(flow, mark), mark
    calls = {call for block in flow.blocks for call in block.calls}
    assert "do_syscall_64" in calls
    assert any("trace" in call for call in calls | {part.name for part in flow.parts})
