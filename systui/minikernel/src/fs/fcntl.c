// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <linux/syscalls.h>

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_DUPFD_CLOEXEC	1030

/* What can be asked of a descriptor that is only a place (O_PATH). */
static bool fits_any_descriptor(unsigned int cmd)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_GETFD:
	case F_SETFD:
	case F_GETFL:
		return true;
	}
	return false;
}

SYSCALL_DEFINE3(fcntl, unsigned int, fd, unsigned int, cmd,
		unsigned long, arg)
{
	struct file *file = fget_raw(fd);

	if (!file)
		return -EBADF;
	if ((file->flags & O_PATH) && !fits_any_descriptor(cmd))
		return -EBADF;
	return serve();
}
