// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One CPU, and who has it. A task gives it up in schedule() only: when
 * its call must wait, when it ends or is stopped, or on its way back to
 * user mode when its time is over.
 */
#include <linux/errno.h>
#include <linux/gates.h>
#include <linux/sched.h>

/* The new stack first: then everything else is the next task's. */
static void context_switch(struct task_struct *prev,
			   struct task_struct *next)
{
	switch_mm(next->mm);
	__switch_to_asm(prev, next);
}

/* Let the task run whose turn it is; come back when it is ours again. */
void schedule(void)
{
	struct task_struct *prev = current;
	struct task_struct *next;

	clear_thread_flag(TIF_NEED_RESCHED);
	next = serve_schedule();
	if (next != prev)
		context_switch(prev, next);
}

/* Have a call done. While it cannot be, others run. */
long serve_call(struct pt_regs *regs)
{
	long result = serve_syscall(regs);

	while (result == -EWAIT) {
		schedule();
		result = serve_syscall(regs);
	}
	return result;
}
