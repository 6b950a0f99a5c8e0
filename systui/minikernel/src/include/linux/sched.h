/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <asm/percpu.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/thread_info.h>

struct files_struct;

/* An address space: CR3's value for it, in kernel mode. */
struct mm_struct {
	unsigned long pgd;
};

/* What a task leaves in the CPU when another one gets it. */
struct thread_struct {
	unsigned long sp;	/* the kernel stack's, inside schedule() */
	unsigned long fsbase;
	unsigned long gsbase;	/* the user's: swapgs holds it back */
	u8 fpu[512] __aligned(16);	/* as FXSAVE lays it out */
	u64 tls_array[GDT_ENTRY_TLS_ENTRIES];
	THREAD_MEMBERS		/* what else the entry code keeps */
};

struct task_struct {
#ifdef CONFIG_THREAD_INFO_IN_TASK
	struct thread_info thread_info;	/* must be first */
#else
	long state;		/* thread_info is on the stack */
#endif
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
extern struct mm_struct init_mm;
extern struct mm_struct mm_cache[NR_TASKS - 1];

/* All tasks but the first, and what belongs to each. */
extern struct task_struct task_cache[NR_TASKS - 1];
extern unsigned char stack_cache[NR_TASKS - 1][THREAD_SIZE];

DECLARE_PER_CPU(struct task_struct *, current_task);

#define current		this_cpu_read(current_task)

#ifdef CONFIG_THREAD_INFO_IN_TASK
#define current_thread_info()	(&current->thread_info)
#define task_thread_info(task)	(&(task)->thread_info)
#else
#define current_thread_info() \
	((struct thread_info *)(current_top_of_stack() - THREAD_SIZE))
#define task_thread_info(task)	((struct thread_info *)(task)->stack)
#endif

/* The registers of the user who called lie at the very top. */
static __always_inline struct pt_regs *current_pt_regs(void)
{
	return (struct pt_regs *)current_top_of_stack() - 1;
}

/* Read anew each time: whoever raises a flag does not ask first. */
#define read_thread_flags() \
	(*(volatile u32 *)&current_thread_info()->flags)

static __always_inline void clear_thread_flag(int flag)
{
	current_thread_info()->flags &= ~BIT(flag);
}

/* Are addresses and structures those of a 32-bit program? */
static __always_inline bool in_compat_syscall(void)
{
	return current_thread_info()->status & TS_COMPAT;
}

/* The registers of the user who called, for any task. */
static __always_inline struct pt_regs *
task_pt_regs(const struct task_struct *task)
{
	return (struct pt_regs *)
		((unsigned long)task->stack + THREAD_SIZE) - 1;
}

struct task_struct *find_task_by_vpid(pid_t nr);
void schedule(void);
void switch_mm(const struct mm_struct *next);
struct task_struct *__switch_to_asm(struct task_struct *prev,
				    struct task_struct *next);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);
void copy_thread(struct task_struct *p, unsigned long newsp,
		 unsigned long tls, bool settls);

#endif
