// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who am I? No arguments, nothing to check: it cannot fail.
 */
#include <linux/syscalls.h>

SYSCALL_DEFINE0(getpid)
{
	return serve();
}

SYSCALL_DEFINE0(gettid)
{
	return serve();
}

SYSCALL_DEFINE0(getppid)
{
	return serve();
}

SYSCALL_DEFINE0(getuid)
{
	return serve();
}

SYSCALL_DEFINE0(geteuid)
{
	return serve();
}

SYSCALL_DEFINE0(getgid)
{
	return serve();
}

SYSCALL_DEFINE0(getegid)
{
	return serve();
}
