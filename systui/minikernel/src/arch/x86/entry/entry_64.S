/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doors of the miniature kernel: the way in and out of a 64-bit
 * system call, and of an exception.
 *
 * Under page-table isolation only this file's section, .entry.text, is
 * mapped while user code runs. That is why the first and the last few
 * instructions must be careful about what they touch.
 */
#include "calling.h"

	.section .entry.text, "ax"
	.code64

/*
 * entry_SYSCALL_64 - where `syscall` arrives (MSR_LSTAR).
 *
 * The CPU has done four things and no more:
 *	rcx = the user's rip		cs, ss = the kernel's
 *	r11 = the user's rflags		rflags &= ~MSR_FMASK: IF, TF, DF off
 * rsp is still the user's, gs is still the user's, and so are the page
 * tables. Nothing has been saved.
 *
 * rax = number, arguments in rdi rsi rdx r10 r8 r9.
 */
SYM_CODE_START(entry_SYSCALL_64)
	swapgs				/* gs: the user's -> this CPU's */
	/* One word of scratch space: the user's rsp is parked there. */
	movq	%rsp, PER_CPU_VAR(cpu_tss_rw + TSS_sp2)

	/* SWITCH_TO_KERNEL_CR3: rsp is free now, so it holds CR3. */
	JUMP_UNLESS X86_FEATURE_PTI, .Lsyscall_has_kernel_cr3
	movq	%cr3, %rsp		/* the user's page tables */
	andq	$~PTI_USER_PGTABLE_MASK, %rsp	/* the kernel's are below */
	movq	%rsp, %cr3		/* all of the kernel is mapped */
.Lsyscall_has_kernel_cr3:

	movq	PER_CPU_VAR(cpu_current_top_of_stack), %rsp

SYM_INNER_LABEL(entry_SYSCALL_64_safe_stack)
	/* The five words that an interrupt's frame would have. */
	pushq	$__USER_DS		/* pt_regs->ss */
	pushq	PER_CPU_VAR(cpu_tss_rw + TSS_sp2)	/* pt_regs->sp */
	pushq	%r11			/* pt_regs->flags */
	pushq	$__USER_CS		/* pt_regs->cs */
	pushq	%rcx			/* pt_regs->ip */
