// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of 32-bit calls: number -> handler. Its rows come from
 * systui/kernel/tables/i386.tsv by way of asm/syscalls_32.h, which is
 * included twice: once to declare the handlers, once to list them.
 */
#include <linux/syscalls.h>
#include <asm/unistd.h>

#define __SYSCALL(nr, sym) \
	long __ia32_##sym(const struct pt_regs *regs);
#include <asm/syscalls_32.h>
#undef __SYSCALL

#define __SYSCALL(nr, sym)	[nr] = __ia32_##sym,
const sys_call_ptr_t ia32_sys_call_table[IA32_NR_syscalls] = {
	/* Numbers that have no row: not implemented. */
	[0 ... IA32_NR_syscalls - 1] = __ia32_sys_ni_syscall,
#include <asm/syscalls_32.h>
};
