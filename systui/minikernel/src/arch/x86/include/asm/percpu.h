/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_PERCPU_H
#define _ASM_X86_PERCPU_H

/*
 * A per-CPU variable's address is an offset; in kernel mode gs has the
 * base. There is one CPU here, and its variables work the same way.
 */
#define DEFINE_PER_CPU(type, name) \
	__attribute__((section(".data..percpu"))) type name
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name) \
	__attribute__((section(".data..percpu..page_aligned"), \
		       aligned(4096))) type name
#define DECLARE_PER_CPU(type, name)	extern type name

#define this_cpu_read(variable) ({			\
	__typeof__(variable) value_;			\
	asm volatile("movq %%gs:%P1, %0"		\
		     : "=r" (value_)			\
		     : "p" (&(variable)));		\
	value_;						\
})

#define this_cpu_write(variable, value)			\
	asm volatile("movq %0, %%gs:%P1"		\
		     : : "r" ((unsigned long)(value)),	\
		       "p" (&(variable)) : "memory")

#endif
