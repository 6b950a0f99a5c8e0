/* Waits for a child, which ends at once. */
	.globl	_start
_start:
	movl	$57, %eax		/* fork() */
	syscall
	testl	%eax, %eax
	jz	child
	movl	$61, %eax		/* wait4(-1, 0, 0, 0) */
	movq	$-1, %rdi
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	syscall
child:
	movl	$60, %eax		/* exit(0) */
	xorl	%edi, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
