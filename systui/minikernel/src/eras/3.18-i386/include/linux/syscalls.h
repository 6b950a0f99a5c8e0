/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SYSCALLS_H
#define _LINUX_SYSCALLS_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/gates.h>
#include <asm/ptrace.h>

/* Arguments on the stack: pt_regs itself has them, lowest first. */
#define asmlinkage	__attribute__((regparm(0)))

typedef asmlinkage long (*sys_call_ptr_t)(void);

extern const sys_call_ptr_t sys_call_table[];

asmlinkage long sys_ni_syscall(void);

/*
 * SYSCALL_DEFINEn(name, type, argument, ...) makes sys_name. Whoever
 * calls it by the table has pushed nothing: where a caller's arguments
 * would be lies pt_regs, and its first words are the arguments.
 */
#define __SYSCALL_DEFINE(name, parameters)		\
	asmlinkage long sys_##name parameters;		\
	asmlinkage long sys_##name parameters

#define SYSCALL_DEFINE0(name)	__SYSCALL_DEFINE(name, (void))
#define SYSCALL_DEFINE1(name, t1, a1)			\
	__SYSCALL_DEFINE(name, (t1 a1))
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2)		\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2))
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)	\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3))
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4) \
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4))
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5))
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, \
			t6, a6)					\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6))

/* For programs of another width than the kernel's, of which none are. */
#define COMPAT_SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)		\
	static inline long compat_sys_##name(t1 a1, t2 a2, t3 a3);	\
	static inline long compat_sys_##name(t1 a1, t2 a2, t3 a3)

#endif
