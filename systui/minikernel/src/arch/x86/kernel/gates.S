/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: where this kernel ends. Files, memory, signals and sockets
 * are not in it; the machine that runs it has them. When the CPU
 * reaches the first instruction of one of these functions, the machine
 * answers in its place: rax is the answer, and it has returned.
 *
 * Where nobody answers, the instructions below do.
 */
#define ENOSYS	38

	.text

/* long serve_syscall(struct pt_regs *regs): do the call in orig_ax. */
	.globl	serve_syscall
	.type	serve_syscall, @function
	.balign	16, 0x90
serve_syscall:
	movq	$-ENOSYS, %rax
	ret
	.size	serve_syscall, . - serve_syscall

/*
 * long serve_signal(struct pt_regs *regs): deliver what is pending. Not
 * 0 if the task cannot go on: it is dead, or it was stopped.
 */
	.globl	serve_signal
	.type	serve_signal, @function
	.balign	16, 0x90
serve_signal:
	xorl	%eax, %eax
	ret
	.size	serve_signal, . - serve_signal

/*
 * void serve_fault(struct pt_regs *regs, unsigned long vector,
 *		    unsigned long error_code, unsigned long address):
 * make the user's exception a pending signal.
 */
	.globl	serve_fault
	.type	serve_fault, @function
	.balign	16, 0x90
serve_fault:
	ret
	.size	serve_fault, . - serve_fault

/*
 * struct task_struct *serve_schedule(void): whose turn is it? What a
 * task waits for is known outside only.
 */
	.globl	serve_schedule
	.type	serve_schedule, @function
	.balign	16, 0x90
serve_schedule:
	movq	%gs:current_task, %rax
	ret
	.size	serve_schedule, . - serve_schedule

	.section .note.GNU-stack, "", @progbits
