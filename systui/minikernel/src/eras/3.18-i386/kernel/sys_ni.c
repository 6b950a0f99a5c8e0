// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/syscalls.h>

/* Not implemented: what a number without a call of its own reaches. */
asmlinkage long sys_ni_syscall(void)
{
	return -ENOSYS;
}
