/* A 32-bit program that calls by `syscall`, in the way a vDSO does on AMD's processors. */
	.globl _start, called, linked
	.text
_start:
	movl	$9, %eax		/* link("time-asm", "timetest") */
	movl	$old, %ebx
	movl	$new, %ecx
	call	vsyscall
linked:
	movl	$4, %eax		/* write(1, text, 3) */
	movl	$1, %ebx
	movl	$text, %ecx
	movl	$3, %edx
	call	vsyscall
	movl	%eax, %ebx		/* exit_group(what it wrote) */
	movl	$252, %eax
	int	$0x80
	ud2
vsyscall:
	pushl	%ecx			/* the kernel comes back where these are popped */
	pushl	%edx
	pushl	%ebp
	movl	%ecx, %ebp
called:
	syscall
	ud2
	.data
old:	.asciz	"time-asm"
new:	.asciz	"timetest"
text:	.ascii	"hi\n"
