// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <linux/syscalls.h>

static long do_pipe2(int flags)
{
	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT |
		      O_NOTIFICATION_PIPE))
		return -EINVAL;
	return serve();
}

SYSCALL_DEFINE2(pipe2, int __user *, fildes, int, flags)
{
	return do_pipe2(flags);
}

SYSCALL_DEFINE1(pipe, int __user *, fildes)
{
	return do_pipe2(0);
}
