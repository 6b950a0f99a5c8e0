// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/gates.h>

/*
 * A signal waits. The service either ends the program, or lays a
 * signal frame on the user's stack and edits *regs, so that user mode
 * resumes in the handler; or it makes an interrupted call start again.
 * The flag comes down first: the service raises it if more wait.
 */
static void do_signal(struct pt_regs *regs)
{
	clear_thread_flag(TIF_SIGPENDING);
	/* Stopped: wait to be continued. Dead: wait for ever. */
	while (serve_signal(regs))
		schedule();
}

/* Work other than another task's turn, before ring 3. */
void do_notify_resume(struct pt_regs *regs, void *unused,
		      u32 thread_info_flags);
void do_notify_resume(struct pt_regs *regs, void *unused,
		      u32 thread_info_flags)
{
	if (thread_info_flags & _TIF_SIGPENDING)
		do_signal(regs);
	if (thread_info_flags & _TIF_NOTIFY_RESUME)
		clear_thread_flag(TIF_NOTIFY_RESUME);
}
