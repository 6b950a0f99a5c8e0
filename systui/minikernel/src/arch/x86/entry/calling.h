/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What entry_64.S needs to know in numbers: where the fields of
 * struct pt_regs and of the TSS lie, the selectors, the page-table bit.
 */
#ifndef ENTRY_CALLING_H
#define ENTRY_CALLING_H

/* Offsets into struct pt_regs, as asm/ptrace.h lays it out. */
#define R15		0
#define R14		8
#define R13		16
#define R12		24
#define RBP		32
#define RBX		40
#define R11		48
#define R10		56
#define R9		64
#define R8		72
#define RAX		80
#define RCX		88
#define RDX		96
#define RSI		104
#define RDI		112
#define ORIG_RAX	120
#define RIP		128
#define CS		136
#define EFLAGS		144
#define RSP		152
#define SS		160
#define SIZEOF_PTREGS	168

/* Offset into struct task_struct, as linux/sched.h lays it out. */
#define TASK_threadsp	64

/* Segment selectors: index * 8 + privilege level. */
#define __KERNEL_CS	0x10
#define __USER32_CS	0x23
#define __USER_DS	0x2b
#define __USER_CS	0x33

/* Offsets into the 64-bit TSS (the CPU's own layout). */
#define TSS_sp0		4
#define TSS_sp2		20

#define X86_EFLAGS_TF	0x00000100
#define X86_EFLAGS_IF	0x00000200
#define X86_EFLAGS_RF	0x00010000

/* Four-level paging: addresses have 47 bits and a sign. */
#define __VIRTUAL_MASK_SHIFT	47

/*
 * The two top-level page tables of a process are neighbours: the
 * kernel's at an 8 KiB boundary, the user's one page above. One bit
 * of CR3 tells them apart.
 */
#define PTI_USER_PGTABLE_MASK	0x1000

#define ENOSYS		38

/* Per-CPU variables are offsets from the GS base. */
#define PER_CPU_VAR(var)	%gs:var

#define SYM_CODE_START(name)			\
	.globl name;				\
	.type name, @function;			\
	.balign 16, 0x90;			\
	name:

#define SYM_INNER_LABEL(name)			\
	.globl name;				\
	.type name, @notype;			\
	name:

#define SYM_CODE_END(name)			\
	.size name, . - name

/*
 * Jump to \label, unless the CPU has \feature: then the jump is made
 * into nops when the kernel is patched for its CPU. The row in
 * .altinstructions says where, for what, and that nothing goes there.
 */
.macro JUMP_UNLESS feature, label
661:	jmp	\label
662:
	.pushsection .altinstructions, "a"
	.long	661b - .		/* where the jump is */
	.long	663f - .		/* what replaces it */
	.word	\feature		/* when */
	.byte	662b - 661b		/* bytes there */
	.byte	664f - 663f		/* bytes to put there: none */
	.popsection
	.pushsection .altinstr_replacement, "ax"
663:
664:
	.popsection
.endm

/* CPU feature word 7, bit 11: page-table isolation is in use. */
#define X86_FEATURE_PTI		(7 * 32 + 11)

#endif
