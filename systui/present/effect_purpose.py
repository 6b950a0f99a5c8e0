"""What an instruction is there for on the way of a call, in words behind its effect.

The purposes are listed in `systui.decode.purpose`.
"""

from collections.abc import Callable, Mapping

from systui.present.numbers import stack_pointer
from systui.words import _

Parts = Mapping[str, int | str | bool | None]


def purpose(parts: Parts) -> str:
    """The sentence for an effect's purpose; empty where there is none."""
    words = _PURPOSES.get(str(parts.get("purpose")))
    return "" if words is None else words(parts)


def _table_bits(parts: Parts) -> str:
    match parts.get("table"):
        case "kernel":
            return _("the bit that chooses the user's page table is cleared")
        case "user":
            return _("the bit that chooses the user's page table is set")
    return _("bits of CR3 that say what to flush and as whose page table")


def _canonical(parts: Parts) -> str:
    return _(
        "the highest implemented bit of the address is spread over the {bits} bits above it: "
        "equal to before only if the address is canonical"
    ).format(bits=parts.get("bits"))


def _sysret_operand(parts: Parts) -> str:
    match parts.get("slot"):
        case "cx":
            return _("where SYSRET would go back to, for the comparison")
        case "ip":
            return _("where the program is to go on, for the comparison")
        case "r11":
            return _("the RFLAGS that SYSRET would give back, for the comparison")
        case "flags":
            return _("the RFLAGS that the program is to have, for the comparison")
    return _("for one of SYSRET's conditions")


def _argument(parts: Parts) -> str:
    return _("argument {number} of {call}, as the program passed it").format(
        number=parts.get("number"), call=parts.get("call") or _("the call")
    )


def _work_test(parts: Parts) -> str:
    if parts.get("work"):
        return _(
            "work waits before the way back (a signal, another task's turn, tracing): "
            "it is done first"
        )
    return _("no work waits (no signal, no other task's turn, no tracing): straight on")


def _work_bit(parts: Parts) -> str:
    waits = bool(parts.get("work"))
    match parts.get("bit"):
        case 0:
            return _("a tracer is to see the call") if waits else _("nobody traces")
        case 1:
            return _("work was queued for the task") if waits else _("no work was queued")
        case 2:
            return _("a signal waits") if waits else _("no signal waits")
    return _("it is another task's turn") if waits else _("it is no other task's turn")


def _trace_test(parts: Parts) -> str:
    if parts.get("work"):
        return _("the call is to be shown to a tracer before its handler runs")
    return _("nobody traces or audits the call: straight on to the table")


def _error_answer(parts: Parts) -> str:
    return _("{errno}, on its way to be the call's result").format(errno=parts.get("errno"))


def _user_access(parts: Parts) -> str:
    if parts.get("on"):
        return _("the kernel may reach the user's memory from here (SMAP is lifted)")
    return _("the kernel may no longer reach the user's memory by accident (SMAP holds)")


def _ring_test(parts: Parts) -> str:
    if parts.get("ring") == 3:
        return _("the saved CS says ring 3: the program was interrupted")
    return _("the saved CS says ring {ring}: the kernel itself was interrupted").format(
        ring=parts.get("ring")
    )


_PURPOSES: dict[str, Callable[[Parts], str]] = {
    "frame_argument": lambda _parts: _("where pt_regs lies, for the C code to find it"),
    "number_argument": lambda _parts: _("the call's number, for the C code"),
    "place_kept": lambda parts: _(
        "keeps the place in pt_regs, since {pointer} leaves it next"
    ).format(pointer=stack_pointer(parts)),
    "table_read": lambda _parts: _("the page table in use, to be changed and put back"),
    "fault_address": lambda _parts: _("the address that could not be reached"),
    "ring_test": _ring_test,
    "table_bits": _table_bits,
    "canonical": _canonical,
    "sysret_operand": _sysret_operand,
    "copied_for_exit": lambda _parts: _(
        "to be popped from there, since the user's page table hides the thread's stack"
    ),
    "argument": _argument,
    "no_user_value": lambda _parts: _("no user value is left for speculation to use"),
    "task": lambda _parts: _("the running task's task_struct"),
    "work_flags": lambda _parts: _("the task's flags: what is to be done before the way back"),
    "work_test": _work_test,
    "work_bit": _work_bit,
    "trace_test": _trace_test,
    "thread_info": lambda _parts: _(
        "the low end of the thread's stack, where thread_info with the task's flags lies"
    ),
    "error_answer": _error_answer,
    "stack_frame": lambda _parts: _("this C function's stack frame begins here"),
    "kept": lambda _parts: _("C code keeps its caller's value"),
    "room": lambda _parts: _("room for this C function's own variables"),
    "given_back": lambda _parts: _("C code gives its caller's stack and registers back"),
    "branch_target": lambda _parts: _("marks a place that indirect branches may lead to (CET)"),
    "speculation": lambda _parts: _("no later instruction begins, not even speculatively"),
    "user_access": _user_access,
    "buffers": lambda _parts: _(
        "on CPUs that leak them, empties internal buffers before the program runs"
    ),
    "filler": lambda _parts: _("fills a place: for alignment, or patched away for this CPU"),
    "string_direction": lambda _parts: _("string instructions go upwards, as C code expects"),
}
