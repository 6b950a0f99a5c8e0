// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * New tasks. What they have in user mode (memory, files, signals) is
 * made outside; their kernel stack and first registers are made here.
 */
#include <linux/kernel.h>
#include <linux/syscalls.h>
#include <asm/ldt.h>

#define CLONE_VFORK	0x00004000UL
#define CLONE_SETTLS	0x00080000UL

/* Slot 0 is the first task's, the others are in the cache. */
static struct task_struct *task_at(unsigned int slot)
{
	return slot ? &task_cache[slot - 1] : &init_task;
}

static struct task_struct *find_task_by_vpid(pid_t nr)
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
static long do_fork(unsigned long clone_flags, unsigned long stack_start,
		    const struct user_desc __user *tls)
{
	struct user_desc info;
	struct task_struct *p;
	long nr = 0;

	if (clone_flags & CLONE_SETTLS)
		nr = get_user_desc(&info, tls);
	if (nr == 0)
		nr = serve();
	if (nr < 0)
		return nr;
	p = find_task_by_vpid(nr);
	if (!p)
		die("a new task has no slot", current_pt_regs(), nr);
	copy_thread(p, stack_start);
	if (clone_flags & CLONE_SETTLS)
		set_tls_desc(p, &info);
	/* The child has our memory: wait until it ends, or runs a file. */
	if (clone_flags & CLONE_VFORK)
		schedule();
	return nr;
}

SYSCALL_DEFINE0(fork)
{
	return do_fork(0, 0, NULL);
}

SYSCALL_DEFINE0(vfork)
{
	return do_fork(CLONE_VFORK, 0, NULL);
}

/* The fourth argument is tls here: CONFIG_CLONE_BACKWARDS. */
SYSCALL_DEFINE5(clone, unsigned long, clone_flags, unsigned long, newsp,
		int __user *, parent_tidptr,
		const struct user_desc __user *, tls,
		int __user *, child_tidptr)
{
	return do_fork(clone_flags, newsp, tls);
}
