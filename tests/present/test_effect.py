"""Each kind of effect in words: what the sentence says, and that values change it."""

import re

import pytest

import systui.decode.effects
from systui.model.effect import Effect
from systui.present import effect as words
from systui.present.effect import sentence

Part = int | str | bool | None
RETURN = 0x401660
ENOSYS = (1 << 64) - 38


def say(kind: str, instruction: str = "", **parts: Part) -> str:
    return sentence(Effect(kind, 1, instruction, parts))


@pytest.mark.parametrize(
    ("kind", "instruction", "parts", "said"),
    [
        (
            "push_slot",
            "pushq %rax",
            {"slot": "orig_ax", "register": "rax", "value": 43, "name": "accept"},
            "pushq %rax → pt_regs.orig_ax = 43 (accept): the call's number is kept; "
            "rax itself will carry the result",
        ),
        (
            "push_slot",
            "pushq $-0x26",
            {"slot": "ax", "register": None, "value": ENOSYS},
            "pushq $-0x26 → pt_regs.ax = -38 ENOSYS: the result in case no handler gives another",
        ),
        (
            "push_slot",
            "pushq %rdi",
            {"slot": "di", "register": "rdi", "value": 1, "argument": 1},
            "pushq %rdi → pt_regs.di = 0x1: the user's rdi, where argument 1 stands",
        ),
        (
            "push_slot",
            "pushq %rcx",
            {"slot": "cx", "register": "rcx", "value": RETURN},
            "pushq %rcx → pt_regs.cx = 0x401660: rcx holds the return address by now: "
            "the user's own rcx is lost",
        ),
        (
            "push_slot",
            "pushq %rbx",
            {"slot": "bx", "register": "rbx", "value": None},
            "pushq %rbx → pt_regs.bx = ?: the user's rbx, to be the same after the call",
        ),
        (
            "result",
            "movq %rax,0x50(%rbx)",
            {"slot": "ax", "value": -88, "errno": "ENOTSOCK"},
            "movq %rax,0x50(%rbx) → pt_regs.ax = -88 ENOTSOCK: the result that the program will "
            "find in rax",
        ),
        (
            "result",
            "movq %rax,0x50(%rbx)",
            {"slot": "ax", "value": -512, "errno": "ERESTARTSYS"},
            "movq %rax,0x50(%rbx) → pt_regs.ax = -512 ERESTARTSYS: no program finds that: once "
            "the signal is dealt with, the call is made again or answers EINTR",
        ),
        (
            "swapgs",
            "swapgs",
            {"gs_base": 0xFFFF888001234000, "owner": "kernel"},
            "swapgs: gs_base is now the per-CPU area (0xffff888001234000), which %gs: reaches",
        ),
        (
            "swapgs",
            "swapgs",
            {"gs_base": 0, "owner": "user"},
            "swapgs: gs_base is the user's again (0x0)",
        ),
        (
            "sysret_check",
            "cmpq %r11,%rcx",
            {"check": "cx_is_ip", "left": RETURN, "right": RETURN, "passed": True},
            "cmpq %r11,%rcx: RCX = RIP (0x401660), so SYSRET is still possible",
        ),
        (
            "sysret_check",
            "cmpq %r11,%rcx",
            {"check": "cx_is_ip", "left": 1, "right": 2, "passed": False},
            "cmpq %r11,%rcx: RCX differs from RIP (0x1, 0x2), so it must be IRET",
        ),
        (
            "sysret_branch",
            "jne 0x1",
            {"check": "ss", "passed": False, "taken": True, "symbol": "iret_path", "way": "iret"},
            "jne 0x1: SS is not the user's stack segment: the way back is IRET, at iret_path",
        ),
        (
            "range_check",
            "cmpq $0x1d7,%rax",
            {"number": 9999, "name": None, "limit": 471, "in_range": False},
            "cmpq $0x1d7,%rax: number 9999 is not below 471: the table does not reach so far, "
            "the answer is -ENOSYS",
        ),
        (
            "dispatch",
            "callq *%rax",
            {"number": 43, "name": "accept", "symbol": "__x64_sys_accept", "address": 1},
            "callq *%rax: entry 43 (accept) of the call table is __x64_sys_accept: "
            "its handler begins",
        ),
        (
            "restore",
            "popq %rsp",
            {"register": "rsp", "slot": "sp", "value": 0x7FFD10},
            "popq %rsp → rsp = 0x7ffd10, from pt_regs.sp: the stack is the user's again",
        ),
        (
            "fault",
            "",
            {
                "vector": 14,
                "name": "page fault",
                "address": 0,
                "error_code": 4,
                "symbol": "asm_exc_page_fault",
                "stack": "trampoline",
                "from_user": True,
            },
            "the program faulted: page fault at address 0x0 (error code 0x4); the CPU pushed its "
            "frame on the trampoline stack and goes on at asm_exc_page_fault",
        ),
        (
            "run",
            "",
            {
                "steps": 6,
                "gs": "kernel",
                "stack": "thread",
                "slots": "ss sp",
                "checks": "cx_is_ip=passed cs=failed",
            },
            "6 instructions: gs_base is the per-CPU area now; rsp is on the thread's kernel stack; "
            "stored in pt_regs: ss, sp; RCX = RIP; CS is not the user's 64-bit code segment, "
            "so it must be IRET",
        ),
        ("run", "", {"steps": 1}, "1 instruction"),
        ("from_a_later_version", "frob %rax", {}, "frob %rax"),
    ],
)
def test_sentences(kind: str, instruction: str, parts: dict[str, Part], said: str) -> None:
    assert say(kind, instruction, **parts) == said


def documented_kinds() -> list[str]:
    text = systui.decode.effects.__doc__ or ""
    text = re.sub(r"\([^()]*\)", "", text)
    return re.findall(r"`(\w+)`: ", text)


def test_every_kind_has_its_sentence() -> None:
    assert set(documented_kinds()) == set(words._SENTENCES)


@pytest.mark.parametrize("kind", documented_kinds())
def test_a_part_that_is_not_known_breaks_no_sentence(kind: str) -> None:
    text = say(kind, "insn")
    assert text
    assert "{" not in text
    assert "\n" not in text
