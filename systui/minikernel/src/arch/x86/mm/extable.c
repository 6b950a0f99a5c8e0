// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>

/* Two addresses, each as its distance from its own place. */
struct exception_table_entry {
	s32 insn;	/* an instruction that may fault */
	s32 fixup;	/* where to go on if it does */
};

extern struct exception_table_entry __start___ex_table[];
extern struct exception_table_entry __stop___ex_table[];

static unsigned long resolve(const s32 *distance)
{
	return (unsigned long)distance + *distance;
}

bool fixup_exception(struct pt_regs *regs)
{
	struct exception_table_entry *row = __start___ex_table;

	for (; row < __stop___ex_table; row++) {
		if (resolve(&row->insn) == regs->ip) {
			regs->ip = resolve(&row->fixup);
			return true;
		}
	}
	return false;
}
