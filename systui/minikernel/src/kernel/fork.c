// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * New tasks. What they have in user mode (memory, files, signals) is
 * made outside; their kernel stack and first registers are made here.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/ldt.h>

#define CLONE_VFORK	0x00004000UL
#define CLONE_SETTLS	0x00080000UL

/* clone3's arguments, as a program lays them out. */
struct clone_args {
	u64 flags;
	u64 pidfd;
	u64 child_tid;
	u64 parent_tid;
	u64 exit_signal;
	u64 stack;		/* its lowest address */
	u64 stack_size;
	u64 tls;
};

/* Slot 0 is the first task's, the others are in the cache. */
static struct task_struct *task_at(unsigned int slot)
{
	return slot ? &task_cache[slot - 1] : &init_task;
}

struct task_struct *find_task_by_vpid(pid_t nr)
{
	unsigned int slot;

	for (slot = 0; slot < NR_TASKS; slot++)
		if (task_at(slot)->pid == nr)
			return task_at(slot);
	return NULL;
}

/*
 * Make a task. The number comes from outside, where its memory and
 * files were copied or shared; its slot has been filled in as well.
 */
static long kernel_clone(unsigned long flags, unsigned long newsp,
			 unsigned long tls)
{
	bool segment = flags & CLONE_SETTLS && in_compat_syscall();
	struct user_desc info;
	struct task_struct *p;
	long nr = 0;

	if (segment)
		nr = get_user_desc(&info, (void __user *)tls);
	if (nr == 0)
		nr = serve();
	if (nr < 0)
		return nr;
	p = find_task_by_vpid(nr);
	if (!p)
		die("a new task has no slot", current_pt_regs(), nr);
	copy_thread(p, newsp, tls, flags & CLONE_SETTLS && !segment);
	if (segment)
		set_tls_desc(p, &info);
	/* The child has our memory: wait until it ends, or runs a file. */
	if (flags & CLONE_VFORK)
		schedule();
	return nr;
}

SYSCALL_DEFINE0(fork)
{
	return kernel_clone(0, 0, 0);
}

SYSCALL_DEFINE0(vfork)
{
	return kernel_clone(CLONE_VFORK, 0, 0);
}

SYSCALL_DEFINE5(clone, unsigned long, clone_flags, unsigned long, newsp,
		int __user *, parent_tidptr, int __user *, child_tidptr,
		unsigned long, tls)
{
	return kernel_clone(clone_flags, newsp, tls);
}

/* The fourth argument is tls here: a segment, as 32-bit programs have. */
COMPAT_SYSCALL_DEFINE5(ia32_clone, unsigned int, clone_flags,
		       unsigned int, newsp, int __user *, parent_tidptr,
		       unsigned int, tls, int __user *, child_tidptr)
{
	return kernel_clone(clone_flags, newsp, tls);
}

SYSCALL_DEFINE2(clone3, struct clone_args __user *, uargs, size_t, size)
{
	struct clone_args args;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < sizeof(args))
		return -EINVAL;
	if (copy_from_user(&args, uargs, sizeof(args)))
		return -EFAULT;
	/* The stack grows downwards: the task begins at its top. */
	return kernel_clone(args.flags,
			    args.stack ? args.stack + args.stack_size : 0,
			    args.tls);
}
