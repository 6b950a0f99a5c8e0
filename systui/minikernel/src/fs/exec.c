// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>

/*
 * Run a file: the task stays, its memory is replaced. When the service
 * comes back, *regs is the new program's and current->mm its memory.
 */
static long begin_new_exec(void)
{
	long error = serve();

	if (!error)
		switch_mm(current->mm);
	return error;
}

SYSCALL_DEFINE3(execve, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	struct filename *name = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return begin_new_exec();
}

/* The arrays of a 32-bit program have narrower pointers in them. */
COMPAT_SYSCALL_DEFINE3(execve, const char __user *, filename,
		       const u32 __user *, argv, const u32 __user *, envp)
{
	struct filename *name = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return begin_new_exec();
}

SYSCALL_DEFINE5(execveat, int, fd, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp, int, flags)
{
	return begin_new_exec();
}
