"""A 32-bit kernel that was never booted: Debian's for i386, its own entry code by `int $0x80`."""

import functools
import subprocess
from pathlib import Path

import booted
import corpus_runs
import debugged
import own_kernels
import patching
import program_builder
import pytest
from real_parts import needs

from systui.arch.i386 import I386
from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.kernel.image import Image
from systui.model.frame import Written
from systui.model.snapshot import Snapshot
from systui.model.stop import Channel, Output
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.protocol import Direction, Run, Step

_PROGRAMS = Path(__file__).parent / "programs"
_BUILD = ("gcc", "-m32", "-static", "-nostdlib", "-no-pie", "-g")
_READ, _EBADF = 3, (1 << 32) - 9
_WAY = [
    *("user_syscall", "entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch"),
    *("handler", "handler_return", "exit_work", "restore", "trampoline", "iret", "user_return"),
]
_BY_CPU = {"ss", "sp", "flags", "cs", "ip"}
_BOOTS = {False: "mitigations=off", True: "pti=on mitigations=off"}
_SHORTEST = 200
"""Instructions that at least are compared."""
_CORPUS = Path(__file__).parents[1] / "corpus" / "programs"
_SAME = (
    *("abort", "altstack", "attributes", "batches", "heap", "hello", "inetsockets", "jumps"),
    *("overflow", "pipes", "segfault", "signals", "special", "unixsockets", "waiting"),
)


def _vmlinux() -> Path:
    return own_kernels.vmlinux(own_kernels.I386)


@functools.cache
def _refused(folder: Path) -> Path:
    built = folder / "refused_32"
    subprocess.run([*_BUILD, "-o", built, _PROGRAMS / "refused_32.S"], check=True)
    return built


@pytest.fixture(scope="session")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program whose read the kernel's own handler refuses."""
    return _refused(tmp_path_factory.mktemp("refused"))


def _at_read(wanted: Wanted) -> Debugger:
    made = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(made, str(_READ))
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["as-compiled", "pti"])
def call(request: pytest.FixtureRequest, refused: Path) -> list[Snapshot]:
    """Every stop of the call."""
    made = _at_read(Wanted(refused, kernel=_vmlinux(), pti=request.param))
    assert f"PTI {'on' if request.param else 'off'}" in made.target.info.kernel
    return debugged.walk(made)


def test_it_takes_the_landmarks_of_the_booted_kernel(call: list[Snapshot]) -> None:
    expected = list(_WAY)
    names = debugged.names(call)
    if "kernel_cr3" in names:
        expected.insert(expected.index("kernel_stack"), "kernel_cr3")
        expected.insert(expected.index("iret"), "user_cr3")
    assert names == expected
    handled = {each.location.symbol for each in call}
    assert {"__ia32_sys_read", "ksys_read"} <= handled, "the kernel's own handler ran"
    assert call[-1].registers["eax"] == _EBADF


def test_its_pt_regs_has_17_words_below_the_padding(call: list[Snapshot]) -> None:
    handler = next(each for each in call if each.landmark and each.landmark.name == "handler")
    begun = next(each for each in call if each.landmark and each.landmark.name == "entry")
    assert begun.frame is not None
    assert handler.frame is not None
    written = {slot.name for slot in begun.frame.slots if slot.by == "CPU"}
    assert written == _BY_CPU
    stack = Image.open(_vmlinux()).symbol("init_stack")
    assert stack is not None
    padding = stack.address + I386.thread_sizes[0] - (handler.frame.address + I386.pt_regs.size)
    assert padding in I386.pt_regs.padding
    assert len(handler.frame.slots) == 17
    assert all(slot.written is Written.YES for slot in handler.frame.slots)
    values = {slot.name: slot.value for slot in handler.frame.slots}
    assert (values["orig_ax"], values["bx"], values["cs"]) == (_READ, 77, 0x73)


def test_every_register_comes_back(call: list[Snapshot]) -> None:
    before, after = call[0].registers, call[-1].registers
    changed = {name for name in before.values if before[name] != after[name]}
    assert changed <= {"eax", "eip", "cr2", "fs_base"}


@pytest.mark.parametrize("patched", [False, True], ids=["as-compiled", "patched"])
def test_sysenter_comes_in_and_leads_out_as_the_cpu_is_known_to_do(patched: bool) -> None:
    """As compiled the CPU has not been asked yet whether it knows SYSEXIT."""
    wanted = Wanted(
        program_builder.built("sysenter", "bare32"), kernel=_vmlinux(), alternatives=patched
    )
    made = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(made, "write")
    snapshots = debugged.walk(made)
    names = debugged.names(snapshots)
    assert snapshots[1].location.symbol == "entry_SYSENTER_32"
    assert ("sysret" in names, "iret" in names) == (patched, not patched)
    assert names[-1] == "user_return"
    assert snapshots[-1].registers["eax"] == len("hi\n")
    assert snapshots[-1].registers.cpl == 3


