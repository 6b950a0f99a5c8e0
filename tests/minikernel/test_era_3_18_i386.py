"""The 32-bit machine, and on it the miniature kernel in the shape of 3.18 for i386."""

import subprocess
from pathlib import Path

import debugged
import program_builder
import pytest
from kernel_elf import Kernel

from systui.arch.i386 import I386
from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.examples import path as example
from systui.minikernel.eras import BY_NAME
from systui.model.call import Phase
from systui.model.errors import BadInputError
from systui.model.frame import StackKind, Written
from systui.model.snapshot import Snapshot
from systui.model.stop import MemoryRange, Output, Reason, Space
from systui.present.effect import sentence
from systui.session.debugger import Debugger
from systui.target.protocol import Run, Writable

NAME = "3.18-i386"
ERA = BY_NAME[NAME]
LABELS = (
    *("system_call", "syscall_call", "syscall_after_call", "syscall_exit", "restore_all"),
    *("restore_all_notrace", "restore_nocheck", "irq_return", "work_pending", "work_resched"),
    *("work_notifysig", "syscall_trace_entry", "syscall_exit_work", "syscall_fault"),
    *("syscall_badsys", "sysenter_badsys", "ret_from_exception", "resume_userspace"),
    *("resume_kernel", "ia32_sysenter_target", "sysenter_past_esp", "sysenter_do_call"),
    *("sysenter_after_call", "sysenter_exit", "error_code", "page_fault", "do_page_fault"),
    *("sys_call_table", "sys_ni_syscall", "sys_link", "do_notify_resume", "syscall_trace_enter"),
    *("gdt_page", "idt_table", "init_tss", "init_thread_union", "init_task"),
)
WHOLE = [
    *("user_syscall", "entry", "frame_complete", "dispatch", "handler", "served"),
    *("handler_return", "restore", "iret_path", "iret", "user_return"),
]
PUSHED = ["orig_ax", "gs", "fs", "es", "ds", "ax", "bp", "di", "si", "dx", "cx", "bx"]
ENOENT, ENOSYS = (1 << 32) - 2, (1 << 32) - 38


def _start(name: str = "link_32") -> Debugger:
    wanted = Wanted(program_builder.built(name, "bare32"), era=NAME)
    return Emulation(wanted).start(lambda _count: b"")


def _at(call: str, name: str = "link_32") -> Debugger:
    debugger = _start(name)
    debugged.go_to(debugger, call)
    return debugger


@pytest.fixture(scope="module")
def link() -> list[Snapshot]:
    """Every stop of the lab's call."""
    return debugged.walk(_at("link"))


def _stop(snapshots: list[Snapshot], name: str) -> Snapshot:
    return next(each for each in snapshots if each.landmark and each.landmark.name == name)


def test_labels_are_those_of_the_age() -> None:
    kernel = Kernel(ERA.path)
    assert [name for name in LABELS if name not in kernel.symbols] == []
    assert len(ERA.path.read_bytes()) < 250_000
    assert kernel.sizes["sys_call_table"] == 358 * 4


def test_the_machine_has_32_bits() -> None:
    debugger = _start()
    assert debugger.target.info.arch == "i386"
    values = debugger.target.registers().values
    assert tuple(values) == I386.register_names
    assert (values["cs"], values["ss"], values["ds"]) == (0x73, 0x7B, 0x7B)
    assert values["esp"] < I386.kernel_start


def test_the_whole_way_of_the_call(link: list[Snapshot]) -> None:
    assert debugged.names(link) == WHOLE
    phases = [each.phase for each in link]
    changes = [phase for at, phase in enumerate(phases) if not at or phases[at - 1] is not phase]
    assert changes == [
        *(Phase.USER, Phase.ENTRY, Phase.DISPATCH, Phase.HANDLER, Phase.RESTORE, Phase.USER)
    ]
    call = link[-1].call
    assert call is not None
    assert (call.number, call.name, call.errno) == (9, "link", "ENOENT")
    assert [argument.text for argument in call.arguments] == ['"time-asm"', '"timetest"']
    assert link[-1].registers["eax"] == ENOENT


def test_the_frame_is_built_word_by_word(link: list[Snapshot]) -> None:
    entry = _stop(link, "entry").frame
    assert entry is not None
    assert entry.stack is StackKind.THREAD
    by_cpu = [slot.name for slot in entry.slots if slot.written is Written.YES]
    assert by_cpu == ["ss", "sp", "flags", "cs", "ip"]
    just = [each.frame.just_written for each in link if each.frame and each.phase is Phase.ENTRY]
    just += [_stop(link, "frame_complete").frame.just_written]  # type: ignore[union-attr]
    assert [name for name in just[1:] if name] == PUSHED
    handler = _stop(link, "handler").frame
    assert handler is not None
    assert [slot.written for slot in handler.slots] == [Written.YES] * 17
    values = {slot.name: slot.value for slot in handler.slots}
    user = link[0].registers
    assert values["orig_ax"] == 9
    for field in ("bx", "cx", "dx", "si", "di", "bp", "sp"):
        assert values[field] == user[f"e{field}"], field
    for field in ("ds", "es", "fs", "gs"):
        assert values[field] == user[field], field
    kernel = Kernel(ERA.path)
    top = kernel.symbols["init_thread_union"] + 8192
    assert handler.address + I386.pt_regs.size == top - 8


