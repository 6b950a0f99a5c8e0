"""What ran last, in words: one sentence for each kind of effect.

The kinds and their parts are listed in `systui.decode.effects`. Every sentence is computed from
the parts, so that another value gives another sentence.
"""

from collections.abc import Callable, Mapping

from systui.model.effect import Effect
from systui.present import effect_checks, effect_frame, effect_run
from systui.present.effect_purpose import purpose
from systui.present.numbers import errno_text, hexadecimal, named_call, stack_pointer
from systui.words import _

Parts = Mapping[str, int | str | bool | None]


def sentence(effect: Effect) -> str:
    """The effect in one sentence, in the chosen language."""
    words = _SENTENCES.get(effect.kind)
    if words is None:
        return effect.instruction
    text = words(effect.parts)
    why = purpose(effect.parts)
    if why:
        text = _("{effect}: {why}").format(effect=text, why=why) if text else why
    if effect.kind in _ARROW:
        return f"{effect.instruction} → {text}" if effect.instruction else text
    if effect.kind in _BARE or not effect.instruction:
        return text
    return f"{effect.instruction}: {text}" if text else effect.instruction


def _syscall(parts: Parts) -> str:
    text = _(
        "into the kernel at {symbol}; the CPU put RIP ({rip}) in RCX and RFLAGS ({rflags}) in R11, "
        "saved nothing in memory and left RSP the user's"
    ).format(
        symbol=parts.get("symbol"),
        rip=hexadecimal(parts.get("rip")),
        rflags=hexadecimal(parts.get("rflags")),
    )
    masked = parts.get("masked")
    if isinstance(masked, int) and masked & _IF:
        text += _("; interrupts are off until the stack is the kernel's")
    return text


_IF = 1 << 9


def _gate(parts: Parts) -> str:
    if parts.get("bits") == 32:
        return _gate_32(parts)
    return _(
        "into the kernel at {symbol} through an interrupt gate: the CPU took {stack} from the task "
        "state segment and pushed SS, RSP, RFLAGS, CS and RIP ({rip}) there"
    ).format(
        symbol=parts.get("symbol"),
        stack=_stack_name(parts.get("stack")),
        rip=hexadecimal(parts.get("rip")),
    )


def _gate_32(parts: Parts) -> str:
    text = _(
        "into the kernel at {symbol} through a gate of the IDT: the CPU took {stack} from the task "
        "state segment and pushed SS, ESP, EFLAGS, CS and EIP ({eip}) there"
    ).format(
        symbol=parts.get("symbol"),
        stack=_stack_name(parts.get("stack")),
        eip=hexadecimal(parts.get("rip")),
    )
    return text + (
        _("; interrupts stay on, for it is a trap gate") if parts.get("interrupts") else ""
    )


def _sysenter(parts: Parts) -> str:
    return _(
        "into the kernel at {symbol}: {place} and {pointer} ({value}) come from MSRs; the CPU "
        "saved nothing, not even where the call came from"
    ).format(
        symbol=parts.get("symbol"),
        place="EIP" if parts.get("bits") == 32 else "RIP",
        pointer=stack_pointer(parts).upper(),
        value=hexadecimal(parts.get("rsp")),
    )


def _sysret(parts: Parts) -> str:
    if parts.get("bits") == 32:
        return _(
            "back to the program at {eip}: EIP from EDX, ESP ({esp}) from ECX, ring 3; the flags "
            "stay what the entry code has made of them"
        ).format(eip=_place(parts, "rip"), esp=hexadecimal(parts.get("rsp")))
    return _(
        "back to the program at {rip}: RIP from RCX, RFLAGS ({rflags}) from R11, ring 3"
    ).format(rip=_place(parts, "rip"), rflags=hexadecimal(parts.get("rflags")))


def _iret(parts: Parts) -> str:
    if parts.get("cpl") == 3 and parts.get("bits") == 32:
        return _(
            "back to ring 3 at {eip}: EIP, CS, EFLAGS ({eflags}), ESP and SS all come from the "
            "stack"
        ).format(eip=_place(parts, "rip"), eflags=hexadecimal(parts.get("rflags")))
    if parts.get("cpl") == 3:
        return _(
            "back to ring 3 at {rip}: RIP, CS, RFLAGS ({rflags}), RSP and SS all come from the "
            "stack, so RCX and R11 keep the values that pt_regs holds"
        ).format(rip=_place(parts, "rip"), rflags=hexadecimal(parts.get("rflags")))
    return _("back from an interrupt or fault to {rip}, still in the kernel").format(
        rip=_place(parts, "rip")
    )


