/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry_32.S - the ways into a 32-bit kernel, and out of it.
 *
 * The labels are those of Linux 3.18's file of this name, so that what
 * was written about that one can be followed here; the text is ours.
 * Everything that a program's registers go through is in this file:
 * every word of pt_regs is pushed on a line of its own, lowest last.
 *
 * Between the frame's completion and its end, esp points at pt_regs and
 * ebp at the task's thread_info.
 */
#include <asm/asm-offsets.h>
#include <asm/segment.h>
#include <asm/unistd.h>

#define EFAULT		14
#define ENOSYS		38

	.section .entry.text, "ax"
	.code32

/* A label that is a symbol: other files, and debuggers, know it. */
.macro ENTRY name
	.globl	\name
	.balign	16, 0x90
\name:
.endm

.macro LABEL name
	.globl	\name
\name:
.endm

.macro END name
	.type	\name, @function
	.size	\name, . - \name
.endm

/*
 * ia32_sysenter_target - where SYSENTER arrives (MSR_IA32_SYSENTER_EIP).
 *
 * The CPU took esp from an MSR, which holds the TSS's address, cleared
 * IF, and kept nothing else: not the user's eip, not its esp. The page
 * of calls in the program has put esp into ebp before; calls come back
 * to a place in that page.
 */
ENTRY ia32_sysenter_target
	movl	TSS_sp0(%esp), %esp	/* the thread's stack */
LABEL sysenter_past_esp
	sti
	pushl	$__USER_DS		/* pt_regs->ss */
	pushl	%ebp			/* pt_regs->sp: where ebp points */
	pushfl				/* pt_regs->flags, ... */
	orl	$X86_EFLAGS_IF, (%esp)	/* ... which had IF set */
	pushl	$__USER_CS		/* pt_regs->cs */
	pushl	$VDSO32_RETURN		/* pt_regs->ip: a known place */
	pushl	%eax			/* pt_regs->orig_ax: the number */
	cld				/* C expects DF clear */
	pushl	%gs			/* pt_regs->gs */
	pushl	%fs			/* pt_regs->fs */
	pushl	%es			/* pt_regs->es */
	pushl	%ds			/* pt_regs->ds */
	pushl	%eax			/* pt_regs->ax: no result yet */
	pushl	%ebp			/* pt_regs->bp: to be filled in */
	pushl	%edi			/* pt_regs->di: 5th argument */
	pushl	%esi			/* pt_regs->si: 4th */
	pushl	%edx			/* pt_regs->dx: 3rd */
	pushl	%ecx			/* pt_regs->cx: 2nd */
	pushl	%ebx			/* pt_regs->bx: 1st argument */
	movl	$__USER_DS, %edx
	movl	%edx, %ds		/* flat: the user's may not be */
	movl	%edx, %es
	movl	$__KERNEL_PERCPU, %edx
	movl	%edx, %fs
	movl	$__KERNEL_STACK_CANARY, %edx
	movl	%edx, %gs

	/* The sixth argument is on the user's stack, if there is one. */
	cmpl	$TASK_SIZE_MAX - 3, %ebp
	jae	syscall_fault
.Lsixth:
	movl	(%ebp), %ebp
	movl	%ebp, PT_EBP(%esp)	/* frame complete */
	.pushsection __ex_table, "a"
	.balign	4
	.long	.Lsixth - .
	.long	syscall_fault - .
	.popsection

	movl	%esp, %ebp
	andl	$-THREAD_SIZE, %ebp	/* ebp -> thread_info */
	testl	$_TIF_WORK_SYSCALL_ENTRY, TI_flags(%ebp)
	jnz	syscall_trace_entry
LABEL sysenter_do_call
	cmpl	$NR_syscalls, %eax
	jae	sysenter_badsys
	call	*sys_call_table(, %eax, 4)
