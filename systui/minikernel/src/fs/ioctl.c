// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <linux/syscalls.h>

/* What cmd means is the file's own affair: a terminal's, a socket's. */
SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd,
		unsigned long, arg)
{
	if (!fdget(fd))
		return -EBADF;
	return serve();
}
