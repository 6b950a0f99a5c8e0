/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SYSCALLS_H
#define _LINUX_SYSCALLS_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/gates.h>
#include <asm/ptrace.h>

typedef long (*sys_call_ptr_t)(const struct pt_regs *);

extern const sys_call_ptr_t sys_call_table[];
extern const sys_call_ptr_t ia32_sys_call_table[];

long __x64_sys_ni_syscall(const struct pt_regs *regs);
long __ia32_sys_ni_syscall(const struct pt_regs *regs);

/*
 * SYSCALL_DEFINEn(name, type, argument, ...) makes two functions, one
 * for each table: __x64_sys_name and __ia32_sys_name. They take the
 * arguments out of pt_regs, where the entry code put them: a 64-bit
 * call's from rdi, rsi, rdx, r10, r8, r9, a 32-bit one's from the lower
 * halves of rbx, rcx, rdx, rsi, rdi, rbp. Each argument then gets the
 * type it should have: an int is the low half of its register, whatever
 * the high half says.
 */
#define SYSCALL_DEFINE0(name)						\
	static __always_inline long					\
	__do_sys_##name(const struct pt_regs *regs);			\
	long __x64_sys_##name(const struct pt_regs *regs);		\
	long __x64_sys_##name(const struct pt_regs *regs)		\
	{								\
		return __do_sys_##name(regs);				\
	}								\
	long __ia32_sys_##name(const struct pt_regs *regs);		\
	long __ia32_sys_##name(const struct pt_regs *regs)		\
	{								\
		return __do_sys_##name(regs);				\
	}								\
	static __always_inline long					\
	__do_sys_##name(const struct pt_regs *regs)

#define __SYSCALL_DEFINE(name, parameters, arguments, ia32_arguments)	\
	static __always_inline long __do_sys_##name parameters;	\
	long __x64_sys_##name(const struct pt_regs *regs);		\
	long __x64_sys_##name(const struct pt_regs *regs)		\
	{								\
		return __do_sys_##name arguments;			\
	}								\
	long __ia32_sys_##name(const struct pt_regs *regs);		\
	long __ia32_sys_##name(const struct pt_regs *regs)		\
	{								\
		return __do_sys_##name ia32_arguments;			\
	}								\
	static __always_inline long __do_sys_##name parameters

/* An argument from a register; the lower half of one. */
#define __ARG(type, register)	((type)regs->register)
#define __ARG32(type, register)	\
	((type)(unsigned long)(unsigned int)regs->register)

/* A 32-bit call whose arguments are laid out in a way of its own. */
#define __COMPAT_SYSCALL_DEFINE(name, parameters, arguments)		\
	static __always_inline long __do_compat_sys_##name parameters;	\
	long __ia32_compat_sys_##name(const struct pt_regs *regs);	\
	long __ia32_compat_sys_##name(const struct pt_regs *regs)	\
	{								\
		return __do_compat_sys_##name arguments;		\
	}								\
	static __always_inline long __do_compat_sys_##name parameters
#define COMPAT_SYSCALL_DEFINE2(name, t1, a1, t2, a2)			\
	__COMPAT_SYSCALL_DEFINE(name, (t1 a1, t2 a2),			\
				(__ARG32(t1, bx), __ARG32(t2, cx)))
#define COMPAT_SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)		\
	__COMPAT_SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3),		\
				(__ARG32(t1, bx), __ARG32(t2, cx),	\
				 __ARG32(t3, dx)))
#define COMPAT_SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3,		\
			t4, a4, t5, a5)					\
	__COMPAT_SYSCALL_DEFINE(name,					\
				(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),	\
				(__ARG32(t1, bx), __ARG32(t2, cx),	\
				 __ARG32(t3, dx), __ARG32(t4, si),	\
				 __ARG32(t5, di)))

#define SYSCALL_DEFINE1(name, t1, a1)					\
	__SYSCALL_DEFINE(name, (t1 a1),					\
			 (__ARG(t1, di)),				\
			 (__ARG32(t1, bx)))
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2)				\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2),				\
			 (__ARG(t1, di), __ARG(t2, si)),		\
			 (__ARG32(t1, bx), __ARG32(t2, cx)))
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)			\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3),			\
			 (__ARG(t1, di), __ARG(t2, si),			\
			 __ARG(t3, dx)),				\
			 (__ARG32(t1, bx), __ARG32(t2, cx),		\
			 __ARG32(t3, dx)))
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4)		\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4),		\
			 (__ARG(t1, di), __ARG(t2, si),			\
			 __ARG(t3, dx), __ARG(t4, r10)),		\
			 (__ARG32(t1, bx), __ARG32(t2, cx),		\
			 __ARG32(t3, dx), __ARG32(t4, si)))
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5,	\
			a5)						\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4,		\
			 t5 a5),					\
			 (__ARG(t1, di), __ARG(t2, si),			\
			 __ARG(t3, dx), __ARG(t4, r10),			\
			 __ARG(t5, r8)),				\
			 (__ARG32(t1, bx), __ARG32(t2, cx),		\
			 __ARG32(t3, dx), __ARG32(t4, si),		\
			 __ARG32(t5, di)))
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5,	\
			a5, t6, a6)					\
	__SYSCALL_DEFINE(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5,	\
			 t6 a6),					\
			 (__ARG(t1, di), __ARG(t2, si),			\
			 __ARG(t3, dx), __ARG(t4, r10),			\
			 __ARG(t5, r8), __ARG(t6, r9)),			\
			 (__ARG32(t1, bx), __ARG32(t2, cx),		\
			 __ARG32(t3, dx), __ARG32(t4, si),		\
			 __ARG32(t5, di), __ARG32(t6, bp)))

#endif