LABEL sysenter_after_call
	movl	%eax, PT_EAX(%esp)	/* the result */
	cli
	movl	TI_flags(%ebp), %ecx
	testl	$_TIF_ALLWORK_MASK, %ecx
	jnz	syscall_exit_work	/* then it leaves by iret */
LABEL sysenter_exit
	popl	%ebx			/* pt_regs->bx */
	popl	%ecx			/* pt_regs->cx: sysexit takes it */
	popl	%edx			/* pt_regs->dx: and this one */
	popl	%esi			/* pt_regs->si */
	popl	%edi			/* pt_regs->di */
	popl	%ebp			/* pt_regs->bp */
	popl	%eax			/* pt_regs->ax: the result */
	popl	%ds			/* pt_regs->ds */
	popl	%es			/* pt_regs->es */
	popl	%fs			/* pt_regs->fs */
	popl	%gs			/* pt_regs->gs */
	movl	4(%esp), %edx		/* pt_regs->ip: for sysexit */
	movl	16(%esp), %ecx		/* pt_regs->sp: likewise */
	sti				/* from behind the next one on */
	sysexit				/* eip = edx, esp = ecx */
END ia32_sysenter_target

/*
 * system_call - where `int $0x80` arrives (IDT, vector 0x80).
 *
 * The gate is a trap gate that ring 3 may use: the CPU took esp from
 * TSS.sp0, pushed ss, esp, eflags, cs and eip, and left IF as it was.
 * eax is the number; ebx ecx edx esi edi ebp are the arguments.
 */
ENTRY system_call
	pushl	%eax			/* pt_regs->orig_ax: the number */
	cld				/* C expects DF clear */
	pushl	%gs			/* pt_regs->gs */
	pushl	%fs			/* pt_regs->fs */
	pushl	%es			/* pt_regs->es */
	pushl	%ds			/* pt_regs->ds */
	pushl	%eax			/* pt_regs->ax: no result yet */
	pushl	%ebp			/* pt_regs->bp: 6th argument */
	pushl	%edi			/* pt_regs->di: 5th */
	pushl	%esi			/* pt_regs->si: 4th */
	pushl	%edx			/* pt_regs->dx: 3rd */
	pushl	%ecx			/* pt_regs->cx: 2nd */
	pushl	%ebx			/* pt_regs->bx: frame complete */
	movl	$__USER_DS, %edx
	movl	%edx, %ds		/* flat: the user's may not be */
	movl	%edx, %es
	movl	$__KERNEL_PERCPU, %edx
	movl	%edx, %fs		/* this CPU's variables */
	movl	$__KERNEL_STACK_CANARY, %edx
	movl	%edx, %gs		/* a compiler's stack protector */
	movl	%esp, %ebp
	andl	$-THREAD_SIZE, %ebp	/* ebp -> thread_info */
	testl	$_TIF_WORK_SYSCALL_ENTRY, TI_flags(%ebp)
	jnz	syscall_trace_entry	/* a tracer waits for calls */
	cmpl	$NR_syscalls, %eax	/* unsigned: -1 is very large */
	jae	syscall_badsys
LABEL syscall_call
	call	*sys_call_table(, %eax, 4)	/* four bytes a row */
LABEL syscall_after_call
	movl	%eax, PT_EAX(%esp)	/* the result */
LABEL syscall_exit
	cli				/* no work may come up unseen */
	movl	TI_flags(%ebp), %ecx
	testl	$_TIF_ALLWORK_MASK, %ecx
	jnz	syscall_exit_work
LABEL restore_all
LABEL restore_all_notrace
LABEL restore_nocheck
	popl	%ebx			/* pt_regs->bx */
	popl	%ecx			/* pt_regs->cx */
	popl	%edx			/* pt_regs->dx */
	popl	%esi			/* pt_regs->si */
	popl	%edi			/* pt_regs->di */
	popl	%ebp			/* pt_regs->bp */
	popl	%eax			/* pt_regs->ax: the result */
LABEL restore_ds
	popl	%ds			/* pt_regs->ds */
