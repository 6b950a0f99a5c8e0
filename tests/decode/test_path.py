"""The bundled kernel's path, told from its image alone."""

from pathlib import Path

import pytest

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.decode.disassembly import Disassembler
from systui.kernel.checks import CHECKS
from systui.kernel.image import Image
from systui.kernel.landmarks import REQUIRED
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.operation import Flow


@pytest.fixture(scope="module")
def image() -> Image:
    return Image.open(Path(minikernel.path()))


@pytest.fixture(scope="module")
def path(image: Image) -> EntryPath:
    return EntryPath(image, X86_64, Disassembler().operations)


def test_nothing_is_missing(path: EntryPath) -> None:
    assert path.missing == ()
    names = {landmark.name for landmark in path.landmarks.values()}
    assert set(REQUIRED) <= names


def test_landmarks_by_label(path: EntryPath) -> None:
    for name, label in (
        *(("entry", "entry_SYSCALL_64"), ("kernel_stack", "entry_SYSCALL_64_safe_stack")),
        *(("do_syscall", "do_syscall_64"), ("sysret_path", "syscall_return_via_sysret")),
        ("iret_path", "swapgs_restore_regs_and_return_to_usermode"),
        *(("iret", "native_irq_return_iret"), ("exit_work", "syscall_exit_to_user_mode")),
    ):
        address = path.address(label)
        assert address is not None
        assert path.landmarks[address].name == name


def test_the_frame_is_told_from_the_code(path: EntryPath) -> None:
    door = path.syscall
    assert door is not None
    assert door.saved == frozenset(X86_64.pt_regs.offsets)
    assert door.keepers["rdi"] == "di"
    assert door.keepers["rip"] == "ip"
    assert door.keepers["rflags"] == "flags"
    assert "rcx" not in door.keepers
    assert len(door.complete) == 1
    known = door.known(door.call_site)
    assert known is not None
    assert known.frame == 0


def test_sysrets_checks_are_told_from_what_they_compare(path: EntryPath) -> None:
    door = path.syscall
    assert door is not None
    assert tuple(door.checks[address] for address in sorted(door.checks)) == CHECKS


def test_each_way_back_restores_all(path: EntryPath) -> None:
    door = path.syscall
    assert door is not None
    registers = [register for register, _slot in door.restores.values()]
    assert registers.count("rbx") == 2
    assert registers.count("rsp") == 1
    assert sorted(flow.value for flow in door.exits.values()) == ["iret", "sysret"]


def test_dispatch_is_found(path: EntryPath) -> None:
    dispatch = path.dispatch
    assert dispatch is not None
    (site,) = dispatch.sites
    operation = path.listing.operation(site)
    assert operation is not None
    assert operation.flow is Flow.CALL
    assert dispatch.returns == {operation.instruction.end}
    assert list(dispatch.range_checks.values()) == [471]
    assert path.landmarks[site].phase is Phase.DISPATCH


def test_an_exception_is_a_door_from_both_rings(path: EntryPath) -> None:
    entry = path.any_exception
    assert entry is not None
    for from_user in (True, False):
        door = path.door(entry, from_user=from_user)
        assert door is not None
        assert door.saved == frozenset(X86_64.pt_regs.offsets)
        assert door.by_cpu == ("orig_ax", "ip", "cs", "flags", "sp", "ss")
        assert door.function == path.address("exc_page_fault")
    assert path.door(entry + 1, from_user=True) is None


def test_pti_is_seen_in_the_code(image: Image) -> None:
    """As built, the page-table switches are jumped over; patched with nops they are landmarks."""

    def patched(address: int, size: int) -> bytes | None:
        code = image.read(address, size)
        entry = image.symbol("entry_SYSCALL_64")
        if code is None or entry is None or address != entry.address:
            return code
        at = code.index(0xEB)
        return code[:at] + b"\x90\x90" + code[at + 2 :]

    def names(path: EntryPath) -> set[str]:
        return {landmark.name for landmark in path.landmarks.values()}

    built = EntryPath(image, X86_64, Disassembler().operations)
    assert "kernel_cr3" not in names(built)
    live = EntryPath(image, X86_64, Disassembler().operations, (patched,))
    assert "kernel_cr3" in names(live)


def test_a_kernel_that_is_not_understood_says_what_is_missing() -> None:
    program = Image.open(Path(__file__).parents[2] / "systui/examples/accept_43")
    path = EntryPath(program, X86_64, Disassembler().operations)
    assert path.entry is None
    assert path.missing == REQUIRED
