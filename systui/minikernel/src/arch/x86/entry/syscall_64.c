// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system call table: number -> handler. Its rows come from
 * systui/kernel/tables/x86_64.tsv by way of asm/syscalls_64.h, which is
 * included twice: once to declare the handlers, once to list them.
 */
#include <linux/syscalls.h>
#include <asm/unistd.h>

#define __SYSCALL(nr, sym) \
	long __x64_##sym(const struct pt_regs *regs);
#include <asm/syscalls_64.h>
#undef __SYSCALL

#define __SYSCALL(nr, sym)	[nr] = __x64_##sym,
const sys_call_ptr_t sys_call_table[NR_syscalls] = {
	/* Numbers that have no row: not implemented. */
	[0 ... NR_syscalls - 1] = __x64_sys_ni_syscall,
#include <asm/syscalls_64.h>
};
