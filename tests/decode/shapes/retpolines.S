/* Arguments (nr, regs), a table call through a retpoline, returns through a thunk. */
	.section .entry.text, "ax"
	.globl	entry_SYSCALL_64, syscall_return_via_sysret
	.globl	swapgs_restore_regs_and_return_to_usermode
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
	pushq	%rdi
	subq	$112, %rsp
	movq	%rax, %rdi
	movq	%rsp, %rsi
	call	do_syscall_64
	movq	128(%rsp), %rcx
	cmpq	%rcx, 88(%rsp)
	jne	swapgs_restore_regs_and_return_to_usermode
syscall_return_via_sysret:
	addq	$112, %rsp
	popq	%rdi
	movq	32(%rsp), %rsp
	swapgs
	sysretq
swapgs_restore_regs_and_return_to_usermode:
	addq	$112, %rsp
	popq	%rdi
	addq	$8, %rsp
	iretq

	.text
	.globl	do_syscall_64, __x86_indirect_thunk_rax, __x86_return_thunk, sys_call_table
	.globl	syscall_return_slowpath, after_handler, __x64_sys_ni_syscall, checked, __x64_sys_getpid
do_syscall_64:
	pushq	%rbx
	movq	%rsi, %rbx
checked:
	cmpq	$435, %rdi
	ja	1f
	movq	sys_call_table(,%rdi,8), %rax
	movq	%rsi, %rdi
	call	__x86_indirect_thunk_rax
after_handler:
	movq	%rax, 80(%rbx)
1:	movq	%rbx, %rdi
	call	syscall_return_slowpath
	popq	%rbx
	jmp	__x86_return_thunk
syscall_return_slowpath:
	jmp	__x86_return_thunk
__x86_indirect_thunk_rax:
	jmp	*%rax
__x86_return_thunk:
	ret
__x64_sys_getpid:
	jmp	__x86_return_thunk
__x64_sys_ni_syscall:
	movq	$-38, %rax
	jmp	__x86_return_thunk
	.data
sys_call_table:
	.fill	436, 8, 0
