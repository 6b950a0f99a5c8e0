"""Reports of calls that begin or end otherwise than most, or that a person changed."""

import re
from pathlib import Path

import pytest
from program_builder import built
from told import recorded, report, to_landmark, to_user

from systui.cli import main
from systui.model.stop import Reason, Space
from systui.session.debugger import Debugger
from systui.target.protocol import Step
from systui.target.recordable import Recordable


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _entry(debugger: Debugger) -> int:
    entry = debugger.kernel.path.entry
    assert entry is not None
    return entry


def _steps(text: str) -> tuple[int, int]:
    first, last = re.findall(r"[\d,]+", re.search(r"steps: (.*)", text)[1])  # type: ignore[index]
    return int(first.replace(",", "")), int(last.replace(",", ""))


def test_a_call_that_never_returns(tmp_path: Path) -> None:
    path = tmp_path / "exit.jsonl"
    command = ["emulate", "--follow", "exit", "--headless", "--record", str(path)]
    main([*command, str(built("ways"))])
    text = report(path)
    assert "- end: never back: the program ended with status 7" in text
    rows = [line for line in text.splitlines() if re.match(r"\| r(?!egister)\w+ \|", line)]
    assert len(rows) == 18
    assert all(line.endswith("| – |") for line in rows)
    assert "SYSRET's conditions" not in text


def test_recorded_from_its_middle_on(tmp_path: Path) -> None:
    def drive(debugger: Debugger) -> None:
        to_landmark(debugger, "handler")
        assert isinstance(debugger.target, Recordable)
        debugger.target.start_recording(tmp_path / "middle.jsonl")
        to_user(debugger)
        debugger.step()

    text = report(recorded(tmp_path / "middle.jsonl", drive, at_once=False))
    assert "- beginning: not recorded" in text
    assert "- end: back in the program by SYSRET" in text
    assert "| handler | handler |" in text
    assert "socket" in text.splitlines()[0]


def test_recorded_up_to_its_middle(tmp_path: Path) -> None:
    text = report(
        recorded(tmp_path / "cut.jsonl", lambda debugger: to_landmark(debugger, "handler"))
    )
    assert "- beginning" not in text
    assert "- end: not back yet where the recording ends" in text


def test_a_recording_cut_off_in_a_call(tmp_path: Path) -> None:
    def drive(debugger: Debugger) -> None:
        to_landmark(debugger, "user_return")

    path = recorded(tmp_path / "cut.jsonl", drive)
    lines = path.read_bytes().splitlines(keepends=True)
    stops = [index for index, line in enumerate(lines) if b'"r":{' in line]
    path.write_bytes(b"".join(lines[: stops[60]]) + lines[stops[60]][:9])
    text = report(path)
    assert "- end: not back yet where the recording breaks off" in text
    assert _steps(text)[1] == 59


def test_an_earlier_call_was_passed_but_for_one_stop(tmp_path: Path) -> None:
    def drive(debugger: Debugger) -> None:
        debugger.run_to([_entry(debugger)])
        debugger.run_to([_entry(debugger)])
        debugger.step_back()
        to_landmark(debugger, "user_return")

    path = recorded(tmp_path / "second.jsonl", drive)
    text = report(path)
    assert text.startswith("# bind")
    assert "- end: back in the program by SYSRET" in text
    assert main(["replay", str(path), "--headless"]) == 0


def test_of_several_calls_one_is_told_and_the_rest_counted(tmp_path: Path) -> None:
    def drive(debugger: Debugger) -> None:
        for _call in range(3):
            to_landmark(debugger, "user_return")

    text = report(recorded(tmp_path / "three.jsonl", drive))
    assert text.startswith("# bind")
    assert "- not told: 2 further calls of this recording" in text


