/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PTRACE_H
#define _ASM_X86_PTRACE_H

#include <linux/types.h>

/*
 * The user's registers as they lie on the kernel stack, lowest address
 * first: the entry code pushes from the end of this list to its start.
 */
struct pt_regs {
	/* What a C function must preserve. */
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	/* What it may overwrite. */
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;	/* a call's result on the way out */
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	/* A call's number; -1 after an exception. */
	unsigned long orig_ax;
	/* What IRET takes: for exceptions the CPU pushes these itself. */
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
};

#define X86_EFLAGS_TF	0x100UL

/* The low two bits of cs are the privilege level. */
static __always_inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) == 3;
}

#endif
