/* A 32-bit program that takes the segment away that its gs names: 0 is what comes back. */
	.globl _start
	.text
_start:
	movl	$243, %eax		/* set_thread_area(one) */
	movl	$one, %ebx
	int	$0x80
	movl	one, %eax
	leal	3(, %eax, 8), %eax
	movl	%eax, %gs
	movl	%gs:0, %esi		/* what lies there: 5 */
	movl	$243, %eax		/* set_thread_area(none) */
	movl	one, %ecx
	movl	%ecx, none
	movl	$none, %ebx
	int	$0x80
	movl	%gs, %ebx
	addl	%esi, %ebx
	movl	$1, %eax		/* exit(5 + gs) */
	int	$0x80
	ud2
	.data
one:	.long	-1, five, 0xfffff, 0x51
none:	.long	0, 0, 0, 0x28
five:	.long	5
