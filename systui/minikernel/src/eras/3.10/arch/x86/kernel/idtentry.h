/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stub of an exception without an error code. Included once for
 * each, with STUB and HANDLER set.
 */
SYM_CODE_START(STUB)
	pushq	$-1			/* pt_regs->orig_ax: not a call */
	subq	$ORIG_RAX, %rsp		/* room for the registers */
	call	error_entry		/* save them; rax = pt_regs */
	movq	%rax, %rsp		/* the same, but after a bad IRET */
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	HANDLER
	jmp	error_exit
SYM_CODE_END(STUB)
#undef STUB
#undef HANDLER