SYM_INNER_LABEL(entry_SYSCALL_64_after_hwframe)
	pushq	%rax			/* pt_regs->orig_ax: the number */

	/* PUSH_AND_CLEAR_REGS: save all others, ... */
	pushq	%rdi			/* pt_regs->di: 1st argument */
	pushq	%rsi			/* pt_regs->si: 2nd */
	pushq	%rdx			/* pt_regs->dx: 3rd */
	pushq	%rcx			/* pt_regs->cx: rip once more */
	pushq	$-ENOSYS		/* pt_regs->ax: the result so far */
	pushq	%r8			/* pt_regs->r8: 5th */
	pushq	%r9			/* pt_regs->r9: 6th */
	pushq	%r10			/* pt_regs->r10: 4th */
	pushq	%r11			/* pt_regs->r11: rflags once more */
	pushq	%rbx			/* pt_regs->bx */
	pushq	%rbp			/* pt_regs->bp */
	pushq	%r12			/* pt_regs->r12 */
	pushq	%r13			/* pt_regs->r13 */
	pushq	%r14			/* pt_regs->r14 */
	pushq	%r15			/* pt_regs->r15: frame complete */

	/*
	 * ... and leave no user value in a register: code that runs
	 * ahead of itself can then not be steered by one.
	 */
	xorl	%esi, %esi		/* clear rsi */
	xorl	%edx, %edx		/* clear rdx */
	xorl	%ecx, %ecx		/* clear rcx */
	xorl	%r8d, %r8d		/* clear r8 */
	xorl	%r9d, %r9d		/* clear r9 */
	xorl	%r10d, %r10d		/* clear r10 */
	xorl	%r11d, %r11d		/* clear r11 */
	xorl	%ebx, %ebx		/* clear rbx */
	xorl	%ebp, %ebp		/* clear rbp: end of the chain */
	xorl	%r12d, %r12d		/* clear r12 */
	xorl	%r13d, %r13d		/* clear r13 */
	xorl	%r14d, %r14d		/* clear r14 */
	xorl	%r15d, %r15d		/* clear r15 */

	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	movslq	%eax, %rsi		/* 2nd: int nr, its sign extended */
	call	do_syscall_64		/* comes back with interrupts off */

	/*
	 * Which way out? SYSRET is quick, but takes rip from rcx and
	 * rflags from r11 and sets cs and ss to constants. The frame may
	 * have been edited (a signal, sigreturn, a debugger): only if
	 * it still fits, SYSRET restores it truly. Else IRET does.
	 */
	movq	RCX(%rsp), %rcx
	movq	RIP(%rsp), %r11
	cmpq	%rcx, %r11		/* check 1: rcx == rip? */
	jne	swapgs_restore_regs_and_return_to_usermode

	/*
	 * A rip that is no true address makes SYSRET fault in ring 0 on
	 * the user's stack (Intel). Copy bit 47 over the bits above it:
	 * a true address is its own image.
	 */
	shlq	$(64 - (__VIRTUAL_MASK_SHIFT + 1)), %rcx
	sarq	$(64 - (__VIRTUAL_MASK_SHIFT + 1)), %rcx
	cmpq	%rcx, %r11		/* check 2: is rip canonical? */
	jne	swapgs_restore_regs_and_return_to_usermode

	cmpq	$__USER_CS, CS(%rsp)	/* check 3: SYSRET's own cs? */
	jne	swapgs_restore_regs_and_return_to_usermode

	movq	R11(%rsp), %r11
	cmpq	%r11, EFLAGS(%rsp)	/* check 4: r11 == rflags? */
	jne	swapgs_restore_regs_and_return_to_usermode

	/*
	 * SYSRET cannot set RF, and with TF set it would trap before the
	 * user's first instruction instead of after it.
	 */
	testq	$(X86_EFLAGS_RF | X86_EFLAGS_TF), %r11	/* check 5 */
	jnz	swapgs_restore_regs_and_return_to_usermode

	cmpq	$__USER_DS, SS(%rsp)	/* check 6: SYSRET's own ss? */
	jne	swapgs_restore_regs_and_return_to_usermode

	/* All hold. Nothing may fail from here on. */
SYM_INNER_LABEL(syscall_return_via_sysret)
	popq	%r15			/* POP_REGS, but for rdi */
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11			/* rflags, for SYSRET */
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax			/* the call's result */
	popq	%rcx			/* rip, for SYSRET */
	popq	%rdx
	popq	%rsi

	/*
	 * The thread stack is not in the user's page tables; the small
	 * trampoline stack is. Take the last two values over to it.
	 */
	movq	%rsp, %rdi		/* rdi -> pt_regs->di */
	movq	PER_CPU_VAR(cpu_tss_rw + TSS_sp0), %rsp
	pushq	(RSP - RDI)(%rdi)	/* the user's rsp */
	pushq	(%rdi)			/* the user's rdi */

	/* SWITCH_TO_USER_CR3, with rdi free until it is popped. */
	JUMP_UNLESS X86_FEATURE_PTI, .Lsysret_has_user_cr3
	movq	%cr3, %rdi
	orq	$PTI_USER_PGTABLE_MASK, %rdi	/* the user's are above */
	movq	%rdi, %cr3		/* the kernel is out of sight */
.Lsysret_has_user_cr3:

	popq	%rdi			/* the last argument register */
	popq	%rsp			/* the user's stack, in ring 0 */
SYM_INNER_LABEL(entry_SYSRETQ_unsafe_stack)
	swapgs				/* gs: this CPU's -> the user's */
	sysretq				/* rip = rcx, rflags = r11 */
SYM_INNER_LABEL(entry_SYSRETQ_end)
	int3				/* never reached */
SYM_CODE_END(entry_SYSCALL_64)

/*
 * The way out that restores any frame: rsp points to pt_regs on the
 * thread stack, interrupts are off. IRET wants its five words on a
 * stack that both page tables have, so they are copied over.
 */
