// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <linux/syscalls.h>

struct linux_dirent64;

SYSCALL_DEFINE3(getdents64, unsigned int, fd,
		struct linux_dirent64 __user *, dirent,
		unsigned int, count)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	if (file->kind != FILE_DIRECTORY)
		return -ENOTDIR;
	return serve();
}
