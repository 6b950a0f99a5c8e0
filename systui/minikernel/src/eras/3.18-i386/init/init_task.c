// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first task, its stack, its descriptors, room for those of others,
 * and what the CPU is told.
 */
#include <linux/fs.h>
#include <linux/sched.h>

/* pt_regs lies near its top: what is pushed first is highest. */
union thread_union init_thread_union __aligned(THREAD_SIZE) = {
	.thread_info = {
		.task		= &init_task,
		.exec_domain	= &default_exec_domain,
	},
};

/* Whose calls these are: once there were others, now nothing asks. */
struct exec_domain default_exec_domain = { .name = "Linux" };

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

struct tss_struct init_tss = {
	.x86_tss = {
		.sp0		= (unsigned long)&init_thread_union
				  + THREAD_SIZE - KERNEL_STACK_PADDING,
		.ss0		= __KERNEL_DS,
		.io_bitmap_base	= sizeof(struct x86_hw_tss),
	},
};

/*
 * Segments are flat: from 0, 4 GiB long. What differs is the ring (F3,
 * FB: 3) and whether it is code (9B, FB) or data (93, F3).
 */
struct gdt_page gdt_page = {
	.gdt = {
		[GDT_ENTRY_KERNEL_CS]	= 0x00cf9b000000ffffULL,
		[GDT_ENTRY_KERNEL_DS]	= 0x00cf93000000ffffULL,
		[GDT_ENTRY_USER_CS]	= 0x00cffb000000ffffULL,
		[GDT_ENTRY_USER_DS]	= 0x00cff3000000ffffULL,
		[GDT_ENTRY_PERCPU]	= 0x00cf93000000ffffULL,
		[GDT_ENTRY_STACK_CANARY] = 0x00cf93000000ffffULL,
	},
};

u64 idt_table[256] __aligned(4096);
