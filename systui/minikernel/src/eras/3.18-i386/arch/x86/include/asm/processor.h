/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PROCESSOR_H
#define _ASM_X86_PROCESSOR_H

#include <linux/types.h>
#include <asm/segment.h>

/* The task state segment, of which the CPU reads ss0 and esp0. */
struct x86_hw_tss {
	u32 back_link;
	u32 sp0;	/* stack that ring 3's entries switch to */
	u32 ss0;
	u32 sp1;	/* unused by the CPU */
	u32 ss1;
	u32 unused[20];
	u16 trace;
	u16 io_bitmap_base;
} __packed;

struct tss_struct {
	struct x86_hw_tss x86_tss;
};

extern struct tss_struct init_tss;

/* The global descriptor table: eight bytes for each segment. */
struct gdt_page {
	u64 gdt[GDT_ENTRIES];
} __aligned(4096);

extern struct gdt_page gdt_page;

/* The interrupt descriptor table, filled in when the CPU is set up. */
extern u64 idt_table[256];

/* Macros, so that their one instruction shows at the line that asks. */
#define local_irq_enable()	asm volatile("sti" : : : "memory")
#define local_irq_disable()	asm volatile("cli" : : : "memory")

/* The address whose access caused the last page fault. */
static __always_inline unsigned long read_cr2(void)
{
	unsigned long address;

	asm volatile("movl %%cr2, %0" : "=r" (address));
	return address;
}

#endif
