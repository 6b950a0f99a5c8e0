// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a tracer would be told of a call. Nobody traces in here: the
 * way is there to be seen when the flag is raised by hand.
 */
#include <linux/sched.h>

/* The number to go on with: a tracer may have changed it. */
long syscall_trace_enter(struct pt_regs *regs);
long syscall_trace_enter(struct pt_regs *regs)
{
	return regs->orig_ax;
}

void syscall_trace_leave(struct pt_regs *regs);
void syscall_trace_leave(struct pt_regs *regs)
{
}