LABEL restore_es
	popl	%es			/* pt_regs->es */
LABEL restore_fs
	popl	%fs			/* pt_regs->fs */
LABEL restore_gs
	popl	%gs			/* pt_regs->gs */
	addl	$4, %esp		/* pt_regs->orig_ax is of no use */
LABEL irq_return
	iret				/* eip, cs, eflags, esp, ss */
END system_call

/*
 * A selector in the frame may mean nothing any more: then the pop
 * faults, and 0 goes into its place. An iret that faults is the user's
 * own doing, and is turned into a fault of the user's.
 */
	.pushsection .fixup, "ax"
.Lclear_ds:
	movl	$0, (%esp)
	jmp	restore_ds
.Lclear_es:
	movl	$0, (%esp)
	jmp	restore_es
.Lclear_fs:
	movl	$0, (%esp)
	jmp	restore_fs
.Lclear_gs:
	movl	$0, (%esp)
	jmp	restore_gs
.Liret_exc:
	pushl	$0			/* no error code */
	pushl	$do_iret_error
	jmp	error_code
	.popsection
	.pushsection __ex_table, "a"
	.balign	4
	.long	restore_ds - ., .Lclear_ds - .
	.long	restore_es - ., .Lclear_es - .
	.long	restore_fs - ., .Lclear_fs - .
	.long	restore_gs - ., .Lclear_gs - .
	.long	irq_return - ., .Liret_exc - .
	.popsection

/*
 * Work before ring 3: ecx has the flags, interrupts are off. It is
 * looked for again after each piece, since that may raise more.
 */
ENTRY work_pending
	testl	$_TIF_NEED_RESCHED, %ecx
	jz	work_notifysig
LABEL work_resched
	call	schedule
	cli
	movl	TI_flags(%ebp), %ecx
	testl	$_TIF_WORK_MASK, %ecx
	jz	restore_all
	testl	$_TIF_NEED_RESCHED, %ecx
	jnz	work_resched
LABEL work_notifysig
	movl	%esp, %eax		/* 1st: struct pt_regs *regs */
	xorl	%edx, %edx		/* 2nd: unused */
	sti				/* 3rd: ecx, the flags */
	call	do_notify_resume
	jmp	resume_userspace
END work_pending

/* A tracer sees the call before it is made, and may change eax. */
ENTRY syscall_trace_entry
	movl	$-ENOSYS, PT_EAX(%esp)
	movl	%esp, %eax
	call	syscall_trace_enter	/* back with the number */
	cmpl	$NR_syscalls, %eax
	jb	syscall_call
	jmp	syscall_exit
END syscall_trace_entry

/* And after it, with the result in place. */
ENTRY syscall_exit_work
	testl	$_TIF_WORK_SYSCALL_EXIT, %ecx
	jz	work_pending
	sti
	movl	%esp, %eax
	call	syscall_trace_leave
	jmp	resume_userspace
END syscall_exit_work

ENTRY syscall_fault
	movl	%esp, %ebp
	andl	$-THREAD_SIZE, %ebp
	movl	$-EFAULT, PT_EAX(%esp)
	jmp	resume_userspace
END syscall_fault

/* No such number. */
ENTRY syscall_badsys
	movl	$-ENOSYS, %eax
	jmp	syscall_after_call
END syscall_badsys

ENTRY sysenter_badsys
	movl	$-ENOSYS, %eax
	jmp	sysenter_after_call
END sysenter_badsys

/*
 * The way back from an exception. To ring 3 only after the same look
 * for work; the kernel's own goes on where it was.
 */
ENTRY ret_from_exception
	movl	%esp, %ebp
	andl	$-THREAD_SIZE, %ebp
	testb	$3, PT_CS(%esp)
	jz	resume_kernel
LABEL resume_userspace
	cli
	movl	TI_flags(%ebp), %ecx
	testl	$_TIF_WORK_MASK, %ecx
	jnz	work_pending
	jmp	restore_all
