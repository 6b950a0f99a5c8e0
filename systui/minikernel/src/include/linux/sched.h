/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <asm/percpu.h>
#include <asm/processor.h>
#include <asm/ptrace.h>

/* Bits of thread_info.flags: what to look after before user mode. */
#define TIF_NOTIFY_RESUME	1	/* work was queued for the task */
#define TIF_SIGPENDING		2	/* a signal waits */
#define TIF_NEED_RESCHED	3	/* another task should run */
#define TIF_NOTIFY_SIGNAL	17	/* queued work that is urgent */

#define _TIF_NOTIFY_RESUME	BIT(TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		BIT(TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	BIT(TIF_NEED_RESCHED)
#define _TIF_NOTIFY_SIGNAL	BIT(TIF_NOTIFY_SIGNAL)

struct thread_info {
	unsigned long flags;
};

struct files_struct;

struct task_struct {
	struct thread_info thread_info;	/* must be first */
	void *stack;
	struct files_struct *files;
	pid_t pid;
	pid_t tgid;
	char comm[16];
};

#define THREAD_SIZE	16384UL

extern struct task_struct init_task;
extern unsigned char init_stack[THREAD_SIZE];

#define TOP_OF_INIT_STACK \
	((unsigned long)init_stack + THREAD_SIZE)

DECLARE_PER_CPU(struct task_struct *, current_task);

#define current		this_cpu_read(current_task)

/* The registers of the user who called lie at the very top. */
static __always_inline struct pt_regs *current_pt_regs(void)
{
	return (struct pt_regs *)
		this_cpu_read(cpu_current_top_of_stack) - 1;
}

/* Read anew each time: whoever raises a flag does not ask first. */
#define read_thread_flags() \
	(*(volatile unsigned long *)&current->thread_info.flags)

static __always_inline void clear_thread_flag(int flag)
{
	current->thread_info.flags &= ~BIT(flag);
}

void schedule(void);

#endif
