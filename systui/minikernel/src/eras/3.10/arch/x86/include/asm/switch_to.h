/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_SWITCH_TO_H
#define _ASM_X86_SWITCH_TO_H

#include <linux/sched.h>

void ret_from_fork(void);

/* A new task's first instruction. */
#define FIRST_INSTRUCTION	ret_from_fork

/* The low end of a new task's stack; and the rsp it goes back to. */
static __always_inline void setup_thread_stack(struct task_struct *task)
{
	task_thread_info(task)->task = task;
	task_thread_info(task)->exec_domain = &default_exec_domain;
	task->thread.usersp = task_pt_regs(task)->sp;
}

/*
 * What a task has in this CPU's variables: where entries from user mode
 * find its stack, and its own rsp while it is in a call.
 */
static __always_inline void update_task_stack(struct task_struct *prev,
					      struct task_struct *next)
{
	unsigned long top = (unsigned long)next->stack + THREAD_SIZE;

	prev->thread.usersp = this_cpu_read(old_rsp);
	this_cpu_write(old_rsp, next->thread.usersp);
	this_cpu_write(kernel_stack, top - KERNEL_STACK_OFFSET);
	this_cpu_write(init_tss.x86_tss.sp0, top);
}

#endif
