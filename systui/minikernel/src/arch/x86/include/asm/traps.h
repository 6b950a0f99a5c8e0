/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_TRAPS_H
#define _ASM_X86_TRAPS_H

#include <asm/ptrace.h>
#include <asm/trapnr.h>

void exc_divide_error(struct pt_regs *regs);
void exc_debug(struct pt_regs *regs);
void exc_int3(struct pt_regs *regs);
void exc_overflow(struct pt_regs *regs);
void exc_bounds(struct pt_regs *regs);
void exc_invalid_op(struct pt_regs *regs);
void exc_device_not_available(struct pt_regs *regs);
void exc_double_fault(struct pt_regs *regs, unsigned long error_code);
void exc_coproc_segment_overrun(struct pt_regs *regs);
void exc_invalid_tss(struct pt_regs *regs, unsigned long error_code);
void exc_segment_not_present(struct pt_regs *regs,
			     unsigned long error_code);
void exc_stack_segment(struct pt_regs *regs, unsigned long error_code);
void exc_general_protection(struct pt_regs *regs,
			    unsigned long error_code);
void exc_page_fault(struct pt_regs *regs, unsigned long error_code);
void exc_coprocessor_error(struct pt_regs *regs);
void exc_alignment_check(struct pt_regs *regs,
			 unsigned long error_code);
void exc_simd_coprocessor_error(struct pt_regs *regs);
void sysvec_apic_timer_interrupt(struct pt_regs *regs);

struct pt_regs *sync_regs(struct pt_regs *eregs);
struct pt_regs *fixup_bad_iret(struct pt_regs *bad_regs);

#endif
