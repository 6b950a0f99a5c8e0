// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of a file. The table's stat is "newstat": it replaced
 * one with a smaller structure, long ago.
 */
#include <linux/fs.h>
#include <linux/syscalls.h>

#define AT_SYMLINK_NOFOLLOW	0x100
#define AT_NO_AUTOMOUNT		0x800
#define AT_EMPTY_PATH		0x1000
#define AT_STATX_SYNC_TYPE	0x6000

struct stat;

SYSCALL_DEFINE2(newstat, const char __user *, filename,
		struct stat __user *, statbuf)
{
	struct filename *name = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return serve();
}

SYSCALL_DEFINE2(newlstat, const char __user *, filename,
		struct stat __user *, statbuf)
{
	struct filename *name = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return serve();
}

SYSCALL_DEFINE2(newfstat, unsigned int, fd,
		struct stat __user *, statbuf)
{
	if (!fget_raw(fd))
		return -EBADF;
	return serve();
}

/* The file at dfd itself, if the path is empty and the flag allows. */
SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, filename,
		struct stat __user *, statbuf, int, flag)
{
	struct filename *name;
	long error;

	if (flag & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT |
		     AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	if (!(flag & AT_EMPTY_PATH))
		name = getname(filename);
	else if (filename)
		name = getname_maybe_empty(filename);
	else
		return serve();
	if (IS_ERR(name))
		return PTR_ERR(name);
	error = check_start(dfd, name);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(readlink, const char __user *, path, char __user *, buf,
		int, bufsiz)
{
	struct filename *name;

	if (bufsiz <= 0)
		return -EINVAL;
	name = getname(path);
	if (IS_ERR(name))
		return PTR_ERR(name);
	return serve();
}
