/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doors of the miniature kernel in the shape of Linux 3.10: the way
 * in and out of a system call, and of an exception.
 *
 * The names of places and what happens at them are those of that age;
 * the text is ours. There is no page-table isolation, no trampoline
 * stack and no audit, and 32-bit calls have no way in.
 */
#include "frame.h"
#include <asm/unistd.h>

	.section .entry.text, "ax"
	.code64

/*
 * system_call - where `syscall` arrives (MSR_LSTAR).
 *
 * The CPU has done four things and no more:
 *	rcx = the user's rip		cs, ss = the kernel's
 *	r11 = the user's rflags		rflags &= ~MSR_FMASK: IF, TF, DF off
 * rsp and gs are still the user's. Nothing has been saved.
 *
 * rax = number, arguments in rdi rsi rdx r10 r8 r9.
 */
SYM_CODE_START(system_call)
	swapgs				/* gs: the user's -> this CPU's */
SYM_INNER_LABEL(system_call_after_swapgs)
	/* It stays there until the way out: pt_regs->sp is not written. */
	movq	%rsp, PER_CPU_VAR(old_rsp)
	movq	PER_CPU_VAR(kernel_stack), %rsp	/* five words are above */
	sti				/* the stack is good */

	/* SAVE_ARGS: what C code may overwrite, without its lower half. */
	subq	$(RIP - ARGOFFSET), %rsp
	movq	%rdi, ARG(RDI)		/* pt_regs->di: 1st argument */
	movq	%rsi, ARG(RSI)		/* pt_regs->si: 2nd */
	movq	%rdx, ARG(RDX)		/* pt_regs->dx: 3rd */
	movq	%rax, ARG(RAX)		/* pt_regs->ax: the number, yet */
	movq	%r8, ARG(R8)		/* pt_regs->r8: 5th */
	movq	%r9, ARG(R9)		/* pt_regs->r9: 6th */
	movq	%r10, ARG(R10)		/* pt_regs->r10: 4th */
	movq	%r11, ARG(R11)		/* pt_regs->r11: rflags */
	movq	%rax, ARG(ORIG_RAX)	/* pt_regs->orig_ax: the number */
	movq	%rcx, ARG(RIP)		/* pt_regs->ip: partial, done */

	testl	$_TIF_WORK_SYSCALL_ENTRY, WORK_FLAGS	/* traced? */
	jnz	tracesys

SYM_INNER_LABEL(system_call_fastpath)
	cmpq	$(NR_syscalls - 1), %rax	/* a number of the table? */
	ja	badsys
	movq	%r10, %rcx		/* C wants the 4th argument there */
	call	*sys_call_table(, %rax, 8)	/* the handler */
	movq	%rax, ARG(RAX)		/* pt_regs->ax: the result */

SYM_INNER_LABEL(ret_from_sys_call)
	movl	$_TIF_ALLWORK_MASK, %edi
SYM_INNER_LABEL(sysret_check)
	cli				/* nothing new after this look */
	movl	WORK_FLAGS, %edx
	andl	%edi, %edx		/* work before user mode? */
	jnz	sysret_careful

	/* No. The user gets back what was taken; the rest is untouched. */
	movq	ARG(RIP), %rcx		/* rip, for SYSRET */
	movq	ARG(R11), %r11		/* rflags, for SYSRET */
	RESTORE_ARGS
	movq	PER_CPU_VAR(old_rsp), %rsp	/* the user's stack */
	swapgs				/* gs: this CPU's -> the user's */
	sysretq				/* rip = rcx, rflags = r11 */

SYM_INNER_LABEL(sysret_careful)
	testl	$_TIF_NEED_RESCHED, %edx	/* someone else's turn? */
	jz	sysret_signal
	sti
	call	schedule
	jmp	ret_from_sys_call	/* look again */

	/* Work that sees pt_regs: it must be whole; IRET restores it. */
SYM_INNER_LABEL(sysret_signal)
	sti
	FIXUP_TOP_OF_STACK %r11, -ARGOFFSET
	jmp	int_check_syscall_exit_work

SYM_INNER_LABEL(badsys)
	movq	$-ENOSYS, ARG(RAX)	/* no handler runs */
	jmp	ret_from_sys_call

	/* The call of a traced task: a whole frame, and IRET for sure. */
SYM_INNER_LABEL(tracesys)
	SAVE_REST
	movq	$-ENOSYS, RAX(%rsp)	/* pt_regs->ax: the result so far */
	FIXUP_TOP_OF_STACK %rdi
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	syscall_trace_enter	/* rax = the number to go on with */
	RESTORE_REST

	/* The tracer may have changed them: arguments from the frame. */
	movq	ARG(RDI), %rdi
	movq	ARG(RSI), %rsi
	movq	ARG(RDX), %rdx
	movq	ARG(R8), %r8
	movq	ARG(R9), %r9
	cmpq	$(NR_syscalls - 1), %rax	/* a number of the table? */
	ja	int_ret_from_sys_call
	movq	ARG(R10), %rcx		/* C wants the 4th argument there */
	call	*sys_call_table(, %rax, 8)	/* the handler */
	movq	%rax, ARG(RAX)		/* pt_regs->ax: the result */

	/* Out by IRET. rsp is at the partial frame; the top is whole. */
