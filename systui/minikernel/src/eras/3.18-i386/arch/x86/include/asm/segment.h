/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_SEGMENT_H
#define _ASM_X86_SEGMENT_H

/* Which entry of the GDT is what; a selector is 8 times that, and RPL. */
#define GDT_ENTRIES		32
#define GDT_ENTRY_TLS_MIN	6	/* those that are the task's own */
#define GDT_ENTRY_TLS_ENTRIES	3
#define GDT_ENTRY_KERNEL_CS	12
#define GDT_ENTRY_KERNEL_DS	13
#define GDT_ENTRY_USER_CS	14
#define GDT_ENTRY_USER_DS	15
#define GDT_ENTRY_TSS		16
#define GDT_ENTRY_PERCPU	27
#define GDT_ENTRY_STACK_CANARY	28

#define __KERNEL_CS		(GDT_ENTRY_KERNEL_CS * 8)
#define __KERNEL_DS		(GDT_ENTRY_KERNEL_DS * 8)
#define __USER_CS		(GDT_ENTRY_USER_CS * 8 + 3)
#define __USER_DS		(GDT_ENTRY_USER_DS * 8 + 3)
#define __KERNEL_PERCPU		(GDT_ENTRY_PERCPU * 8)
#define __KERNEL_STACK_CANARY	(GDT_ENTRY_STACK_CANARY * 8)

#endif
