/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_TRAPS_H
#define _ASM_X86_TRAPS_H

#include <asm/ptrace.h>

/* Exception vectors, by the names that the CPU's manual uses. */
#define X86_TRAP_DE	0	/* divide error */
#define X86_TRAP_DB	1	/* debug */
#define X86_TRAP_BP	3	/* breakpoint: int3 */
#define X86_TRAP_OF	4	/* overflow */
#define X86_TRAP_BR	5	/* bound range exceeded */
#define X86_TRAP_UD	6	/* invalid opcode */
#define X86_TRAP_NM	7	/* device not available */
#define X86_TRAP_OLD_MF	9	/* coprocessor segment overrun */
#define X86_TRAP_TS	10	/* invalid TSS */
#define X86_TRAP_NP	11	/* segment not present */
#define X86_TRAP_SS	12	/* stack segment */
#define X86_TRAP_GP	13	/* general protection */
#define X86_TRAP_PF	14	/* page fault */
#define X86_TRAP_MF	16	/* x87 floating point */
#define X86_TRAP_AC	17	/* alignment check */
#define X86_TRAP_XF	19	/* SIMD floating point */

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
