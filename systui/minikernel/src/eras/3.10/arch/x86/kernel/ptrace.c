// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a tracer would look at a call, before and after. There is none:
 * these show the way that a traced task takes.
 */
#include <linux/entry-common.h>

/* The number to go on with: a tracer may have changed it. */
long syscall_trace_enter(struct pt_regs *regs)
{
	return regs->orig_ax;
}

void syscall_trace_leave(struct pt_regs *regs)
{
}
