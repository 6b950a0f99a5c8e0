// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/entry-common.h>
#include <linux/gates.h>

/*
 * A signal waits. The service either ends the program, or lays a
 * signal frame on the user's stack and edits *regs, so that user mode
 * resumes in the handler; or it makes an interrupted call start again.
 * The flag comes down first: the service raises it if more wait.
 */
void arch_do_signal_or_restart(struct pt_regs *regs)
{
	clear_thread_flag(TIF_SIGPENDING);
	clear_thread_flag(TIF_NOTIFY_SIGNAL);
	/* Stopped: wait to be continued. Dead: wait for ever. */
	while (serve_signal(regs))
		schedule();
}
