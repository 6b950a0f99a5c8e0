/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <asm/ptrace.h>

/* The kernel itself failed: there is no way on. */
void __noreturn die(const char *why, struct pt_regs *regs,
		    unsigned long error_code);

/* Is there a row for regs->ip in __ex_table? Then go on there. */
bool fixup_exception(struct pt_regs *regs);

#endif
