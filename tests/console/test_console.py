"""The console's commands on the real emulator: what they do and what they answer."""

from pathlib import Path

import debugged
import pytest
from debugged import said

from systui.console.console import Console
from systui.model.stop import Reason


@pytest.fixture
def console() -> Console:
    return Console(debugged.at_call("accept"))


def _name(console: Console) -> str:
    return console.debugger.locate(console.debugger.stop.pc).name


def _reason(console: Console) -> Reason:
    return console.debugger.stop.reason


def test_moves_in_gdb_s_words_and_back_again(console: Console) -> None:
    start = console.debugger.stop.position
    assert "entry_64.S" in said(console, "s")
    said(console, "si 5")
    assert console.debugger.stop.position == start + 6
    said(console, "rsi 5", "rsi")
    assert console.debugger.stop.position == start
    said(console, "ni")
    assert console.debugger.stop.pc > 0
    assert console.debugger.stop.position > start + 100
    said(console, "rni")
    assert console.debugger.stop.position == start
    said(console, "n", "rn")
    assert console.debugger.stop.position <= start
    said(console, f"seek {start - 100:,}")
    assert console.debugger.stop.position == start - 100
    assert f"there are 0 to {console.debugger.snapshot().latest:,}" in said(
        console, "seek 99999999999"
    )


def test_until_advance_and_finish(console: Console) -> None:
    said(console, "until do_syscall_64")
    assert _name(console) == "do_syscall_64"
    said(console, "advance __x64_sys_accept")
    assert _name(console) == "__x64_sys_accept"
    said(console, "finish")
    assert _name(console).startswith("do_syscall_x64+")
    said(console, "reverse-finish")
    assert _name(console).startswith("do_syscall_64+")
    said(console, "u")
    assert _name(console).startswith("do_syscall_64+")


@pytest.mark.parametrize(
    ("place", "symbol"),
    [
        ("do_syscall_64", "do_syscall_64"),
        ("do_syscall_64+4", "do_syscall_64+0x4"),
        ("*do_syscall_64", "do_syscall_64"),
        ("syscall 43", "entry_SYSCALL_64"),
        ("syscall accept", "entry_SYSCALL_64"),
        ("main", "main"),
        ("accept_43.c:6", "main"),
    ],
)
def test_breakpoints_by_every_kind_of_place(place: str, symbol: str) -> None:
    console = Console(debugged.start())
    assert said(console, f"b {place}").startswith("breakpoint 1")
    said(console, "c")
    assert console.debugger.stop.reason is Reason.BREAKPOINT
    assert _name(console).split("+")[0] == symbol.split("+", maxsplit=1)[0]
    if "+" in symbol:
        assert _name(console) == symbol


def test_a_call_s_breakpoint_stops_for_that_call_alone_both_ways() -> None:
    console = Console(debugged.start())
    said(console, "b syscall write", "c")
    assert console.debugger.target.registers()["rax"] == 1
    first = console.debugger.stop.position
    said(console, "c")
    assert _reason(console) is Reason.EXIT
    said(console, "rc")
    assert console.debugger.stop.position == first
    said(console, "rc")
    assert _reason(console) is Reason.BEGINNING
    said(console, "follow 43")
    assert "accept" in said(console, "info syscall")


def test_conditions_counts_and_temporary_breakpoints() -> None:
    console = Console(debugged.start())
    said(console, "tbreak do_syscall_64 if $rsi == 43", "c")
    assert console.debugger.target.registers()["rsi"] == 43
    assert said(console, "info breakpoints") == "no breakpoints and no watchpoints"
    said(console, "run", "b do_syscall_64", "c 3")
    assert "hit" in said(console, "info b")
    assert "1 breakpoint deleted" in said(console, "delete 2")
    assert "no breakpoint 7" in said(console, "delete 7")
    said(console, "b 0x401659", "b main", "delete")
    assert console.debugger.breakpoints == frozenset()


