/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_THREAD_INFO_H
#define _ASM_X86_THREAD_INFO_H

#include <linux/types.h>
#include <asm/processor.h>

#define THREAD_SIZE	16384UL

/* Bits of thread_info.flags: what to look after before user mode. */
#define TIF_NOTIFY_RESUME	1	/* work was queued for the task */
#define TIF_SIGPENDING		2	/* a signal waits */
#define TIF_NEED_RESCHED	3	/* another task should run */
#define TIF_NOTIFY_SIGNAL	17	/* queued work that is urgent */

#define _TIF_NOTIFY_RESUME	BIT(TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		BIT(TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	BIT(TIF_NEED_RESCHED)
#define _TIF_NOTIFY_SIGNAL	BIT(TIF_NOTIFY_SIGNAL)

/* Bits of thread_info.status: how the task came in. */
#define TS_COMPAT	0x0002	/* a 32-bit call is under way */

struct thread_info {
	u32 flags;
	u32 status;
};

/* Of struct thread_struct: the entry code keeps nothing in it. */
#define THREAD_MEMBERS

/* One past the running task's pt_regs. */
#define current_top_of_stack()	this_cpu_read(cpu_current_top_of_stack)

#endif
