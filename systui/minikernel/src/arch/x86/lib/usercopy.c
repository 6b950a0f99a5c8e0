// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between kernel and user memory. Two things can be wrong with a
 * user's address: it may be the kernel's, which is checked, or have
 * nothing behind it, which shows when it is touched.
 */
#include <linux/errno.h>
#include <linux/uaccess.h>

/* Return how many bytes could not be copied: 0 is success. */
unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long bytes)
{
	if (!access_ok(from, bytes))
		return bytes;
	return copy_user_generic(to, from, bytes);
}

unsigned long copy_to_user(void __user *to, const void *from,
			   unsigned long bytes)
{
	if (!access_ok(to, bytes))
		return bytes;
	return copy_user_generic(to, from, bytes);
}

/*
 * Copy a string of at most so many bytes, its final 0 included. Return
 * its length; `bytes` if it is longer; -EFAULT if it cannot be read.
 */
long strncpy_from_user(char *to, const char __user *from, long bytes)
{
	long length;

	for (length = 0; length < bytes; length++) {
		int byte = -1;

		if (access_ok(from + length, 1))
			byte = get_user_byte(from + length);
		if (byte < 0)
			return -EFAULT;
		to[length] = byte;
		if (byte == 0)
			return length;
	}
	return bytes;
}