SYM_CODE_START(swapgs_restore_regs_and_return_to_usermode)
	popq	%r15			/* POP_REGS, but for rdi */
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi

	movq	%rsp, %rdi		/* rdi -> pt_regs->di */
	movq	PER_CPU_VAR(cpu_tss_rw + TSS_sp0), %rsp

	/* The frame for IRET, and the user's rdi below it. */
	pushq	(SS - RDI)(%rdi)	/* ss */
	pushq	(RSP - RDI)(%rdi)	/* rsp */
	pushq	(EFLAGS - RDI)(%rdi)	/* rflags */
	pushq	(CS - RDI)(%rdi)	/* cs */
	pushq	(RIP - RDI)(%rdi)	/* rip */
	pushq	(%rdi)			/* rdi */

	/* SWITCH_TO_USER_CR3 */
	JUMP_UNLESS X86_FEATURE_PTI, .Liret_has_user_cr3
	movq	%cr3, %rdi
	orq	$PTI_USER_PGTABLE_MASK, %rdi
	movq	%rdi, %cr3
.Liret_has_user_cr3:

	popq	%rdi
	swapgs				/* gs: this CPU's -> the user's */
	jmp	native_irq_return_iret
SYM_CODE_END(swapgs_restore_regs_and_return_to_usermode)

/* Back to kernel code that an exception interrupted: same stack. */
SYM_CODE_START(restore_regs_and_return_to_kernel)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$8, %rsp		/* step over orig_ax */
	/* The one IRET of this kernel; error_entry knows its address. */
SYM_INNER_LABEL(native_irq_return_iret)
	iretq				/* rip, cs, rflags, rsp, ss */
SYM_CODE_END(restore_regs_and_return_to_kernel)

/*
 * Exceptions. The CPU found asm_exc_* in the IDT. If it came from ring
 * 3 it took the stack from TSS.sp0 (the trampoline stack). It pushed
 * ss, rsp, rflags, cs, rip and, for some vectors, an error code: the
 * upper part of a pt_regs.
 */

#define STUB	asm_exc_divide_error
#define HANDLER	exc_divide_error
#include "idtentry.h"

#define STUB	asm_exc_debug
#define HANDLER	exc_debug
#include "idtentry.h"

#define STUB	asm_exc_int3
#define HANDLER	exc_int3
#include "idtentry.h"

#define STUB	asm_exc_overflow
#define HANDLER	exc_overflow
#include "idtentry.h"

#define STUB	asm_exc_bounds
#define HANDLER	exc_bounds
#include "idtentry.h"

#define STUB	asm_exc_invalid_op
#define HANDLER	exc_invalid_op
#include "idtentry.h"

#define STUB	asm_exc_device_not_available
#define HANDLER	exc_device_not_available
#include "idtentry.h"

#define STUB	asm_exc_double_fault
#define HANDLER	exc_double_fault
#include "idtentry_error.h"

#define STUB	asm_exc_coproc_segment_overrun
#define HANDLER	exc_coproc_segment_overrun
#include "idtentry.h"

#define STUB	asm_exc_invalid_tss
#define HANDLER	exc_invalid_tss
#include "idtentry_error.h"

#define STUB	asm_exc_segment_not_present
#define HANDLER	exc_segment_not_present
#include "idtentry_error.h"

#define STUB	asm_exc_stack_segment
#define HANDLER	exc_stack_segment
#include "idtentry_error.h"

#define STUB	asm_exc_general_protection
#define HANDLER	exc_general_protection
#include "idtentry_error.h"

#define STUB	asm_exc_page_fault
#define HANDLER	exc_page_fault
#include "idtentry_error.h"

#define STUB	asm_exc_coprocessor_error
#define HANDLER	exc_coprocessor_error
#include "idtentry.h"

#define STUB	asm_exc_alignment_check
#define HANDLER	exc_alignment_check
#include "idtentry_error.h"

#define STUB	asm_exc_simd_coprocessor_error
#define HANDLER	exc_simd_coprocessor_error
#include "idtentry.h"

/*
 * error_entry - complete the pt_regs of an exception.
 *
 * Called with the CPU's part of the frame and orig_ax above the return
 * address. From user mode, makes gs and CR3 the kernel's and moves the
 * frame to the thread stack. Returns its address in rax.
 */
