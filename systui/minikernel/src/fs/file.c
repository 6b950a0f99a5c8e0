// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors: small numbers, and what they refer to.
 */
#include <linux/fs.h>
#include <linux/syscalls.h>

/* The open file behind a descriptor, however it was opened, or NULL. */
struct file *fget_raw(unsigned int fd)
{
	struct files_struct *files = current->files;

	/* Unsigned: -1 is a very large number, and not in the table. */
	if (fd >= NR_OPEN_MAX)
		return NULL;
	if (files->fd[fd].kind == FILE_CLOSED)
		return NULL;
	return &files->fd[fd];
}

/* The same, for calls that need more than a place in the tree. */
struct file *fdget(unsigned int fd)
{
	struct file *file = fget_raw(fd);

	if (file && (file->flags & O_PATH))
		return NULL;
	return file;
}

SYSCALL_DEFINE1(dup, unsigned int, fildes)
{
	if (!fget_raw(fildes))
		return -EBADF;
	return serve();
}

static long ksys_dup3(unsigned int oldfd, unsigned int newfd, int flags)
{
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	if (oldfd == newfd)
		return -EINVAL;
	if (newfd >= NR_OPEN_MAX)
		return -EBADF;
	if (!fget_raw(oldfd))
		return -EBADF;
	return serve();
}

SYSCALL_DEFINE3(dup3, unsigned int, oldfd, unsigned int, newfd,
		int, flags)
{
	return ksys_dup3(oldfd, newfd, flags);
}

SYSCALL_DEFINE2(dup2, unsigned int, oldfd, unsigned int, newfd)
{
	/* Onto itself: nothing to do, if it is open. */
	if (oldfd == newfd)
		return fget_raw(oldfd) ? (long)oldfd : -EBADF;
	return ksys_dup3(oldfd, newfd, 0);
}
