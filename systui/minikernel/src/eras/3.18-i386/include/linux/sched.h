/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <asm/asm-offsets.h>
#include <asm/processor.h>
#include <asm/ptrace.h>

struct task_struct;
struct files_struct;

struct exec_domain {
	const char *name;
};

extern struct exec_domain default_exec_domain;

/* At the low end of the task's kernel stack, which grows towards it. */
struct thread_info {
	struct task_struct *task;
	struct exec_domain *exec_domain;
	u32 flags;	/* _TIF_* */
	u32 status;
};

union thread_union {
	struct thread_info thread_info;
	unsigned long stack[THREAD_SIZE / sizeof(long)];
};

struct task_struct {
	void *stack;
	struct files_struct *files;
	pid_t pid;
	pid_t tgid;
	char comm[16];
	unsigned int slot;
};

/* One program, one task. */
#define NR_TASKS	1

extern struct task_struct init_task;
extern union thread_union init_thread_union;

/* The stack is aligned to its size: esp tells where it begins. */
static __always_inline struct thread_info *current_thread_info(void)
{
	unsigned long sp;

	asm("movl %%esp, %0" : "=r" (sp));
	return (struct thread_info *)(sp & -THREAD_SIZE);
}

#define current		(current_thread_info()->task)

/* Calls are those of the kernel's own width. */
#define in_compat_syscall()	false

/* Eight bytes at the stack's top are left free. */
#define task_pt_regs(task)						\
	((struct pt_regs *)((unsigned long)(task)->stack		\
			    + THREAD_SIZE - 8) - 1)
#define current_pt_regs()	task_pt_regs(current)

static __always_inline void clear_thread_flag(u32 mask)
{
	current_thread_info()->flags &= ~mask;
}

void schedule(void);

#endif
