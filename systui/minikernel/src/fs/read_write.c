// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes in and out of a descriptor.
 */
#include <linux/fs.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/* May this many bytes go to buf? What is there shows when it is used. */
static ssize_t vfs_read(const struct file *file, char __user *buf,
			size_t count)
{
	if (!may_read(file))
		return -EBADF;
	if (!access_ok(buf, count))
		return -EFAULT;
	/* A directory has entries, not bytes: getdents reads those. */
	if (file->kind == FILE_DIRECTORY)
		return -EISDIR;
	return serve();
}

static ssize_t vfs_write(const struct file *file, const char __user *buf,
			 size_t count)
{
	if (!may_write(file))
		return -EBADF;
	if (!access_ok(buf, count))
		return -EFAULT;
	return serve();
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf,
		size_t, count)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	return vfs_read(file, buf, count);
}

SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf,
		size_t, count)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	return vfs_write(file, buf, count);
}

/* Bytes that pass by have no position. */
static bool has_position(const struct file *file)
{
	return file->kind != FILE_PIPE && file->kind != FILE_SOCKET;
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user *, buf,
		size_t, count, loff_t, pos)
{
	struct file *file;

	if (pos < 0)
		return -EINVAL;
	file = fdget(fd);
	if (!file)
		return -EBADF;
	if (!has_position(file))
		return -ESPIPE;
	return vfs_read(file, buf, count);
}

SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user *, buf,
		size_t, count, loff_t, pos)
{
	struct file *file;

	if (pos < 0)
		return -EINVAL;
	file = fdget(fd);
	if (!file)
		return -EBADF;
	if (!has_position(file))
		return -ESPIPE;
	return vfs_write(file, buf, count);
}

/* The same buffer as a 32-bit program describes it. */
struct compat_iovec {
	u32 iov_base;
	s32 iov_len;
};

/* Bring the i-th of an array of buffers in. */
static int get_iovec(struct iovec *buffer, const struct iovec __user *vec,
		     unsigned long i)
{
	const struct compat_iovec __user *small = (const void __user *)vec;
	struct compat_iovec found;

	if (!in_compat_syscall())
		return copy_from_user(buffer, vec + i, sizeof(*buffer));
	if (copy_from_user(&found, small + i, sizeof(found)))
		return -EFAULT;
	buffer->iov_base = (void __user *)(unsigned long)found.iov_base;
	buffer->iov_len = found.iov_len;
	return 0;
}

/* Look over an array of buffers: each is an address and a length. */
static long import_iovec(const struct iovec __user *vec,
			 unsigned long vlen)
{
	struct iovec buffer;
	unsigned long i;
	long error = 0;

	if (vlen > UIO_MAXIOV)
		return -EINVAL;
	for (i = 0; i < vlen; i++) {
		if (get_iovec(&buffer, vec, i))
			return -EFAULT;
		if ((ssize_t)buffer.iov_len < 0)
			return -EINVAL;
		/* A bad length further on is the stronger reason. */
		if (!access_ok(buffer.iov_base, buffer.iov_len))
			error = -EFAULT;
	}
	return error;
}

SYSCALL_DEFINE3(readv, unsigned long, fd,
		const struct iovec __user *, vec, unsigned long, vlen)
{
	struct file *file = fdget(fd);
	long error;

	if (!file || !may_read(file))
		return -EBADF;
	error = import_iovec(vec, vlen);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(writev, unsigned long, fd,
		const struct iovec __user *, vec, unsigned long, vlen)
{
	struct file *file = fdget(fd);
	long error;

	if (!file || !may_write(file))
		return -EBADF;
	error = import_iovec(vec, vlen);
	if (error)
		return error;
	return serve();
}

SYSCALL_DEFINE3(lseek, unsigned int, fd, off_t, offset,
		unsigned int, whence)
{
	struct file *file = fdget(fd);

	if (!file)
		return -EBADF;
	if (whence > SEEK_MAX)
		return -EINVAL;
	if (!has_position(file))
		return -ESPIPE;
	return serve();
}
