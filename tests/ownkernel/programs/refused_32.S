/* A 32-bit program: read from a descriptor that is closed, and the end. */
	.globl _start
	.text
_start:
	movl	$3, %eax		/* read(77, place, 4) */
	movl	$77, %ebx
	movl	$place, %ecx
	movl	$4, %edx
	movl	$0x22222222, %esi
	movl	$0x33333333, %edi
	movl	$0x44444444, %ebp
	int	$0x80
	movl	%eax, %ebx		/* exit(what it said) */
	negl	%ebx
	movl	$1, %eax
	int	$0x80
	.bss
place:	.skip	4
