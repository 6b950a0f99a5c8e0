/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <linux/types.h>
#include <asm/asm-offsets.h>

unsigned long copy_user_generic(void *to, const void *from,
				unsigned long bytes);
int get_user_byte(const char __user *from);

/* Could a program have these addresses? Says nothing of what is there. */
static __always_inline bool access_ok(const void __user *from,
				      unsigned long bytes)
{
	return bytes <= TASK_SIZE_MAX &&
	       (unsigned long)from <= TASK_SIZE_MAX - bytes;
}

unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long bytes);
unsigned long copy_to_user(void __user *to, const void *from,
			   unsigned long bytes);
long strncpy_from_user(char *to, const char __user *from, long bytes);

#endif