SYM_CODE_START(error_entry)
	pushq	%rsi			/* pt_regs->si */
	movq	8(%rsp), %rsi		/* our return address, ... */
	movq	%rdi, 8(%rsp)		/* pt_regs->di takes its place */
	pushq	%rdx			/* pt_regs->dx */
	pushq	%rcx			/* pt_regs->cx */
	pushq	%rax			/* pt_regs->ax */
	pushq	%r8			/* pt_regs->r8 */
	pushq	%r9			/* pt_regs->r9 */
	pushq	%r10			/* pt_regs->r10 */
	pushq	%r11			/* pt_regs->r11 */
	pushq	%rbx			/* pt_regs->bx */
	pushq	%rbp			/* pt_regs->bp */
	pushq	%r12			/* pt_regs->r12 */
	pushq	%r13			/* pt_regs->r13 */
	pushq	%r14			/* pt_regs->r14 */
	pushq	%r15			/* pt_regs->r15 */
	pushq	%rsi			/* ... back on top of the frame */

	xorl	%esi, %esi		/* clear rsi */
	xorl	%edx, %edx		/* clear rdx */
	xorl	%ecx, %ecx		/* clear rcx */
	xorl	%r8d, %r8d		/* clear r8 */
	xorl	%r9d, %r9d		/* clear r9 */
	xorl	%r10d, %r10d		/* clear r10 */
	xorl	%r11d, %r11d		/* clear r11 */
	xorl	%ebx, %ebx		/* clear rbx */
	xorl	%ebp, %ebp		/* clear rbp: end of the chain */
	xorl	%r12d, %r12d		/* clear r12 */
	xorl	%r13d, %r13d		/* clear r13 */
	xorl	%r14d, %r14d		/* clear r14 */
	xorl	%r15d, %r15d		/* clear r15 */

	testb	$3, (CS + 8)(%rsp)	/* which ring was it? */
	jz	.Lerror_kernelspace

.Lerror_userspace:
	swapgs				/* gs: the user's -> this CPU's */

	/* SWITCH_TO_KERNEL_CR3, with rax free */
	JUMP_UNLESS X86_FEATURE_PTI, .Lerror_has_kernel_cr3
	movq	%cr3, %rax
	andq	$~PTI_USER_PGTABLE_MASK, %rax
	movq	%rax, %cr3
.Lerror_has_kernel_cr3:

	leaq	8(%rsp), %rdi		/* the frame on the trampoline */
	call	sync_regs		/* rax = it, on the thread stack */
	ret

.Lerror_kernelspace:
	/*
	 * Kernel code at fault: gs, CR3 and the stack are its own. But
	 * if the IRET to user mode failed, all three were the user's.
	 */
	leaq	native_irq_return_iret(%rip), %rcx
	cmpq	%rcx, (RIP + 8)(%rsp)
	je	.Lerror_bad_iret
	leaq	8(%rsp), %rax		/* the frame stays where it is */
	ret

.Lerror_bad_iret:
	swapgs
	JUMP_UNLESS X86_FEATURE_PTI, .Lbad_iret_has_kernel_cr3
	movq	%cr3, %rax
	andq	$~PTI_USER_PGTABLE_MASK, %rax
	movq	%rax, %cr3
.Lbad_iret_has_kernel_cr3:
	leaq	8(%rsp), %rdi
	call	fixup_bad_iret		/* as if the user had done it */
	ret
SYM_CODE_END(error_entry)

SYM_CODE_START(error_return)
	testb	$3, CS(%rsp)		/* back to which ring? */
	jz	restore_regs_and_return_to_kernel
	jmp	swapgs_restore_regs_and_return_to_usermode
SYM_CODE_END(error_return)

/*
 * The timer's interrupt, vector 236, enters as an exception without an
 * error code does.
 */
#define STUB	asm_sysvec_apic_timer_interrupt
#define HANDLER	sysvec_apic_timer_interrupt
#include "idtentry.h"

/*
 * From here on: code that user mode never reaches directly, so it need
 * not be in the user's page tables.
 */
	.text

#include "switch_to_asm.h"

/*
 * A new task's first instruction: __switch_to returned here, because
 * copy_thread put this address on its stack, below its pt_regs.
 */
SYM_CODE_START(ret_from_fork_asm)
	movq	%rax, %rdi		/* 1st: who ran before */
	movq	%rsp, %rsi		/* 2nd: struct pt_regs *regs */
	call	ret_from_fork
	jmp	swapgs_restore_regs_and_return_to_usermode
SYM_CODE_END(ret_from_fork_asm)

	.section .note.GNU-stack, "", @progbits
