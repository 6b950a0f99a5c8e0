/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PERCPU_H
#define _ASM_X86_PERCPU_H

/*
 * Variables of which each CPU has its own. In kernel mode fs has the
 * base; there is one CPU here, and its base is 0.
 */
#define DEFINE_PER_CPU(type, name)	type name
#define DECLARE_PER_CPU(type, name)	extern type name

#define this_cpu_read(variable) ({			\
	__typeof__(variable) value_;			\
	asm volatile("movl %%fs:%P1, %0"		\
		     : "=r" (value_)			\
		     : "p" (&(variable)));		\
	value_;						\
})

#endif