def test_nothing_on_its_way_lacks_a_name(refused: Path) -> None:
    assert _at_read(Wanted(refused, kernel=_vmlinux())).kernel.path.missing == ()


def test_back_is_the_way_forwards(refused: Path) -> None:
    made = _at_read(Wanted(refused, kernel=_vmlinux(), pti=True))
    forwards = [made.stop, made.step()]
    while forwards[-1].pc >= I386.kernel_start:
        forwards.append(made.step())
    steps = len(forwards) - 1
    backwards = [made.stop, *(made.target.resume(Step(Direction.BACKWARD)) for _ in range(steps))]
    assert [each.pc for each in backwards] == [each.pc for each in reversed(forwards)]


def test_its_bzimage_walks_as_its_vmlinux(refused: Path) -> None:
    real = own_kernels.real(own_kernels.I386)
    packed = Wanted(refused, kernel=real.bzimage, symbols=real.system_map)
    ways = [
        [(each.stop.pc, each.phase) for each in debugged.walk(_at_read(one))]
        for one in (packed, Wanted(refused, kernel=real.vmlinux))
    ]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("name", _SAME)
def test_programs_run_as_natively(name: str, tmp_path: Path) -> None:
    program = tmp_path / name
    subprocess.run(
        ["gcc", "-m32", "-O1", "-w", "-static", "-o", program, _CORPUS / f"{name}.c"], check=True
    )
    native = corpus_runs.native([program], b"", tmp_path)
    options = EmulatorOptions(
        environment=corpus_runs.ENVIRONMENT,
        pti=False,
        stdin=b"",
        stdout_terminal=False,
        stderr_terminal=False,
    )
    target = own_kernels.start(own_kernels.I386, program, (), options)
    heard: list[Output] = []
    target.subscribe(heard.append)
    stop = target.resume(Run())
    out = b"".join(each.data for each in heard if each.channel is Channel.STDOUT)
    assert (out, stop.exit_status) == (native.stdout, native.status)


@pytest.mark.slow
@pytest.mark.parametrize("pti", [False, True], ids=["no-pti", "pti"])
def test_the_way_is_the_booted_kernels(pti: bool, refused: Path) -> None:
    """Instruction by instruction, but for what Linux patches; and so is pt_regs, word by word."""
    needs("qemu-system-i386", "gdb")
    real = own_kernels.real(own_kernels.I386)
    image = Image.open(real.vmlinux)
    entry, dispatch = (image.symbol(name) for name in ("entry_INT80_32", "do_int80_syscall_32"))
    assert entry is not None
    assert dispatch is not None
    there = booted.stepped(real, refused, _READ, entry.address, _BOOTS[pti], frame=dispatch.address)
    assert there.result == _EBADF
    allowed = patching.sites(image)
    left = patching.unpatched_way(image, there.addresses, allowed)
    assert len(left) > _SHORTEST
    for alternatives in (False, True):
        wanted = Wanted(refused, pti=pti, kernel=real.vmlinux, alternatives=alternatives)
        snapshots = debugged.walk(_at_read(wanted))
        way = [each.stop.pc for each in snapshots if each.stop.pc >= I386.kernel_start]
        assert patching.unpatched_way(image, way, allowed) == left
        at_dispatch = next(each for each in snapshots if each.stop.pc == dispatch.address)
        assert at_dispatch.frame is not None
        here = {slot.name: slot.value for slot in at_dispatch.frame.slots}
        fields = dict(zip(I386.pt_regs.offsets, there.frame, strict=True))
        assert {name for name in fields if fields[name] != here[name]} <= {"sp"}


def _refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(each) for each in ("emulate", "--headless", *arguments)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_an_x86_64_program_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = _refusal(capsys, "--kernel", _vmlinux(), example("accept_43"))
    assert "a kernel for i386" in said


@pytest.mark.parametrize("name", ["gdt_page", "idt_table", "cpu_tss_rw", "init_task"])
def test_what_a_map_lacks_is_named(
    name: str, refused: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = own_kernels.real(own_kernels.I386)
    lines = real.system_map.read_text().splitlines(keepends=True)
    (tmp_path / "map").write_text("".join(each for each in lines if each.split()[-1] != name))
    said = _refusal(capsys, "--kernel", real.bzimage, "--symbols", tmp_path / "map", refused)
    assert name in said
