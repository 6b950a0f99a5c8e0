/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doors for 32-bit calls: `int $0x80`, which any program may use,
 * and SYSENTER, which 32-bit programs come by. Arguments are in ebx ecx
 * edx esi edi ebp, the number is in eax. All of them leave by IRET.
 */
#include "calling.h"

	.section .entry.text, "ax"
	.code64

/*
 * entry_INT80_compat - where `int $0x80` arrives (IDT, vector 0x80).
 *
 * The gate has made the CPU do what it does for an exception: it took
 * the stack from TSS.sp0 (the trampoline stack), pushed ss, rsp, rflags,
 * cs and rip, and turned interrupts off. Nothing is lost, rcx and r11
 * included; but the way in is a long one.
 */
SYM_CODE_START(entry_INT80_compat)
	swapgs				/* gs: the user's -> this CPU's */
	movl	%eax, %eax		/* a number has 32 bits */
	pushq	%rax			/* pt_regs->orig_ax, to be moved */
	pushq	%rdi			/* pt_regs->di, to be moved */

	/* SWITCH_TO_KERNEL_CR3, with rdi free */
	JUMP_UNLESS X86_FEATURE_PTI, .Lint80_has_kernel_cr3
	movq	%cr3, %rdi
	andq	$~PTI_USER_PGTABLE_MASK, %rdi
	movq	%rdi, %cr3		/* all of the kernel is mapped */
.Lint80_has_kernel_cr3:

	/* From the trampoline to the thread's own stack, word by word. */
	movq	%rsp, %rdi		/* rdi -> the seven words */
	movq	PER_CPU_VAR(cpu_current_top_of_stack), %rsp
	pushq	6*8(%rdi)		/* pt_regs->ss */
	pushq	5*8(%rdi)		/* pt_regs->sp */
	pushq	4*8(%rdi)		/* pt_regs->flags */
	pushq	3*8(%rdi)		/* pt_regs->cs */
	pushq	2*8(%rdi)		/* pt_regs->ip */
	pushq	1*8(%rdi)		/* pt_regs->orig_ax: the number */
	pushq	(%rdi)			/* pt_regs->di: 5th argument */
	pushq	%rsi			/* pt_regs->si: 4th */
	pushq	%rdx			/* pt_regs->dx: 3rd */
	pushq	%rcx			/* pt_regs->cx: 2nd */
	pushq	$-ENOSYS		/* pt_regs->ax: the result so far */
	pushq	%r8			/* pt_regs->r8 */
	pushq	%r9			/* pt_regs->r9 */
	pushq	%r10			/* pt_regs->r10 */
	pushq	%r11			/* pt_regs->r11 */
	pushq	%rbx			/* pt_regs->bx: 1st argument */
	pushq	%rbp			/* pt_regs->bp: 6th */
	pushq	%r12			/* pt_regs->r12 */
	pushq	%r13			/* pt_regs->r13 */
	pushq	%r14			/* pt_regs->r14 */
	pushq	%r15			/* pt_regs->r15: frame complete */

#include "clear_regs.h"
	cld				/* C expects DF clear */

	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	do_int80_syscall_32	/* back with interrupts off */
	jmp	swapgs_restore_regs_and_return_to_usermode
SYM_CODE_END(entry_INT80_compat)

/*
 * entry_SYSENTER_compat - where SYSENTER arrives (MSR_IA32_SYSENTER_EIP).
 *
 * The CPU took rsp from another MSR (the trampoline stack), cleared IF,
 * and kept nothing: not the user's rip, not its rsp. The page of calls
 * in the program has put rsp into ebp before; where calls come back to
 * is a place in that page, which C code fills in.
 */
SYM_CODE_START(entry_SYSENTER_compat)
	swapgs				/* gs: the user's -> this CPU's */
	pushq	%rax			/* rax aside: CR3 goes there */

	/* SWITCH_TO_KERNEL_CR3 */
	JUMP_UNLESS X86_FEATURE_PTI, .Lsysenter_has_kernel_cr3
	movq	%cr3, %rax
	andq	$~PTI_USER_PGTABLE_MASK, %rax
	movq	%rax, %cr3
.Lsysenter_has_kernel_cr3:

	popq	%rax
	movl	%eax, %eax		/* a number has 32 bits */
	movq	PER_CPU_VAR(cpu_current_top_of_stack), %rsp
	pushq	$__USER_DS		/* pt_regs->ss */
	pushq	$0			/* pt_regs->sp: C fills it in */
	pushfq				/* pt_regs->flags, ... */
	orl	$X86_EFLAGS_IF, (%rsp)	/* ... which had IF set */
	pushq	$__USER32_CS		/* pt_regs->cs */
	pushq	$0			/* pt_regs->ip: C fills it in */
	pushq	%rax			/* pt_regs->orig_ax: the number */
	pushq	%rdi			/* pt_regs->di: 5th argument */
	pushq	%rsi			/* pt_regs->si: 4th */
	pushq	%rdx			/* pt_regs->dx: 3rd */
	pushq	%rcx			/* pt_regs->cx: 2nd */
	pushq	$-ENOSYS		/* pt_regs->ax: the result so far */
	pushq	$0			/* pt_regs->r8: a 32-bit program */
	pushq	$0			/* pt_regs->r9: has none of */
	pushq	$0			/* pt_regs->r10: these, but */
	pushq	$0			/* pt_regs->r11: IRET restores */
	pushq	%rbx			/* pt_regs->bx: 1st argument */
	pushq	%rbp			/* pt_regs->bp: the user's esp */
	pushq	$0			/* pt_regs->r12: all of them, */
	pushq	$0			/* pt_regs->r13: and nothing of */
	pushq	$0			/* pt_regs->r14: the kernel's may */
	pushq	$0			/* pt_regs->r15: be in them */

#include "clear_regs.h"
	cld

	movq	%rsp, %rdi		/* 1st: struct pt_regs *regs */
	call	do_fast_syscall_32
	jmp	swapgs_restore_regs_and_return_to_usermode
SYM_CODE_END(entry_SYSENTER_compat)

/*
 * entry_SYSCALL_compat - where `syscall` arrives from 32-bit code
 * (MSR_CSTAR). This kernel refuses it: the CPU has done what it does
 * for entry_SYSCALL_64, and is sent back the same way with -ENOSYS.
 */
SYM_CODE_START(entry_SYSCALL_compat)
	movl	$-ENOSYS, %eax
	sysretl				/* eip = ecx, eflags = r11 */
SYM_CODE_END(entry_SYSCALL_compat)

	.section .note.GNU-stack, "", @progbits
