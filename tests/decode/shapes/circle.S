/* Two functions that leave the table call to each other, as damaged code may. */
	.section .entry.text, "ax"
	.globl	entry_SYSCALL_64
entry_SYSCALL_64:
	swapgs
	sysretq

	.text
	.globl	one, other, behind_one
one:
	call	other
behind_one:
	ret
other:
	call	one
	ret
