"""Stops made by hand for the pictures: what a person meets in an afternoon."""

from made_snapshot import CALL, FRAME, SOURCE, USER, snapshot

from systui.arch.x86_64 import X86_64
from systui.model.call import Argument, Phase, Syscall
from systui.model.code import Instruction, Location, SourceLine, SourceText
from systui.model.effect import Effect
from systui.model.frame import LedgerRow, PtRegs, Slot, StackKind, Written
from systui.model.snapshot import Snapshot, StackView
from systui.model.stop import Channel, Killed, Output, Reason, Registers, Stop, Task

LEDGER = (
    LedgerRow("rax", 43, "orig_ax", 106, "movq $-38, 80(%rdi)", 140, None, None, (1 << 64) - 88),
    LedgerRow("rcx", 0x4A4108, None, None, "CPU", 101, "sysretq", 199, 0x401660),
    LedgerRow("rdi", 1, "di", 107, "movq %rsp, %rdi", 130, "popq %rdi", 190, 1),
)
TASK = Task(1, "accept_43")
PROGRAM = SourceText(
    "accept_43.c",
    (
        "#include <stdio.h>",
        "",
        "int main(void)",
        "{",
        "\tlong result;",
        '\tasm volatile("syscall" : "=a"(result) : "a"(43), "D"(1) : "rcx", "r11");',
        '\tprintf("Hello accept\\n");  /* 屏幕上的一行 */',
        "\treturn 0;",
        "}",
    ),
)
STACK = StackView(StackKind.USER, USER["rsp"], (1, 0x7FFD_7744_BC10, 0, 0x7FFD_7744_BC20))
NO_CALL = snapshot(
    stop=Stop(12, Reason.STEP, 0x40165E, TASK),
    registers=Registers(USER),
    phase=Phase.USER,
    location=Location(0x40165E, "main", 0x1E, SourceLine("accept_43.c", 6)),
    code=(
        Instruction(0x40165C, b"\x31\xc0", "xorl", "%eax, %eax"),
        Instruction(0x40165E, b"\x0f\x05", "syscall", ""),
        Instruction(0x401660, b"\x48\x89\xc2", "movq", "%rax, %rdx"),
    ),
    source_text=PROGRAM,
    effect=None,
    frame=None,
    stack=STACK,
    call=None,
    latest=12,
)
BUILDING = snapshot(6)
ENDED = NO_CALL._replace(
    stop=Stop(300, Reason.EXIT, 0x40165E, TASK, exit_status=0),
    call=CALL._replace(result=-88, errno="ENOTSOCK"),
    ledger=LEDGER,
    output=(Output(Channel.STDOUT, b"Hello accept\n", 290), Output(Channel.STDERR, b"bad\n", 291)),
    latest=300,
)
KILLED = ENDED._replace(
    stop=Stop(
        300,
        Reason.EXIT,
        0x40165E,
        TASK,
        detail="the program was killed by SIGSEGV at main+0x20 (0x401660), movq %rax, 0",
        exit_status=139,
        killed=Killed("SIGSEGV", 0x401660, 0),
    ),
    ledger=(),
)
INTERRUPTED = BUILDING._replace(
    stop=Stop(4_812_345, Reason.INTERRUPTED, BUILDING.stop.pc, TASK), latest=4_812_345
)
NO_SOURCE = BUILDING._replace(
    source_text=None, location=Location(BUILDING.stop.pc, "entry_SYSCALL_64", 0x2C)
)
FULL = PtRegs(
    FRAME,
    StackKind.THREAD,
    tuple(
        Slot(
            name,
            FRAME + X86_64.pt_regs.offsets[name],
            0xFFFF_FFFF_FFFF_FFA8 - index,
            Written.YES,
            f"pushq %{name}",
            100 + index,
            restored=index % 3 == 0,
        )
        for index, (name, _offset) in enumerate(reversed(X86_64.pt_regs.fields))
    ),
)
LONG_NAME = "__do_sys_a_name_as_long_as_only_a_compiler_makes_it.constprop.0.isra.0.cold.part.42"
LONG = snapshot(
    21,
    stop=Stop(18_446_744_073, Reason.STEP, BUILDING.stop.pc, TASK),
    registers=Registers(dict.fromkeys(X86_64.register_names, 18446744073709551528)),
    changed=frozenset({"rax", "r15", "rflags", "cs", "cr3", "gs_base"}),
    phase=Phase.EXIT_WORK,
    location=Location(BUILDING.stop.pc, LONG_NAME, 0x1F2C, SourceLine(SOURCE.file, 30)),
    effect=Effect("push_slot", 109, "pushq %rax", {"slot": "orig_ax", "value": (1 << 64) - 88}),
    frame=FULL,
    call=Syscall(
        "64",
        128,
        "rt_sigtimedwait",
        (
            Argument("uthese", "const sigset_t *", 0x7FFD_7744_BC20, "0x7ffd7744bc20"),
            Argument("uinfo", "siginfo_t *", 0x7FFD_7744_BC28, '"/文件/一个很长的名字/读我.txt"'),
            Argument("uts", "const struct timespec *", 0x7FFD_7744_BC30, "0x7ffd7744bc30"),
            Argument("sigsetsize", "size_t", 8, "18446744073709551528"),
        ),
        entered_at=100,
    ),
    ledger=LEDGER,
    output=(Output(Channel.STDOUT, "你好，世界 — naïve café\t|\n".encode(), 290),),
    latest=18_446_744_073,
)

STATES: dict[str, tuple[Snapshot, ...]] = {
    "empty": (),
    "no-call-yet": (NO_CALL,),
    "building": (snapshot(5), BUILDING),
    "no-source": (snapshot(5), NO_SOURCE),
    "running": (BUILDING,),
    "interrupted": (INTERRUPTED,),
    "ended": (snapshot(5), BUILDING, ENDED),
    "killed": (snapshot(5), BUILDING, KILLED),
    "long": (LONG,),
}
