// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first task, its stack, its descriptors, room for those of others,
 * and this CPU's variables.
 */
#include <linux/fs.h>
#include <linux/sched.h>

#define TOP_OF_INIT_STACK \
	((unsigned long)init_stack + THREAD_SIZE)

/* pt_regs lies at its very top: what is pushed first is highest. */
unsigned char init_stack[THREAD_SIZE] __aligned(THREAD_SIZE);

struct files_struct init_files;

struct mm_struct init_mm;

struct task_struct task_cache[NR_TASKS - 1];
unsigned char stack_cache[NR_TASKS - 1][THREAD_SIZE]
	__aligned(THREAD_SIZE);
struct files_struct files_cache[NR_TASKS - 1];
struct mm_struct mm_cache[NR_TASKS - 1];

struct task_struct init_task = {
	.stack	= init_stack,
	.files	= &init_files,
	.mm	= &init_mm,
	.pid	= 1,
	.tgid	= 1,
	.comm	= "program",
};

DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;

DEFINE_PER_CPU(unsigned long, cpu_current_top_of_stack) =
	TOP_OF_INIT_STACK;

/*
 * sp0, the top of the trampoline stack, is in the CPU entry area, whose
 * place is chosen when the CPU is set up.
 */
DEFINE_PER_CPU_PAGE_ALIGNED(struct tss_struct, cpu_tss_rw) = {
	.x86_tss = {
		.sp1		= TOP_OF_INIT_STACK,
		.io_bitmap_base	= sizeof(struct x86_hw_tss),
	},
};
