// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What belongs to a task and lies in the CPU: its address space, its
 * stacks, segment bases and the FPU's registers.
 */
#include <linux/fs.h>
#include <asm/processor.h>
#include <asm/switch_to.h>

#define MSR_FS_BASE		0xc0000100
#define MSR_KERNEL_GS_BASE	0xc0000102

/* entry_64.S and the machine outside know these by number. */
_Static_assert(__builtin_offsetof(struct task_struct, mm) == 24, "mm");
_Static_assert(__builtin_offsetof(struct task_struct, pid) == 32, "pid");
_Static_assert(__builtin_offsetof(struct task_struct, comm) == 40, "comm");
_Static_assert(__builtin_offsetof(struct task_struct, slot) == 56, "slot");
_Static_assert(__builtin_offsetof(struct task_struct, thread.sp) == 64,
	       "TASK_threadsp in entry/calling.h");

/* Where __switch_to_asm left a task that does not run. */
struct inactive_task_frame {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bx;
	unsigned long bp;
	unsigned long ret_addr;
};

static __always_inline unsigned long rdmsrl(unsigned int msr)
{
	unsigned int low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return low | (unsigned long)high << 32;
}

static __always_inline void wrmsrl(unsigned int msr, unsigned long value)
{
	asm volatile("wrmsr" : : "c" (msr), "a" ((unsigned int)value),
		     "d" ((unsigned int)(value >> 32)) : "memory");
}

/* Look addresses up in another table. The kernel's half is the same. */
void switch_mm(const struct mm_struct *next)
{
	unsigned long cr3;

	asm volatile("movq %%cr3, %0" : "=r" (cr3));
	if (cr3 != next->pgd)
		asm volatile("movq %0, %%cr3"
			     : : "r" (next->pgd) : "memory");
}

/* The running task's own segments in the GDT; 32-bit threads use them. */
#define GDT_TLS		((u64 *)CPU_ENTRY_AREA_GDT + GDT_ENTRY_TLS_MIN)

static void save_TLS(struct thread_struct *thread)
{
	int i;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		thread->tls_array[i] = GDT_TLS[i];
}

static void load_TLS(const struct thread_struct *thread)
{
	int i;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		GDT_TLS[i] = thread->tls_array[i];
}

/* Keep what the CPU has of the running task. */
static void save_thread(struct thread_struct *thread)
{
	save_TLS(thread);
	asm volatile("fxsave64 %0" : "=m" (thread->fpu));
	thread->fsbase = rdmsrl(MSR_FS_BASE);
	thread->gsbase = rdmsrl(MSR_KERNEL_GS_BASE);
}

/*
 * The second half of a switch, on the next task's stack: where entries
 * from user mode will find that stack, and the rest of its registers.
 */
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next)
{
	save_thread(&prev->thread);
	update_task_stack(prev, next);
	load_TLS(&next->thread);
	wrmsrl(MSR_FS_BASE, next->thread.fsbase);
	wrmsrl(MSR_KERNEL_GS_BASE, next->thread.gsbase);
	asm volatile("fxrstor64 %0" : : "m" (next->thread.fpu));
	return prev;
}

/*
 * A new task's first way out: it comes back from the same call as its
 * parent, but with 0.
 */
void copy_thread(struct task_struct *p, unsigned long newsp,
		 unsigned long tls, bool settls)
{
	struct pt_regs *childregs = task_pt_regs(p);
	struct inactive_task_frame *frame =
		(struct inactive_task_frame *)childregs - 1;

	*childregs = *current_pt_regs();
	childregs->ax = 0;
	if (newsp)
		childregs->sp = newsp;

	*frame = (struct inactive_task_frame){ };
	frame->ret_addr = (unsigned long)FIRST_INSTRUCTION;
	setup_thread_stack(p);
	task_thread_info(p)->flags = 0;
	task_thread_info(p)->status = 0;
	p->thread.sp = (unsigned long)frame;
	save_thread(&p->thread);
	if (settls)
		p->thread.fsbase = tls;
}
