// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/gates.h>
#include <linux/kernel.h>
#include <asm/asm-offsets.h>
#include <asm/processor.h>
#include <asm/trapnr.h>

#define PF_PROT	1	/* there is a page, but not for this */

/*
 * An access that the page tables do not allow. error_code says how:
 * bit 0 the page is there, bit 1 it was a write, bit 2 from ring 3,
 * bit 4 an instruction fetch.
 */
void do_page_fault(struct pt_regs *regs, unsigned long error_code);
void do_page_fault(struct pt_regs *regs, unsigned long error_code)
{
	/* Before anything else can fault and change it. */
	unsigned long address = read_cr2();

	if (!user_mode(regs)) {
		if (!fixup_exception(regs))
			die("page fault", regs, error_code);
		return;
	}
	/* Whether the kernel has a page there is not to be found out. */
	if (address >= TASK_SIZE_MAX)
		error_code |= PF_PROT;
	serve_fault(regs, X86_TRAP_PF, error_code, address);
}
