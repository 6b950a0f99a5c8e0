// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 32-bit programs keep what is a thread's own in a segment: one of
 * those that each task has for itself in the GDT.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/ldt.h>

/* A segment as the CPU wants it: with its parts scattered. */
static u64 fill_ldt(const struct user_desc *info)
{
	u32 access = 0x71 | (info->flags >> 1 & 3) << 2 |
		     (~info->flags >> 3 & 1) << 1 |
		     (~info->flags >> 5 & 1) << 7;
	u32 high = (info->flags >> 6 & 1) | (info->flags & 1) << 2 |
		   (info->flags >> 4 & 1) << 3;
	u32 upper = (info->base_addr >> 16 & 0xff) | access << 8 |
		    (info->limit & 0xf0000) | high << 20 |
		    (info->base_addr & 0xff000000);
	u32 lower = (info->limit & 0xffff) | info->base_addr << 16;

	return (u64)upper << 32 | lower;
}

/* What a program says of its segment; -errno where none can be. */
long get_user_desc(struct user_desc *info,
		   const struct user_desc __user *u_info)
{
	if (copy_from_user(info, u_info, sizeof(*info)))
		return -EFAULT;
	if (info->entry_number - GDT_ENTRY_TLS_MIN >= GDT_ENTRY_TLS_ENTRIES)
		return -EINVAL;
	return 0;
}

/* A new task's, before it runs. */
void set_tls_desc(struct task_struct *p, const struct user_desc *info)
{
	p->thread.tls_array[info->entry_number - GDT_ENTRY_TLS_MIN] =
		fill_ldt(info);
#ifdef __x86_64__
	p->thread.gsbase = info->base_addr;	/* gs holds its selector */
#endif
}
