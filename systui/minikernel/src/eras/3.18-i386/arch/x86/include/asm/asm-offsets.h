/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_ASM_OFFSETS_H
#define _ASM_X86_ASM_OFFSETS_H

/*
 * Numbers that assembly and C must agree on; what is of C's making is
 * asserted in arch/x86/kernel/asm-offsets.c.
 */
#define THREAD_SIZE		8192

/* struct thread_info */
#define TI_flags		8

/* Bits of thread_info.flags: what to look after, and when. */
#define TIF_SYSCALL_TRACE	0	/* tell a tracer of calls */
#define TIF_NOTIFY_RESUME	1	/* work was queued for the task */
#define TIF_SIGPENDING		2	/* a signal waits */
#define TIF_NEED_RESCHED	3	/* another task should run */

#define _TIF_SYSCALL_TRACE	(1 << TIF_SYSCALL_TRACE)
#define _TIF_NOTIFY_RESUME	(1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)

#define _TIF_WORK_SYSCALL_ENTRY	_TIF_SYSCALL_TRACE
#define _TIF_WORK_SYSCALL_EXIT	_TIF_SYSCALL_TRACE
#define _TIF_WORK_MASK \
	(_TIF_NOTIFY_RESUME | _TIF_SIGPENDING | _TIF_NEED_RESCHED)
#define _TIF_ALLWORK_MASK	(_TIF_WORK_MASK | _TIF_WORK_SYSCALL_EXIT)

/* struct pt_regs */
#define PT_EBX			0
#define PT_EBP			20
#define PT_EAX			24
#define PT_GS			40
#define PT_ORIG_EAX		44
#define PT_EIP			48
#define PT_CS			52
#define PT_OLDESP		60

/* struct task_struct: thread.sp */
#define TASK_threadsp		48

/* struct x86_hw_tss */
#define TSS_sp0			4

#define X86_EFLAGS_IF		0x200

/* One past the last address a program can have. */
#define TASK_SIZE_MAX		0xc0000000

/*
 * The page of calls in a program: __kernel_vsyscall is at its start;
 * behind its SYSENTER is an `int $0x80`, for calls that begin anew, and
 * behind that the place to which calls come back.
 */
#define VDSO32_BASE		0xb7ffd000
#define VDSO32_RETURN		(VDSO32_BASE + 9)

#endif
