// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>
#include <linux/syscalls.h>

/* The task's last words. It has no turn any more. */
static void __noreturn do_exit(void)
{
	serve();
	schedule();
	die("a dead task runs", current_pt_regs(), 0);
}

SYSCALL_DEFINE1(exit, int, error_code)
{
	do_exit();
}

/* The same for all threads of a process: what exit() in C calls. */
SYSCALL_DEFINE1(exit_group, int, error_code)
{
	do_exit();
}