SYM_INNER_LABEL(int_ret_from_sys_call)
	cli
	movl	$_TIF_ALLWORK_MASK, %edi
SYM_INNER_LABEL(int_with_check)
	movl	WORK_FLAGS, %edx
	andl	%edi, %edx		/* work before user mode? */
	jnz	int_careful
	jmp	retint_swapgs

SYM_INNER_LABEL(int_careful)
	testl	$_TIF_NEED_RESCHED, %edx	/* someone else's turn? */
	jz	int_very_careful
	sti
	call	schedule
	jmp	int_ret_from_sys_call	/* look again */

SYM_INNER_LABEL(int_very_careful)
	sti
SYM_INNER_LABEL(int_check_syscall_exit_work)
	SAVE_REST
	testl	$_TIF_WORK_SYSCALL_EXIT, %edx	/* traced? */
	jz	int_signal
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	syscall_trace_leave
	/* Once is enough; signals are looked for in the next round. */
	movl	$_TIF_WORK_MASK, %edi
	jmp	int_restore_rest

SYM_INNER_LABEL(int_signal)
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	xorl	%esi, %esi		/* 2nd: not used */
	call	do_notify_resume	/* 3rd: the flags, in edx */
	movl	$_TIF_WORK_MASK, %edi
SYM_INNER_LABEL(int_restore_rest)
	RESTORE_REST
	cli
	jmp	int_with_check
SYM_CODE_END(system_call)

/*
 * Calls whose C code sees or makes a whole frame. The table has these in
 * the handler's place: they complete it below the return address.
 */
.macro FORK_LIKE name
SYM_CODE_START(stub_\name)
	popq	%r11			/* return address: out of the way */
	SAVE_REST
	pushq	%r11			/* ... and back */
	FIXUP_TOP_OF_STACK %r11, 8
	call	sys_\name
	RESTORE_TOP_OF_STACK %r11, 8
	ret	$ARGOFFSET		/* the lower half is dropped */
SYM_CODE_END(stub_\name)
.endm

	FORK_LIKE clone
	FORK_LIKE fork
	FORK_LIKE vfork

/* Another frame than the one that came in: only IRET restores it. */
.macro NEW_FRAME name
SYM_CODE_START(stub_\name)
	addq	$8, %rsp		/* not back to the caller */
	SAVE_REST
	FIXUP_TOP_OF_STACK %r11
	call	sys_\name
	movq	%rax, RAX(%rsp)		/* pt_regs->ax: the result */
	RESTORE_REST
	jmp	int_ret_from_sys_call
SYM_CODE_END(stub_\name)
.endm

	NEW_FRAME execve
	NEW_FRAME rt_sigreturn

/*
 * A new task's first instruction: __switch_to returned here, because
 * copy_thread put this address on its stack, below its pt_regs. It goes
 * out as its parent does, by SYSRET.
 */
SYM_CODE_START(ret_from_fork)
	RESTORE_REST
	RESTORE_TOP_OF_STACK %rdi, -ARGOFFSET
	jmp	ret_from_sys_call
SYM_CODE_END(ret_from_fork)

/*
 * Exceptions. The CPU found these in the IDT. If it came from ring 3 it
 * took the stack from TSS.sp0: the thread's own, at its very top. It
 * pushed ss, rsp, rflags, cs, rip and, for some vectors, an error code:
 * the upper part of a pt_regs, where it belongs.
 */

#define STUB	divide_error
#define HANDLER	exc_divide_error
#include "idtentry.h"

#define STUB	debug
#define HANDLER	exc_debug
#include "idtentry.h"

#define STUB	int3
#define HANDLER	exc_int3
#include "idtentry.h"

#define STUB	overflow
#define HANDLER	exc_overflow
#include "idtentry.h"

#define STUB	bounds
#define HANDLER	exc_bounds
#include "idtentry.h"

#define STUB	invalid_op
#define HANDLER	exc_invalid_op
#include "idtentry.h"

#define STUB	device_not_available
#define HANDLER	exc_device_not_available
#include "idtentry.h"

#define STUB	double_fault
#define HANDLER	exc_double_fault
#include "idtentry_error.h"

#define STUB	coprocessor_segment_overrun
#define HANDLER	exc_coproc_segment_overrun
#include "idtentry.h"

#define STUB	invalid_TSS
#define HANDLER	exc_invalid_tss
#include "idtentry_error.h"

#define STUB	segment_not_present
#define HANDLER	exc_segment_not_present
#include "idtentry_error.h"

#define STUB	stack_segment
#define HANDLER	exc_stack_segment
#include "idtentry_error.h"

#define STUB	general_protection
#define HANDLER	exc_general_protection
#include "idtentry_error.h"

