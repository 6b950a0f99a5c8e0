/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_ERRNO_H
#define _LINUX_ERRNO_H

#define ENOENT		2	/* no such file or directory */
#define E2BIG		7	/* too much to take */
#define EBADF		9	/* not an open descriptor */
#define ENOMEM		12	/* out of memory, or of addresses */
#define EFAULT		14	/* bad address */
#define ENOTDIR		20	/* not a directory */
#define EISDIR		21	/* is a directory */
#define EINVAL		22	/* invalid argument */
#define ESPIPE		29	/* cannot seek there */
#define ENAMETOOLONG	36	/* file name too long */
#define ENOSYS		38	/* no such system call */
#define ENOTSOCK	88	/* not a socket */
#define EMSGSIZE	90	/* message too long */
#define EOPNOTSUPP	95	/* this socket cannot do that */
#define EAFNOSUPPORT	97	/* no such address family */

/* Seen by no program: the call must wait, so let another task run. */
#define EWAIT		600

/* An error may travel in a pointer: the last page is never mapped. */
#define MAX_ERRNO	4095UL
#define ERR_PTR(error)	((void *)(long)(error))
#define PTR_ERR(ptr)	((long)(ptr))
#define IS_ERR(ptr)	((unsigned long)(ptr) >= -MAX_ERRNO)

#endif
