/* Dispatch by a switch over the number; SYSRET's checks made in C. */
	.section .entry.text, "ax"
	.globl	entry_SYSCALL_64
entry_SYSCALL_64:
	swapgs
	movq	%rsp, %gs:0x14
	movq	%gs:0x20, %rsp
	pushq	$0x2b
	pushq	%gs:0x14
	pushq	%r11
	pushq	$0x33
	pushq	%rcx
	pushq	%rax
	subq	$120, %rsp
	movq	%rsp, %rdi
	movslq	%eax, %rsi
	call	do_syscall_64
	testb	%al, %al
	je	1f
	movq	128(%rsp), %rcx
	movq	152(%rsp), %rsp
	swapgs
	sysretq
1:	addq	$128, %rsp
	iretq

	.text
	.globl	do_syscall_64, x64_sys_call, returned, __x64_sys_read
do_syscall_64:
	pushq	%rbx
	movq	%rdi, %rbx
	cmpl	$462, %esi
	ja	1f
	call	x64_sys_call
returned:
	movq	%rax, 80(%rbx)
1:	movq	88(%rbx), %rax
	cmpq	%rax, 128(%rbx)
	jne	2f
	movq	48(%rbx), %rdx
	cmpq	%rdx, 144(%rbx)
	jne	2f
	cmpw	$0x33, 136(%rbx)
	jne	2f
	cmpw	$0x2b, 160(%rbx)
	jne	2f
	movabsq	$0x7fffffffefff, %rcx
	cmpq	%rcx, %rax
	ja	2f
	testl	$0x10100, %edx
	jne	2f
	movl	$1, %eax
	popq	%rbx
	ret
2:	xorl	%eax, %eax
	popq	%rbx
	ret
x64_sys_call:
	cmpl	$0, %esi
	je	__x64_sys_read
	movq	$-38, %rax
	ret
__x64_sys_read:
	ret
