"""Ages of kernels are told by what an image has: entry, stack, frame, dispatch, flags."""

import subprocess
from pathlib import Path

import age_kernels
import debugged
import pytest

from systui.cli.emulation import Emulation, Wanted
from systui.decode.disassembly import Disassembler
from systui.examples import path as example
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.model.frame import Written
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.target.emulator import patch_sites

_FAST = [
    *("user_syscall", "entry", "kernel_stack", "frame_complete", "dispatch", "handler"),
    *("handler_return", "restore", "sysret_path", "sysret", "user_return"),
]
_PARTIAL = {"ip", "orig_ax", "di", "si", "dx", "ax", "r8", "r9", "r10", "r11"}


def _at_accept(kernel: Path, native: frozenset[str] = frozenset()) -> Debugger:
    wanted = Wanted(example("accept_43"), kernel=kernel, native=native)
    made = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(made, "43")
    return made


def test_a_fast_path_with_a_partial_frame_is_walked(tmp_path: Path) -> None:
    snapshots = debugged.walk(_at_accept(age_kernels.age("fast", tmp_path)))
    assert debugged.names(snapshots) == _FAST
    frame = snapshots[-2].frame
    assert frame is not None
    written = {slot.name for slot in frame.slots if slot.written is not Written.NO}
    assert written == _PARTIAL
    assert snapshots[-1].call is not None
    assert snapshots[-1].call.result == -88


def test_a_list_of_names_has_no_sizes_and_the_tss_tells_the_stacks(tmp_path: Path) -> None:
    """8 KiB in 3.x, where later kernels have 16."""
    kernel = age_kernels.age("fast", tmp_path)
    listed = subprocess.run(["nm", kernel], capture_output=True, text=True, check=True).stdout
    (tmp_path / "System.map").write_text(listed)
    subprocess.run(["strip", kernel], check=True)
    wanted = Wanted(example("accept_43"), kernel=kernel, symbols=tmp_path / "System.map")
    made = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(made, "43")
    snapshots = debugged.walk(made)
    assert debugged.names(snapshots) == _FAST
    assert snapshots[-1].registers["rax"] == (1 << 64) - 88


@pytest.mark.parametrize("prefix", ["sys_", "SyS_"])
def test_a_fast_path_with_a_whole_frame_is_walked(prefix: str, tmp_path: Path) -> None:
    kernel = age_kernels.age("full", tmp_path, prefix=prefix)
    snapshots = debugged.walk(_at_accept(kernel))
    names = debugged.names(snapshots)
    assert names[:7] == _FAST[:7]
    assert names[-2:] == ["sysret", "user_return"]
    assert snapshots[-1].call is not None
    assert snapshots[-1].call.result == -88


def test_a_way_out_through_a_pointer_is_followed(tmp_path: Path) -> None:
    """As paravirt kernels have it until they boot, which makes a plain jump of it."""
    kernel = age_kernels.age("full", tmp_path, paravirt=True)
    snapshots = debugged.walk(_at_accept(kernel))
    assert debugged.names(snapshots)[-2:] == ["sysret", "user_return"]
    image = Image.open(kernel)
    leaving, native = (image.symbol(name) for name in ("leaving", "native_leave"))
    assert leaving is not None
    assert native is not None
    (patch,) = patch_sites.direct_jumps(image)
    assert patch.address == leaving.address
    jump = Disassembler(64).operation(patch.address, patch.code)
    assert jump is not None
    assert jump.instruction.target == native.address
    assert len(patch.code) == native.address - leaving.address


@pytest.mark.parametrize(
    "lacking",
    [
        *("system_call", "init_task", "init_tss", "init_thread_union", "__entry_text_start"),
        "sys_call_table",
    ],
)
def test_what_an_image_lacks_is_named(lacking: str, tmp_path: Path) -> None:
    kernel = age_kernels.age("fast", tmp_path, without=lacking)
    instead = {
        "system_call": "entry_SYSCALL_64",
        "init_tss": "cpu_tss_rw",
        "init_thread_union": "init_stack",
    }
    with pytest.raises(BadInputError, match=instead.get(lacking, lacking)):
        _at_accept(kernel)


def test_a_landmark_that_is_not_found_is_named(tmp_path: Path) -> None:
    path = _at_accept(age_kernels.age("full", tmp_path)).kernel.path
    assert path.missing == ("sysret_path", "iret_path", "iret")
    whole = _at_accept(age_kernels.age("fast", tmp_path)).kernel.path
    assert whole.missing == ()


@pytest.mark.parametrize(("flags", "reasons"), [(1, set()), (0, {Reason.OOPS})])
def test_a_warning_is_passed_and_a_bug_is_an_oops(
    flags: int, reasons: set[Reason], tmp_path: Path
) -> None:
    """Both are the instruction ud2; the image's own bug table tells them apart."""
    kernel = age_kernels.age("fast", tmp_path, bug_flags=flags)
    snapshots = debugged.walk(_at_accept(kernel, frozenset({"accept"})))
    assert {each.stop.reason for each in snapshots} & {Reason.OOPS} == reasons
    assert snapshots[-1].call is not None
    assert snapshots[-1].call.result == -88
