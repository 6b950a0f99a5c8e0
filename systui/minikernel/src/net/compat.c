// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets for 32-bit programs. They have one call for all of them: its
 * number says which is meant, its second argument where the arguments
 * lie, in the program's memory.
 */
#include <linux/net.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/* How many arguments each sub-call has. */
static const unsigned char nas[SYS_SENDMMSG + 1] = {
	0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4,
};

static void __user *compat_ptr(u32 address)
{
	return (void __user *)(unsigned long)address;
}

COMPAT_SYSCALL_DEFINE2(socketcall, int, call, u32 __user *, args)
{
	u32 a[6];

	if (call < SYS_SOCKET || call > SYS_SENDMMSG)
		return -EINVAL;
	if (copy_from_user(a, args, nas[call] * sizeof(a[0])))
		return -EFAULT;

	switch (call) {
	case SYS_SOCKET:
		return __sys_socket(a[0], a[1]);
	case SYS_BIND:
		return __sys_bind(a[0], compat_ptr(a[1]), a[2]);
	case SYS_CONNECT:
		return __sys_connect(a[0], compat_ptr(a[1]), a[2]);
	case SYS_LISTEN:
		return __sys_listen(a[0]);
	case SYS_ACCEPT:
		return __sys_accept4(a[0], 0);
	case SYS_ACCEPT4:
		return __sys_accept4(a[0], a[3]);
	case SYS_SOCKETPAIR:
		return __sys_socketpair(a[1]);
	case SYS_SEND:
		return __sys_sendto(a[0], compat_ptr(a[1]), a[2], NULL, 0);
	case SYS_SENDTO:
		return __sys_sendto(a[0], compat_ptr(a[1]), a[2],
				    compat_ptr(a[4]), a[5]);
	case SYS_RECV:
	case SYS_RECVFROM:
		return __sys_recvfrom(a[0], compat_ptr(a[1]), a[2]);
	case SYS_SETSOCKOPT:
		return __sys_setsockopt(a[0], a[4]);
	default:
		/* A message's buffers are the service's to look over. */
		return __sys_ask_socket(a[0]);
	}
}
