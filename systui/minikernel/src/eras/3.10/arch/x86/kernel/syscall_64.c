// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system call table: number -> handler. Its rows come from
 * systui/kernel/tables/x86_64.tsv by way of asm/syscalls_64.h, which is
 * included twice: once to declare the handlers, once to list them. What
 * arguments each one takes is nothing to the table.
 */
#include <asm/unistd.h>

typedef void (*sys_call_ptr_t)(void);

#define __SYSCALL(nr, sym)	void sym(void);
#include <asm/syscalls_64.h>
#undef __SYSCALL

#define __SYSCALL(nr, sym)	[nr] = sym,
const sys_call_ptr_t sys_call_table[NR_syscalls] = {
	/* Numbers that have no row: not implemented. */
	[0 ... NR_syscalls - 1] = sys_ni_syscall,
#include <asm/syscalls_64.h>
};
