/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_ENTRY_COMMON_H
#define _LINUX_ENTRY_COMMON_H

#include <linux/sched.h>

/* Any of these keeps a task from going back to user mode. */
#define EXIT_TO_USER_MODE_WORK \
	(_TIF_NOTIFY_RESUME | _TIF_SIGPENDING | \
	 _TIF_NEED_RESCHED | _TIF_NOTIFY_SIGNAL)

long syscall_enter_from_user_mode(struct pt_regs *regs, long nr);
void syscall_exit_to_user_mode(struct pt_regs *regs);
void irqentry_exit(struct pt_regs *regs);
void arch_do_signal_or_restart(struct pt_regs *regs);

#endif
