/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SYSCALLS_H
#define _LINUX_SYSCALLS_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/gates.h>
#include <asm/ptrace.h>

typedef long (*sys_call_ptr_t)(const struct pt_regs *);

extern const sys_call_ptr_t sys_call_table[];

long __x64_sys_ni_syscall(const struct pt_regs *regs);

/*
 * SYSCALL_DEFINEn(name, type, argument, ...) makes __x64_sys_name, the
 * function in the table. It takes the arguments out of pt_regs, where
 * the entry code put them, and gives each the type it should have: an
 * int is the low half of its register, whatever the high half says.
 */
#define SYSCALL_DEFINE0(name)						\
	long __x64_sys_##name(const struct pt_regs *regs);		\
	long __x64_sys_##name(const struct pt_regs *regs)

#define __SYSCALL_DEFINE(name, parameters, arguments)			\
	static __always_inline long __do_sys_##name parameters;	\
	long __x64_sys_##name(const struct pt_regs *regs);		\
	long __x64_sys_##name(const struct pt_regs *regs)		\
	{								\
		return __do_sys_##name arguments;			\
	}								\
	static __always_inline long __do_sys_##name parameters

#define SYSCALL_DEFINE1(name, t1, a1)					\
	__SYSCALL_DEFINE(name, (t1 a1), ((t1)regs->di))
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2)				\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2),				\
			 ((t1)regs->di, (t2)regs->si))
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)			\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3),			\
			 ((t1)regs->di, (t2)regs->si, (t3)regs->dx))
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4)		\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4),		\
			 ((t1)regs->di, (t2)regs->si, (t3)regs->dx,	\
			  (t4)regs->r10))
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)	\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),	\
			 ((t1)regs->di, (t2)regs->si, (t3)regs->dx,	\
			  (t4)regs->r10, (t5)regs->r8))
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5,	\
			t6, a6)						\
	__SYSCALL_DEFINE(name,						\
			 (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6),	\
			 ((t1)regs->di, (t2)regs->si, (t3)regs->dx,	\
			  (t4)regs->r10, (t5)regs->r8, (t6)regs->r9))

#endif