LABEL resume_kernel
	cli
	jmp	restore_all
END ret_from_exception

/*
 * A new task's first instruction: __switch_to returned here, because
 * copy_thread put this address on its stack, below its pt_regs.
 */
ENTRY ret_from_fork
	movl	%esp, %ebp
	andl	$-THREAD_SIZE, %ebp
	jmp	syscall_exit
END ret_from_fork

/*
 * Exceptions: an error code where orig_ax will be (0 where the CPU has
 * pushed none), the C function where gs will be, and on to what all of
 * them share.
 */
.macro EXCEPTION name, function, coded=0
ENTRY \name
	.if !\coded
	pushl	$0
	.endif
	pushl	$\function
	jmp	error_code
END \name
.endm

	EXCEPTION divide_error, do_divide_error
	EXCEPTION debug, do_debug
	EXCEPTION int3, do_int3
	EXCEPTION overflow, do_overflow
	EXCEPTION bounds, do_bounds
	EXCEPTION invalid_op, do_invalid_op
	EXCEPTION device_not_available, do_device_not_available
	EXCEPTION coprocessor_segment_overrun, do_coprocessor_overrun
	EXCEPTION invalid_TSS, do_invalid_TSS, 1
	EXCEPTION segment_not_present, do_segment_not_present, 1
	EXCEPTION stack_segment, do_stack_segment, 1
	EXCEPTION general_protection, do_general_protection, 1
	EXCEPTION page_fault, do_page_fault, 1
	EXCEPTION coprocessor_error, do_coprocessor_error
	EXCEPTION alignment_check, do_alignment_check, 1
	EXCEPTION simd_coprocessor_error, do_simd_coprocessor_error
	EXCEPTION apic_timer_interrupt, smp_apic_timer_interrupt

ENTRY error_code
	pushl	%fs			/* pt_regs->fs */
	pushl	%es			/* pt_regs->es */
	pushl	%ds			/* pt_regs->ds */
	pushl	%eax			/* pt_regs->ax */
	pushl	%ebp			/* pt_regs->bp */
	pushl	%edi			/* pt_regs->di */
	pushl	%esi			/* pt_regs->si */
	pushl	%edx			/* pt_regs->dx */
	pushl	%ecx			/* pt_regs->cx */
	pushl	%ebx			/* pt_regs->bx */
	cld
	movl	$__KERNEL_PERCPU, %ecx
	movl	%ecx, %fs
	movl	PT_GS(%esp), %edi	/* the C function */
	movl	PT_ORIG_EAX(%esp), %edx	/* 2nd: the error code */
	movl	$-1, PT_ORIG_EAX(%esp)	/* this is no call */
	movl	%gs, %ecx
	movl	%ecx, PT_GS(%esp)	/* frame complete */
	movl	$__KERNEL_STACK_CANARY, %ecx
	movl	%ecx, %gs		/* and never a bad one in here */
	movl	$__USER_DS, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%esp, %eax		/* 1st: struct pt_regs *regs */
	call	*%edi
	jmp	ret_from_exception
END error_code

/*
 * struct task_struct *__switch_to_asm(prev, next): leave one kernel
 * stack for another. What C must find again lies on the old one, esp in
 * its task; the next task once left in the same way.
 */
	.text
ENTRY __switch_to_asm
	pushl	%ebp			/* inactive_task_frame */
	pushl	%ebx
	pushl	%edi
	pushl	%esi

	movl	%esp, TASK_threadsp(%eax)	/* prev stands still here */
	movl	TASK_threadsp(%edx), %esp	/* the next one's stack */
	movl	%edx, %fs:current_task	/* current is the next */
LABEL __switch_to_current

	popl	%esi
	popl	%edi
	popl	%ebx
	popl	%ebp
	jmp	__switch_to		/* returns to where next left */
END __switch_to_asm

	.section .note.GNU-stack, "", @progbits
