// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One task only: whose turn it is is known, but not whether it can go
 * on. Asking is waiting.
 */
#include <linux/gates.h>

void schedule(void)
{
	clear_thread_flag(_TIF_NEED_RESCHED);
	serve_schedule();
}
