/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_NET_H
#define _LINUX_NET_H

#include <linux/fs.h>

/* Kinds of sockets. */
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_SEQPACKET	5
#define SOCK_MAX	11

/* socket() takes two flags in the same argument as the kind. */
#define SOCK_TYPE_MASK	0xf
#define SOCK_CLOEXEC	O_CLOEXEC
#define SOCK_NONBLOCK	O_NONBLOCK

/* One more than the highest address family. */
#define NPROTO		46

struct sockaddr;

/* Room for an address of any family. */
struct sockaddr_storage {
	unsigned short ss_family;
	char __data[126];
};

struct user_msghdr {
	void __user *msg_name;		/* an address */
	int msg_namelen;
	struct iovec __user *msg_iov;	/* the buffers */
	size_t msg_iovlen;
	void __user *msg_control;	/* descriptors and the like */
	size_t msg_controllen;
	unsigned int msg_flags;
};

#endif
