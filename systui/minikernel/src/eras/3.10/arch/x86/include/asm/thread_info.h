/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task's flags as that age kept them: in a structure at the low end of
 * its kernel stack. So entry code finds them from rsp alone.
 */
#ifndef _ASM_X86_THREAD_INFO_H
#define _ASM_X86_THREAD_INFO_H

#define THREAD_SIZE		8192

/* The entry code's rsp begins so far below the top: rip .. ss fit. */
#define KERNEL_STACK_OFFSET	(5 * 8)

/* Offset of the flags into struct thread_info. */
#define TI_flags		16

/* Bits of thread_info.flags. */
#define TIF_SYSCALL_TRACE	0	/* a tracer wants to see the call */
#define TIF_NOTIFY_RESUME	1	/* work was queued for the task */
#define TIF_SIGPENDING		2	/* a signal waits */
#define TIF_NEED_RESCHED	3	/* another task should run */

#define _TIF_SYSCALL_TRACE	(1 << TIF_SYSCALL_TRACE)
#define _TIF_NOTIFY_RESUME	(1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)

/* What is looked for before a call, after it, and before user mode. */
#define _TIF_WORK_SYSCALL_ENTRY	_TIF_SYSCALL_TRACE
#define _TIF_WORK_SYSCALL_EXIT	_TIF_SYSCALL_TRACE
#define _TIF_DO_NOTIFY_MASK	(_TIF_SIGPENDING | _TIF_NOTIFY_RESUME)
#define _TIF_WORK_MASK		(_TIF_DO_NOTIFY_MASK | _TIF_NEED_RESCHED)
#define _TIF_ALLWORK_MASK	(_TIF_WORK_MASK | _TIF_WORK_SYSCALL_EXIT)

#ifndef __ASSEMBLER__
#include <linux/types.h>
#include <asm/processor.h>

#define TS_COMPAT	0x0002	/* never set: no 32-bit calls here */

/* Whose behaviour a program expects; there is one. */
struct exec_domain {
	const char *name;
};

struct task_struct;

struct thread_info {
	struct task_struct *task;
	const struct exec_domain *exec_domain;
	u32 flags;
	u32 status;
};

/* The low end of a stack, and all of it. */
union thread_union {
	struct thread_info thread_info;
	unsigned char stack[THREAD_SIZE];
};

extern const struct exec_domain default_exec_domain;
extern union thread_union init_thread_union;

DECLARE_PER_CPU(unsigned long, kernel_stack);
DECLARE_PER_CPU(unsigned long, old_rsp);
DECLARE_PER_CPU(struct tss_struct, init_tss);

/* Of struct thread_struct: old_rsp, while another task has the CPU. */
#define THREAD_MEMBERS		unsigned long usersp;

/* One past the running task's pt_regs. */
#define current_top_of_stack() \
	(this_cpu_read(kernel_stack) + KERNEL_STACK_OFFSET)

_Static_assert(__builtin_offsetof(struct thread_info, flags) == TI_flags,
	       "TI_flags");
#endif

#endif
