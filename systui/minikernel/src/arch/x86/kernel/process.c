// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/entry-common.h>
#include <asm/switch_to.h>

/* A new task's first C function. */
void ret_from_fork(struct task_struct *prev, struct pt_regs *regs)
{
	syscall_exit_to_user_mode(regs);
}