def test_a_watchpoint_tells_before_and_now(console: Console) -> None:
    said(console, "until do_syscall_64")
    assert "watchpoint 1" in said(console, "watch pt_regs.ax")
    answer = said(console, "c")
    assert "pt_regs.ax was 0xffffffffffffffda, is 0xffffffffffffffa8" in answer
    assert "does not lie in memory" in said(console, "watch $rax")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$rax", "43"),
        ("$eax + 1", "44"),
        ("$al", "43 '+'"),
        ("0x10 + 010 + 0b11", "27"),
        ("-7 / 2", "-3"),
        ("-7 % 2", "-1"),
        ("1 << 4 | 3", "19"),
        ("2 + 3 * 4 == 14 && !0", "1"),
        ("(u8)0x1ff", "255 '\\377'"),
        ("(char)0xff", "-1 '\\377'"),
        ("(unsigned long)-1 > 0", "1"),
        ("'A'", "65"),
        ("~0", "-1"),
        ("(char *)do_syscall_64 - (char *)do_syscall_64", "0"),
        ("*(unsigned short *)$rip", "1295"),
        ("((unsigned char *)$rip)[1]", "5 '\\005'"),
        ("{unsigned char}$rip", "15 '\\017'"),
        ("&*(int *)0x10", "0x10"),
    ],
)
def test_expressions(console: Console, expression: str, value: str) -> None:
    assert said(console, f"p {expression}") == f"$1 = {value}"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("p 1/0", "division by zero"),
        ("p 5 +", "a value is missing at the end"),
        ("p (1", "')' is missing at the end"),
        ("p 1 2", "not understood: '2'"),
        ("p $nothing", "there is no register $nothing"),
        ("p nothing_at_all", "nothing is called 'nothing_at_all' in the kernel or the program"),
        ("p *(int *)0x10", "nothing can be read at 0x10"),
        ("p pt_regs.ip", "there is no pt_regs here: no way into the kernel is open"),
        ("p 0x10000000000000000", "0x10000000000000000 does not fit 64 bits"),
        ("p " + "(" * 300, "an expression nested too deeply"),
        ("p " + "1" * 500, "an expression of more than 400 characters"),
        ("x/9999x 0", "/9999x: from 1 to 4096 units"),
        ("x/q 0", "/q: a count, one of x d u o t a c s i z, one of b h w g"),
        ("b", None),
        ("b nowhere.c:1", "no code is known to come from nowhere.c"),
        ("b syscall nosuch", None),
        ("set 5 = 6", "5 cannot be set: it is no register and not in memory"),
        ("set $cr3 = 0", "The emulator cannot set cr3"),
        ("gdb info threads", "this target has no debugger of its own under it"),
        ("st", "st may be step, stepi"),
        ("frobnicate", "there is no command frobnicate; help lists them"),
        ("frame 99", None),
        ("§", None),
    ],
)
def test_mistakes_are_told_in_one_line(console: Console, line: str, answer: str | None) -> None:
    rows = console.run(line)
    assert len(rows) == 1
    if answer is not None:
        assert rows[0].text == answer


def test_memory_strings_and_instructions(console: Console) -> None:
    assert "syscall" in said(console, "x/2i $pc")
    assert said(console, "x/2i $pc").startswith("=> ")
    said(console, "x/4xb $pc")
    goes_on = said(console, "")
    assert goes_on.startswith(f"{console.debugger.stop.pc + 4:#x}")
    assert "??" in said(console, "x/2gx 0x10")
    console.run("until do_syscall_64")
    assert "pt_regs.ax" not in said(console, "p pt_regs.ax")
    phys = said(console, "x/2gx phys:0x100000")
    assert phys.startswith("0x100000:")
    assert said(console, "p %gs:0") == said(console, "p *(long *)&%gs:0").replace("$3", "$2")


def test_slots_before_they_are_written_have_no_value(console: Console) -> None:
    said(console, "si 14")
    assert "is not written yet" in said(console, "p pt_regs.r15")
    assert "not written" in said(console, "info pt_regs")
    assert said(console, "p pt_regs.ss").endswith("= 43")


