// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the entry code to a handler, by number, and back.
 */
#include <linux/entry-common.h>
#include <linux/syscalls.h>
#include <asm/unistd.h>

/*
 * Run the handler of a 64-bit call. False if there is no such number;
 * the table may have holes too, but those have a handler that says so.
 */
static bool do_syscall_x64(struct pt_regs *regs, int nr)
{
	/* Unsigned, so that a negative number is a very large one. */
	unsigned int unr = nr;

	if (likely(unr < NR_syscalls)) {
		regs->ax = sys_call_table[unr](regs);
		return true;
	}
	return false;
}

/*
 * All of a system call that is C. The frame is whole, interrupts are
 * off, and pt_regs->ax already says -ENOSYS.
 */
void do_syscall_64(struct pt_regs *regs, int nr);
void do_syscall_64(struct pt_regs *regs, int nr)
{
	nr = syscall_enter_from_user_mode(regs, nr);

	/* -1 is how a tracer says: skip the call, ax is set. */
	if (!do_syscall_x64(regs, nr) && nr != -1)
		regs->ax = __x64_sys_ni_syscall(regs);

	syscall_exit_to_user_mode(regs);
}
