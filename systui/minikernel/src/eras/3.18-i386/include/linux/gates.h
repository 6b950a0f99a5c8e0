/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_GATES_H
#define _LINUX_GATES_H

#include <linux/sched.h>

/* Answered by the machine, from outside; see arch/x86/kernel/gates.S. */
long serve_syscall(struct pt_regs *regs);
long serve_signal(struct pt_regs *regs);
struct task_struct *serve_schedule(void);
void serve_fault(struct pt_regs *regs, unsigned long vector,
		 unsigned long error_code, unsigned long address);

/* All that can be checked in here holds: let the call be done. */
#define serve()		serve_syscall(current_pt_regs())

#endif
