// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/sched.h>

/* There is one task: whoever asks for another gets the same again. */
void schedule(void)
{
	clear_thread_flag(TIF_NEED_RESCHED);
}
