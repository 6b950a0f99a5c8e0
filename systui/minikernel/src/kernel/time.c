// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define NSEC_PER_SEC	1000000000L

struct timespec {
	long tv_sec;
	long tv_nsec;
};

static bool timespec_valid(const struct timespec *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0 &&
	       time->tv_nsec < NSEC_PER_SEC;
}

SYSCALL_DEFINE2(nanosleep, struct timespec __user *, rqtp,
		struct timespec __user *, rmtp)
{
	struct timespec time;

	if (copy_from_user(&time, rqtp, sizeof(time)))
		return -EFAULT;
	if (!timespec_valid(&time))
		return -EINVAL;
	return serve();
}
