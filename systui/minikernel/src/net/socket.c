// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system calls of sockets: is it a descriptor, is it a socket, can
 * this kind of socket do that, are the arguments ones it could use?
 * The connections themselves are served from outside.
 */
#include <linux/net.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/* 0 if fd is a socket, else what to say. */
static int sockfd_lookup(int fd)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	if (file->kind != FILE_SOCKET)
		return -ENOTSOCK;
	return 0;
}

/* Bring an address in; its family decides later what it means. */
static int move_addr_to_kernel(const void __user *uaddr, int ulen,
			       struct sockaddr_storage *kaddr)
{
	if (ulen < 0 || ulen > (int)sizeof(*kaddr))
		return -EINVAL;
	if (ulen == 0)
		return 0;
	if (copy_from_user(kaddr, uaddr, ulen))
		return -EFAULT;
	return 0;
}

static int check_type_flags(int type)
{
	int flags = type & ~SOCK_TYPE_MASK;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	return 0;
}

static int check_family(int family, int type)
{
	if (family < 0 || family >= NPROTO)
		return -EAFNOSUPPORT;
	if ((type & SOCK_TYPE_MASK) >= SOCK_MAX)
		return -EINVAL;
	return 0;
}

long __sys_socket(int family, int type)
{
	int error;

	error = check_type_flags(type);
	if (error)
		return error;
	error = check_family(family, type);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	return __sys_socket(family, type);
}

long __sys_socketpair(int type)
{
	int error = check_type_flags(type);

	return error ? error : serve();
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, usockvec)
{
	return __sys_socketpair(type);
}

long __sys_bind(int fd, struct sockaddr __user *umyaddr,
		       int addrlen)
{
	struct sockaddr_storage address;
	int error;

	error = sockfd_lookup(fd);
	if (error)
		return error;
	error = move_addr_to_kernel(umyaddr, addrlen, &address);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(bind, int, fd, struct sockaddr __user *, umyaddr,
		int, addrlen)
{
	return __sys_bind(fd, umyaddr, addrlen);
}

/* Can this kind of socket wait for others to connect? */
static bool takes_connections(const struct file *file)
{
	return file->type == SOCK_STREAM || file->type == SOCK_SEQPACKET;
}

long __sys_listen(int fd)
{
	struct file *file;
	int error = sockfd_lookup(fd);

	if (error)
		return error;
	file = fdget(fd);
	if (!takes_connections(file))
		return -EOPNOTSUPP;
	if (file->state == SOCKET_CONNECTED)
		return -EINVAL;
	return serve();
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	return __sys_listen(fd);
}

/* The flags are looked at before the file's kind: Linux does so too. */
static long __sys_accept4_file(const struct file *file, int flags)
{
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (file->kind != FILE_SOCKET)
		return -ENOTSOCK;
	if (!takes_connections(file))
		return -EOPNOTSUPP;
	if (file->state != SOCKET_LISTENING)
		return -EINVAL;
	return serve();
}

long __sys_accept4(int fd, int flags)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	return __sys_accept4_file(file, flags);
}

SYSCALL_DEFINE4(accept4, int, fd,
		struct sockaddr __user *, upeer_sockaddr,
		int __user *, upeer_addrlen, int, flags)
{
	return __sys_accept4(fd, flags);
}

SYSCALL_DEFINE3(accept, int, fd,
		struct sockaddr __user *, upeer_sockaddr,
		int __user *, upeer_addrlen)
{
	/* Where the peer's address goes is the service's to write. */
	return __sys_accept4(fd, 0);
}

/* The address is brought in before the file's kind is looked at. */
long __sys_connect(int fd, struct sockaddr __user *uservaddr,
			  int addrlen)
{
	struct sockaddr_storage address;
	struct file *file = fdget(fd);
	int error;

	if (!file)
		return -EBADF;
	error = move_addr_to_kernel(uservaddr, addrlen, &address);
	if (error)
		return error;
	if (file->kind != FILE_SOCKET)
		return -ENOTSOCK;
	return serve();
}

SYSCALL_DEFINE3(connect, int, fd, struct sockaddr __user *, uservaddr,
		int, addrlen)
{
	return __sys_connect(fd, uservaddr, addrlen);
}

/* What is said of a socket needs a socket. */
long __sys_ask_socket(int fd)
{
	int error = sockfd_lookup(fd);

	return error ? error : serve();
}

SYSCALL_DEFINE3(getsockname, int, fd,
		struct sockaddr __user *, usockaddr,
		int __user *, usockaddr_len)
{
	return __sys_ask_socket(fd);
}

SYSCALL_DEFINE3(getpeername, int, fd,
		struct sockaddr __user *, usockaddr,
		int __user *, usockaddr_len)
{
	return __sys_ask_socket(fd);
}

/* A buffer of more than a call moves is only used up to that. */
static int import_ubuf(const void __user *buffer, size_t length)
{
	if (length > MAX_RW_COUNT)
		length = MAX_RW_COUNT;
	return access_ok(buffer, length) ? 0 : -EFAULT;
}

long __sys_sendto(int fd, const void __user *buff, size_t len,
			 const struct sockaddr __user *addr, int addr_len)
{
	struct sockaddr_storage address;
	int error;

	error = import_ubuf(buff, len);
	if (error)
		return error;
	error = sockfd_lookup(fd);
	if (error)
		return error;
	if (addr)
		error = move_addr_to_kernel(addr, addr_len, &address);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buff, size_t, len,
		unsigned int, flags, struct sockaddr __user *, addr,
		int, addr_len)
{
	return __sys_sendto(fd, buff, len, addr, addr_len);
}

long __sys_recvfrom(int fd, void __user *ubuf, size_t size)
{
	int error;

	error = import_ubuf(ubuf, size);
	if (error)
		return error;
	error = sockfd_lookup(fd);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, ubuf, size_t, size,
		unsigned int, flags, struct sockaddr __user *, addr,
		int __user *, addr_len)
{
	return __sys_recvfrom(fd, ubuf, size);
}

/* What both sendmsg and recvmsg are given. */
static long check_msghdr(int fd, const struct user_msghdr __user *umsg)
{
	struct user_msghdr message;
	int error = sockfd_lookup(fd);

	if (error)
		return error;
	if (copy_from_user(&message, umsg, sizeof(message)))
		return -EFAULT;
	if (message.msg_name && message.msg_namelen < 0)
		return -EINVAL;
	if (message.msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	return 0;
}

SYSCALL_DEFINE3(sendmsg, int, fd, struct user_msghdr __user *, msg,
		unsigned int, flags)
{
	long error = check_msghdr(fd, msg);

	return error ? error : serve();
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, msg,
		unsigned int, flags)
{
	long error = check_msghdr(fd, msg);

	return error ? error : serve();
}

long __sys_setsockopt(int fd, int optlen)
{
	int error = sockfd_lookup(fd);

	if (error)
		return error;
	if (optlen < 0)
		return -EINVAL;
	return serve();
}

SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, optname,
		char __user *, optval, int, optlen)
{
	return __sys_setsockopt(fd, optlen);
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, optname,
		char __user *, optval, int __user *, optlen)
{
	return __sys_ask_socket(fd);
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	return __sys_ask_socket(fd);
}
