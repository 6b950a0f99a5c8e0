"""What an instruction is there for on the way of a call, where its effect alone does not say it.

A purpose is a stable identifier among the parts of an `Effect` (`purpose`), beside the values
that its sentence needs. It is told from values seen at the stop: the address of pt_regs, the
call's number, the page table in use. Where these don't bear it out, there is none.

- `frame_argument`: a register now holds pt_regs' address for C code; `number_argument`: the
  call's number; `place_kept` (bits): a place on the stack that rsp is about to leave
- `fault_address`: CR2 read; `ring_test` (ring): the ring in a saved CS looked at
- `table_read`, `table_bits` (table): CR3 read, and its bits changed to choose the other table
- `canonical` (bits): the sign of an address's highest implemented bit spread over those above
- `no_user_value`: a register cleared on the way in
- `sysret_operand` (slot): what one of SYSRET's conditions is about to compare
- `copied_for_exit`: a word copied to the trampoline stack, from where it can still be popped
- `argument` (number, call): a handler reads an argument of the call
- `task`, `work_flags`: the running task's task_struct, and its flags of work to be done
- `work_test` (work): whether work waits before the way back to the program; `work_bit` (bit, work):
  whether one kind of it does; `trace_test` (work): whether the call is to be shown to a tracer
- `thread_info`: the low end of the thread's stack, where older kernels keep those flags
- `error_answer` (errno): an error number that is to be the call's result
- `stack_frame`, `kept`, `room`, `given_back`: C code's own use of the stack
- `branch_target`, `speculation`, `user_access` (on), `buffers`, `filler`, `string_direction`:
  instructions that change no value

Facts: Intel SDM vol. 1, 3.3.7 (canonical addresses), vol. 3, 2.5 (CR3, PCID) and 4.6.1 (AC);
arch/x86/include/asm/processor-flags.h and arch/x86/mm/pti.c (the user's table: bits 12 and 11);
include/linux/thread_info.h (thread_info leads task_struct), arch/x86/include/asm/thread_info.h
(what the flags' bits mean).
"""

from collections.abc import Callable
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.decode.access import effective_address
from systui.decode.errno import errno_of, signed
from systui.decode.scene import Parts, Scene
from systui.decode.thread_info import BYTES, flags_addresses, is_low_end
from systui.model.call import Phase
from systui.model.frame import StackKind
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operand,
    RegisterOperand,
)

_USER_TABLE = 1 << 12
_TABLE_BITS = _USER_TABLE | 1 << 11 | 1 << 63
"""User's table, user's PCID, and "do not flush"."""
_IMPLEMENTED = range(7, 17)
"""Bits above an implemented address: 16 with four levels of page tables, 7 with five."""
_CURRENT = ("current_task", "pcpu_hot")
"""Per-CPU variables that begin with the running task's address."""
_RING = 3
_NEAR = 4
"""Instructions in which a call follows on its argument."""
_NAMED_WORK = range(4)
"""Bits of the flags that mean the same in all kernels: tracing, queued work, a signal, a switch."""
_INSTRUCTIONS = {
    "endbr64": "branch_target",
    "endbr32": "branch_target",
    "lfence": "speculation",
    "clac": "user_access",
    "stac": "user_access",
    "verw": "buffers",
    "nop": "filler",
    "cld": "string_direction",
}


