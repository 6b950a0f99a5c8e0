/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ASM_X86_LDT_H
#define _ASM_X86_LDT_H

#include <linux/types.h>

/* A segment as a 32-bit program describes it. */
struct user_desc {
	u32 entry_number;
	u32 base_addr;
	u32 limit;
	/* From bit 0: 32 bits, contents (2), read only, in pages, ... */
	u32 flags;		/* ... not present, usable */
};

struct task_struct;

long get_user_desc(struct user_desc *info,
		   const struct user_desc __user *u_info);
void set_tls_desc(struct task_struct *p, const struct user_desc *info);

#endif
