/* A frame that is reserved at once and filled by moves, one slot only on one of two ways. */
	.section .entry.text, "ax"
	.globl	entry_SYSCALL_64, filled, joined, reserved
entry_SYSCALL_64:
	swapgs
	movq	%rsp, %gs:0x14
	movq	%gs:0x20, %rsp
	subq	$168, %rsp
reserved:
	movq	%rdi, 112(%rsp)
	movq	%rcx, 128(%rsp)
	movq	%r11, 144(%rsp)
	movq	%rax, 120(%rsp)
	testl	$1, %edx
	jz	joined
	movq	%rbx, 40(%rsp)
joined:
	movq	%gs:0x14, %rbx
	movq	%rbx, 152(%rsp)
filled:
	movq	%rsp, %rdi
	call	do_syscall_64
	movq	128(%rsp), %rcx
	movq	144(%rsp), %r11
	movq	112(%rsp), %rdi
	movq	80(%rsp), %rax
	movq	152(%rsp), %rsp
	swapgs
	sysretq

	.text
	.globl	do_syscall_64
do_syscall_64:
	ret
