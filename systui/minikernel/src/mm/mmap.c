// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program's memory, as far as it can be judged by its arguments.
 */
#include <linux/fs.h>
#include <linux/syscalls.h>
#include <asm/processor.h>

#define MAP_ANONYMOUS	0x20

#define offset_in_page(address)	((address) & ~PAGE_MASK)
#define PAGE_ALIGN(length)	(((length) + PAGE_SIZE - 1) & PAGE_MASK)

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags,
		unsigned long, fd, unsigned long, off)
{
	if (offset_in_page(off))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS) && !fdget(fd))
		return -EBADF;
	if (len == 0)
		return -EINVAL;
	return serve();
}

SYSCALL_DEFINE2(munmap, unsigned long, addr, size_t, len)
{
	if (offset_in_page(addr) || addr > TASK_SIZE_MAX ||
	    len > TASK_SIZE_MAX - addr)
		return -EINVAL;
	if (PAGE_ALIGN(len) == 0)
		return -EINVAL;
	return serve();
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len,
		unsigned long, prot)
{
	if (offset_in_page(start))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (start + PAGE_ALIGN(len) <= start)
		return -ENOMEM;
	return serve();
}

SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	return serve();
}
