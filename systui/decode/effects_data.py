"""Effects of instructions that move and compute values."""

from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.decode.access import effective_address, operand_value
from systui.decode.errno import answered, errno_of
from systui.decode.scene import Parts, Scene
from systui.decode.way import Way
from systui.kernel.values import Pointer, Slot
from systui.model.call import Phase
from systui.model.effect import Store
from systui.model.frame import StackKind
from systui.model.operation import (
    ImmediateOperand,
    MemoryOperand,
    Operand,
    RegisterOperand,
)

Described = tuple[str, Parts]

_ZF = 1 << 6
_OPERANDS = ("ip", "sp")
"""Slots that SYSRET and SYSEXIT take from other registers (SDM vol. 2B)."""
_MOVES = frozenset(("mov", "movabs", "movsx", "movsxd", "movzx"))
_NOTHING = frozenset(
    (
        *("nop", "endbr64", "endbr32", "pause", "lfence", "mfence", "sfence", "clac", "stac"),
        *("cld", "std", "verw", "fnop"),
    )
)
_STRINGS = ("stos", "movs", "cmps", "scas", "lods")


class DataEffects(NamedTuple):
    """Tells such effects of one scene; `stores` are its writes to memory, slots named."""

    scene: Scene
    arch: Architecture
    stores: tuple[Store, ...]

    def describe(self) -> Described:
        """Kind and parts."""
        name = self.scene.operation.name
        if name in _NOTHING:
            return "nothing", {}
        if name == "push" or name.startswith("pushf"):
            return self._push()
        if name == "pop":
            return self._read(self._popped())
        if name in ("cmp", "test"):
            return self._comparison()
        if name[:-1] in _STRINGS and self._is_string():
            return self._string()
        if name in ("xor", "sub") and self._same_register():
            register = self._register(self.scene.operation.destination)
            return "clear", {"register": register, "before": self.scene.before.get(register or "")}
        if name in _MOVES:
            return self._move()
        return self._computed()

    # --- stores -------------------------------------------------------------------------------

    def _push(self) -> Described:
        source = self.scene.operation.source
        register = self._register(source)
        store = self.stores[0]
        value = store.value if store.value is not None else self._word(store.address)
        if store.slot is None:
            return "push", {
                "register": register,
                "value": value,
                "address": store.address,
                "source": self._pushed_from(source),
            }
        return self._slot("push_slot", store.slot, register, value)

    def _pushed_from(self, source: Operand | None) -> str | None:
        if not isinstance(source, MemoryOperand):
            return None
        return self._symbol(source, effective_address(source, self.scene.before, self.arch))

    def _slot(self, kind: str, slot: str, register: str | None, value: int | None) -> Described:
        way = self.scene.way
        if slot == "ax" and value is not None and self._is_result():
            result = answered(value, self.arch.bits)
            return "result", {
                "slot": slot,
                "value": result,
                "errno": errno_of(result),
                "register": self.arch.syscall.result,
            }
        parts: dict[str, int | str | bool | None] = {
            "slot": slot,
            "register": register,
            "value": value,
            "fault": way is not None and not way.syscall,
            "again": way is not None and slot in way.slots and way.phase is not Phase.ENTRY,
            "abi": None if way is None else way.abi,
            "argument": self._argument(slot, way),
        }
        if slot == "orig_ax" and value is not None:
            parts["name"] = self.scene.call_name(value)
        return kind, parts

    def _is_result(self) -> bool:
        """Whether what is known after the step holds the result that it stored."""
        now = self.scene.now.way
        return now is not None and now.result_at == self.scene.step.position + 1

    def _argument(self, slot: str, way: Way | None) -> int | None:
        """Which argument of the call the slot keeps, from 1 on."""
        if way is None:
            return None
        arguments = self.arch.convention(way.abi).arguments
        held = self.arch.holder.get(slot)
        return arguments.index(held) + 1 if held in arguments else None

    def _stored(self, operand: MemoryOperand) -> Described:
        store = self.stores[0] if self.stores else None
        register = self._register(self.scene.operation.source)
        if store is not None and store.slot is not None:
            value = store.value
            if value is None and store.size == self.arch.word:
                value = self._word(store.address)
            return self._slot("store_slot", store.slot, register, value)
        address = effective_address(operand, self.scene.before, self.arch)
        value = None if store is None else store.value
        symbol = self._symbol(operand, address)
        if operand.segment == "gs" and symbol is not None and register is not None:
            return "save", {"register": register, "value": value, "symbol": symbol}
        return "store", {
            "register": register,
            "address": address,
            "value": value,
            "symbol": symbol,
        }

    # --- loads --------------------------------------------------------------------------------

    def _popped(self) -> str | None:
        """The slot that a pop reads: by the static map, its own or another's."""
        way = self.scene.way
        state = way.door.outward.states.get(self.scene.address) if way and way.door else None
        top = None if state is None else state.top
        if state is None or not isinstance(top, Pointer):
            return None
        word = state.memory.get(top)
        return word.value.name if word is not None and isinstance(word.value, Slot) else None

    def _read(self, slot: str | None) -> Described:
        register = self._register(self.scene.operation.destination)
        value = self.scene.after.get(register) if register is not None else None
        if slot is None:
            return "pop", {"register": register, "value": value}
        return self._restored(register, slot, value)

    def _restored(self, register: str | None, slot: str, value: int | None) -> Described:
        way = self.scene.way
        door = way.door if way is not None else None
        kind = "restore" if door is not None and self.scene.address in door.restores else "discard"
        before = way.before.get(register) if way is not None and register is not None else None
        return kind, {
            "register": register,
            "slot": slot,
            "value": value,
            "users": door is not None and register in door.keepers,
            "fault": way is not None and not way.syscall,
            "operand": slot in _OPERANDS and self.arch.holder[slot] != register,
            "same": None if before is None or value is None else before == value,
        }

    def _move(self) -> Described:
        scene = self.scene
        source, destination = scene.operation.source, scene.operation.destination
        if isinstance(destination, MemoryOperand):
            return self._stored(destination)
        register = self._register(destination)
        value = None if register is None else scene.after.get(register)
        if isinstance(source, MemoryOperand):
            restored = (
                scene.way.door.restores.get(scene.address)
                if (scene.way is not None and scene.way.door is not None)
                else None
            )
            if restored is not None:
                return self._restored(register, restored[1], value)
            address = effective_address(source, scene.before, self.arch)
            return "load", {
                "register": register,
                "address": address,
                "value": value,
                "symbol": self._symbol(source, address),
            }
        name = source.name if isinstance(source, RegisterOperand) else None
        return "move", {"register": register, "source": name, "value": value}

    # --- comparisons --------------------------------------------------------------------------

    def _comparison(self) -> Described:
        scene = self.scene
        right, left = (self._value(operand) for operand in scene.operation.operands)
        zero = bool(scene.after[self.arch.flags_register] & _ZF)
        way = scene.way
        dispatch = None if way is None else scene.path.dispatch_of(way.door)
        check = scene.path.checks.get(scene.address) if way is not None and way.syscall else None
        if check is not None:
            verdicts = scene.now.way.verdicts if scene.now.way is not None else ()
            passed = verdicts[-1].passed if verdicts else None
            return "sysret_check", {"check": check, "left": left, "right": right, "passed": passed}
        limit = dispatch.range_checks.get(scene.address) if dispatch is not None else None
        if limit is not None and left is not None:
            number = left & 0xFFFF_FFFF
            return "range_check", {
                "number": number,
                "name": scene.call_name(number),
                "limit": limit,
                "in_range": number < limit,
            }
        if scene.operation.name == "test":
            own = self._register(scene.operation.source) if self._same_register() else None
            tested = {} if own is None else {"register": own}
            return "compare", {**tested, "left": left, "right": right, "zero": zero}
        return "compare", {"left": left, "right": right, "difference": _difference(left, right)}

    # --- the rest -----------------------------------------------------------------------------

    def _is_string(self) -> bool:
        pointers = self.arch.holder["di"], self.arch.holder["si"]
        return any(
            isinstance(operand, MemoryOperand) and operand.base in pointers
            for operand in self.scene.operation.operands
        )

    def _string(self) -> Described:
        before = self.scene.before
        repeated = self.scene.operation.instruction.mnemonic.startswith("rep")
        return "string", {
            "operation": self.scene.operation.instruction.mnemonic,
            "count": before[self.arch.holder["cx"]] if repeated else 1,
            "address": before[self.arch.holder["di"]],
        }

    def _same_register(self) -> bool:
        operands = self.scene.operation.operands
        return (
            len(operands) == 2
            and isinstance(operands[0], RegisterOperand)
            and isinstance(operands[1], RegisterOperand)
            and operands[0].name == operands[1].name
        )

    def _computed(self) -> Described:
        scene, destination = self.scene, self.scene.operation.destination
        if isinstance(destination, RegisterOperand) and destination.written:
            name = destination.register
            before, after = scene.before.get(name), scene.after.get(name)
            return "arithmetic", {"register": name, "before": before, "value": after}
        if isinstance(destination, MemoryOperand) and self.stores:
            return self._stored(destination)
        changed = (name for name in scene.after if name != self.arch.pc and scene.changed(name))
        return "changed", {"registers": " ".join(changed)}

    # --- operands -----------------------------------------------------------------------------

    def _register(self, operand: Operand | None) -> str | None:
        return operand.register if isinstance(operand, RegisterOperand) else None

    def _value(self, operand: Operand) -> int | None:
        if isinstance(operand, RegisterOperand):
            return operand_value(operand, self.scene.before)
        if isinstance(operand, ImmediateOperand):
            size = max(each.size for each in self.scene.operation.operands)
            return operand.value & (1 << 8 * size) - 1
        address = effective_address(operand, self.scene.before, self.arch)
        raw = None if address is None else self.scene.read(address, operand.size)
        return None if raw is None else int.from_bytes(raw, "little")

    def _word(self, address: int) -> int | None:
        raw = self.scene.read(address, self.arch.word)
        return None if raw is None else int.from_bytes(raw, "little")

    def _symbol(self, operand: MemoryOperand, address: int | None) -> str | None:
        """The variable that `operand` names, where it names one."""
        if operand.segment == self.arch.per_cpu and operand.base is None:
            return self.scene.path.percpu_word(operand.displacement & self.arch.mask)
        if address is None:
            return None
        way = self.scene.way
        if way is not None and way.frame is not None:
            slot = self.scene.path.slot(address - way.frame)
            if slot in way.slots:
                return f"pt_regs.{slot}"
        if self.scene.names.stack(address, self.scene.was) is not StackKind.OTHER:
            return None
        place = self.scene.names.place(address)
        return None if place.startswith("0x") else place


def _difference(left: int | None, right: int | None) -> str | None:
    if left is None or right is None:
        return None
    return "equal" if left == right else "below" if left < right else "above"
