// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exceptions, as the stubs in entry_64.S hand them over. One that user
 * code caused becomes a signal. One that kernel code caused is fatal,
 * unless that instruction was allowed to fail.
 */
#include <linux/entry-common.h>
#include <linux/gates.h>
#include <linux/kernel.h>
#include <asm/traps.h>

static void do_error_trap(struct pt_regs *regs, unsigned long vector,
			  unsigned long error_code, const char *why)
{
	if (user_mode(regs))
		serve_fault(regs, vector, error_code, 0);
	else if (!fixup_exception(regs))
		die(why, regs, error_code);

	irqentry_exit(regs);
}

void exc_divide_error(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_DE, 0, "divide error");
}

/* TF was set: one user instruction has run. */
void exc_debug(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_DB, 0, "debug");
}

void exc_int3(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_BP, 0, "int3");
}

void exc_overflow(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_OF, 0, "overflow");
}

void exc_bounds(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_BR, 0, "bounds");
}

void exc_invalid_op(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_UD, 0, "invalid opcode");
}

void exc_device_not_available(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_NM, 0, "device not available");
}

/* An exception could not be delivered: always the kernel's fault. */
void exc_double_fault(struct pt_regs *regs, unsigned long error_code)
{
	die("double fault", regs, error_code);
}

void exc_coproc_segment_overrun(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_OLD_MF, 0,
		      "coprocessor segment overrun");
}

void exc_invalid_tss(struct pt_regs *regs, unsigned long error_code)
{
	do_error_trap(regs, X86_TRAP_TS, error_code, "invalid TSS");
}

void exc_segment_not_present(struct pt_regs *regs,
			     unsigned long error_code)
{
	do_error_trap(regs, X86_TRAP_NP, error_code,
		      "segment not present");
}

void exc_stack_segment(struct pt_regs *regs, unsigned long error_code)
{
	do_error_trap(regs, X86_TRAP_SS, error_code, "stack segment");
}

void exc_general_protection(struct pt_regs *regs,
			    unsigned long error_code)
{
	do_error_trap(regs, X86_TRAP_GP, error_code,
		      "general protection fault");
}

void exc_coprocessor_error(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_MF, 0, "x87 error");
}

void exc_alignment_check(struct pt_regs *regs,
			 unsigned long error_code)
{
	do_error_trap(regs, X86_TRAP_AC, error_code, "alignment check");
}

void exc_simd_coprocessor_error(struct pt_regs *regs)
{
	do_error_trap(regs, X86_TRAP_XF, 0, "SIMD error");
}

/*
 * Move the frame of an exception from user mode off the trampoline
 * stack: it is small, and it is needed again on the way out.
 */
struct pt_regs *sync_regs(struct pt_regs *eregs)
{
	struct pt_regs *regs = current_pt_regs();

	*regs = *eregs;
	return regs;
}

/*
 * IRET could not load what it found, with the user's registers all but
 * restored. Blame the user: build the frame that this exception would
 * have had, had it come one instruction later. The five words that
 * IRET was given are still where rsp pointed.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *bad_regs)
{
	const unsigned long *frame = (unsigned long *)bad_regs->sp;
	struct pt_regs regs = *bad_regs;

	regs.ip = frame[0];
	regs.cs = frame[1] | 3;	/* ring 3, whatever it said */
	regs.flags = frame[2];
	regs.sp = frame[3];
	regs.ss = frame[4];
	/* Not before now: that may be where IRET's words were. */
	*current_pt_regs() = regs;
	return current_pt_regs();
}
