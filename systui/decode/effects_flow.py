"""Effects of instructions that change where control, ring, stack or address space are."""

from collections.abc import Callable
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.decode.errno import answered, errno_of
from systui.decode.scene import Parts, Scene
from systui.model.operation import Flow, RegisterOperand

Described = tuple[str, Parts]

_RING = 3
_IF = 1 << 9
_USER_TABLE = 1 << 12
"""The bit of CR3 that tells the user's page table from the kernel's (arch/x86/mm/pti.c)."""

_PAGE_FAULT = 14
_DIRECT_CALL = 5
"""Bytes of a direct near call."""
_VECTORS = {
    "divide_error": 0,
    "debug": 1,
    "nmi": 2,
    "int3": 3,
    "overflow": 4,
    "bounds": 5,
    "invalid_op": 6,
    "device_not_available": 7,
    "double_fault": 8,
    "coproc_segment_overrun": 9,
    "invalid_tss": 10,
    "segment_not_present": 11,
    "stack_segment": 12,
    "general_protection": 13,
    "page_fault": 14,
    "spurious_interrupt": 15,
    "coprocessor_error": 16,
    "alignment_check": 17,
    "machine_check": 18,
    "simd_coprocessor_error": 19,
    "virtualization_exception": 20,
    "control_protection": 21,
}
"""Vectors by the kernel's names of their entries (asm_exc_…); Intel SDM vol. 3, table 6-1."""
_MSRS = {
    0x48: "IA32_SPEC_CTRL",
    0x49: "IA32_PRED_CMD",
    0x10B: "IA32_FLUSH_CMD",
    0xC000_0080: "IA32_EFER",
    0xC000_0081: "IA32_STAR",
    0xC000_0082: "IA32_LSTAR",
    0xC000_0084: "IA32_FMASK",
    0xC000_0100: "IA32_FS_BASE",
    0xC000_0101: "IA32_GS_BASE",
    0xC000_0102: "IA32_KERNEL_GS_BASE",
}
"""Model-specific registers met on entry paths; Intel SDM vol. 4, table 2-2."""
_RETURNS_NOTHING = frozenset(
    ("serve_signal", "serve_fault", "arch_do_signal_or_restart", "do_signal")
)
_FAULT_HANDLERS = ("exc_", "noist_exc_", "sysvec_")
"""Prefixes of the C functions behind an exception's entry; they return nothing either."""


