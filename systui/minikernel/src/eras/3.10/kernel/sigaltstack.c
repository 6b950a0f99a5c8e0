// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/syscalls.h>

struct sigaltstack;

/* Is the program on that stack now? Its rsp is not in pt_regs yet. */
SYSCALL_DEFINE2(sigaltstack, const struct sigaltstack __user *, uss,
		struct sigaltstack __user *, uoss)
{
	current_pt_regs()->sp = this_cpu_read(old_rsp);
	return serve();
}
