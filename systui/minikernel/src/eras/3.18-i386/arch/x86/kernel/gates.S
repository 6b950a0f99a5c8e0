/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: where this kernel ends. Files, memory, signals and sockets
 * are not in it; the machine that runs it has them. When the CPU
 * reaches the first instruction of one of these functions, the machine
 * answers in its place: eax is the answer, and it has returned.
 * Arguments are in eax, edx and ecx, a fourth on the stack.
 *
 * Where nobody answers, the instructions below do.
 */
#define ENOSYS	38

.macro GATE name, answer
	.globl	\name
	.type	\name, @function
	.balign	16, 0x90
\name:
	movl	$\answer, %eax
	ret
	.size	\name, . - \name
.endm

	.text

/* long serve_syscall(struct pt_regs *regs): do the call in orig_ax. */
	GATE	serve_syscall, -ENOSYS

/*
 * long serve_signal(struct pt_regs *regs): deliver what is pending. Not
 * 0 if the task cannot go on: it is dead, or it was stopped.
 */
	GATE	serve_signal, 0

/*
 * void serve_fault(struct pt_regs *regs, unsigned long vector,
 *		    unsigned long error_code, unsigned long address):
 * make the user's exception a pending signal.
 */
	GATE	serve_fault, 0

/* struct task_struct *serve_schedule(void): whose turn is it? */
	GATE	serve_schedule, init_task

	.section .note.GNU-stack, "", @progbits
