/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stub of an exception with an error code, which the CPU has pushed
 * where orig_ax belongs. Included once for each, with STUB and HANDLER
 * set.
 */
SYM_CODE_START(STUB)
	subq	$ORIG_RAX, %rsp		/* room for the registers */
	call	error_entry		/* save them; rax = pt_regs */
	movq	%rax, %rsp		/* the same, but after a bad IRET */
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	movq	ORIG_RAX(%rsp), %rsi	/* 2nd: the error code */
	movq	$-1, ORIG_RAX(%rsp)	/* pt_regs->orig_ax: not a call */
	call	HANDLER
	jmp	error_exit
SYM_CODE_END(STUB)
#undef STUB
#undef HANDLER
