"""Sentences for what happens to pt_regs: slots stored and read back."""

from collections.abc import Mapping

from systui.decode.errno import RESTARTS
from systui.present.numbers import errno_text, hexadecimal
from systui.words import _

Parts = Mapping[str, int | str | bool | None]

_ENOSYS = -38
_BY_SYSCALL = "64"
"""The ABI whose instruction leaves the return address and the flags in registers."""


def push_slot(parts: Parts) -> str:
    """A push that filled a slot."""
    return _join(_slot_value(parts), _meaning(parts))


def store_slot(parts: Parts) -> str:
    """A move that filled a slot."""
    return _join(_slot_value(parts), _meaning(parts))


def result(parts: Parts) -> str:
    """The handler's result on its way to the program."""
    value = parts.get("value")
    if isinstance(value, int) and -value in RESTARTS:
        text = _(
            "pt_regs.{slot} = {value}: no program finds that: once the signal is dealt with, the "
            "call is made again or answers EINTR"
        )
    else:
        text = _("pt_regs.{slot} = {value}: the result that the program will find in {register}")
    return text.format(
        slot=parts.get("slot") or "ax",
        value=errno_text(value, parts.get("errno")),
        register=parts.get("register") or "rax",
    )


def restore(parts: Parts) -> str:
    """A register read back from its slot."""
    return _("{register} = {value}, from pt_regs.{slot}: {whose}").format(
        register=parts.get("register"),
        value=hexadecimal(parts.get("value")),
        slot=parts.get("slot"),
        whose=_whose(parts),
    )


def _whose(parts: Parts) -> str:
    """Whose value it is that came back."""
    register, changed = parts.get("register"), parts.get("same") is False
    if parts.get("operand"):
        return _operand(parts)
    if parts.get("fault"):
        return (
            _("not as it was before: the kernel changed the slot")
            if changed
            else _("as it was before the fault or interrupt")
        )
    if register in ("rax", "eax"):
        return _("the call's result")
    if parts.get("users") is False:
        return _("what the CPU had put there, not the user's")
    if changed:
        return _("not what the program had: the kernel changed the slot")
    if register == "rsp":
        return _("the stack is the user's again")
    return _("the user's value again")


def _operand(parts: Parts) -> str:
    """A slot on its way to where the instruction that leaves the kernel takes it from."""
    register = str(parts.get("register"))
    leaving = "SYSEXIT" if register.startswith("e") else "SYSRET"
    if parts.get("slot") == "sp":
        text = _("the user's stack pointer: {leaving} takes it from {register}")
    else:
        text = _("where the program goes on: {leaving} takes it from {register}")
    return text.format(leaving=leaving, register=register)


def discard(parts: Parts) -> str:
    """A slot read into a register that is not its own, or skipped."""
    slot, value = parts.get("slot"), hexadecimal(parts.get("value"))
    if parts.get("register") is None:
        return _("pt_regs.{slot} ({value}) is passed over").format(slot=slot, value=value)
    return _("pt_regs.{slot} ({value}) goes to {register}, which keeps it for nothing").format(
        slot=slot, value=value, register=parts.get("register")
    )


def _slot_value(parts: Parts) -> str:
    slot, value = parts.get("slot"), parts.get("value")
    if slot == "orig_ax" and isinstance(value, int):
        name = parts.get("name")
        shown = f"{value} ({name})" if name else str(_signed(value))
    elif _is_enosys(value):
        shown = f"{_ENOSYS} ENOSYS"
    else:
        shown = hexadecimal(value)
    return f"pt_regs.{slot} = {shown}"


def _is_enosys(value: object) -> bool:
    return value in [_ENOSYS & (1 << bits) - 1 for bits in (64, 32)]


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _join(head: str, meaning: str) -> str:
    return f"{head}: {meaning}" if meaning else head


def _changed(slot: str) -> str:
    """What it means that a slot is written again after the way in."""
    if slot == "ip":
        return _("the way back leads there now")
    return _("the kernel changes it: the way back brings this value")


def _fault_meaning(register: object) -> str:
    """In a fault's frame nothing is an argument; all is kept to go on as if nothing had been."""
    if register is None:
        return ""
    return _("{register} as it was at the fault, to be the same after it").format(register=register)


def _meaning(parts: Parts) -> str:
    slot, register, value = str(parts.get("slot")), parts.get("register"), parts.get("value")
    if parts.get("fault") and slot == "orig_ax":
        return _("the mark of a frame that is no system call's")
    if slot == "ax" and _is_enosys(value) and not parts.get("fault"):
        return _("the result in case no handler gives another")
    if parts.get("again"):
        return _changed(slot)
    if parts.get("fault"):
        return _fault_meaning(register)
    by_syscall = parts.get("abi", _BY_SYSCALL) == _BY_SYSCALL
    match slot:
        case "ss":
            return _("the user's stack segment; with it begins the frame that IRET would need")
        case "sp" if not by_syscall:
            return _("the user's stack pointer")
        case "flags" if not by_syscall:
            return _("the user's flags")
        case "ip" if not by_syscall:
            return _("where the program goes on")
        case "sp":
            return _("the user's rsp, which had been put aside on entry")
        case "flags":
            return _("the user's RFLAGS, which the CPU had put in r11")
        case "cs":
            return _("the user's code segment: its low bits say ring 3")
        case "ip":
            return _("where the program goes on; the CPU had put it in rcx")
        case "orig_ax":
            return _("the call's number is kept; {register} itself will carry the result").format(
                register=parts.get("register") or "rax"
            )
        case "ax" if register in ("rax", "eax"):
            return _("the call's number until its result takes the place")
        case "cx" if register == "rcx" and by_syscall:
            return _("rcx holds the return address by now: the user's own rcx is lost")
        case "r11" if register == "r11" and by_syscall:
            return _("r11 holds RFLAGS by now: the user's own r11 is lost")
    if parts.get("argument") is not None:
        return _("the user's {register}, where argument {number} stands").format(
            register=register or slot, number=parts["argument"]
        )
    if register is not None:
        return _("the user's {register}, to be the same after the call").format(register=register)
    return ""
