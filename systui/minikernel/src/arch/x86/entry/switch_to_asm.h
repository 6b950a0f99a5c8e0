/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct task_struct *__switch_to_asm(prev, next): leave one kernel
 * stack for another. What C must find again lies on the old one, rsp in
 * its task; the next task once left in the same way.
 */
SYM_CODE_START(__switch_to_asm)
	pushq	%rbp			/* inactive_task_frame */
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15

	movq	%rsp, TASK_threadsp(%rdi)	/* prev stands still here */
	movq	TASK_threadsp(%rsi), %rsp	/* the next one's stack */
	movq	%rsi, PER_CPU_VAR(current_task)	/* current is the next */
SYM_INNER_LABEL(__switch_to_current)

	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	jmp	__switch_to		/* returns to where next left */
SYM_CODE_END(__switch_to_asm)
