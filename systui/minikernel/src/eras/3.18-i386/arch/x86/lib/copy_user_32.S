/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loads and stores that may touch user memory. Each has a row in
 * __ex_table: if it faults, do_page_fault sends the CPU to the row's
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
 * In eax, edx and ecx. Returns how many bytes could not be copied.
 */
	.globl	copy_user_generic
	.type	copy_user_generic, @function
	.balign	16, 0x90
copy_user_generic:
	pushl	%edi
	pushl	%esi
	movl	%eax, %edi
	movl	%edx, %esi
.Lcopy:
	rep movsb			/* esi -> edi, ecx times */
.Lcopied:
	movl	%ecx, %eax		/* what is left when it stopped */
	popl	%esi
	popl	%edi
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
	movzbl	(%eax), %eax
	ret
.Lload_failed:
	movl	$-1, %eax
	ret
	EXTABLE .Lload, .Lload_failed
	.size	get_user_byte, . - get_user_byte

	.section .note.GNU-stack, "", @progbits
