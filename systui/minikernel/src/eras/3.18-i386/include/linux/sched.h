/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <asm/asm-offsets.h>
#include <asm/percpu.h>
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

/* An address space: CR3's value for it. */
struct mm_struct {
	unsigned long pgd;
};

/* What a task leaves in the CPU when another one gets it. */
struct thread_struct {
	unsigned long sp;	/* the kernel stack's, inside schedule() */
	u8 fpu[512] __aligned(16);	/* as FXSAVE lays it out */
	u64 tls_array[GDT_ENTRY_TLS_ENTRIES];
};

struct task_struct {
	long state;
	void *stack;
	struct files_struct *files;
	struct mm_struct *mm;
	pid_t pid;		/* the thread's number */
	pid_t tgid;		/* the process's: its first thread's */
	char comm[16];
	unsigned int slot;	/* which of NR_TASKS it is */
	struct thread_struct thread;
};

/* The most tasks at one time. */
#define NR_TASKS	64

extern struct task_struct init_task;
extern union thread_union init_thread_union;
extern struct mm_struct init_mm;

/* All tasks but the first, and what belongs to each. */
extern struct task_struct task_cache[NR_TASKS - 1];
extern unsigned char stack_cache[NR_TASKS - 1][THREAD_SIZE];
extern struct mm_struct mm_cache[NR_TASKS - 1];

/* The stack is aligned to its size: esp tells where it begins. */
static __always_inline struct thread_info *current_thread_info(void)
{
	unsigned long sp;

	asm("movl %%esp, %0" : "=r" (sp));
	return (struct thread_info *)(sp & -THREAD_SIZE);
}

DECLARE_PER_CPU(struct task_struct *, current_task);

#define current			this_cpu_read(current_task)
#define task_thread_info(task)	((struct thread_info *)(task)->stack)

/* Calls are those of the kernel's own width. */
#define in_compat_syscall()	false

/* Bytes at the stack's top that are left free. */
#define KERNEL_STACK_PADDING	8
#define task_stack_top(task) \
	((unsigned long)(task)->stack + THREAD_SIZE - KERNEL_STACK_PADDING)

#define task_pt_regs(task)	((struct pt_regs *)task_stack_top(task) - 1)
#define current_pt_regs()	task_pt_regs(current)

static __always_inline void clear_thread_flag(int flag)
{
	current_thread_info()->flags &= ~BIT(flag);
}

void schedule(void);
void switch_mm(const struct mm_struct *next);
struct task_struct *__switch_to_asm(struct task_struct *prev,
				    struct task_struct *next);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);
void copy_thread(struct task_struct *p, unsigned long newsp);

#endif
