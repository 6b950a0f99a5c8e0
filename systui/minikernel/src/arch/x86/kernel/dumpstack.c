// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>
#include <asm/processor.h>

/*
 * An oops: kernel code did what it must not do. The machine stops at
 * this function's first instruction and tells why, where, and how it
 * got there; a machine that does not will find the CPU halted.
 */
void __noreturn die(const char *why, struct pt_regs *regs,
		    unsigned long error_code)
{
	asm volatile("" : : "r" (why), "r" (regs), "r" (error_code));
	local_irq_disable();
	for (;;)
		asm volatile("hlt");
}
