// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the entry code to a handler, by number, and back.
 */
#include <linux/entry-common.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
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
 * Run the handler of a 32-bit call. A number that there is not leaves
 * pt_regs->ax as it is: -ENOSYS.
 */
static void do_syscall_32_irqs_on(struct pt_regs *regs, unsigned int nr)
{
	if (likely(nr < IA32_NR_syscalls))
		regs->ax = ia32_sys_call_table[nr](regs);
	else if (nr != (unsigned int)-1)
		regs->ax = __ia32_sys_ni_syscall(regs);
}

/*
 * All of a 32-bit call that is C, whichever program made it: until it
 * is over, addresses and structures are those of 32 bits.
 */
void do_int80_syscall_32(struct pt_regs *regs);
void do_int80_syscall_32(struct pt_regs *regs)
{
	unsigned int nr = regs->orig_ax;

	current_thread_info()->status |= TS_COMPAT;
	nr = syscall_enter_from_user_mode(regs, nr);
	do_syscall_32_irqs_on(regs, nr);
	syscall_exit_to_user_mode(regs);
}

/*
 * A call by SYSENTER: the CPU kept nothing of where it came from. The
 * program's page for calls has put its rsp into rbp, and on its stack
 * its true rbp, which is the sixth argument; and calls come back to a
 * place in that page.
 */
void do_fast_syscall_32(struct pt_regs *regs);
void do_fast_syscall_32(struct pt_regs *regs)
{
	u32 bp;

	regs->ip = VDSO32_RETURN;
	regs->sp = (u32)regs->bp;
	if (copy_from_user(&bp, (void __user *)regs->sp, sizeof(bp))) {
		local_irq_enable();
		regs->ax = -EFAULT;
		syscall_exit_to_user_mode(regs);
		return;
	}
	regs->bp = bp;
	do_int80_syscall_32(regs);
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
