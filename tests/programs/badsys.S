/* Two numbers that a table of 314 rows has not. */
	.globl	_start
_start:
	movl	$314, %eax
	syscall
	movl	$9999, %eax
	syscall
	movl	$60, %eax
	xorl	%edi, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