def _swapgs(parts: Parts) -> str:
    base = hexadecimal(parts.get("gs_base"))
    if parts.get("owner") == "kernel":
        return _("gs_base is now the per-CPU area ({base}), which %gs: reaches").format(base=base)
    return _("gs_base is the user's again ({base})").format(base=base)


def _cr3_switch(parts: Parts) -> str:
    cr3 = hexadecimal(parts.get("cr3"))
    if parts.get("table") == "kernel":
        return _("the kernel's page table ({cr3}): all of the kernel can be reached now").format(
            cr3=cr3
        )
    return _(
        "the user's page table ({cr3}): of the kernel only the entry code, the trampoline stack "
        "and the tables that the CPU needs stay mapped"
    ).format(cr3=cr3)


def _stack_name(kind: object) -> str:
    names = {
        "user": _("the user's stack"),
        "trampoline": _("the trampoline stack"),
        "thread": _("the thread's kernel stack"),
    }
    return names.get(str(kind), _("another stack"))


def _stack_switch(parts: Parts) -> str:
    text = _("{pointer} = {value}: from {before} to {stack}").format(
        pointer=stack_pointer(parts),
        value=hexadecimal(parts.get("rsp")),
        before=_stack_name(parts.get("before")),
        stack=_stack_name(parts.get("stack")),
    )
    if parts.get("stack") == "trampoline":
        text += _(", the one that both page tables map")
    elif parts.get("stack") == "thread":
        text += _("; pt_regs will be built at its top")
    elif parts.get("symbol"):
        text += _("; {symbol} has kept it since the entry").format(symbol=parts["symbol"])
    return text


def _push(parts: Parts) -> str:
    if parts.get("source"):
        return _("{source} ({value}) copied to the stack at {address}").format(
            source=parts["source"],
            value=hexadecimal(parts.get("value")),
            address=hexadecimal(parts.get("address")),
        )
    return _("{value} to the stack at {address}").format(
        value=hexadecimal(parts.get("value")), address=hexadecimal(parts.get("address"))
    )


def _assigned(parts: Parts) -> str:
    """pop, move: a register and its new value."""
    return f"{parts.get('register')} = {hexadecimal(parts.get('value'))}"


def _save(parts: Parts) -> str:
    return _("{register} ({value}) put aside in {symbol}, in the per-CPU area").format(
        register=parts.get("register"),
        value=hexadecimal(parts.get("value")),
        symbol=parts.get("symbol"),
    )


def _clear(parts: Parts) -> str:
    return _("{register} = 0 (was {before})").format(
        register=parts.get("register"), before=hexadecimal(parts.get("before"))
    )


def _call(parts: Parts) -> str:
    return _("into {symbol}; it will return to {returns_to}").format(
        symbol=parts.get("symbol"), returns_to=hexadecimal(parts.get("returns_to"))
    )


def _dispatch(parts: Parts) -> str:
    return _("entry {call} of the call table is {symbol}: its handler begins").format(
        call=named_call(parts), symbol=parts.get("symbol")
    )


def _return(parts: Parts) -> str:
    return _("{function} is done; back in {symbol}").format(
        function=parts.get("function") or "?", symbol=parts.get("symbol")
    )


def _handler_return(parts: Parts) -> str:
    return _("{function} is done and answers {result}; back in {symbol}").format(
        function=parts.get("function") or "?",
        result=errno_text(parts.get("value"), parts.get("errno")),
        symbol=parts.get("symbol"),
    )


def _branch(parts: Parts) -> str:
    if parts.get("taken"):
        return _("taken, to {symbol}").format(symbol=parts.get("symbol"))
    return _("not taken, on to {symbol}").format(symbol=parts.get("symbol"))


def _jump(parts: Parts) -> str:
    return _("on at {symbol}").format(symbol=parts.get("symbol"))


def _load(parts: Parts) -> str:
    source = parts.get("symbol") or hexadecimal(parts.get("address"))
    return _("{register} = {value}, read from {source}").format(
        register=parts.get("register"), value=hexadecimal(parts.get("value")), source=source
    )


