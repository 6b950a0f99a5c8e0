// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system call table: row n is the handler of call n, and lies at
 * sys_call_table + 4 * n. Rows that name none say -ENOSYS.
 */
#include <linux/syscalls.h>
#include <asm/unistd.h>

#define __SYSCALL_I386(nr, handler)	asmlinkage long handler(void);
#include <asm/syscalls_32.h>
#undef __SYSCALL_I386

#define __SYSCALL_I386(nr, handler)	[nr] = handler,

const sys_call_ptr_t sys_call_table[NR_syscalls] = {
	[0 ... NR_syscalls - 1] = sys_ni_syscall,
#include <asm/syscalls_32.h>
};
