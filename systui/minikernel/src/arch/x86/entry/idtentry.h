/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stub of an exception without an error code. Included once for
 * each, with STUB and HANDLER set.
 */
SYM_CODE_START(STUB)
	cld				/* C expects DF clear */
	pushq	$-1			/* pt_regs->orig_ax: not a call */
	call	error_entry		/* save the rest; rax = pt_regs */
	movq	%rax, %rsp		/* now on the thread stack */
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	HANDLER
	jmp	error_return
SYM_CODE_END(STUB)
#undef STUB
#undef HANDLER
