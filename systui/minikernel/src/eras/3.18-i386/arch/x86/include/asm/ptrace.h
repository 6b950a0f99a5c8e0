/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PTRACE_H
#define _ASM_X86_PTRACE_H

#include <linux/types.h>

/*
 * The user's registers as they lie on the kernel stack, lowest address
 * first: the entry code pushes from the end of this list to its start.
 */
struct pt_regs {
	unsigned long bx;	/* a call's 1st argument */
	unsigned long cx;	/* 2nd */
	unsigned long dx;	/* 3rd */
	unsigned long si;	/* 4th */
	unsigned long di;	/* 5th */
	unsigned long bp;	/* 6th */
	unsigned long ax;	/* its result on the way out */
	unsigned long ds;
	unsigned long es;
	unsigned long fs;
	unsigned long gs;
	/* A call's number; -1 after an exception. */
	unsigned long orig_ax;
	/* What IRET takes, and the CPU itself pushes at a gate. */
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	/* These two only when it came from ring 3. */
	unsigned long sp;
	unsigned long ss;
};

/* The low two bits of cs are the privilege level. */
static __always_inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) == 3;
}

#endif
