"""What a run of many instructions did, from what was known at its two ends.

The parts of the `run` effect: steps (None where nobody counted them); from, to (symbols); slots
(names of pt_regs fields written, blank between), restored (likewise); cleared (registers that are 0
now and were not); stack (the one rsp is on now, if it changed) and bits (the machine's); table
(`kernel`, `user`) and gs (likewise) if they changed; dispatched (the handler's symbol), number and
name; answered (signed result of the handler, which has returned); value (signed result stored) and
errno; checks (`cx_is_ip=passed …`); faults (how many ways are open on top of those before); partial
(some of it was not watched).
"""

from collections.abc import Mapping

from systui.arch.spec import Architecture
from systui.decode.errno import answered, errno_of
from systui.decode.scene import Names
from systui.decode.way import Track, Way
from systui.model.call import Phase
from systui.model.effect import Effect

_RING = 3
_USER_TABLE = 1 << 12

Values = Mapping[str, int]
_Parts = dict[str, int | str | bool | None]


def summarize(
    arch: Architecture,
    names: Names,
    ends: tuple[tuple[int, Values, Track], tuple[int, Values, Track]],
    counted: bool,
) -> Effect:
    """The effect of everything between two positions, each with its registers and track.

    `counted`: positions count instructions here, so that it is known how many ran.
    """
    (first, before, was), (last, after, now) = ends
    steps = last - first if counted else None
    parts: _Parts = {
        "steps": steps,
        "from": names.place(before[arch.pc]),
        "to": names.place(after[arch.pc]),
    }
    parts |= _space(arch, names, ends)
    way = now.way if now.ways else now.done
    if way is not None:
        old = next((each for each in was.ways if each.entered_at == way.entered_at), None)
        parts |= _frame(arch, way, first)
        parts |= _course(arch, way, first, names, before, after)
        parts |= _handler(arch, way, old)
    parts["faults"] = max(0, len(now.ways) - max(1, len(was.ways)))
    return Effect("run", first, "", parts, (), steps)


def _space(
    arch: Architecture,
    names: Names,
    ends: tuple[tuple[int, Values, Track], tuple[int, Values, Track]],
) -> _Parts:
    (_first, before, was), (_last, after, now) = ends
    parts: _Parts = {}
    tables = [values["cr3"] & _USER_TABLE for values in (before, after) if "cr3" in values]
    if len(set(tables)) > 1:
        parts["table"] = "user" if tables[1] else "kernel"
    kernel = [values.get("gs_base", 0) >= arch.kernel_start for values in (before, after)]
    if kernel[0] is not kernel[1]:
        parts["gs"] = "kernel" if kernel[1] else "user"
    old, new = names.stack(before[arch.sp], was), names.stack(after[arch.sp], now)
    if old is not new:
        parts |= {"stack": new.value, "bits": arch.bits}
    return parts


def _frame(arch: Architecture, way: Way, first: int) -> _Parts:
    stored = [slot for slot, mark in way.slots.items() if (mark.position or 0) > first]
    fates = ((name, way.fates.get(name)) for name in arch.register_names)
    restored = [name for name, fate in fates if fate and (fate.restored_at or 0) > first]
    parts: _Parts = {}
    if stored:
        parts["slots"] = " ".join(stored)
    if restored:
        parts["restored"] = " ".join(restored)
    return parts


def _handler(arch: Architecture, way: Way, old: Way | None) -> _Parts:
    """What has become known since `old`, which is the same way earlier on."""
    parts: _Parts = {}
    if way.partial and not (old is not None and old.partial):
        parts["partial"] = True
    if (
        old is not None
        and old.handler is not None
        and old.result is None
        and way.result is not None
    ):
        parts["answered"] = answered(way.result, arch.bits)
        parts["errno"] = errno_of(answered(way.result, arch.bits))
    return parts


def _course(
    arch: Architecture, way: Way, first: int, names: Names, before: Values, after: Values
) -> _Parts:
    parts: _Parts = {}
    if way.handler is not None and way.handler_at is not None and way.handler_at > first:
        number = way.before.get(arch.syscall.number)
        parts["dispatched"] = names.place(way.handler)
        parts["number"] = number
        parts["name"] = None if number is None else names.call(number, way.abi)
    if way.result is not None and way.result_at is not None and way.result_at > first:
        parts["value"] = answered(way.result, arch.bits)
        parts["errno"] = errno_of(answered(way.result, arch.bits))
    checks = [verdict for verdict in way.verdicts if verdict.position > first]
    if checks:
        words = (f"{each.check}={'passed' if each.passed else 'failed'}" for each in checks)
        parts["checks"] = " ".join(words)
    if way.phase in (Phase.ENTRY, Phase.DISPATCH) and not after["cs"] & _RING:
        lost = [name for name in arch.register_names if name in way.fates]
        cleared = [name for name in lost if before[name] and after.get(name) == 0]
        parts["cleared"] = " ".join(cleared) or None
    return parts
