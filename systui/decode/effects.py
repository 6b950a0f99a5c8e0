"""What an instruction did, as data: the kinds of `Effect` and their parts.

Numbers are unsigned register-sized integers unless said otherwise; a `symbol` is a name like
`do_syscall_64+0x1c`; a part that isn't known is None. On i386 the parts rip, rflags and rsp hold
eip, eflags and esp.

- `syscall`: number, name, symbol (entry reached), rip (return address kept in rcx), rflags (kept
  in r11), masked (the RFLAGS bits that FMASK cleared), rsp
- `gate`: number, name, symbol, rip (return address, pushed), rsp, stack (where `int $0x80` has the
  CPU push five words); `sysenter`: number, name, symbol, rsp, stack, bits (the
  machine's)
- `sysret`: rip, rflags, rsp, symbol, bits; `iret`: rip, cs, rflags, rsp, ss, cpl, symbol
- `swapgs`: gs_base, owner (`kernel`: the per-CPU area, or `user`)
- `cr3_switch`: cr3, table (`kernel`, `user`), before
- `stack_switch`: stack, before (both `user`, `trampoline`, `thread` or `other`), rsp,
  symbol (the per-CPU word that has kept the user's rsp since the entry, where it is taken thence),
  bits
- `push_slot`: slot, register (None: no register), value, name (the call's, for orig_ax), fault
  (the frame is a fault's, no system call's), again (the slot had been written on the way in),
  abi (how the call was passed), argument (which of the call's the slot keeps, from 1 on)
- `store_slot`: the same; `result`: slot (`ax`), value (signed), errno,
  register (where the program finds it)
- `push`: register, value, address, source (`pt_regs.sp`: the copy of a slot); `pop`: register,
  value
- `restore`: register, slot, value, users, fault, same: a register read back from pt_regs, or from
  the copy on the trampoline stack; operand: it is not its own, SYSRET or SYSEXIT takes it thence;
  users is False where the slot never had the user's own value
  (rcx, r11), same whether the register holds what it held before the way began;
  `discard`: the same for a register that is not the slot's own
- `save`: register, value, symbol: a register put aside in per-CPU memory
- `clear`: register, before
- `call`: symbol, address, returns_to; `return`: symbol (where to), address, function (left)
- `dispatch`: number, name, symbol (the handler), address
- `handler_return`: function, value (signed), errno, symbol
- `range_check`: number, name, limit, in_range
- `compare`: left, right, and difference (`equal`, `below`, `above`, unsigned), or zero (for
  `test`: no bit in common; with register where it is tested against itself)
- `sysret_check`: check (see `Verdict.check`), left, right, passed
- `sysret_branch`: check, passed, taken, symbol (where it goes on), way (`sysret`, `iret`)
- `branch`: taken, condition (the mnemonic), symbol; `jump`: symbol
- `load`: register, address, value, symbol; `store`: register, address, value, symbol
- `move`: register, source, value; `arithmetic`: register, before, value
- `string`: operation, count, address; `interrupts`: on
- `fault`: vector, name, error_code, address (cr2 of a page fault), symbol, stack, from_user
- `served`: symbol, name (the call), value (signed), errno, resumes (where the way back leads now,
  if what was served changed that: a signal's handler)
- `nothing`: a nop, a fence; `changed`: registers (names, blank between): anything else
- `msr`: number, name (None: not one of those known), value, written
- `run`: many instructions, see `systui.decode.summary`

What an instruction is there for, where that can be told, is in `purpose` and the parts beside it:
see `systui.decode.purpose`.
"""

from collections.abc import Callable
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.decode.access import stores
from systui.decode.effects_data import DataEffects
from systui.decode.effects_flow import FlowEffects
from systui.decode.fold import Step
from systui.decode.purpose import Purpose
from systui.decode.scene import Names, Parts, Scene
from systui.decode.way import Track, Way
from systui.kernel.path import EntryPath
from systui.model.effect import Effect, Store
from systui.model.stop import Read

Described = tuple[str, Parts]
"""Kind and parts."""


class Effects(NamedTuple):
    """Tells what steps did, for one kernel image."""

    path: EntryPath
    arch: Architecture
    names: Names
    slots_at: Callable[[Way, int, Store], tuple[str, ...]]
    """The pt_regs slots of a way's frame that a store hits, by the instruction at an address."""

    def of(self, step: Step, was: Track, now: Track, read: Read) -> Effect:
        """What `step` did, between what was known before and after it."""
        scene = Scene(step, was, now, self.path, self.names, read)
        stored = self._stores(scene)
        flow = FlowEffects(scene, self.arch)
        kind, parts = flow.describe() or DataEffects(scene, self.arch, stored).describe()
        why = Purpose(scene, self.arch).of(kind, parts)
        text = step.operation.instruction.text
        return Effect(kind, step.position, text, {**parts, **why} if why else parts, stored)

    def _stores(self, scene: Scene) -> tuple[Store, ...]:
        if scene.step.leapt:
            return ()
        found = stores(scene.step.operation, scene.before, self.arch)
        way, address = scene.was.way, scene.address
        if way is None:
            return found
        return tuple(
            Store(store.address, store.size, store.value, slots[0])
            if (slots := self.slots_at(way, address, store))
            else store
            for store in found
        )
