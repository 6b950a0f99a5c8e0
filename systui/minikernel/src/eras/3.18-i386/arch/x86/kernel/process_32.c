// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What belongs to a task and lies in the CPU: its address space, its
 * stacks, its own segments and the FPU's registers.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/ldt.h>

/* entry_32.S and the machine outside know these by number. */
_Static_assert(__builtin_offsetof(struct task_struct, mm) == 12, "mm");
_Static_assert(__builtin_offsetof(struct task_struct, pid) == 16, "pid");
_Static_assert(__builtin_offsetof(struct task_struct, comm) == 24, "comm");
_Static_assert(__builtin_offsetof(struct task_struct, slot) == 40, "slot");

/* Where __switch_to_asm left a task that does not run. */
struct inactive_task_frame {
	unsigned long si;
	unsigned long di;
	unsigned long bx;
	unsigned long bp;
	unsigned long ret_addr;
};

void ret_from_fork(void);

/* Look addresses up in another table. The kernel's part is the same. */
void switch_mm(const struct mm_struct *next)
{
	unsigned long cr3;

	asm volatile("movl %%cr3, %0" : "=r" (cr3));
	if (cr3 != next->pgd)
		asm volatile("movl %0, %%cr3"
			     : : "r" (next->pgd) : "memory");
}

/* The running task's own segments in the GDT: thread-local storage. */
#define GDT_TLS		(&gdt_page.gdt[GDT_ENTRY_TLS_MIN])

/* Keep what the CPU has of the running task. */
static void save_thread(struct thread_struct *thread)
{
	int i;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		thread->tls_array[i] = GDT_TLS[i];
	asm volatile("fxsave %0" : "=m" (thread->fpu));
}

static void load_thread(const struct thread_struct *thread)
{
	int i;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		GDT_TLS[i] = thread->tls_array[i];
	asm volatile("fxrstor %0" : : "m" (thread->fpu));
}

/*
 * The second half of a switch, on the next task's stack: where entries
 * from user mode will find that stack, and the rest of its registers.
 */
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next)
{
	save_thread(&prev->thread);
	init_tss.x86_tss.sp0 = task_stack_top(next);
	load_thread(&next->thread);
	return prev;
}

/*
 * A new task's first way out: it comes back from the same call as its
 * parent, but with 0.
 */
void copy_thread(struct task_struct *p, unsigned long newsp)
{
	struct pt_regs *childregs = task_pt_regs(p);
	struct inactive_task_frame *frame =
		(struct inactive_task_frame *)childregs - 1;

	*childregs = *current_pt_regs();
	childregs->ax = 0;
	if (newsp)
		childregs->sp = newsp;

	*frame = (struct inactive_task_frame){ };
	frame->ret_addr = (unsigned long)ret_from_fork;
	task_thread_info(p)->task = p;
	task_thread_info(p)->exec_domain = &default_exec_domain;
	task_thread_info(p)->flags = 0;
	task_thread_info(p)->status = 0;
	p->thread.sp = (unsigned long)frame;
	save_thread(&p->thread);
}
