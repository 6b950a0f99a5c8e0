/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leave no user value in a register: code that runs ahead of itself can
 * then not be steered by one. The number is still in rax, and rdi was
 * used on the way.
 */
	xorl	%esi, %esi		/* clear rsi */
	xorl	%edx, %edx		/* clear rdx */
	xorl	%ecx, %ecx		/* clear rcx */
	xorl	%r8d, %r8d		/* clear r8 */
	xorl	%r9d, %r9d		/* clear r9 */
	xorl	%r10d, %r10d		/* clear r10 */
	xorl	%r11d, %r11d		/* clear r11 */
	xorl	%ebx, %ebx		/* clear rbx */
	xorl	%ebp, %ebp		/* clear rbp: end of the chain */
	xorl	%r12d, %r12d		/* clear r12 */
	xorl	%r13d, %r13d		/* clear r13 */
	xorl	%r14d, %r14d		/* clear r14 */
	xorl	%r15d, %r15d		/* clear r15 */