def test_a_backtrace_goes_through_the_kernel_into_the_program(console: Console) -> None:
    said(console, "until __sys_accept4")
    frames = said(console, "bt").splitlines()
    names = [line.split()[2] for line in (frame.lstrip("▸ ") for frame in frames)]
    bare = [name.split("+")[0] for name in names]
    assert bare[:5] == [
        *("__sys_accept4", "__x64_sys_accept", "do_syscall_x64", "do_syscall_64"),
        "entry_SYSCALL_64_after_hwframe",
    ]
    assert bare[5] == "main"
    assert bare[-1] == "_start"
    assert "by pt_regs" in frames[5]


def test_a_frame_that_is_looked_at_decides_what_names_mean(console: Console) -> None:
    user = said(console, "p $rsp").split(" = ")[1]
    said(console, "until __sys_accept4")
    assert "main" in said(console, "frame 5")
    assert said(console, "p $rsp").split(" = ")[1] == user
    assert "accept_43.c" in said(console, "frame")
    assert "6" in said(console, "list")
    assert "registers are set in frame 0" in said(console, "set $rbx = 1")
    assert "entry_SYSCALL_64" in said(console, "down")
    assert "this is frame 0" in said(console, "frame 0", "down")
    said(console, "si")
    assert console.selected == 0


def test_setting_forces_another_way_back(console: Console) -> None:
    said(console, "until __x64_sys_accept")
    assert said(console, "set pt_regs.r11 = 0").startswith("pt_regs.r11: 0x")
    assert said(console, "set $r9 = $rip & 0xff").startswith("r9: ")
    assert said(console, "set $mine = 7", "p $mine + 1").endswith("= 8")
    said(console, "until swapgs_restore_regs_and_return_to_usermode")
    assert _name(console) == "swapgs_restore_regs_and_return_to_usermode"


def test_displays_follow_every_move(console: Console) -> None:
    assert said(console, "display/x $rip").startswith("1: $rip = 0x")
    before = said(console, "info display")
    answer = said(console, "si")
    assert answer.splitlines()[-1].startswith("1: $rip = 0x")
    assert answer.splitlines()[-1] != before
    said(console, "undisplay 1")
    assert "1:" not in said(console, "si")


def test_listing_and_disassembling(console: Console) -> None:
    said(console, "until do_syscall_64")
    first = said(console, "list").splitlines()
    second = said(console, "").splitlines()
    assert len(first) == 10
    assert int(second[0].split()[0]) == int(first[-1].split()[0]) + 1
    assert "entry_64.S" not in said(console, "list main")
    assert "callq" in said(console, "disassemble")
    assert len(said(console, "disassemble main,+8").splitlines()) <= 8


def test_empty_lines_repeat_moves_and_nothing_else(console: Console) -> None:
    start = console.debugger.stop.position
    said(console, "si", "", "")
    assert console.debugger.stop.position == start + 3
    assert said(console, "p 1", "") == ""


def test_the_help_names_every_command_and_one_alone(console: Console) -> None:
    from systui.console.registry import commands

    text = said(console, "help")
    for command in commands():
        assert command.name in text
    assert said(console, "help watch").count("\n") == 0


def test_the_same_words_on_a_recording(tmp_path: Path) -> None:
    live, record = debugged.recorded()
    debugged.go_to(live, "accept")
    record.start_recording(tmp_path / "walk.jsonl")
    while live.landmark is None or live.landmark.name != "user_return":
        live.step()
    record.stop_recording()
    console = Console(debugged.replay(tmp_path / "walk.jsonl"))
    assert said(console, "b do_syscall_64").startswith("breakpoint 1")
    assert "breakpoint 1: do_syscall_64" in said(console, "c")
    assert _name(console) == "do_syscall_64"
    assert said(console, "p $rsi") == "$1 = 43"
    assert said(console, "p pt_regs.orig_ax") == "$2 = 43"
    names = [line.split()[2] for line in said(console, "bt").replace("▸", " ").splitlines()]
    assert names[0] == "do_syscall_64"
    assert any(name.startswith("main") for name in names)
    assert "not recorded" in said(console, "watch pt_regs.ax")
    assert "not recorded" in said(console, "set $rbx = 1")
    assert "not recorded" in said(console, "set pt_regs.ip = 0")
    assert "not recorded" in said(console, "x phys:0x1000")
    said(console, "si", "rsi")
    assert _name(console) == "do_syscall_64"
    assert "earliest" in said(console, "rc")