def _store(parts: Parts) -> str:
    target = parts.get("symbol") or hexadecimal(parts.get("address"))
    return _("{value} stored at {target}").format(
        value=hexadecimal(parts.get("value")), target=target
    )


def _arithmetic(parts: Parts) -> str:
    return _("{register} = {value} (was {before})").format(
        register=parts.get("register"),
        value=hexadecimal(parts.get("value")),
        before=hexadecimal(parts.get("before")),
    )


def _string(parts: Parts) -> str:
    return _("string operation at {address}").format(address=hexadecimal(parts.get("address")))


def _interrupts(parts: Parts) -> str:
    if parts.get("on"):
        return _("interrupts are on: the kernel may be interrupted from here")
    return _("interrupts are off: the way back must not be interrupted")


def _fault(parts: Parts) -> str:
    values = {
        "name": parts.get("name") or parts.get("vector"),
        "address": hexadecimal(parts.get("address")),
        "symbol": parts.get("symbol"),
        "code": hexadecimal(parts.get("error_code")),
        "stack": _stack_name(parts.get("stack")),
    }
    origin = (
        _("the program faulted: {name}")
        if parts.get("from_user")
        else _("the kernel faulted: {name}")
    )
    if parts.get("vector") == _PAGE_FAULT:
        origin += _(" at address {address} (error code {code})")
    return (origin + _("; the CPU pushed its frame on {stack} and goes on at {symbol}")).format(
        **values
    )


_PAGE_FAULT = 14


def _served(parts: Parts) -> str:
    symbol, name = parts.get("symbol"), parts.get("name")
    if symbol == "serve_signal":
        text = _("systui delivered what signals were pending, in the place of kernel code")
        if parts.get("resumes"):
            text += _(": the way back leads to {place} now").format(place=parts["resumes"])
        return text
    if symbol == "serve_fault":
        return _("systui made the fault a signal to the program, in the place of kernel code")
    return _("systui answered {name} in the place of kernel code ({symbol}): {result}").format(
        name=name or _("it"),
        symbol=symbol,
        result=errno_text(parts.get("value"), parts.get("errno")),
    )


def _nothing(parts: Parts) -> str:
    return "" if parts.get("purpose") else _("nothing changes")


def _msr(parts: Parts) -> str:
    register = parts.get("name") or hexadecimal(parts.get("number"))
    values = {"register": register, "value": hexadecimal(parts.get("value"))}
    if parts.get("written"):
        return _("model-specific register {register} = {value}").format(**values)
    return _("{value}, read from model-specific register {register}").format(**values)


def _changed(parts: Parts) -> str:
    return _("changed: {registers}").format(registers=parts.get("registers") or "–")


def _place(parts: Parts, key: str) -> str:
    """An address with its name, where it has one."""
    address = hexadecimal(parts.get(key))
    symbol = parts.get("symbol")
    return f"{address} ({symbol})" if symbol and symbol != address else address


_ARROW = frozenset(("push_slot", "store_slot", "restore", "discard", "result"))
_BARE = frozenset(("run", "fault", "served"))
_SENTENCES: dict[str, Callable[[Parts], str]] = {
    "syscall": _syscall,
    "gate": _gate,
    "sysenter": _sysenter,
    "sysret": _sysret,
    "iret": _iret,
    "swapgs": _swapgs,
    "cr3_switch": _cr3_switch,
    "stack_switch": _stack_switch,
    "push_slot": effect_frame.push_slot,
    "store_slot": effect_frame.store_slot,
    "result": effect_frame.result,
    "restore": effect_frame.restore,
    "discard": effect_frame.discard,
    "push": _push,
    "pop": _assigned,
    "move": _assigned,
    "save": _save,
    "clear": _clear,
    "call": _call,
    "dispatch": _dispatch,
    "return": _return,
    "handler_return": _handler_return,
    "range_check": effect_checks.range_check,
    "compare": effect_checks.compare,
    "sysret_check": effect_checks.sysret_check,
    "sysret_branch": effect_checks.sysret_branch,
    "branch": _branch,
    "jump": _jump,
    "load": _load,
    "store": _store,
    "arithmetic": _arithmetic,
    "string": _string,
    "interrupts": _interrupts,
    "fault": _fault,
    "served": _served,
    "nothing": _nothing,
    "changed": _changed,
    "msr": _msr,
    "run": effect_run.run,
}