def test_the_call_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def drive(debugger: Debugger) -> None:
        for _call in range(4):
            to_landmark(debugger, "user_return")

    path = recorded(tmp_path / "four.jsonl", drive)
    for call, title in (("socket", "# socket"), ("49", "# bind"), ("400#1", "# syscall\\_0x190")):
        text = report(path, "en", "md", "--follow", call)
        assert text.startswith(title)
        assert "- not told: 3 further calls" in text
    for call in ("accept", "socket#2", "i386:socket"):
        assert main(["report", str(path), "--format", "md", "--follow", call]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith("it holds socket, bind, 9999, 400")
    assert main(["report", "int80", "--format", "md", "--follow", "link"]) == 2
    assert "it holds i386:link" in capsys.readouterr().err


def test_another_task_s_turn_in_the_middle_of_a_call(tmp_path: Path) -> None:
    path = tmp_path / "both.jsonl"

    def drive(debugger: Debugger) -> None:
        while (call := debugger.snapshot().call) is None or call.name != "wait4":
            debugger.run_to([_entry(debugger)])
        debugger.step_back()
        target = debugger.target
        assert isinstance(target, Recordable)
        target.start_recording(path)
        while debugger.target.resume(Step()).reason is Reason.STEP:
            pass

    text = report(recorded(path, drive, at_once=False, program="waits"))
    assert text.startswith("# wait4")
    assert "- end: back in the program by SYSRET" in text
    first, last = _steps(text)
    assert _kept(text, "rdx") < first + 40
    assert last > first + 400
    assert text.count("| handler | handler |") == 1


def test_changes_by_hand_and_notes_wherever_they_were_made(tmp_path: Path) -> None:
    def drive(debugger: Debugger) -> None:
        assert isinstance(debugger.target, Recordable)
        debugger.target.note("long before it")
        to_landmark(debugger, "restore")
        debugger.target.note("now another r11")
        frame = debugger.snapshot().frame
        assert frame is not None
        debugger.write_memory(Space.KERNEL, frame.slot("r11").address, 8, 0)
        to_user(debugger)

    path = recorded(tmp_path / "changed.jsonl", drive)
    text = report(path)
    assert "> @0: long before it" in text
    assert re.search(r"> @\d+: now another r11", text)
    assert "Changed by hand here: pt\\_regs.r11: 0x246 → 0x0" in text
    assert "Not taken: R11 differs from RFLAGS, so the way back is IRET." in text
    assert "<title>r11 = 0000000000000000 · by hand · " in report(path, suffix="html")


def test_sysret_is_not_looked_at_on_the_way_back_of_a_gate() -> None:
    for session in ("int80", "link-3.18-i386"):
        text = report(session)
        assert "Not taken: the way back is IRET without a look at them." in text
        assert "- end: back in the program by IRET" in text


def test_sysret_taken_and_not() -> None:
    assert "Taken: all of these hold." in report("accept_43")
    assert "Not taken: RCX differs from RIP, so the way back is IRET." in report("ways-kill-iret")


def _kept(text: str, register: str) -> int:
    found = re.search(rf"\| {register} \| \w+ \| \S+ @([\d,]+)", text)
    assert found is not None
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("session", ["ways-kill-iret", "ways-rt_sigreturn"])
def test_a_register_is_kept_where_the_entry_stored_it(session: str) -> None:
    text = report(session)
    first, _last = _steps(text)
    assert all(_kept(text, name) < first + 40 for name in ("rax", "rdx", "rsi", "rdi", "rsp"))


def test_the_user_s_registers_of_a_call_that_replaces_them() -> None:
    text = report("ways-rt_sigreturn")
    assert text.startswith("# rt\\_sigreturn\\(\\) = 0")
    assert "| rax | f | orig\\_ax @" in text


def test_an_error_is_the_number_that_it_is() -> None:
    assert re.search(r"\| rax \| 2b \|.*\| -88 \|", report("accept_43"))
    assert ">-88</text>" in report("accept_43", suffix="html")


def test_what_was_not_seen_and_what_never_was() -> None:
    text, page = report("accept_43-3.10"), report("accept_43-3.10", suffix="html")
    assert re.search(r"\| rax \| 2b \| orig\\_ax @[\d,]+ \| \? \|", text)
    assert re.search(r"\| rbx \| \w+ \| by C code \|  \|", text)
    never = ("ss", "sp", "flags", "cs", "cx", "bx", "bp", "r12", "r13", "r14", "r15")
    assert page.count(">–</text>") == len(never)


def test_the_end_of_a_fault_is_no_landmark_of_the_call() -> None:
    assert "| iret |" not in report("ways-bind-efault")


def test_the_kernel_is_named_in_the_report_s_language() -> None:
    assert "微型内核" in report("accept_43", "zh")
    assert "PTI on" not in report("accept_43-debian-6.1", "zh").split("##")[0]
    assert "miniature kernel, PTI on" in report("accept_43")
