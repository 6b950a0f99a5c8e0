/* Calls that take unusual ways through the kernel, one after the other. */
	.globl	_start
_start:
	movl	$41, %eax		/* socket(AF_INET, SOCK_STREAM, 0) */
	movl	$2, %edi
	movl	$1, %esi
	xorl	%edx, %edx
	syscall

	movl	%eax, %edi		/* bind(fd, 8, 16): faults in the kernel, EFAULT */
	movl	$49, %eax
	movl	$8, %esi
	movl	$16, %edx
	syscall

	movl	$9999, %eax		/* past the table */
	syscall
	movl	$400, %eax		/* a hole in the table */
	syscall

	movl	$13, %eax		/* rt_sigaction(SIGUSR1, &action, 0, 8) */
	movl	$10, %edi
	leaq	action(%rip), %rsi
	xorl	%edx, %edx
	movl	$8, %r10d
	syscall

	movl	$39, %eax		/* kill(getpid(), SIGUSR1): comes back by IRET */
	syscall
	movl	%eax, %edi
	movl	$62, %eax
	movl	$10, %esi
	syscall

	movl	$60, %eax		/* exit(7) */
	movl	$7, %edi
	syscall

handler:
	ret
restorer:
	movl	$15, %eax		/* rt_sigreturn: IRET too */
	syscall

	.data
	.balign	8
action:
	.quad	handler
	.quad	0x04000004		/* SA_RESTORER | SA_SIGINFO */
	.quad	restorer
	.quad	0
	.section .note.GNU-stack, "", @progbits
