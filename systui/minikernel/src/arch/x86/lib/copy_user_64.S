/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loads and stores that may touch user memory. Each has a row in
 * __ex_table: if it faults, exc_page_fault sends the CPU to the row's
 * second address instead of giving up.
 */

/* Instruction \at may fault; go on at \then if it does. */
.macro EXTABLE at, then
	.pushsection __ex_table, "a"
	.balign	4
	.long	\at - .
	.long	\then - .
	.popsection
.endm

	.text

/*
 * unsigned long copy_user_generic(void *to, const void *from,
 *				   unsigned long bytes);
 * Returns how many bytes could not be copied.
 */
	.globl	copy_user_generic
	.type	copy_user_generic, @function
	.balign	16, 0x90
copy_user_generic:
	movq	%rdx, %rcx		/* bytes to go */
.Lcopy:
	rep movsb			/* rsi -> rdi, rcx times */
.Lcopied:
	movq	%rcx, %rax		/* what is left when it stopped */
	ret
	EXTABLE .Lcopy, .Lcopied
	.size	copy_user_generic, . - copy_user_generic

/*
 * int get_user_byte(const char *from);
 * Returns the byte, or -1 if it cannot be read.
 */
	.globl	get_user_byte
	.type	get_user_byte, @function
	.balign	16, 0x90
get_user_byte:
.Lload:
	movzbl	(%rdi), %eax
	ret
.Lload_failed:
	movl	$-1, %eax
	ret
	EXTABLE .Lload, .Lload_failed
	.size	get_user_byte, . - get_user_byte

	.section .note.GNU-stack, "", @progbits