#define STUB	page_fault
#define HANDLER	exc_page_fault
#include "idtentry_error.h"

#define STUB	coprocessor_error
#define HANDLER	exc_coprocessor_error
#include "idtentry.h"

#define STUB	alignment_check
#define HANDLER	exc_alignment_check
#include "idtentry_error.h"

#define STUB	simd_coprocessor_error
#define HANDLER	exc_simd_coprocessor_error
#include "idtentry.h"

/* The timer's interrupt, vector 236, enters as they do. */
#define STUB	apic_timer_interrupt
#define HANDLER	sysvec_apic_timer_interrupt
#include "idtentry.h"

/*
 * error_entry - fill the pt_regs of an exception. Room for it has been
 * made below orig_ax; the return address is below that. Returns the
 * frame's address in rax.
 */
SYM_CODE_START(error_entry)
	cld				/* C expects DF clear */
	movq	%rdi, (RDI + 8)(%rsp)	/* pt_regs->di */
	movq	%rsi, (RSI + 8)(%rsp)	/* pt_regs->si */
	movq	%rdx, (RDX + 8)(%rsp)	/* pt_regs->dx */
	movq	%rcx, (RCX + 8)(%rsp)	/* pt_regs->cx */
	movq	%rax, (RAX + 8)(%rsp)	/* pt_regs->ax */
	movq	%r8, (R8 + 8)(%rsp)	/* pt_regs->r8 */
	movq	%r9, (R9 + 8)(%rsp)	/* pt_regs->r9 */
	movq	%r10, (R10 + 8)(%rsp)	/* pt_regs->r10 */
	movq	%r11, (R11 + 8)(%rsp)	/* pt_regs->r11 */
	movq	%rbx, (RBX + 8)(%rsp)	/* pt_regs->bx */
	movq	%rbp, (RBP + 8)(%rsp)	/* pt_regs->bp */
	movq	%r12, (R12 + 8)(%rsp)	/* pt_regs->r12 */
	movq	%r13, (R13 + 8)(%rsp)	/* pt_regs->r13 */
	movq	%r14, (R14 + 8)(%rsp)	/* pt_regs->r14 */
	movq	%r15, (R15 + 8)(%rsp)	/* pt_regs->r15: frame complete */
	xorl	%ebp, %ebp		/* end of the chain of frames */

	testb	$3, (CS + 8)(%rsp)	/* which ring was it? */
	jz	error_kernelspace
SYM_INNER_LABEL(error_swapgs)
	swapgs				/* gs: the user's -> this CPU's */
	leaq	8(%rsp), %rax
	ret

	/* gs is the kernel's own, unless the IRET to user mode failed. */
SYM_INNER_LABEL(error_kernelspace)
	leaq	native_iret(%rip), %rcx
	cmpq	%rcx, (RIP + 8)(%rsp)
	je	error_bad_iret
	leaq	8(%rsp), %rax
	ret

SYM_INNER_LABEL(error_bad_iret)
	swapgs
	leaq	8(%rsp), %rdi
	call	fixup_bad_iret		/* as if the user had done it */
	ret
SYM_CODE_END(error_entry)

/* After an exception's C code: rsp is at its whole frame. */
SYM_CODE_START(error_exit)
	RESTORE_REST
SYM_INNER_LABEL(retint_with_reschedule)
	cli				/* nothing new after this look */
	testb	$3, ARG(CS)		/* back to which ring? */
	jz	retint_kernel
SYM_INNER_LABEL(retint_check)
	movl	WORK_FLAGS, %edx
	andl	$_TIF_WORK_MASK, %edx	/* work before user mode? */
	jnz	retint_careful

SYM_INNER_LABEL(retint_swapgs)
	cli
	swapgs				/* gs: this CPU's -> the user's */
SYM_INNER_LABEL(restore_args)
	movq	ARG(R11), %r11
	movq	ARG(RCX), %rcx
	RESTORE_ARGS
	addq	$(RIP - ARGOFFSET), %rsp	/* at the five words */
SYM_INNER_LABEL(irq_return)
	jmp	native_iret

SYM_INNER_LABEL(retint_kernel)
	jmp	restore_args		/* gs is not touched */

SYM_INNER_LABEL(retint_careful)
	testl	$_TIF_NEED_RESCHED, %edx	/* someone else's turn? */
	jz	retint_signal
	sti
	call	schedule
	cli
	jmp	retint_check		/* look again */

SYM_INNER_LABEL(retint_signal)
	sti
	SAVE_REST
	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	xorl	%esi, %esi		/* 2nd: not used */
	call	do_notify_resume	/* 3rd: the flags, in edx */
	RESTORE_REST
	cli
	jmp	retint_check		/* look again */
SYM_CODE_END(error_exit)

	/* The one IRET of this kernel; error_entry knows its address. */
SYM_CODE_START(native_iret)
	iretq				/* rip, cs, rflags, rsp, ss */
SYM_CODE_END(native_iret)

	.text
#include "switch_to_asm.h"

	.section .note.GNU-stack, "", @progbits
