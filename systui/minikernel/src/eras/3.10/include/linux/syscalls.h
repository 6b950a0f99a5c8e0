/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SYSCALLS_H
#define _LINUX_SYSCALLS_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/gates.h>
#include <asm/ptrace.h>

long sys_ni_syscall(void);

/*
 * SYSCALL_DEFINEn(name, type, argument, ...) makes one function with two
 * names, sys_name and SyS_name. The entry code calls it with the user's
 * argument registers as they are (r10 moved to rcx), so its arguments
 * are longs; SYSC_name, inlined, has them with the types they should
 * have: an int is the low half of its register, whatever the high half
 * says.
 */
#define SYSCALL_DEFINE0(name)						\
	long sys_##name(void);						\
	long sys_##name(void)

#define __SYSCALL_DEFINE(name, parameters, longs, arguments)		\
	static __always_inline long SYSC_##name parameters;		\
	long sys_##name longs __attribute__((alias("SyS_" #name)));	\
	long SyS_##name longs;						\
	long SyS_##name longs						\
	{								\
		return SYSC_##name arguments;				\
	}								\
	static __always_inline long SYSC_##name parameters

/* For 32-bit calls, which this kernel does not take. */
#define __COMPAT_SYSCALL_DEFINE(name, parameters)			\
	static inline long compat_SYSC_##name parameters;		\
	static inline long compat_SYSC_##name parameters
#define COMPAT_SYSCALL_DEFINE2(name, t1, a1, t2, a2)			\
	__COMPAT_SYSCALL_DEFINE(name, (t1 a1, t2 a2))
#define COMPAT_SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)		\
	__COMPAT_SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3))
#define COMPAT_SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3,		\
			t4, a4, t5, a5)					\
	__COMPAT_SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4,	\
				       t5 a5))

#define SYSCALL_DEFINE1(name, t1, a1)					\
	__SYSCALL_DEFINE(name, (t1 a1), (long a1), ((t1)a1))
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2)				\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2), (long a1, long a2),	\
			 ((t1)a1, (t2)a2))
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)			\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3),			\
			 (long a1, long a2, long a3),			\
			 ((t1)a1, (t2)a2, (t3)a3))
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4)		\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4),		\
			 (long a1, long a2, long a3, long a4),		\
			 ((t1)a1, (t2)a2, (t3)a3, (t4)a4))
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5,	\
			a5)						\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),	\
			 (long a1, long a2, long a3, long a4, long a5),	\
			 ((t1)a1, (t2)a2, (t3)a3, (t4)a4, (t5)a5))
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5,	\
			a5, t6, a6)					\
	__SYSCALL_DEFINE(name,						\
			 (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6),	\
			 (long a1, long a2, long a3, long a4, long a5,	\
			  long a6),					\
			 ((t1)a1, (t2)a2, (t3)a3, (t4)a4, (t5)a5,	\
			  (t6)a6))

#endif
