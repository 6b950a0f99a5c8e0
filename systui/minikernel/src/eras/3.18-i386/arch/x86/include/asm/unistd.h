// SPDX-License-Identifier: GPL-2.0-or-later
/* One more than the highest system call number. */
#define NR_syscalls		358
