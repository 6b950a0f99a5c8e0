/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_ENTRY_COMMON_H
#define _LINUX_ENTRY_COMMON_H

#include <linux/sched.h>

/* Called by entry_64.S, for the flags that it found set. */
long syscall_trace_enter(struct pt_regs *regs);
void syscall_trace_leave(struct pt_regs *regs);
void do_notify_resume(struct pt_regs *regs, void *unused,
		      u32 thread_info_flags);

/* After an exception's C code: entry_64.S does all that is left. */
static __always_inline void irqentry_exit(struct pt_regs *regs)
{
}

#endif
