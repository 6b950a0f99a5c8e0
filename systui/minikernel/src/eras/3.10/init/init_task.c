// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first task, its stack, its descriptors, room for those of others,
 * and this CPU's variables.
 */
#include <linux/fs.h>
#include <linux/sched.h>

const struct exec_domain default_exec_domain = { .name = "native" };

/* pt_regs lies at its very top, thread_info at its bottom. */
union thread_union init_thread_union __aligned(THREAD_SIZE) = {
	.thread_info = {
		.task		= &init_task,
		.exec_domain	= &default_exec_domain,
	},
};

struct files_struct init_files;

struct mm_struct init_mm;

struct task_struct task_cache[NR_TASKS - 1];
unsigned char stack_cache[NR_TASKS - 1][THREAD_SIZE]
	__aligned(THREAD_SIZE);
struct files_struct files_cache[NR_TASKS - 1];
struct mm_struct mm_cache[NR_TASKS - 1];

struct task_struct init_task = {
	.stack	= &init_thread_union,
	.files	= &init_files,
	.mm	= &init_mm,
	.pid	= 1,
	.tgid	= 1,
	.comm	= "program",
};

DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;

/* Where rsp goes first, on the way in. */
DEFINE_PER_CPU(unsigned long, kernel_stack) =
	(unsigned long)&init_thread_union + THREAD_SIZE -
	KERNEL_STACK_OFFSET;

/* The user's rsp, from the way in to the way out. */
DEFINE_PER_CPU(unsigned long, old_rsp);

DEFINE_PER_CPU_PAGE_ALIGNED(struct tss_struct, init_tss) = {
	.x86_tss = {
		.sp0		= (unsigned long)&init_thread_union +
				  THREAD_SIZE,
		.io_bitmap_base	= sizeof(struct x86_hw_tss),
	},
};