class Purpose(NamedTuple):
    """Tells the purpose of one scene's step, whose effect has been described."""

    scene: Scene
    arch: Architecture

    def of(self, kind: str, parts: Parts) -> Parts:
        """The parts to add; none where nothing more is to be said."""
        tell = _TOLD.get(kind)
        return tell(self, parts) if tell is not None and self.scene.was.ways else {}

    @property
    def _in_entry(self) -> bool:
        return self.scene.address in self.scene.path.entry_text

    @property
    def _phase(self) -> Phase:
        return self.scene.was.phase

    @property
    def _frame(self) -> int | None:
        way = self.scene.way
        return None if way is None else way.frame

    @property
    def _abi(self) -> str:
        call = self.scene.was.call
        return self.arch.syscall.abi if call is None else call.abi

    # --- values in registers ------------------------------------------------------------------

    def _move(self, parts: Parts) -> Parts:
        value, source = parts.get("value"), self.scene.operation.source
        if isinstance(source, ImmediateOperand):
            return self._answer(parts)
        if not isinstance(source, RegisterOperand) or not isinstance(value, int):
            return {}
        if source.register in _CONTROL:
            return {"purpose": _CONTROL[source.register]}
        if source.register == self.arch.sp:
            return self._stack_kept(parts, value)
        if value == self._frame and self._phase is not Phase.RESTORE:
            return self._frame_taken(parts)
        return self._number(source, value)

    def _stack_kept(self, parts: Parts, value: int) -> Parts:
        if parts.get("register") == _FRAME_POINTER.get(self.arch.sp) and not self._in_entry:
            return {"purpose": "stack_frame"}
        if value == self._frame and (self._phase is not Phase.RESTORE or self._calls_next()):
            return self._frame_taken(parts)
        if self._in_entry and self._frame is not None and self._phase is Phase.RESTORE:
            return {"purpose": "place_kept", "bits": self.arch.bits}
        return {}

    def _frame_taken(self, parts: Parts) -> Parts:
        """pt_regs' address goes on to C code; entry code also computes with it."""
        given = (*self.arch.function_arguments, self.arch.sp)
        passed = not self._in_entry or parts.get("register") in given
        return {"purpose": "frame_argument"} if passed else {}

    def _calls_next(self) -> bool:
        """Whether the instructions that follow call C code."""
        address = self.scene.operation.instruction.end
        for _ in range(_NEAR):
            operation = self.scene.path.listing.operation(address)
            if operation is None or operation.flow is not Flow.NEXT:
                return operation is not None and operation.flow is Flow.CALL
            address = operation.instruction.end
        return False

    def _number(self, source: RegisterOperand, value: int) -> Parts:
        call = self.scene.was.call
        if call is None or self._phase not in (Phase.ENTRY, Phase.DISPATCH):
            return {}
        convention = self.arch.convention(call.abi)
        number = call.before.get(convention.number)
        if number is None or value & 0xFFFF_FFFF != number & 0xFFFF_FFFF:
            return {}
        carries = source.register in (convention.number, *self.arch.function_arguments[:2])
        return {"purpose": "number_argument"} if carries else {}

    def _answer(self, parts: Parts) -> Parts:
        value = parts.get("value")
        result = self.arch.convention(self._abi).result
        answers = self._phase is Phase.HANDLER or (self._in_entry and self._phase is Phase.DISPATCH)
        if not answers or parts.get("register") != result:
            return {}
        errno = errno_of(signed(value, self.arch.bits)) if isinstance(value, int) else None
        return {} if errno is None else {"purpose": "error_answer", "errno": errno}

    def _arithmetic(self, parts: Parts) -> Parts:
        before, value = parts.get("before"), parts.get("value")
        source, name = self.scene.operation.source, self.scene.operation.name
        if not isinstance(before, int) or not isinstance(value, int):
            return {}
        if self._in_entry and name == "and" and before in self._old_flags():
            return {"purpose": "work_test", "work": value != 0}
        if not isinstance(source, ImmediateOperand):
            return {}
        if not self._in_entry:
            grows = "room" if value < before else "given_back"
            return {"purpose": grows} if parts.get("register") == self.arch.sp else {}
        if name == "and" and before == self._frame and is_low_end(self.arch, before, value):
            return {"purpose": "thread_info"}
        if name in ("shl", "sal", "sar") and source.value in _IMPLEMENTED:
            return {"purpose": "canonical", "bits": source.value}
        return self._table_bits(before, value)

    def _table_bits(self, before: int, value: int) -> Parts:
        cr3 = self.scene.before.get("cr3")
        if cr3 is None or before == value or (before ^ cr3) & ~_TABLE_BITS:
            return {}
        if (before ^ value) & ~_TABLE_BITS:
            return {}
        chosen = (before ^ value) & _USER_TABLE
        table = ("user" if value & _USER_TABLE else "kernel") if chosen else None
        return {"purpose": "table_bits", "table": table}

    def _clear(self, _parts: Parts) -> Parts:
        entered = self._in_entry and self._phase is not Phase.RESTORE
        return {"purpose": "no_user_value"} if entered else {}

    # --- memory -------------------------------------------------------------------------------

    def _push(self, parts: Parts) -> Parts:
        address = parts.get("address")
        if self._in_entry:
            on = isinstance(address, int) and self.scene.names.stack(address, self.scene.now)
            return {"purpose": "copied_for_exit"} if on is StackKind.TRAMPOLINE else {}
        return {"purpose": "kept"} if parts.get("register") else {}

    def _pop(self, parts: Parts) -> Parts:
        return {} if self._in_entry or not parts.get("register") else {"purpose": "given_back"}

    def _load(self, parts: Parts) -> Parts:
        symbol = str(parts.get("symbol") or "")
        slot = symbol.removeprefix("pt_regs.") if symbol.startswith("pt_regs.") else None
        if slot is not None:
            return self._slot_read(slot)
        if symbol in _CURRENT:
            return {"purpose": "task"}
        if self._in_entry and parts.get("address") in self._old_places():
            return {"purpose": "work_flags"}
        memory = self.scene.operation.memory
        if self._phase is not Phase.EXIT_WORK or memory is None or memory.displacement:
            return {}
        return {"purpose": "work_flags"} if parts.get("address") == self._task() else {}

    def _slot_read(self, slot: str) -> Parts:
        if self._in_entry and self._phase is Phase.RESTORE:
            compared = bool(self.scene.path.checks)
            return {"purpose": "sysret_operand", "slot": slot} if compared else {}
        call, register = self.scene.was.call, self.arch.holder.get(slot)
        convention = self.arch.convention(self._abi)
        if self._phase is not Phase.HANDLER or call is None:
            return {}
        if register not in convention.arguments:
            return {}
        number = call.before.get(convention.number)
        return {
            "purpose": "argument",
            "number": convention.arguments.index(register) + 1,
            "call": None if number is None else self.scene.call_name(number),
        }

    def _task(self) -> int | None:
        """Address of the running task's task_struct, where it is known."""
        base = self.scene.after.get(f"{self.arch.per_cpu}_base", 0)
        for name in _CURRENT:
            offset = self.scene.path.percpu_offset(name)
            if offset is not None:
                raw = self.scene.read(base + offset & self.arch.mask, self.arch.word)
                return None if raw is None else int.from_bytes(raw, "little")
        return None

    def _compare(self, parts: Parts) -> Parts:
        operands = self.scene.operation.operands
        mask, tested = operands[0], operands[-1]
        if self.scene.operation.name != "test":
            return {}
        left, right = parts.get("left"), parts.get("right")
        if right == _RING and self._is_slot(tested, "cs") and isinstance(left, int):
            return {"purpose": "ring_test", "ring": left & _RING}
        if not isinstance(mask, ImmediateOperand):
            return {}
        if self._is_old_flags(tested, parts.get("left")):
            return self._old_work(mask.value, bool(parts.get("zero")))
        if self._phase is not Phase.EXIT_WORK or mask.value.bit_count() < 2:
            return {}
        if isinstance(tested, MemoryOperand):
            if effective_address(tested, self.scene.before, self.arch) != self._task():
                return {}
        elif not self._holds_flags(parts.get("left")):
            return {}
        return {"purpose": "work_test", "work": not parts.get("zero")}

    def _old_work(self, mask: int, zero: bool) -> Parts:
        if self._phase in (Phase.ENTRY, Phase.DISPATCH):
            return {"purpose": "trace_test", "work": not zero}
        bit = mask.bit_length() - 1
        if mask.bit_count() == 1:
            known = bit in _NAMED_WORK
            return {"purpose": "work_bit", "bit": bit, "work": not zero} if known else {}
        return {"purpose": "work_test", "work": not zero}

    def _is_old_flags(self, tested: Operand, left: object) -> bool:
        """Whether what is tested are the flags at the low end of the stack, or a copy of them."""
        if isinstance(tested, MemoryOperand):
            address = effective_address(tested, self.scene.before, self.arch)
            return self._in_entry and address in self._old_places()
        working = self._in_entry or self._phase is Phase.EXIT_WORK
        masks = {flags & 0xFF for flags in self._old_flags()}
        return working and (left in self._old_flags() or (_is_byte(tested) and left in masks))

    def _old_places(self) -> tuple[int, ...]:
        frame = self._frame
        found = () if frame is None else flags_addresses(self.arch, frame, self.scene.read)
        return tuple(found)

    def _old_flags(self) -> frozenset[int]:
        raw = (self.scene.read(address, BYTES) for address in self._old_places())
        return frozenset(int.from_bytes(each, "little") for each in raw if each is not None)

    def _is_slot(self, operand: Operand, slot: str) -> bool:
        if not isinstance(operand, MemoryOperand) or self._frame is None:
            return False
        address = effective_address(operand, self.scene.before, self.arch)
        return address == self._frame + self.arch.pt_regs.offsets[slot]

    def _holds_flags(self, value: object) -> bool:
        task = self._task()
        raw = None if task is None else self.scene.read(task, self.arch.word)
        return (
            raw is not None
            and isinstance(value, int)
            and (value == int.from_bytes(raw, "little") & (1 << max(value.bit_length(), 32)) - 1)
        )

    # --- instructions without a value -----------------------------------------------------------

    def _nothing(self, _parts: Parts) -> Parts:
        name = self.scene.operation.name
        purpose = _INSTRUCTIONS.get(name)
        if purpose is None:
            return {}
        return (
            {"purpose": purpose, "on": name == "stac"}
            if name in ("clac", "stac")
            else {"purpose": purpose}
        )

    def _changed(self, _parts: Parts) -> Parts:
        return {"purpose": "given_back"} if self.scene.operation.name == "leave" else {}


def _is_byte(operand: Operand) -> bool:
    return isinstance(operand, RegisterOperand) and operand.size == 1


_CONTROL = {"cr3": "table_read", "cr2": "fault_address"}
_FRAME_POINTER = {"rsp": "rbp", "esp": "ebp"}
_TOLD: dict[str, Callable[[Purpose, Parts], Parts]] = {
    "move": Purpose._move,
    "arithmetic": Purpose._arithmetic,
    "clear": Purpose._clear,
    "push": Purpose._push,
    "pop": Purpose._pop,
    "load": Purpose._load,
    "compare": Purpose._compare,
    "nothing": Purpose._nothing,
    "changed": Purpose._changed,
}
