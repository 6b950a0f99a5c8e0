// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * open and its relatives, close, and where a task stands in the tree.
 */
#include <linux/fs.h>
#include <linux/syscalls.h>

#define S_IRWXO		00007

/* Combinations that no file could be opened with. */
static long check_open_flags(int flags)
{
	/* With O_PATH all but a few others are ignored. */
	if (flags & O_PATH)
		return 0;
	/* Nothing can be both made by open and a directory. */
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	if (flags & __O_TMPFILE) {
		/* It is made in a directory, and to be written. */
		if (!(flags & O_DIRECTORY) || !(flags & O_ACCMODE))
			return -EINVAL;
	}
	return 0;
}

static long do_sys_openat(int dfd, const char __user *filename,
			  int flags)
{
	struct filename *name;
	long error;

	error = check_open_flags(flags);
	if (error)
		return error;
	name = getname(filename);
	if (IS_ERR(name))
		return PTR_ERR(name);
	error = check_start(dfd, name);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(open, const char __user *, filename, int, flags,
		umode_t, mode)
{
	return do_sys_openat(AT_FDCWD, filename, flags);
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, filename,
		int, flags, umode_t, mode)
{
	return do_sys_openat(dfd, filename, flags);
}

SYSCALL_DEFINE2(creat, const char __user *, pathname, umode_t, mode)
{
	return do_sys_openat(AT_FDCWD, pathname, O_CREAT | O_WRONLY);
}

SYSCALL_DEFINE1(close, unsigned int, fd)
{
	if (!fget_raw(fd))
		return -EBADF;
	return serve();
}

static long do_faccessat(int dfd, const char __user *filename, int mode)
{
	struct filename *name;
	long error;

	if (mode & ~S_IRWXO)
		return -EINVAL;
	name = getname(filename);
	if (IS_ERR(name))
		return PTR_ERR(name);
	error = check_start(dfd, name);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE2(access, const char __user *, filename, int, mode)
{
	return do_faccessat(AT_FDCWD, filename, mode);
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, filename,
		int, mode)
{
	return do_faccessat(dfd, filename, mode);
}

SYSCALL_DEFINE1(chdir, const char __user *, filename)
{
	struct filename *name = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return serve();
}

SYSCALL_DEFINE1(fchdir, unsigned int, fd)
{
	struct file *file = fget_raw(fd);

	if (!file)
		return -EBADF;
	if (file->kind != FILE_DIRECTORY)
		return -ENOTDIR;
	return serve();
}

SYSCALL_DEFINE2(ftruncate, unsigned int, fd, off_t, length)
{
	if (length < 0)
		return -EINVAL;
	if (!fdget(fd))
		return -EBADF;
	return serve();
}
