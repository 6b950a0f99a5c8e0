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

/* The sub-calls of socketcall, a 32-bit program's way to all of these. */
#define SYS_SOCKET	1
#define SYS_BIND	2
#define SYS_CONNECT	3
#define SYS_LISTEN	4
#define SYS_ACCEPT	5
#define SYS_GETSOCKNAME	6
#define SYS_GETPEERNAME	7
#define SYS_SOCKETPAIR	8
#define SYS_SEND	9
#define SYS_RECV	10
#define SYS_SENDTO	11
#define SYS_RECVFROM	12
#define SYS_SHUTDOWN	13
#define SYS_SETSOCKOPT	14
#define SYS_GETSOCKOPT	15
#define SYS_SENDMSG	16
#define SYS_RECVMSG	17
#define SYS_ACCEPT4	18
#define SYS_RECVMMSG	19
#define SYS_SENDMMSG	20

long __sys_socket(int family, int type);
long __sys_socketpair(int type);
long __sys_bind(int fd, struct sockaddr __user *umyaddr, int addrlen);
long __sys_listen(int fd);
long __sys_accept4(int fd, int flags);
long __sys_connect(int fd, struct sockaddr __user *uservaddr, int addrlen);
long __sys_ask_socket(int fd);
long __sys_sendto(int fd, const void __user *buff, size_t len,
		  const struct sockaddr __user *addr, int addr_len);
long __sys_recvfrom(int fd, void __user *ubuf, size_t size);
long __sys_setsockopt(int fd, int optlen);

#endif
