/* A 64-bit program that makes a call by int $0x80, and leaves. */
	.globl	_start
_start:
	movl	$20, %eax		/* i386's getpid */
	int	$0x80
	movl	$60, %eax		/* exit(0) */
	xorl	%edi, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