class FlowEffects(NamedTuple):
    """Tells such effects of one scene."""

    scene: Scene
    arch: Architecture

    def describe(self) -> Described | None:
        """Kind and parts; None where the instruction is none of these."""
        scene = self.scene
        was, now = scene.before["cs"] & _RING, scene.after["cs"] & _RING
        if was and not now:
            is_call = scene.now.way is not None and scene.now.way.syscall
            return self._called() if is_call else self._fault(from_user=True)
        if len(scene.now.ways) > len(scene.was.ways):
            return self._fault(from_user=False)
        if scene.operation.flow is Flow.IRET:
            return self._iret()
        if scene.operation.flow is Flow.SYSRET:
            return self._sysret()
        if scene.step.leapt:
            return self._served()
        flow = _FLOWS.get(scene.operation.flow)
        return flow(self) if flow is not None else self._machine_state()

    # --- rings ------------------------------------------------------------------------------

    def _called(self) -> Described:
        if self.scene.operation.flow is Flow.INTERRUPT:
            return self._gate()
        return self._sysenter() if self.scene.operation.name == "sysenter" else self._syscall()

    def _gate(self) -> Described:
        after = self.scene.after
        return "gate", {
            **self._numbered(),
            "rip": self.scene.operation.instruction.end,
            "rsp": after[self.arch.sp],
            "stack": self.scene.names.stack(after[self.arch.sp], self.scene.now).value,
            "bits": self.arch.bits,
            "interrupts": bool(after[self.arch.flags_register] & _IF),
        }

    def _sysenter(self) -> Described:
        after = self.scene.after
        stack = self.scene.names.stack(after[self.arch.sp], self.scene.now)
        return "sysenter", {
            **self._numbered(),
            "rsp": after[self.arch.sp],
            "stack": stack.value,
            "bits": self.arch.bits,
        }

    def _numbered(self) -> Parts:
        number = self.scene.before[self.arch.syscall.number] & 0xFFFF_FFFF
        return {
            "number": number,
            "name": self.scene.call_name(number),
            "symbol": self.scene.names.place(self.scene.after[self.arch.pc]),
        }

    def _syscall(self) -> Described:
        before, after = self.scene.before, self.scene.after
        number = before[self.arch.syscall.number]
        return "syscall", {
            "number": number,
            "name": self.scene.call_name(number),
            "symbol": self.scene.names.place(after[self.arch.pc]),
            "rip": after["rcx"],
            "rflags": after["r11"],
            "masked": after["r11"] & ~after["rflags"],
            "rsp": after["rsp"],
        }

    def _fault(self, *, from_user: bool) -> Described:
        after = self.scene.after
        symbol = self.scene.names.place(after[self.arch.pc])
        name = symbol.removeprefix("asm_exc_").removeprefix("asm_sysvec_").removeprefix("asm_")
        vector = _VECTORS.get(name)
        way = self.scene.now.way
        coded = way is not None and "orig_ax" in way.slots
        code = self.scene.read(after[self.arch.sp], self.arch.word) if coded else None
        return "fault", {
            "vector": vector,
            "name": name.replace("_", " "),
            "error_code": None if code is None else int.from_bytes(code, "little"),
            "address": after.get("cr2") if vector == _PAGE_FAULT else None,
            "symbol": symbol,
            "stack": self.scene.names.stack(after[self.arch.sp], self.scene.now).value,
            "from_user": from_user,
        }

    def _iret(self) -> Described:
        after, held = self.scene.after, self.arch.holder
        return "iret", {
            **{f"r{name}": after.get(held[name]) for name in ("ip", "flags", "sp")},
            **{name: after.get(name) for name in ("cs", "ss")},
            "cpl": after["cs"] & _RING,
            "symbol": self.scene.names.place(after[self.arch.pc]),
            "bits": self.arch.bits,
        }

    def _sysret(self) -> Described:
        after, held = self.scene.after, self.arch.holder
        return "sysret", {
            **{f"r{name}": after[held[name]] for name in ("ip", "flags", "sp")},
            "symbol": self.scene.names.place(after[self.arch.pc]),
            "bits": self.arch.bits,
        }

    def _served(self) -> Described:
        scene = self.scene
        symbol = scene.names.place(scene.before[self.arch.pc])
        call = scene.was.call
        number = (
            call.before.get(self.arch.syscall.number)
            if call is not None and scene.was.ways
            else None
        )
        silent = symbol in _RETURNS_NOTHING or symbol.startswith(_FAULT_HANDLERS)
        value = None if silent else answered(scene.after[self.arch.syscall.result], self.arch.bits)
        return "served", {
            "symbol": symbol,
            "name": None if number is None or silent else scene.call_name(number),
            "value": value,
            "errno": None if value is None else errno_of(value),
            "resumes": self._resumes_at(),
        }

    def _resumes_at(self) -> str | None:
        """Where the way back leads now, if the gate has changed that."""
        way = self.scene.now.way
        mark = None if way is None else way.slots.get("ip")
        if way is None or way.frame is None or mark is None:
            return None
        if mark.position != self.scene.step.position + 1:
            return None
        raw = self.scene.read(way.frame + self.arch.pt_regs.offsets["ip"], self.arch.word)
        return None if raw is None else self.scene.names.place(int.from_bytes(raw, "little"))

    # --- calls and branches ------------------------------------------------------------------

    def _call(self) -> Described:
        scene = self.scene
        dispatched = self._dispatched()
        if dispatched is not None:
            return dispatched
        pc = scene.after[self.arch.pc]
        return "call", {
            "symbol": scene.names.place(pc),
            "address": pc,
            "returns_to": scene.operation.instruction.end,
        }

    def _dispatched(self) -> Described | None:
        was, now = self.scene.was.way, self.scene.now.way
        if was is None or now is None or now.level is None or was.level is not None:
            return None
        number = now.before.get(self.arch.syscall.number)
        pc = self.scene.after[self.arch.pc]
        return "dispatch", {
            "number": number,
            "name": None if number is None else self.scene.call_name(number),
            "symbol": self.scene.names.place(pc),
            "address": pc,
        }

    def _return(self) -> Described:
        scene, way = self.scene, self.scene.now.way
        pc = scene.after[self.arch.pc]
        function = self._left()
        returned = (
            way is not None
            and scene.was.way is not None
            and (scene.was.way.level is not None and way.level is None)
        )
        if returned:
            value = answered(scene.after[self.arch.syscall.result], self.arch.bits)
            handler = scene.was.way.handler if scene.was.way is not None else None
            return "handler_return", {
                "function": function if handler is None else scene.names.place(handler),
                "value": value,
                "errno": errno_of(value),
                "symbol": scene.names.place(pc),
            }
        dispatched = self._dispatched()
        if dispatched is not None:
            return dispatched
        symbol = scene.names.place(pc)
        return "return", {"symbol": symbol, "address": pc, "function": function}

    def _left(self) -> str | None:
        """The function that returned; behind a return thunk, the one that had been called."""
        scene = self.scene
        left = scene.path.symbol(scene.address)
        if left is None or left.address not in scene.path.passages:
            return None if left is None else left.name
        pc = scene.after[self.arch.pc]
        call = scene.path.listing.operation(pc - _DIRECT_CALL)
        if call is None or call.instruction.end != pc or call.instruction.target is None:
            return None
        called = scene.path.symbol(call.instruction.target)
        return None if called is None else called.name

    def _branch(self) -> Described:
        scene = self.scene
        instruction, pc = scene.operation.instruction, scene.after[self.arch.pc]
        taken = pc != instruction.end
        dispatched = self._dispatched()
        if dispatched is not None:
            return dispatched
        symbol = scene.names.place(pc)
        way = scene.way
        verdict = way.verdicts[-1] if way is not None and way.verdicts else None
        if verdict is not None and verdict.position == scene.step.position:
            return "sysret_branch", {
                "check": verdict.check,
                "passed": verdict.passed,
                "taken": taken,
                "symbol": symbol,
                "way": "sysret" if verdict.passed else "iret",
            }
        return "branch", {"taken": taken, "condition": instruction.mnemonic, "symbol": symbol}

    def _jump(self) -> Described:
        return self._dispatched() or (
            "jump",
            {"symbol": self.scene.names.place(self.scene.after[self.arch.pc])},
        )

    # --- the machine's state ------------------------------------------------------------------

    def _machine_state(self) -> Described | None:
        scene = self.scene
        name, destination = scene.operation.name, scene.operation.destination
        if name == "swapgs":
            base = scene.after.get("gs_base")
            kernel = base is not None and base >= self.arch.kernel_start
            return "swapgs", {"gs_base": base, "owner": "kernel" if kernel else "user"}
        if name in ("cli", "sti"):
            return "interrupts", {"on": name == "sti"}
        if name in ("wrmsr", "rdmsr"):
            return self._msr(written=name == "wrmsr")
        if not isinstance(destination, RegisterOperand):
            return None
        if destination.register == "cr3":
            cr3 = scene.after.get("cr3", 0)
            table = "user" if cr3 & _USER_TABLE else "kernel"
            return "cr3_switch", {"cr3": cr3, "table": table, "before": scene.before.get("cr3")}
        if destination.register == self.arch.sp and name == "mov":
            return self._stack_switch()
        return None

    def _msr(self, *, written: bool) -> Described:
        values = self.scene.before if written else self.scene.after
        number = self.scene.before["rcx"] & 0xFFFF_FFFF
        value = (values["rdx"] & 0xFFFF_FFFF) << 32 | values["rax"] & 0xFFFF_FFFF
        return "msr", {
            "number": number,
            "name": _MSRS.get(number),
            "value": value,
            "written": written,
        }

    def _stack_switch(self) -> Described | None:
        scene = self.scene
        before = scene.names.stack(scene.before[self.arch.sp], scene.was)
        stack = scene.names.stack(scene.after[self.arch.sp], scene.now)
        if stack is before:
            return None
        return "stack_switch", {
            "stack": stack.value,
            "before": before.value,
            "rsp": scene.after[self.arch.sp],
            "symbol": self._unparked_from(),
            "bits": self.arch.bits,
        }

    def _unparked_from(self) -> str | None:
        way, memory = self.scene.way, self.scene.operation.memory
        if way is None or way.door is None or memory is None:
            return None
        taken = self.scene.address in way.door.unparks
        return self.scene.path.percpu_word(memory.displacement) if taken else None


_FLOWS: dict[Flow, Callable[[FlowEffects], Described]] = {
    Flow.CALL: FlowEffects._call,
    Flow.RETURN: FlowEffects._return,
    Flow.BRANCH: FlowEffects._branch,
    Flow.JUMP: FlowEffects._jump,
}