def test_every_register_comes_back(link: list[Snapshot]) -> None:
    first, last = link[0].registers, link[-1].registers
    changed = {name for name in I386.register_names if first[name] != last[name]}
    assert changed == {"eax", "eip"}
    rows = {row.register: row for row in link[-1].ledger}
    for name in ("ebx", "ebp", "ds", "es", "fs", "gs"):
        assert rows[name].restored_by == f"popl %{name}", name
    assert rows["esp"].restored_by == "iretl"


def test_the_trap_gate_leaves_interrupts_on(link: list[Snapshot]) -> None:
    interrupts = 1 << 9
    assert _stop(link, "entry").registers["eflags"] & interrupts
    assert not _stop(link, "iret").registers["eflags"] & interrupts


def test_arguments_lie_where_a_function_looks_for_them(link: list[Snapshot]) -> None:
    """The handler's stack: its return address, and then pt_regs itself."""
    handler = _stop(link, "handler")
    assert handler.frame is not None
    assert handler.registers["esp"] + 4 == handler.frame.address


def test_lines_and_the_table(link: list[Snapshot]) -> None:
    kernel = Kernel(ERA.path)
    dispatch = _stop(link, "dispatch")
    assert dispatch.location.symbol == "syscall_call"
    assert dispatch.location.source is not None
    assert dispatch.location.source.file.endswith("eras/3.18-i386/arch/x86/kernel/entry_32.S")
    handler = _stop(link, "handler")
    assert handler.stop.pc == kernel.symbols["sys_link"]
    debugger = _at("link")
    slot = MemoryRange(Space.KERNEL, kernel.symbols["sys_call_table"] + 9 * 4, 4)
    raw = debugger.target.read_memory([slot])[0]
    assert raw is not None
    assert int.from_bytes(raw, "little") == handler.stop.pc


def test_back_is_the_way_forwards() -> None:
    debugger = _at("link")
    debugged.check_back_and_forth(debugger, debugged.walk(debugger))


@pytest.mark.parametrize("number", ["358", "4294967295"])
def test_a_number_past_the_table_goes_by_badsys(number: str) -> None:
    snapshots = debugged.walk(_at(f"i386:{number}"))
    assert "syscall_badsys" in {each.location.symbol for each in snapshots}
    assert Phase.HANDLER not in {each.phase for each in snapshots}
    assert snapshots[-1].registers["eax"] == ENOSYS


def test_a_traced_call_takes_the_other_way() -> None:
    debugger = _at("getpid")
    flags = Kernel(ERA.path).symbols["init_thread_union"] + 8
    assert isinstance(debugger.target, Writable)
    debugger.target.write_memory(Space.KERNEL, flags, b"\1\0\0\0")
    snapshots = debugged.walk(debugger)
    passed = [each.location.symbol for each in snapshots]
    ways = [name for name in dict.fromkeys(passed) if name and name.startswith("syscall_")]
    assert ways == [
        *("syscall_trace_entry", "syscall_trace_enter", "syscall_call", "syscall_after_call"),
        *("syscall_exit", "syscall_exit_work", "syscall_trace_leave"),
    ]
    assert snapshots[-1].registers["eax"] == 1000


def test_a_program_runs_to_its_end() -> None:
    debugger = _start()
    heard: list[Output] = []
    debugger.target.subscribe(heard.append)
    stop = debugger.target.resume(Run())
    assert (stop.reason, stop.exit_status) == (Reason.EXIT, 5)
    assert [each.data for each in heard] == [b"done\n"]


def test_a_selector_that_means_nothing_any_more_comes_back_as_0() -> None:
    stop = _start("segment_32").target.resume(Run())
    assert (stop.reason, stop.exit_status) == (Reason.EXIT, 5)


@pytest.mark.parametrize(
    ("code", "signal"),
    [("cli", "SIGSEGV"), ("syscall", "SIGILL"), ("int $0x0e", "SIGSEGV"), ("int3", "SIGTRAP")],
)
def test_what_ring_3_may_not_do_is_a_signal(code: str, signal: str, tmp_path: Path) -> None:
    source, program = tmp_path / "crime.S", tmp_path / "crime"
    source.write_text(f"\t.globl _start\n_start: {code}\n", encoding="utf-8")
    subprocess.run(
        ["gcc", "-m32", "-static", "-nostdlib", "-no-pie", "-o", program, source], check=True
    )
    stop = Emulation(Wanted(program, era=NAME)).start(lambda _count: b"").target.resume(Run())
    assert stop.killed is not None
    assert stop.killed.signal == signal


