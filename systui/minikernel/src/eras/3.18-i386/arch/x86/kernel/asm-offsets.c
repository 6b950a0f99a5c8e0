// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What asm/asm-offsets.h says of structures is true.
 */
#include <linux/sched.h>
#include <asm/ptrace.h>

#define AT(type, member, offset)					\
	_Static_assert(__builtin_offsetof(type, member) == (offset),	\
		       #type "." #member)

AT(struct thread_info, flags, TI_flags);
AT(struct pt_regs, bx, PT_EBX);
AT(struct pt_regs, bp, PT_EBP);
AT(struct pt_regs, ax, PT_EAX);
AT(struct pt_regs, gs, PT_GS);
AT(struct pt_regs, orig_ax, PT_ORIG_EAX);
AT(struct pt_regs, ip, PT_EIP);
AT(struct pt_regs, cs, PT_CS);
AT(struct pt_regs, sp, PT_OLDESP);
AT(struct task_struct, thread.sp, TASK_threadsp);
AT(struct x86_hw_tss, sp0, TSS_sp0);
