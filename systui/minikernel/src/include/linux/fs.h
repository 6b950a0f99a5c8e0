/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/types.h>

/* What a descriptor may refer to. */
enum file_kind {
	FILE_CLOSED	= 0,
	FILE_REGULAR	= 1,
	FILE_DIRECTORY	= 2,
	FILE_CHARDEV	= 3,
	FILE_PIPE	= 4,
	FILE_SOCKET	= 5,
};

/* How far a socket has come. */
enum socket_state {
	SOCKET_UNCONNECTED	= 0,
	SOCKET_BOUND		= 1,
	SOCKET_LISTENING	= 2,
	SOCKET_CONNECTED	= 3,
};

/*
 * What this kernel knows of an open file. The file itself is outside;
 * after each call the machine brings these words up to date.
 */
struct file {
	u32 kind;	/* enum file_kind */
	u32 flags;	/* O_* as given to open */
	u32 state;	/* enum socket_state, for sockets */
	u32 type;	/* SOCK_*, for sockets */
};

#define NR_OPEN_MAX	4096

/* A task's descriptor table: descriptor n is fd[n]. */
struct files_struct {
	struct file fd[NR_OPEN_MAX];
};

extern struct files_struct init_files;
extern struct files_struct files_cache[];

/* open()'s flags, as far as they matter in here. */
#define O_ACCMODE	00000003
#define O_WRONLY	00000001
#define O_RDWR		00000002
#define O_CREAT		00000100
#define O_DIRECT	00040000
#define O_LARGEFILE	00100000
#define O_DIRECTORY	00200000
#define O_NONBLOCK	00004000
#define O_CLOEXEC	02000000
#define O_PATH		010000000
#define __O_TMPFILE	020000000
#define O_NOTIFICATION_PIPE	00000200

/* Stands for the current directory where a descriptor is asked for. */
#define AT_FDCWD	(-100)

#define SEEK_MAX	4
#define PATH_MAX	4096
#define UIO_MAXIOV	1024

/* The most that one call reads or writes. */
#define MAX_RW_COUNT	(0x7fffffffUL & PAGE_MASK)

struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

/* A path that was brought in from user memory. */
struct filename {
	char name[PATH_MAX];
};

struct file *fget_raw(unsigned int fd);
struct file *fdget(unsigned int fd);
struct filename *getname(const char __user *path);
struct filename *getname_maybe_empty(const char __user *path);
long check_start(int dfd, const struct filename *name);

static __always_inline bool may_read(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static __always_inline bool may_write(const struct file *file)
{
	return (file->flags & O_ACCMODE) != 0;
}

#endif
