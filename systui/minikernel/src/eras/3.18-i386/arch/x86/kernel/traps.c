// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exceptions, as entry_32.S hands them over. One that user code caused
 * becomes a signal. One that kernel code caused is fatal, unless that
 * instruction was allowed to fail.
 */
#include <linux/gates.h>
#include <linux/kernel.h>
#include <asm/trapnr.h>

static void do_trap(struct pt_regs *regs, unsigned long vector,
		    unsigned long error_code, const char *why)
{
	if (user_mode(regs))
		serve_fault(regs, vector, error_code, 0);
	else if (!fixup_exception(regs))
		die(why, regs, error_code);
}

#define DO_ERROR(vector, name, why)				\
	void do_##name(struct pt_regs *regs, long error_code);	\
	void do_##name(struct pt_regs *regs, long error_code)	\
	{							\
		do_trap(regs, vector, error_code, why);		\
	}

DO_ERROR(X86_TRAP_DE, divide_error, "divide error")
DO_ERROR(X86_TRAP_DB, debug, "debug")
DO_ERROR(X86_TRAP_BP, int3, "int3")
DO_ERROR(X86_TRAP_OF, overflow, "overflow")
DO_ERROR(X86_TRAP_BR, bounds, "bounds")
DO_ERROR(X86_TRAP_UD, invalid_op, "invalid opcode")
DO_ERROR(X86_TRAP_NM, device_not_available, "device not available")
DO_ERROR(X86_TRAP_OLD_MF, coprocessor_overrun,
	 "coprocessor segment overrun")
DO_ERROR(X86_TRAP_TS, invalid_TSS, "invalid TSS")
DO_ERROR(X86_TRAP_NP, segment_not_present, "segment not present")
DO_ERROR(X86_TRAP_SS, stack_segment, "stack segment")
DO_ERROR(X86_TRAP_GP, general_protection, "general protection fault")
DO_ERROR(X86_TRAP_MF, coprocessor_error, "x87 error")
DO_ERROR(X86_TRAP_AC, alignment_check, "alignment check")
DO_ERROR(X86_TRAP_XF, simd_coprocessor_error, "SIMD error")

/* iret could not load what it found: the user's own doing. */
void do_iret_error(struct pt_regs *regs, long error_code);
void do_iret_error(struct pt_regs *regs, long error_code)
{
	regs->cs |= 3;
	serve_fault(regs, X86_TRAP_GP, error_code, 0);
}

/* A timer is due: what it means to the task shows on the way back. */
void smp_apic_timer_interrupt(struct pt_regs *regs);
void smp_apic_timer_interrupt(struct pt_regs *regs)
{
}