def test_what_happened_is_said_in_words_of_32_bits(link: list[Snapshot]) -> None:
    entry, back = _stop(link, "entry").effect, link[-1].effect
    assert entry is not None
    assert back is not None
    assert "pushed SS, ESP, EFLAGS, CS and EIP" in sentence(entry)
    assert "trap gate" in sentence(entry)
    assert "RCX" not in sentence(back)


def test_a_recording_of_it_plays(tmp_path: Path) -> None:
    path = tmp_path / "link.jsonl"
    wanted = Wanted(
        program_builder.built("link_32", "bare32"), era=NAME, recording=Recording(path, None)
    )
    live = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(live, "link")
    there = debugged.walk(live)
    live.target.close()
    played = debugged.replay(path)
    debugged.go_to(played, "link")
    here = debugged.walk(played)
    assert debugged.names(here) == WHOLE
    assert [each.phase for each in here] == [each.phase for each in there]
    assert [each.effect for each in here[1:]] == [each.effect for each in there[1:]]
    assert here[-1].ledger == there[-1].ledger


def test_its_calls_are_traced(capsys: pytest.CaptureFixture[str]) -> None:
    program = str(program_builder.built("link_32", "bare32"))
    assert main(["trace", "--era", NAME, program]) == 5
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("(")[0] for line in lines[:2]] == ["execve", "link"]
    assert lines[1].startswith('link("time-asm", "timetest") ')
    assert lines[1].endswith("= -1 ENOENT (No such file or directory)")


def test_sysenter_comes_in_and_sysexit_leads_out() -> None:
    debugger = _at("write", "sysenter")
    user = debugger.snapshot()
    assert user.instruction is not None
    assert user.instruction.mnemonic == "sysenter"
    snapshots = debugged.walk(debugger)
    assert snapshots[1].location.symbol == "ia32_sysenter_target"
    passed = {each.location.symbol for each in snapshots}
    assert passed >= {"sysenter_past_esp", "sysenter_do_call", "sysenter_exit", "sys_write"}
    assert snapshots[-1].registers["eax"] == 3
    assert snapshots[-1].registers["cs"] == 0x73
    assert snapshots[-1].registers["esp"] == user.registers["esp"]


def test_an_x86_64_program_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    program = str(example("accept_43"))
    assert main(["emulate", "--headless", "--era", NAME, program]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "is an x86_64 program" in said[0]
    assert "gcc -m32" in said[0]


def test_isolation_is_refused() -> None:
    program = program_builder.built("link_32", "bare32")
    with pytest.raises(BadInputError, match=r"3\.18-i386.*isolation"):
        Emulation(Wanted(program, era=NAME, pti=True)).start()


def test_a_program_above_three_gigabytes_is_refused(tmp_path: Path) -> None:
    data = bytearray(program_builder.built("link_32", "bare32").read_bytes())
    at = int.from_bytes(data[28:32], "little")
    for header in range(at, at + 32 * int.from_bytes(data[44:46], "little"), 32):
        if data[header] == 1:
            address = int.from_bytes(data[header + 8 : header + 12], "little")
            data[header + 8 : header + 12] = (address % 0x1000_0000 + 0xC000_0000).to_bytes(
                4, "little"
            )
    program = tmp_path / "high"
    program.write_bytes(data)
    program.chmod(0o700)
    with pytest.raises(BadInputError, match="does not fit"):
        Emulation(Wanted(program, era=NAME)).start()


def test_a_signal_is_exit_work_also_for_who_comes_in_between() -> None:
    watched = Emulation(Wanted(program_builder.built("interrupted", "static32"), era=NAME)).start(
        lambda _count: b""
    )
    work = watched.kernel.path.address("do_notify_resume")
    assert work is not None
    watched.run_to(frozenset((work,)))
    fresh = Debugger(watched.target, watched.kernel, watched.program)
    for seen in (watched, fresh):
        assert seen.landmark is not None
        assert seen.landmark.name == "exit_work"
        assert seen.phase is Phase.EXIT_WORK
        frame = seen.snapshot().frame
        assert frame is not None
        assert frame.address == _init_frame()


def _init_frame() -> int:
    top: int = Kernel(ERA.path).symbols["init_thread_union"] + 8192
    return top - 8 - I386.pt_regs.size


def test_the_tcp_pair_s_calls_are_followed_each_on_its_own_stack() -> None:
    """The server's and the client's, by the names of what socketcall is asked for."""
    program = program_builder.built("tcppair", "static32")
    frames = {}
    for call in ("bind", "listen", "accept", "connect", "send", "recv"):
        debugger = Emulation(Wanted(program, era=NAME)).start(lambda _count: b"")
        debugged.go_to(debugger, call)
        snapshots = debugged.walk(debugger)
        made = snapshots[-1].call
        assert made is not None
        assert made.sub is not None
        assert made.sub.name == call
        frame = _stop(snapshots, "handler").frame
        assert frame is not None
        frames[call] = frame.address
    assert frames["bind"] == frames["listen"] == frames["accept"]
    assert frames["connect"] != frames["bind"]
