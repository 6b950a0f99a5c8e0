// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/syscalls.h>

/* There is one program, and one address space: it stays. */
SYSCALL_DEFINE3(execve, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return -ENOSYS;
}
