// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every way in and out of user mode shares.
 */
#include <linux/entry-common.h>

/*
 * On the way in: from here on interrupts are welcome. A kernel with
 * tracers, audit or seccomp would look for their work here, and they
 * may change the number.
 */
long syscall_enter_from_user_mode(struct pt_regs *regs, long nr)
{
	local_irq_enable();
	return nr;
}

/*
 * Do what the task's flags ask for, until they ask for nothing: each
 * piece of work may raise a flag again. Called and left with
 * interrupts off, so that none can be raised after the last look.
 */
static void exit_to_user_mode_loop(struct pt_regs *regs,
				   unsigned long ti_work)
{
	while (ti_work & EXIT_TO_USER_MODE_WORK) {
		local_irq_enable();

		if (ti_work & _TIF_NEED_RESCHED)
			schedule();

		if (ti_work & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
			arch_do_signal_or_restart(regs);

		if (ti_work & _TIF_NOTIFY_RESUME)
			clear_thread_flag(TIF_NOTIFY_RESUME);

		local_irq_disable();
		ti_work = read_thread_flags();
	}
}

/* The last C function before the entry code restores registers. */
static void exit_to_user_mode_prepare(struct pt_regs *regs)
{
	unsigned long ti_work = read_thread_flags();

	if (unlikely(ti_work & EXIT_TO_USER_MODE_WORK))
		exit_to_user_mode_loop(regs, ti_work);
}

/* On the way out of a system call. */
void syscall_exit_to_user_mode(struct pt_regs *regs)
{
	local_irq_disable();
	exit_to_user_mode_prepare(regs);
	current_thread_info()->status &= ~TS_COMPAT;
}

/* On the way out of an exception. */
void irqentry_exit(struct pt_regs *regs)
{
	if (user_mode(regs)) {
		local_irq_disable();
		exit_to_user_mode_prepare(regs);
	}
}
