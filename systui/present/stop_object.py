"""A stop as the object that `--json` prints; docs/headless-json.md describes it.

Keys and words in it are stable and never translated, but for `effect.text` and `note`.
"""

from collections.abc import Sequence

from systui.model.call import Argument, Syscall
from systui.model.code import Location, SourceText
from systui.model.edit import Edit
from systui.model.effect import Effect
from systui.model.frame import PtRegs, Slot, Written
from systui.model.snapshot import Snapshot
from systui.present.effect import sentence
from systui.present.trace import source_line

Json = dict[str, object]

_WRITTEN = {Written.YES: True, Written.NO: False, Written.UNKNOWN: None}


def stop_object(snapshot: Snapshot, note: str | None) -> Json:
    """Everything about one stop that the format promises."""
    landmark, instruction = snapshot.landmark, snapshot.instruction
    task = snapshot.stop.task
    return {
        "index": snapshot.stop.position,
        "phase": snapshot.phase.value,
        "nested": snapshot.nested,
        "landmark": landmark.name if landmark else None,
        "reason": snapshot.stop.reason.value,
        "pc": f"{snapshot.stop.pc:#x}",
        "symbol": snapshot.location.name,
        "source": _source(snapshot.location, snapshot.source_text),
        "instruction": instruction.text if instruction else None,
        "built": instruction.built if instruction else None,
        "task": {"pid": task.pid if task.pid >= 0 else None, "name": task.name},
        "cpu": snapshot.stop.cpu,
        "registers": {name: f"{value:#x}" for name, value in snapshot.registers.values.items()},
        "stack": snapshot.stack.kind.value,
        "ptregs": _frame(snapshot.frame) if snapshot.frame else None,
        "syscall": _syscall(snapshot.call) if snapshot.call else None,
        "effect": _effect(snapshot.effect) if snapshot.effect else None,
        "edits": [_edit(edit) for edit in snapshot.edits],
        "note": note,
    }


def _edit(edit: Edit) -> Json:
    return {
        "name": edit.name,
        "address": None if edit.address is None else f"{edit.address:#x}",
        "size": edit.size,
        "old": None if edit.old is None else f"{edit.old:#x}",
        "new": f"{edit.new:#x}",
    }


def _source(location: Location, text: SourceText | None) -> Json | None:
    source = location.source
    if source is None:
        return None
    return {"file": source.file, "line": source.line, "text": source_line(source, text)}


def _frame(frame: PtRegs) -> Json:
    return {
        "address": f"{frame.address:#x}",
        "stack": frame.stack.value,
        "complete": frame.complete,
        "fields": {slot.name: _slot(slot) for slot in frame.slots},
    }


def _slot(slot: Slot) -> Json:
    return {
        "value": None if slot.value is None else f"{slot.value:#x}",
        "written": _WRITTEN[slot.written],
        "by": slot.by,
        "index": slot.position,
        "restored": slot.restored,
    }


def _syscall(call: Syscall) -> Json:
    return {
        "nr": call.number,
        "abi": call.abi,
        "name": call.name,
        "args": _arguments(call.arguments),
        "sub": None
        if call.sub is None
        else {
            "selector": call.sub.selector,
            "name": call.sub.name,
            "args": _arguments(call.sub.arguments),
        },
        "ret": call.result,
        "errno": call.errno,
    }


def _arguments(arguments: Sequence[Argument]) -> list[Json]:
    return [
        {
            "name": argument.name,
            "type": argument.type,
            "value": f"{argument.value:#x}",
            "text": argument.text,
        }
        for argument in arguments
    ]


def _effect(effect: Effect) -> Json:
    return {
        "text": sentence(effect),
        "kind": effect.kind,
        "instruction": effect.instruction,
        "steps": effect.steps,
        "parts": dict(effect.parts),
        "stores": [
            {
                "address": f"{store.address:#x}",
                "size": store.size,
                "value": None if store.value is None else f"{store.value:#x}",
                "field": store.slot,
            }
            for store in effect.stores
        ],
    }
