"""What an instruction did, as data: the kinds of `Effect` and their parts.

Numbers are unsigned register-sized integers unless said otherwise; `symbol`s are names like
`do_syscall_64+0x1c`; a part that isn't known is None.

| kind | parts |
|---|---|
| syscall | number, name, symbol (entry reached), rip (return address kept in rcx), rflags (kept in r11), masked (the RFLAGS bits FMASK cleared), rsp |
| sysret | rip, rflags, rsp, symbol |
| iret | rip, cs, rflags, rsp, ss, cpl, symbol |
| swapgs | gs_base, owner (`kernel` = per-CPU area, `user`) |
| cr3_switch | cr3, table (`kernel`, `user`), before |
| stack_switch | stack (`user`, `trampoline`, `thread`, `other`), before (same words), rsp |
| push_slot | slot, register (None: not a register), value, name (call's name when slot is orig_ax) |
| store_slot | slot, register, value |
| result | value (signed), errno, slot (`ax`): a handler's result is stored in the frame |
| push | register, value, address |
| pop | register, value |
| restore | register, slot, value: a user register read back from pt_regs or the copy on the trampoline stack |
| discard | register, slot, value: a pop of a slot into another register, or a skip over it |
| save | register, value, symbol: a register put aside in per-CPU memory |
| clear | register, before |
| call | symbol, address, returns_to |
| dispatch | number, name, symbol (handler), address |
| return | symbol (where to), address, function (that returned) |
| handler_return | function, value (signed), errno, symbol |
| range_check | number, name, limit, in_range |
| compare | left, right, difference (`equal`, `below`, `above`; unsigned) ; test: left, right, zero |
| sysret_check | check (see `Verdict.check`), left, right, passed (None: its branch decides) |
| sysret_branch | check, passed, taken, symbol (where it goes now), way (`sysret`, `iret`) |
| branch | taken, condition (the mnemonic), symbol (where it goes now) |
| jump | symbol |
| load | register, address, value, symbol |
| store | register, address, value, symbol |
| move | register, source, value |
| arithmetic | register, before, value |
| string | operation, count, address |
| interrupts | on |
| fault | vector, name, error_code, address (cr2 for page faults), symbol, stack, from_user |
| served | symbol, name (the call), value (signed), errno |
| signal | symbol (the user's handler): the way back leads into a signal handler |
| nothing | (a nop, a fence) |
| changed | registers (names, blank between): anything else |
| run | steps, from, to (symbols), slots (names written, blank between), restored (likewise), cleared, stack (the last one switched to), table, gs, dispatched (handler symbol), number, name, value (result stored), errno, checks (`cx_is_ip=passed …`), faults, partial (some of the run was not watched) |
"""
