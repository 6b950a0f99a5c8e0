/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PROCESSOR_H
#define _ASM_X86_PROCESSOR_H

#include <linux/types.h>
#include <asm/percpu.h>

/* One past the last address a program can have. */
#define TASK_SIZE_MAX	((1UL << 47) - PAGE_SIZE)

/*
 * The page of calls in a 32-bit program: __kernel_vsyscall is at its
 * start; behind its SYSENTER is an `int $0x80`, for calls that begin
 * anew, and behind that the place to which calls come back.
 */
#define VDSO32_BASE	0xf7ffd000UL
#define VDSO32_RETURN	(VDSO32_BASE + 9)

/* The GDT, and the entries in it that are the running task's own. */
#define CPU_ENTRY_AREA_GDT	0xfffffe0000001000UL
#define GDT_ENTRY_TLS_MIN	12
#define GDT_ENTRY_TLS_ENTRIES	3

/* The task state segment, as the CPU reads it in 64-bit mode. */
struct x86_hw_tss {
	u32 reserved1;
	u64 sp0;	/* stack that exceptions from ring 3 switch to */
	u64 sp1;	/* unused by the CPU */
	u64 sp2;	/* unused by the CPU: entry_SYSCALL_64's scratch */
	u64 reserved2;
	u64 ist[7];
	u32 reserved3;
	u32 reserved4;
	u16 reserved5;
	u16 io_bitmap_base;
} __packed;

struct tss_struct {
	struct x86_hw_tss x86_tss;
};

DECLARE_PER_CPU(struct tss_struct, cpu_tss_rw);
DECLARE_PER_CPU(unsigned long, cpu_current_top_of_stack);

/* Macros, so that their one instruction shows at the line that asks. */
#define local_irq_enable()	asm volatile("sti" : : : "memory")
#define local_irq_disable()	asm volatile("cli" : : : "memory")

/* The address whose access caused the last page fault. */
static __always_inline unsigned long read_cr2(void)
{
	unsigned long address;

	asm volatile("movq %%cr2, %0" : "=r" (address));
	return address;
}

#endif
