/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two halves of struct pt_regs. The fast way keeps what C code may
 * overwrite, from r11 upwards: rsp points there, 48 bytes above where
 * the whole frame would begin. What C code preserves joins it below only
 * for those who must see or change it.
 */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

#include "calling.h"
#include <asm/thread_info.h>

#define ARGOFFSET	R11
/* A slot, seen from rsp at the partial frame. */
#define ARG(slot)	((slot) - ARGOFFSET)(%rsp)

/*
 * The task's flags, seen from there: the stack's low end is THREAD_SIZE
 * below the frame's end.
 */
#define WORK_FLAGS \
	(TI_flags + SIZEOF_PTREGS - ARGOFFSET - THREAD_SIZE)(%rsp)

/* Make the frame whole: rsp is at the partial one before. */
.macro SAVE_REST
	subq	$ARGOFFSET, %rsp	/* room for six more words */
	movq	%rbx, RBX(%rsp)		/* pt_regs->bx */
	movq	%rbp, RBP(%rsp)		/* pt_regs->bp */
	movq	%r12, R12(%rsp)		/* pt_regs->r12 */
	movq	%r13, R13(%rsp)		/* pt_regs->r13 */
	movq	%r14, R14(%rsp)		/* pt_regs->r14 */
	movq	%r15, R15(%rsp)		/* pt_regs->r15 */
.endm

/* The other way round. */
.macro RESTORE_REST
	movq	R15(%rsp), %r15
	movq	R14(%rsp), %r14
	movq	R13(%rsp), %r13
	movq	R12(%rsp), %r12
	movq	RBP(%rsp), %rbp
	movq	RBX(%rsp), %rbx
	addq	$ARGOFFSET, %rsp	/* the partial frame is left */
.endm

/* The rest of what C code may overwrite, but for rcx and r11. */
.macro RESTORE_ARGS
	movq	ARG(R10), %r10
	movq	ARG(R9), %r9
	movq	ARG(R8), %r8
	movq	ARG(RAX), %rax		/* the call's result */
	movq	ARG(RDX), %rdx
	movq	ARG(RSI), %rsi
	movq	ARG(RDI), %rdi
.endm

/*
 * The upper end of the frame, as an interrupt would have made it. The
 * fast way leaves it open. \above: bytes from rsp to the whole frame.
 */
.macro FIXUP_TOP_OF_STACK scratch, above=0
	movq	PER_CPU_VAR(old_rsp), \scratch
	movq	\scratch, (RSP + \above)(%rsp)	/* pt_regs->sp */
	movq	$__USER_DS, (SS + \above)(%rsp)	/* pt_regs->ss */
	movq	$__USER_CS, (CS + \above)(%rsp)	/* pt_regs->cs */
	movq	$-1, (RCX + \above)(%rsp)	/* pt_regs->cx: was lost */
	movq	(R11 + \above)(%rsp), \scratch	/* the user's rflags */
	movq	\scratch, (EFLAGS + \above)(%rsp)	/* pt_regs->flags */
.endm

/* What the fast way out takes of it, in case it was changed. */
.macro RESTORE_TOP_OF_STACK scratch, above=0
	movq	(RSP + \above)(%rsp), \scratch
	movq	\scratch, PER_CPU_VAR(old_rsp)
	movq	(EFLAGS + \above)(%rsp), \scratch
	movq	\scratch, (R11 + \above)(%rsp)
.endm

#endif
