// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths: brought in from user memory, and the calls that take them.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define AT_SYMLINK_FOLLOW	0x400
#define AT_EMPTY_PATH		0x1000
#define AT_REMOVEDIR		0x200

/* No call keeps two paths: one place for each task is enough. */
static struct filename path_buffers[NR_TASKS];

/* Bring a path in; it may be "". */
struct filename *getname_maybe_empty(const char __user *path)
{
	struct filename *name = &path_buffers[current->slot];
	long length;

	length = strncpy_from_user(name->name, path, PATH_MAX);
	if (length < 0)
		return ERR_PTR(length);
	if (length == PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	return name;
}

/* Bring a path in; "" names nothing. */
struct filename *getname(const char __user *path)
{
	struct filename *name = getname_maybe_empty(path);

	if (!IS_ERR(name) && !name->name[0])
		return ERR_PTR(-ENOENT);
	return name;
}

/* Is there a directory at dfd, if the path needs one to start from? */
long check_start(int dfd, const struct filename *name)
{
	struct file *file;

	if (name->name[0] == '/' || dfd == AT_FDCWD)
		return 0;
	file = fget_raw(dfd);
	if (!file)
		return -EBADF;
	if (name->name[0] && file->kind != FILE_DIRECTORY)
		return -ENOTDIR;
	return 0;
}

/* All that can be said of a path without walking it. */
static long check_path(int dfd, const char __user *path)
{
	struct filename *name = getname(path);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return check_start(dfd, name);
}

SYSCALL_DEFINE2(mkdir, const char __user *, pathname, umode_t, mode)
{
	long error = check_path(AT_FDCWD, pathname);

	return error ? error : serve();
}

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, pathname,
		umode_t, mode)
{
	long error = check_path(dfd, pathname);

	return error ? error : serve();
}

SYSCALL_DEFINE1(rmdir, const char __user *, pathname)
{
	long error = check_path(AT_FDCWD, pathname);

	return error ? error : serve();
}

SYSCALL_DEFINE1(unlink, const char __user *, pathname)
{
	long error = check_path(AT_FDCWD, pathname);

	return error ? error : serve();
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, pathname,
		int, flag)
{
	long error;

	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	error = check_path(dfd, pathname);
	return error ? error : serve();
}

/*
 * link: the old name is looked up to its end before the new one is even
 * read, so only the old one can be checked in here.
 */
SYSCALL_DEFINE2(link, const char __user *, oldname,
		const char __user *, newname)
{
	long error = check_path(AT_FDCWD, oldname);

	return error ? error : serve();
}

SYSCALL_DEFINE5(linkat, int, olddfd, const char __user *, oldname,
		int, newdfd, const char __user *, newname, int, flags)
{
	long error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		return serve();
	error = check_path(olddfd, oldname);
	return error ? error : serve();
}

SYSCALL_DEFINE2(symlink, const char __user *, oldname,
		const char __user *, newname)
{
	/* Where it points to is text; it need not be there. */
	struct filename *target = getname(oldname);

	if (IS_ERR(target))
		return PTR_ERR(target);
	return serve();
}

SYSCALL_DEFINE2(rename, const char __user *, oldname,
		const char __user *, newname)
{
	long error = check_path(AT_FDCWD, oldname);

	return error ? error : serve();
}
