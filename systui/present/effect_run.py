"""The sentence for a run of many instructions, as shown at a landmark."""

from collections.abc import Callable, Iterator, Mapping

from systui.present.effect_checks import check_words
from systui.present.numbers import errno_text, named_call, stack_pointer
from systui.words import _, plural

Parts = Mapping[str, int | str | bool | None]


def run(parts: Parts) -> str:
    """What a run did that matters for the call, clause by clause."""
    steps = parts.get("steps")
    if isinstance(steps, int):
        head = plural("{count} instruction", "{count} instructions", steps).format(
            count=f"{steps:,}"
        )
    else:
        head = _("run at full speed")
    clauses = [clause for words in _CLAUSES for clause in words(parts)]
    if not clauses:
        return head
    return _("{head}: {clauses}").format(head=head, clauses=_("; ").join(clauses))


def _space(parts: Parts) -> Iterator[str]:
    if parts.get("gs") == "kernel":
        yield _("gs_base is the per-CPU area now")
    elif parts.get("gs") == "user":
        yield _("gs_base is the user's again")
    if parts.get("table") == "kernel":
        yield _("the page table is the kernel's")
    elif parts.get("table") == "user":
        yield _("the page table is the user's again")
    stacks = {
        "thread": _("{pointer} is on the thread's kernel stack"),
        "trampoline": _("{pointer} is on the trampoline stack"),
        "user": _("{pointer} is the user's again"),
    }
    stack = stacks.get(str(parts.get("stack")))
    if stack:
        yield stack.format(pointer=stack_pointer(parts))


def _frame(parts: Parts) -> Iterator[str]:
    if parts.get("slots"):
        yield _("stored in pt_regs: {slots}").format(slots=_listed(parts["slots"]))
    if parts.get("cleared"):
        yield _("cleared: {registers}").format(registers=_listed(parts["cleared"]))


def _handled(parts: Parts) -> Iterator[str]:
    if parts.get("dispatched"):
        yield _("call {call} was dispatched to {symbol}").format(
            call=named_call(parts), symbol=parts["dispatched"]
        )
    if parts.get("answered") is not None:
        yield _("the handler answered {result}").format(
            result=errno_text(parts["answered"], parts.get("errno"))
        )
    if parts.get("value") is not None:
        yield _("the result {value} is in pt_regs.ax").format(
            value=errno_text(parts["value"], parts.get("errno"))
        )


def _checked(parts: Parts) -> Iterator[str]:
    for word in str(parts.get("checks") or "").split():
        check, _equals, verdict = word.partition("=")
        passed = verdict == "passed"
        words = check_words(check, passed)
        yield words if passed else _("{check}, so it must be IRET").format(check=words)


def _restored(parts: Parts) -> Iterator[str]:
    if parts.get("restored"):
        yield _("read back: {registers}").format(registers=_listed(parts["restored"]))
    faults = parts.get("faults")
    if isinstance(faults, int) and faults:
        yield plural("{count} fault on the way", "{count} faults on the way", faults).format(
            count=faults
        )
    counted = parts.get("steps") is not None
    if parts.get("partial") and parts.get("answered") is None and counted:
        yield _("run at full speed, not step by step")


def _listed(names: object) -> str:
    return ", ".join(str(names).split())


_CLAUSES: tuple[Callable[[Parts], Iterator[str]], ...] = (
    _space,
    _frame,
    _handled,
    _checked,
    _restored,
)
