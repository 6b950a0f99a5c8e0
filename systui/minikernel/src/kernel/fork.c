// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * New tasks. What they have in user mode (memory, files, signals) is
 * made outside; their kernel stack and first registers are made here.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

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
	struct task_struct *p;
	long nr = serve();

	if (nr < 0)
		return nr;
	p = find_task_by_vpid(nr);
	if (!p)
		die("a new task has no slot", current_pt_regs(), nr);
	copy_thread(p, newsp, tls, flags & CLONE_SETTLS);
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

/* A segment as a 32-bit program describes it. */
struct user_desc {
	u32 entry_number;
	u32 base_addr;
	u32 limit;
	/* From bit 0: 32 bits, contents (2), read only, in pages, ... */
	u32 flags;		/* ... not present, usable */
};

/* The same as a descriptor: the CPU has its parts scattered. */
static u64 fill_ldt(const struct user_desc *info)
{
	u64 access = 0x71 | (info->flags >> 1 & 3) << 2 |
		     (~info->flags >> 3 & 1) << 1 |
		     (~info->flags >> 5 & 1) << 7;
	u64 high = (info->flags >> 6 & 1) | (info->flags & 1) << 2 |
		   (info->flags >> 4 & 1) << 3;

	return (info->limit & 0xffff) |
	       (u64)(info->base_addr & 0xffffff) << 16 | access << 40 |
	       (u64)(info->limit >> 16 & 0xf) << 48 | high << 52 |
	       (u64)(info->base_addr >> 24) << 56;
}

/* 32-bit programs have thread-local storage in a segment. */
COMPAT_SYSCALL_DEFINE5(ia32_clone, unsigned int, clone_flags,
		       unsigned int, newsp, int __user *, parent_tidptr,
		       struct user_desc __user *, tls,
		       int __user *, child_tidptr)
{
	struct user_desc info;
	long nr;

	if (!(clone_flags & CLONE_SETTLS))
		return kernel_clone(clone_flags, newsp, 0);
	if (copy_from_user(&info, tls, sizeof(info)))
		return -EFAULT;
	if (info.entry_number < GDT_ENTRY_TLS_MIN ||
	    info.entry_number >= GDT_ENTRY_TLS_MIN + GDT_ENTRY_TLS_ENTRIES)
		return -EINVAL;
	nr = kernel_clone(clone_flags & ~CLONE_SETTLS, newsp, 0);
	if (nr > 0)
		set_new_tls(find_task_by_vpid(nr), info.entry_number,
			    fill_ldt(&info), info.base_addr);
	return nr;
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
