// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one interrupt of this kernel. The machine raises it in user mode
 * when a timer that the program armed is due. The signal is pending by
 * then: what is left to do is the exit work, which delivers it.
 */
#include <linux/entry-common.h>
#include <asm/traps.h>

void sysvec_apic_timer_interrupt(struct pt_regs *regs)
{
	irqentry_exit(regs);
}
