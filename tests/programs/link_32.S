/* A 32-bit program: link, two numbers that there are not, getpid, a write, and the end. */
	.globl _start, linked, finish
	.text
_start:
	movl	$9, %eax		/* link("time-asm", "timetest") */
	movl	$old, %ebx
	movl	$new, %ecx
	movl	$0x11111111, %edx
	movl	$0x22222222, %esi
	movl	$0x33333333, %edi
	movl	$0x44444444, %ebp
	int	$0x80
linked:
	movl	$358, %eax		/* one more than the last */
	int	$0x80
	movl	$-1, %eax
	int	$0x80
	movl	$20, %eax		/* getpid() */
	int	$0x80
	movl	$4, %eax		/* write(1, text, 5) */
	movl	$1, %ebx
	movl	$text, %ecx
	movl	$5, %edx
	int	$0x80
	movl	%eax, %ebx		/* exit(what it wrote) */
finish:
	movl	$1, %eax
	int	$0x80
	ud2
	.data
old:	.asciz	"time-asm"
new:	.asciz	"timetest"
text:	.ascii	"done\n"
