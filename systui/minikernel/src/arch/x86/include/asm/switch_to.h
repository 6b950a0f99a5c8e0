/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_SWITCH_TO_H
#define _ASM_X86_SWITCH_TO_H

#include <linux/sched.h>

void ret_from_fork_asm(void);
void ret_from_fork(struct task_struct *prev, struct pt_regs *regs);

/* A new task's first instruction. */
#define FIRST_INSTRUCTION	ret_from_fork_asm

/* What lies at the low end of a new task's stack: nothing. */
#define setup_thread_stack(task)

/* Where entries from user mode will find the next task's stack. */
static __always_inline void update_task_stack(struct task_struct *prev,
					      struct task_struct *next)
{
	unsigned long top = (unsigned long)next->stack + THREAD_SIZE;

	this_cpu_write(cpu_current_top_of_stack, top);
	this_cpu_write(cpu_tss_rw.x86_tss.sp1, top);
}

#endif
